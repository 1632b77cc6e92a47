"""API keys: making one, and recognising one without keeping it (D-8).

Owns the form of a key and its hash. Must not know where hashes are stored or what a key allows.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Final

from milepost.errors import Invalid

PREFIX: Final = "mp_"
"""Lets people and secret scanners see what it is."""

_ACCEPTED: Final = re.compile(r"[A-Za-z0-9_\-.~+/=]{32,255}")


def generate() -> str:
    """A new key: `mp_` and 32 URL-safe characters, 192 random bits. Shown once, never stored."""
    return PREFIX + secrets.token_urlsafe(24)


def accept(key: str) -> str:
    """A key that an operator brings along, as from a container's environment. Raises Invalid when it is too weak."""
    if not _ACCEPTED.fullmatch(key):
        message = "The API key must have 32 to 255 letters, digits or the characters - _ . ~ + / =."
        raise Invalid(message, field="api_key", fix="Make one with `openssl rand -hex 32`.")
    return key


def hash_key(key: str) -> str:
    """What is stored instead of the key: SHA-256 as 64 hexadecimal digits.

    A password needs a slow, salted hash because it can be guessed. A key of 192 random bits cannot: whoever steals the
    hashes would have to try 2**191 keys, however fast one try is, and no two keys are alike. So one fast hash is as
    safe, can be looked up by index, and costs a request nothing. `accept` keeps out what could be guessed.
    """
    return hashlib.sha256(key.encode()).hexdigest()


def matches(key: str, hash: str) -> bool:
    """Whether the hash is this key's, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(hash_key(key), hash)
