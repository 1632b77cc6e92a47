"""Runs and timers, and what is kept over a pause (D-3.5)."""

from __future__ import annotations

import pytest

from milepost.errors import Conflict
from milepost.ports.state_store import StateStore, Transaction
from tests.conformance.state_store import rows


def keys(tx: Transaction, *profiles: int, workspace: int = 1) -> list[int]:
    return [row.key for row in tx.runs_of_profiles(workspace, profiles)]


def test_runs_of_profiles_come_in_order_of_key(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_runs([rows.run(5, profile=1), rows.run(2, profile=2), rows.run(9, profile=1, journey=3)])
        tx.put_runs([rows.run(4, profile=3), rows.run(6, profile=8, workspace=2)])
        assert keys(tx, 1, 2) == [2, 5, 9]
        assert keys(tx, 2, 1, 1) == [2, 5, 9]
        assert keys(tx) == []
        assert keys(tx, 8) == []
        assert keys(tx, 8, workspace=2) == [6]


def test_of_a_run_that_is_there_due_and_state_change(store: StateStore) -> None:
    old = rows.run(1, profile=1, due=10)
    with store.writing() as tx:
        tx.put_runs([old])
        tx.put_runs([rows.run(1, profile=2, journey=7, workspace=3, due=None, state=b"new")])
        assert tx.runs_of_profiles(1, [1]) == [old._replace(due=None, state=b"new")]
        assert keys(tx, 2) == []
        assert tx.next_due([1]) is None


def test_ended_runs_go(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_runs([rows.run(key, due=key) for key in (1, 2, 3)])
        tx.delete_runs([1, 3, 77])
        tx.delete_runs([])
        assert keys(tx, 1) == [2]
        assert tx.due_profiles([1], 100, limit=10) == [(1, 2)]


def test_timers_come_due_in_order(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_runs([
            rows.run(1, journey=1, profile=11, due=30),
            rows.run(2, journey=2, profile=12, due=10),
            rows.run(3, journey=1, profile=13, due=20),
            rows.run(4, journey=1, profile=10, due=20),
            rows.run(5, journey=3, profile=14, due=1),
            rows.run(6, journey=1, profile=15),
            rows.run(7, journey=2, profile=12, due=20),
        ])  # fmt: skip
        assert tx.due_profiles([1, 2], 20, limit=10) == [(12, 10), (10, 20), (12, 20), (13, 20)]
        assert tx.due_profiles([1, 2], 20, limit=2) == [(12, 10), (10, 20)]
        assert tx.due_profiles([1], 19, limit=10) == []
        assert tx.due_profiles([], 100, limit=10) == []
        assert tx.next_due([1]) == 20
        assert tx.next_due([1, 2]) == 10
        assert tx.next_due([4]) is None
        assert tx.next_due([]) is None


def test_a_moved_timer_is_due_at_its_new_time_only(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_runs([rows.run(1, due=10)])
        tx.put_runs([rows.run(1, due=50)])
        assert tx.due_profiles([1], 49, limit=10) == []
        assert tx.due_profiles([1], 50, limit=10) == [(1, 50)]


def test_a_journeys_runs_come_in_pages(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_runs([rows.run(key, journey=1 + key % 2, profile=key) for key in (6, 2, 4, 3, 8)])
        assert [row.key for row in tx.runs_of_journey(1, limit=2)] == [2, 4]
        assert [row.key for row in tx.runs_of_journey(1, after=4, limit=9)] == [6, 8]
        assert tx.runs_of_journey(3, limit=9) == []


def test_ten_thousand_runs_at_once(store: StateStore) -> None:
    many = [rows.run(key, profile=key, due=-key) for key in range(1, 10_001)]
    with store.writing() as tx:
        tx.put_runs(many)
        assert tx.runs_of_profiles(1, [row.profile for row in many]) == many
        assert len(tx.due_profiles([1], 0, limit=20_000)) == 10_000
        tx.delete_runs([row.key for row in many])
        assert tx.next_due([1]) is None


def kept(tx: Transaction, *journeys: int, limit: int) -> list[tuple[int, int]]:
    return [(row.profile, row.position) for row in tx.kept(journeys, limit=limit)]


def test_kept_events_come_by_whole_profiles(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_kept([
            rows.kept(1, profile=2, instant=10),
            rows.kept(2, profile=1, instant=30),
            rows.kept(3, profile=1, instant=20),
            rows.kept(4, profile=1, instant=20),
            rows.kept(5, profile=3, instant=10),
            rows.kept(6, profile=2, instant=10),
        ])  # fmt: skip
        assert kept(tx, 1, limit=100) == [(1, 3), (1, 4), (1, 2), (2, 1), (2, 6), (3, 5)]
        assert kept(tx, 1, limit=5) == [(1, 3), (1, 4), (1, 2), (2, 1), (2, 6)]
        assert kept(tx, 1, limit=4) == [(1, 3), (1, 4), (1, 2)]
        assert kept(tx, 1, limit=1) == [(1, 3), (1, 4), (1, 2)]
        assert kept(tx, 2, limit=1) == []
        assert kept(tx, limit=1) == []


def test_an_event_may_be_kept_for_several_journeys(store: StateStore) -> None:
    one, two = rows.kept(1, journey=1), rows.kept(1, journey=2)
    with store.writing() as tx:
        tx.add_kept([two, one])
        assert tx.kept([1, 2], limit=10) == [one, two]
        assert tx.kept([2], limit=10) == [two]
    with pytest.raises(Conflict), store.writing() as tx:
        tx.add_kept([one])


def test_what_was_kept_is_dropped_by_position_or_whole(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_kept([rows.kept(position, journey=journey) for journey in (1, 2) for position in (1, 2, 3)])
        tx.delete_kept(1, [1, 3, 77])
        tx.delete_kept(1, [])
        assert kept(tx, 1, limit=10) == [(1, 2)]
        tx.delete_kept(2)
        assert kept(tx, 1, 2, limit=10) == [(1, 2)]
