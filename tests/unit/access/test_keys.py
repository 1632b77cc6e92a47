"""API keys (D-8)."""

from __future__ import annotations

import hashlib
import re

import pytest

from milepost.access import keys
from milepost.errors import Invalid


def test_a_key_says_what_it_is_and_no_two_are_alike() -> None:
    made = {keys.generate() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"mp_[A-Za-z0-9_-]{32}", key) for key in made)


def test_a_made_key_is_strong_enough_to_be_accepted() -> None:
    key = keys.generate()
    assert keys.accept(key) == key


def test_only_the_key_itself_matches_its_hash() -> None:
    key = keys.generate()
    stored = keys.hash_key(key)
    assert key not in stored
    assert stored == hashlib.sha256(key.encode()).hexdigest()
    assert keys.matches(key, stored)
    assert not keys.matches(key + "x", stored)
    assert not keys.matches("", stored)
    assert not keys.matches(stored, stored)


@pytest.mark.parametrize("weak", ["", "secret", "a" * 31, "a" * 256, "ä" * 32, "a" * 40 + "\n", "a b" * 15])
def test_a_weak_key_from_outside_is_refused_with_the_way_to_a_better_one(weak: str) -> None:
    with pytest.raises(Invalid) as refusal:
        keys.accept(weak)
    assert refusal.value.field == "api_key"
    assert refusal.value.fix is not None
    assert "openssl rand" in refusal.value.fix
