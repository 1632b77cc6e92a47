"""Accounts: what an email and a password must be, and what a guess can learn (D-8)."""

from __future__ import annotations

import statistics
import time

import pytest

from milepost.access.accounts import Accounts, accept_email, accept_password
from milepost.access.attempts import Attempts
from milepost.errors import Conflict, Invalid, Unauthorized
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock

EMAIL, PASSWORD, ADDRESS = "ada@example.com", "correct horse battery", "10.0.0.1"


@pytest.fixture
def store() -> MemoryStateStore:
    return MemoryStateStore()


@pytest.fixture
def accounts(store: MemoryStateStore) -> Accounts:
    return Accounts(store, FixedClock(5), Attempts(most=1_000))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Ada@Example.COM ", EMAIL),
        ("ZOE\u0308@example.com", "zo\u00eb@example.com"),
        ("用户@例え.jp", "用户@例え.jp"),
        ("me@localhost", "me@localhost"),
    ],
)
def test_an_email_has_one_spelling(typed: str, stored: str) -> None:
    assert accept_email(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "ada", "@", "ada@", "@example.com", "a@b@c", "a b@c", "a\n@b", "a\0@b", "a" * 250 + "@b.cc"]
)
def test_what_is_no_email_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        accept_email(typed)
    assert refusal.value.field == "email"


@pytest.mark.parametrize("password", ["", "eleven char", "a" * 1_025, EMAIL, " ADA@example.com"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        accept_password(password, EMAIL, field="new")
    assert refusal.value.field == "new"
    assert password.strip() == "" or password not in str(refusal.value)


@pytest.mark.parametrize(
    "password", ["twelve chars", "a" * 1_024, "🦉🦉🦉🦉🦉🦉🦉🦉🦉🦉🦉🦉", " spaces count ", "nul\0inside it"]
)
def test_any_characters_make_a_password(accounts: Accounts, password: str) -> None:
    accounts.create_first(EMAIL, password)
    assert accounts.by_password(EMAIL, password, ADDRESS).email == EMAIL
    with pytest.raises(Unauthorized):
        accounts.by_password(EMAIL, password + " ", ADDRESS)
    with pytest.raises(Unauthorized):
        accounts.by_password(EMAIL, password[:-1], ADDRESS)


def test_a_password_is_the_same_whichever_way_a_keyboard_sends_it(accounts: Accounts) -> None:
    accounts.create_first(EMAIL, "cafe\u0301 au lait")
    assert accounts.by_password(EMAIL, "caf\u00e9 au lait", ADDRESS).email == EMAIL


def test_the_hash_is_slow_salted_and_not_the_password(store: MemoryStateStore, accounts: Accounts) -> None:
    hashes = {accounts.create_first(EMAIL, PASSWORD).password}
    accounts.change_password(accounts.by_password(EMAIL, PASSWORD, ADDRESS), PASSWORD, PASSWORD, ADDRESS)
    with store.reading() as tx:
        [row] = tx.accounts()
    hashes.add(row.password)
    assert len(hashes) == 2, "the same password again has another salt"
    assert all(one.startswith("$argon2id$") and PASSWORD not in one for one in hashes)


def test_an_unknown_email_takes_as_long_as_a_wrong_password(accounts: Accounts) -> None:
    accounts.create_first(EMAIL, PASSWORD)

    def took(email: str) -> float:
        begin = time.perf_counter()
        with pytest.raises(Unauthorized):
            accounts.by_password(email, "wrong horse battery", ADDRESS)
        return time.perf_counter() - begin

    took(EMAIL)
    pairs = [(took(EMAIL), took("nobody@example.com")) for _ in range(5)]
    wrong, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
    # Without the work of hashing they would be a hundredfold apart.
    assert 1 / 4 < wrong / unknown < 4


def test_there_is_one_first_account(accounts: Accounts) -> None:
    assert accounts.none()
    first = accounts.create_first(EMAIL, PASSWORD, "  Ada  ")
    assert (first.name, first.created) == ("Ada", 5)
    assert not accounts.none()
    with pytest.raises(Conflict):
        accounts.create_first("eve@example.com", PASSWORD)
