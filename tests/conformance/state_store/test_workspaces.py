"""Workspaces, keys, and the stamp of the definitions."""

from __future__ import annotations

import contextlib

from milepost.ports.state_store import ApiKeyRow, CounterKey, StateStore, Transaction
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


def test_a_workspace_goes_with_all_that_is_in_it_and_nothing_else(store: StateStore) -> None:
    for key in (1, 2):
        fill(store, key)
    with store.reading() as tx:
        stamp, there = tx.definitions_stamp(), contents(tx, 2)
    with store.writing() as tx:
        tx.delete_workspace(1)
    with store.reading() as tx:
        assert tx.workspaces() == [rows.workspace(2)]
        assert tx.definitions_stamp() > stamp
        assert not any(contents(tx, 1).values())
        assert contents(tx, 2) == there
        assert all(there.values())
        assert tx.next_workspace() == 3


def test_a_workspace_that_is_not_there_is_deleted_in_peace(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_workspace(rows.workspace(1))
        tx.delete_workspace(7)
        assert tx.workspaces() == [rows.workspace(1)]


def fill(store: StateStore, key: int) -> None:
    """A row of each kind in a workspace; its only journey has the workspace's key."""
    name = str(key)
    with store.writing() as tx:
        tx.put_workspace(rows.workspace(key))
        tx.put_api_key(ApiKeyRow(name, key, "site", 1))
        tx.append_inputs([rows.entry(key, workspace=key)])
        tx.remember_ids(key, ["id"], expires=9)
        tx.bind(key, {rows.email("a@b.c"): key})
        tx.put_profiles([rows.profile(key, workspace=key)])
        assert tx.insert_journey(rows.journey(workspace=key)) == key
        tx.put_version(rows.version(key))
        tx.add_life(rows.life(key, 1))
        tx.add_tracking_changes([rows.switch(key, workspace=key)])
        tx.put_runs([rows.run(key, workspace=key, journey=key, profile=key, due=5)])
        tx.add_kept([rows.kept(key, journey=key)])
        tx.add_counters({CounterKey(key, 1, "n1", "entered", 1): 1})
        tx.add_cause_starts(key, {"root": 1}, expires=9)
        tx.add_intents([rows.intent(name, workspace=key)])
        tx.add_batch(rows.batch(key, workspace=key))
        tx.add_dead_letters([rows.dead_letter(1, workspace=key)])


def contents(tx: Transaction, key: int) -> dict[str, object]:
    """Subject to what a workspace has of it."""
    return {
        "keys": tx.api_keys(key),
        "inputs": tx.pending_inputs(key, limit=9),
        "ids": tx.known_ids(key, ["id"]),
        "identifiers": tx.resolve(key, [rows.email("a@b.c")]),
        "identifiers of profiles": tx.identifiers([key])[key],
        "profiles": tx.profiles([key]),
        "journeys": tx.journeys(key),
        "versions": tx.versions([key]),
        "life": tx.life(key),
        "tracking": tx.tracking_changes(key),
        "runs": tx.runs_of_journey(key, limit=9),
        "timers": tx.next_due([key]),
        "kept": tx.kept([key], limit=9),
        "counters": tx.counters([key]),
        "starts": tx.cause_starts(key, ["root"]),
        "intents": tx.intents(key, limit=9),
        "batches": [row for row in tx.unprojected(limit=9) if row.workspace == key],
        "kept batches": tx.kept_batches().keys() & {key},
        "dead letters": tx.dead_letters(key, limit=9),
    }
