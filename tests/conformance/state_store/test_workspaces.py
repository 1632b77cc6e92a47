"""Workspaces, keys, and the stamp of the definitions."""

from __future__ import annotations

import contextlib

from milepost.ports.state_store import ApiKeyRow, StateStore
from tests.conformance.state_store import rows


def test_workspaces_come_in_order_of_key(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_workspace(rows.workspace(2, run_until=99))
        tx.put_workspace(rows.workspace(1))
        tx.put_workspace(rows.workspace(2, name="Sandbox", now=3))
    with store.reading() as tx:
        found = tx.workspaces()
    assert found == [rows.workspace(1), rows.workspace(2, name="Sandbox", now=3)]
    assert found[0].track_by_default is True


def test_only_the_clock_of_a_workspace_moves_without_the_stamp(store: StateStore) -> None:
    with store.writing() as tx:
        empty = tx.definitions_stamp()
        tx.put_workspace(rows.workspace())
        made = tx.definitions_stamp()
        tx.put_workspace(rows.workspace(now=7, run_until=9))
        moved = tx.definitions_stamp()
        tx.put_workspace(rows.workspace(now=7, name="Renamed"))
        renamed = tx.definitions_stamp()
    assert empty < made == moved < renamed


def test_a_stamp_that_was_rolled_back_did_not_move(store: StateStore) -> None:
    with store.reading() as tx:
        before = tx.definitions_stamp()
    with contextlib.suppress(ZeroDivisionError), store.writing() as tx:
        tx.put_workspace(rows.workspace())
        raise ZeroDivisionError
    with store.reading() as tx:
        assert tx.definitions_stamp() == before


def test_a_key_is_found_by_its_hash(store: StateStore) -> None:
    old, new, other = ApiKeyRow("b", 1, "site", 1), ApiKeyRow("a", 1, "app", 2), ApiKeyRow("c", 2, "site", 1)
    with store.writing() as tx:
        for row in (new, old, other):
            tx.put_api_key(row)
    with store.reading() as tx:
        assert tx.api_key("a") == new
        assert tx.api_key("x") is None
        assert tx.api_keys(1) == [old, new]
        assert tx.api_keys(3) == []


def test_a_key_can_be_renamed(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_api_key(ApiKeyRow("a", 1, "app", 2))
        tx.put_api_key(ApiKeyRow("a", 1, "site", 2))
        assert tx.api_keys(1) == [ApiKeyRow("a", 1, "site", 2)]


def test_a_workspace_says_whether_its_visitors_are_simulated(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_workspace(rows.workspace(1, demo=True))
        tx.put_workspace(rows.workspace(2))
    with store.reading() as tx:
        assert [row.demo for row in tx.workspaces()] == [True, False]


def test_the_next_key_of_a_workspace_was_never_used(store: StateStore) -> None:
    with store.writing() as tx:
        assert tx.next_workspace() == 1
        tx.put_workspace(rows.workspace(1))
        assert tx.next_workspace() == 2
        tx.put_workspace(rows.workspace(5))
        tx.put_workspace(rows.workspace(2))
        assert tx.next_workspace() == 6
