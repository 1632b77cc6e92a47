"""Sessions: tokens, their end, and the second token (D-8)."""

from __future__ import annotations

import pytest

from milepost.access.sessions import LIFETIME, SEEN_EVERY, Sessions, csrf_token, hash_token, is_csrf_token
from milepost.ports.state_store import AccountRow, SessionRow
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock

ADA = AccountRow(1, "ada@example.com", "Ada", "hash", 0)
EVE = AccountRow(2, "eve@example.com", "Eve", "hash", 0)
START = 1_000_000


class Desk:
    def __init__(self) -> None:
        self.store, self.clock = MemoryStateStore(), FixedClock(START)
        self.sessions = Sessions(self.store, self.clock)
        with self.store.writing() as tx:
            tx.put_account(ADA)
            tx.put_account(EVE)

    def row(self, token: str) -> SessionRow | None:
        with self.store.reading() as tx:
            return tx.session(hash_token(token))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_token_finds_its_account_until_its_end(desk: Desk) -> None:
    ada, eve = desk.sessions.begin(ADA), desk.sessions.begin(EVE)
    assert (desk.sessions.find(ada), desk.sessions.find(eve)) == (ADA, EVE)
    assert desk.sessions.find("made up") is None
    desk.clock.time = START + LIFETIME - 1
    assert desk.sessions.find(ada) == ADA
    desk.clock.time += 1
    assert desk.sessions.find(ada) is None


def test_no_two_tokens_are_alike_and_none_is_stored(desk: Desk) -> None:
    tokens = {desk.sessions.begin(ADA) for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) >= 43 and token not in str(desk.row(token)) for token in tokens)


def test_a_session_takes_the_place_of_the_one_before_it(desk: Desk) -> None:
    before, other = desk.sessions.begin(ADA), desk.sessions.begin(ADA)
    after = desk.sessions.begin(ADA, instead_of=before)
    assert [desk.sessions.find(token) for token in (before, other, after)] == [None, ADA, ADA]


def test_one_session_ends_or_all_of_an_account(desk: Desk) -> None:
    first, second, eve = desk.sessions.begin(ADA), desk.sessions.begin(ADA), desk.sessions.begin(EVE)
    desk.sessions.end(first)
    assert [desk.sessions.find(token) for token in (first, second)] == [None, ADA]
    desk.sessions.end_all(ADA)
    assert [desk.sessions.find(token) for token in (second, eve)] == [None, EVE]


def test_signing_in_clears_away_what_has_expired(desk: Desk) -> None:
    old = desk.sessions.begin(ADA)
    desk.clock.time = START + LIFETIME + 1
    desk.sessions.begin(EVE)
    assert desk.row(old) is None


def test_use_is_noted_once_in_a_while(desk: Desk) -> None:
    token = desk.sessions.begin(ADA)
    for later, seen in (
        (SEEN_EVERY - 1, START),
        (SEEN_EVERY, START + SEEN_EVERY),
        (SEEN_EVERY + 9, START + SEEN_EVERY),
    ):
        desk.clock.time = START + later
        desk.sessions.find(token)
        row = desk.row(token)
        assert row is not None
        assert (row.seen, row.expires) == (seen, START + LIFETIME)


def test_the_second_token_is_the_sessions_own(desk: Desk) -> None:
    mine, other = desk.sessions.begin(ADA), desk.sessions.begin(ADA)
    assert is_csrf_token(csrf_token(mine), mine)
    for made_up in ("", "x", "ż", mine, hash_token(mine), csrf_token(other), csrf_token(mine) + "0"):
        assert not is_csrf_token(made_up, mine)
