"""How many timers are due when: numbers that are kept in the transaction of the runs."""

from __future__ import annotations

from milepost.ports.state_store import StateStore
from tests.conformance.state_store import rows


def test_timers_are_added_up_and_forgotten_at_nought(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_timers({rows.timer(1): 3, rows.timer(2): 1, rows.timer(1, node="n2"): 2})
        tx.add_timers({rows.timer(1): -1, rows.timer(2): -1, rows.timer(3): 0})
        tx.add_timers({})
        assert tx.timers([1], 99) == {rows.timer(1): 2, rows.timer(1, node="n2"): 2}


def test_timers_are_read_by_journey_up_to_an_hour(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_timers({rows.timer(hour, journey=journey, version=2): 1 for hour in (1, 2, 3) for journey in (1, 2, 3)})
        found = tx.timers([1, 3], 3)
        assert {(key.journey, key.hour) for key in found} == {(1, 1), (1, 2), (3, 1), (3, 2)}
        assert tx.timers([], 99) == {}


def test_a_new_store_has_counted_all_timers(store: StateStore) -> None:
    with store.writing() as tx:
        assert tx.timers_are_counted()
        tx.tell_timers_counted()
        assert tx.timers_are_counted()
