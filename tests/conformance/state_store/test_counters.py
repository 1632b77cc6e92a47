"""Counters (D-6), and the starts that hang on an outside event (D-3.2)."""

from __future__ import annotations

from milepost.ports.state_store import CounterKey, StateStore

ENTERED = CounterKey(journey=1, version=1, node="n1", kind="entered", hour=0)


def test_counters_add_up_over_the_hours(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_counters({ENTERED._replace(hour=hour): 10**hour for hour in (1, 2, 3)})
        tx.add_counters({ENTERED._replace(hour=2): 5, ENTERED._replace(kind="left:next", hour=2): 1})
    with store.reading() as tx:
        left = ENTERED._replace(kind="left:next")
        assert tx.counters([1]) == {ENTERED: 1_115, left: 1}
        assert tx.counters([1], since=2) == {ENTERED: 1_105, left: 1}
        assert tx.counters([1], until=2) == {ENTERED: 10}
        assert tx.counters([1], since=2, until=3) == {ENTERED: 105, left: 1}
        assert tx.counters([1], since=4) == {}


def test_counters_are_told_apart_by_every_part_of_their_key(store: StateStore) -> None:
    several = {
        ENTERED: 1,
        ENTERED._replace(journey=2): 2,
        ENTERED._replace(version=2): 3,
        ENTERED._replace(node=""): 4,
        ENTERED._replace(kind="waiting"): -5,
    }
    with store.writing() as tx:
        tx.add_counters(several)
        assert tx.counters([1, 2]) == several
        assert tx.counters([2, 3]) == {ENTERED._replace(journey=2): 2}
        assert tx.counters([]) == {}
        tx.add_counters({})


def test_ten_thousand_counters_at_once(store: StateStore) -> None:
    many = {ENTERED._replace(node=f"n{number}"): number for number in range(10_000)}
    with store.writing() as tx:
        tx.add_counters(many)
        tx.add_counters(many)
        assert tx.counters([1]) == {key: 2 * value for key, value in many.items()}


def test_starts_add_up_per_outside_event(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_cause_starts(1, {"a": 2, "b": 1}, expires=10)
        tx.add_cause_starts(1, {"a": 3}, expires=5)
        tx.add_cause_starts(2, {"a": 7}, expires=10)
    with store.reading() as tx:
        assert tx.cause_starts(1, ["a", "b", "c"]) == {"a": 5, "b": 1}
        assert tx.cause_starts(2, ["a"]) == {"a": 7}
        assert tx.cause_starts(1, []) == {}


def test_starts_are_forgotten_after_the_latest_of_their_times(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_cause_starts(1, {"a": 1, "b": 1}, expires=10)
        tx.add_cause_starts(1, {"a": 1}, expires=20)
        tx.add_cause_starts(1, {"a": 1}, expires=5)
        assert tx.forget_cause_starts(before=10, limit=9) == 0
        assert tx.forget_cause_starts(before=20, limit=9) == 1
        assert tx.cause_starts(1, ["a", "b"]) == {"a": 3}
        assert tx.forget_cause_starts(before=21, limit=0) == 0
        assert tx.forget_cause_starts(before=21, limit=9) == 1
