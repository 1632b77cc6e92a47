"""The identifiers of a profile as they stand on the wire (D-2.4).

Owns their wire form, their rank, and what a value must look like. Must not know which profile they lead to.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from milepost.ports.arrival import Rejection
from milepost.ports.state_store import Identifier

MAX_LENGTH: Final = 255

#: From the highest rank down: an event goes to the profile of its highest-ranking known identifier.
RANK: Final[tuple[Literal["custom_id", "email", "phone", "uuid"], ...]] = ("custom_id", "email", "phone", "uuid")


class WireProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose event it is; at least one must be given."""

    custom_id: str | None = None
    email: str | None = None
    phone: str | None = None
    uuid: str | None = None


def ranked(profile: WireProfile | None) -> tuple[Identifier, ...]:
    """The identifiers that are given, in order of rank."""
    if profile is None:
        return ()
    return tuple(Identifier(kind, value) for kind in RANK if (value := getattr(profile, kind)) is not None)


def complaint(index: int, identifiers: tuple[Identifier, ...]) -> Rejection | None:
    """What is wrong with the identifiers of an item, if anything."""
    if not identifiers:
        message = "The profile has no identifier."
        return Rejection(index, "no_identifier", "profile", message, f"Give one of {', '.join(RANK)}.")
    for kind, value in identifiers:
        if not value.strip() or len(value) > MAX_LENGTH or not value.isprintable():
            fix = f"Send 1 to {MAX_LENGTH} printable characters."
            return Rejection(index, "invalid_identifier", f"profile.{kind}", f"This is not a possible {kind}.", fix)
        if kind == "email" and not is_address(value):
            fix = "Send one address without a name, as ann@example.com."
            return Rejection(index, "invalid_identifier", "profile.email", "This is not an e-mail address.", fix)
    return None


def is_address(value: str) -> bool:
    """Whether it can be an e-mail address: one @ with something on both sides, no white space. Nothing more is sure."""
    local, _, domain = value.partition("@")
    return bool(local and domain) and "@" not in domain and not any(map(str.isspace, value))
