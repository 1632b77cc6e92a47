"""The log of inputs (D-3.8), and the memory of ids (D-2.2)."""

from __future__ import annotations

import pytest

from milepost.errors import Conflict
from milepost.ports.state_store import StateStore
from tests.conformance.state_store import rows


def positions(store: StateStore, *, limit: int = 100, until: int | None = None, workspace: int = 1) -> list[int]:
    with store.reading() as tx:
        return [row.position for row in tx.pending_inputs(workspace, limit=limit, until=until)]


def test_inputs_come_in_order_of_instant_rank_and_position(store: StateStore) -> None:
    with store.writing() as tx:
        tx.append_inputs([
            rows.entry(5, instant=10, rank=1),
            rows.entry(3, instant=10, rank=1),
            rows.entry(9, instant=10, rank=0),
            rows.entry(7, instant=2, rank=1),
            rows.entry(1, instant=20, rank=0),
        ])  # fmt: skip
    assert positions(store) == [7, 9, 3, 5, 1]
    assert positions(store, limit=2) == [7, 9]
    assert positions(store, until=10) == [7, 9, 3, 5]
    assert positions(store, until=9) == [7]
    assert positions(store, until=0) == []


def test_an_input_comes_back_as_it_was_stored(store: StateStore) -> None:
    row = rows.entry(2**40, body=bytes(range(256)))
    with store.writing() as tx:
        tx.append_inputs([row])
    with store.reading() as tx:
        assert tx.pending_inputs(1, limit=1) == [row]


def test_workspaces_do_not_see_each_others_inputs(store: StateStore) -> None:
    with store.writing() as tx:
        tx.append_inputs([rows.entry(1), rows.entry(2, workspace=2, instant=90)])
        assert tx.last_instant(1) == 10
        assert tx.last_instant(2) == 90
        assert tx.last_instant(3) is None
    assert positions(store) == [1]
    assert positions(store, workspace=2) == [2]


def test_a_position_is_used_once(store: StateStore) -> None:
    with store.writing() as tx:
        tx.append_inputs([rows.entry(1)])
    with pytest.raises(Conflict), store.writing() as tx:
        tx.append_inputs([rows.entry(2), rows.entry(1)])
    assert positions(store) == [1]


def test_taken_inputs_go_and_unknown_ones_are_passed_over(store: StateStore) -> None:
    with store.writing() as tx:
        tx.append_inputs([rows.entry(position) for position in range(1, 5)])
        tx.delete_inputs([1, 3, 77])
        tx.delete_inputs([])
    assert positions(store) == [2, 4]


def test_ten_thousand_inputs_at_once(store: StateStore) -> None:
    many = range(1, 10_001)
    with store.writing() as tx:
        tx.append_inputs([rows.entry(position, instant=-position) for position in many])
    assert positions(store, limit=20_000) == list(reversed(many))
    with store.writing() as tx:
        tx.delete_inputs(many)
    assert positions(store) == []


def test_an_id_is_new_once(store: StateStore) -> None:
    with store.writing() as tx:
        assert tx.remember_ids(1, ["a", "b"], expires=100) == set()
        assert tx.remember_ids(1, ["b", "c"], expires=100) == {"b"}
        assert tx.remember_ids(2, ["a"], expires=100) == set()
    with store.reading() as tx:
        assert tx.known_ids(1, ["a", "b", "c", "d"]) == {"a", "b", "c"}
        assert tx.known_ids(2, ["a", "b"]) == {"a"}
        assert tx.known_ids(1, []) == set()


def test_an_id_twice_in_one_call_is_new(store: StateStore) -> None:
    with store.writing() as tx:
        assert tx.remember_ids(1, ["a", "a"], expires=100) == set()
        assert tx.remember_ids(1, ["a"], expires=100) == {"a"}


@pytest.mark.parametrize("id", ["a\0b", "", "'; DROP TABLE inputs; --", "żółw", "a" * 5_000, '"\\\n'])
def test_an_id_may_be_any_text(store: StateStore, id: str) -> None:
    with store.writing() as tx:
        tx.remember_ids(1, [id], expires=100)
        assert tx.remember_ids(1, [id, "a"], expires=100) == {id}


def test_ten_thousand_ids_at_once(store: StateStore) -> None:
    ids = [f"id-{number}" for number in range(10_001)]
    with store.writing() as tx:
        tx.remember_ids(1, ids[:5_000], expires=100)
        assert tx.remember_ids(1, ids, expires=100) == set(ids[:5_000])


def test_ids_are_forgotten_after_their_time_oldest_first(store: StateStore) -> None:
    with store.writing() as tx:
        tx.remember_ids(1, ["new"], expires=30)
        tx.remember_ids(1, ["old"], expires=10)
        tx.remember_ids(2, ["middle"], expires=20)
        tx.remember_ids(1, ["old"], expires=99)  # a repetition prolongs nothing
        assert tx.forget_ids(before=10, limit=10) == 0
        assert tx.forget_ids(before=30, limit=1) == 1
        assert tx.known_ids(1, ["new", "old"]) == {"new"}
        assert tx.forget_ids(before=30, limit=10) == 1
        assert tx.known_ids(2, ["middle"]) == set()
        assert tx.forget_ids(before=31, limit=10) == 1
