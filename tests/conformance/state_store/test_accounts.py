"""Accounts and sessions (D-8)."""

from __future__ import annotations

import pytest

from milepost.errors import Conflict
from milepost.ports.state_store import StateStore
from tests.conformance.state_store import rows

NAME = 'עדה "🦉" <b>\u202e'


def test_an_account_is_found_by_its_email_and_comes_back_whole(store: StateStore) -> None:
    ada, eve = rows.account(2, name=NAME), rows.account(1, email="eve@example.com")
    with store.writing() as tx:
        tx.put_account(ada)
        tx.put_account(eve)
    with store.reading() as tx:
        assert tx.account("ada@example.com") == ada
        assert tx.account("nobody@example.com") is None
        assert tx.accounts() == [eve, ada]


def test_an_account_changes_and_keeps_its_key(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_account(rows.account())
        tx.put_account(rows.account(email="ada@example.org"))
        assert tx.account("ada@example.com") is None
        assert tx.accounts() == [rows.account(email="ada@example.org")]


def test_two_accounts_cannot_have_one_email(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_account(rows.account(1))
        tx.put_account(rows.account(2, email="eve@example.com"))
    with pytest.raises(Conflict), store.writing() as tx:
        tx.put_account(rows.account(3))
    with pytest.raises(Conflict), store.writing() as tx:
        tx.put_account(rows.account(2))
    with store.reading() as tx:
        assert tx.accounts() == [rows.account(1), rows.account(2, email="eve@example.com")]


def test_a_session_is_found_by_its_hash_until_it_is_dropped(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_session(rows.session("a"))
        tx.put_session(rows.session("b"))
        tx.put_session(rows.session("b", seen=8))
    with store.writing() as tx:
        assert tx.session("b") == rows.session("b", seen=8)
        tx.delete_session("a")
        tx.delete_session("nothing")
        assert tx.session("a") is None
        assert tx.session("b") is not None


def test_all_sessions_of_an_account_end_at_once(store: StateStore) -> None:
    with store.writing() as tx:
        for name, account in (("a", 1), ("b", 2), ("c", 1)):
            tx.put_session(rows.session(name, account=account))
        tx.delete_sessions(1)
        assert [*map(tx.session, "abc")] == [None, rows.session("b", account=2), None]


def test_expired_sessions_are_forgotten(store: StateStore) -> None:
    with store.writing() as tx:
        for name, expires in (("a", 10), ("b", 11), ("c", 9)):
            tx.put_session(rows.session(name, expires=expires))
        assert tx.forget_sessions(before=11) == 2
        assert tx.forget_sessions(before=11) == 0
        assert tx.session("b") is not None
