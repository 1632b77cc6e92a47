"""Batches on their way to the event store, and dead letters."""

from __future__ import annotations

import pytest

from milepost.errors import Conflict
from milepost.ports.state_store import StateStore
from tests.conformance.state_store import rows


def test_batches_wait_in_order_until_they_are_projected(store: StateStore) -> None:
    with store.writing() as tx:
        assert tx.last_batch() == 0
        for number in (2, 1, 3):
            tx.add_batch(rows.batch(number))
    with store.writing() as tx:
        assert tx.unprojected(limit=2) == [rows.batch(1), rows.batch(2)]
        tx.mark_projected([1, 3, 77], at=80)
        assert tx.unprojected(limit=9) == [rows.batch(2)]
        assert tx.last_batch() == 3


def test_a_batch_keeps_its_bodies_byte_for_byte(store: StateStore) -> None:
    whole = rows.batch(1)._replace(bodies={"activity": bytes(range(256)) * 5_000, "datapoints": b"d", "profiles": b""})
    with store.writing() as tx:
        tx.add_batch(whole)
        tx.add_batch(rows.batch(2)._replace(bodies={}))
    with store.reading() as tx:
        assert tx.unprojected(limit=9) == [whole, rows.batch(2)._replace(bodies={})]


def test_a_number_is_used_once_even_if_its_batch_is_gone(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_batch(rows.batch(1))
        tx.add_batch(rows.batch(2))
    with pytest.raises(Conflict), store.writing() as tx:
        tx.add_batch(rows.batch(2))
    with store.writing() as tx:
        tx.mark_projected([1, 2], at=80)
        assert tx.delete_batches(projected_before=81) == 2
        assert tx.last_batch() == 2


def test_batches_are_dropped_after_a_margin(store: StateStore) -> None:
    with store.writing() as tx:
        for number in (1, 2, 3):
            tx.add_batch(rows.batch(number))
        tx.mark_projected([1], at=80)
        tx.mark_projected([2], at=81)
        assert tx.delete_batches(projected_before=80) == 0
        assert tx.delete_batches(projected_before=81) == 1
        assert tx.delete_batches(projected_before=10**15) == 1
        assert tx.unprojected(limit=9) == [rows.batch(3)]


def test_a_mark_can_be_taken_back_as_long_as_the_batch_is_kept(store: StateStore) -> None:
    with store.writing() as tx:
        for number in (3, 1, 2):
            tx.add_batch(rows.batch(number))
        tx.add_batch(rows.batch(4)._replace(bodies={"profiles": b"p"}))
        tx.mark_projected([1], at=80)
        tx.delete_batches(projected_before=81)
        tx.mark_projected([2, 3, 4], at=90)
    with store.writing() as tx:
        kept = tx.kept_batches()
        assert list(kept) == [2, 3, 4]
        assert kept[2] == rows.batch(2).bodies.keys()
        assert kept[4] == {"profiles"}
        tx.mark_projected([1, 3], None)
        assert tx.unprojected(limit=9) == [rows.batch(3)]


def test_dead_letters_are_read_newest_first(store: StateStore) -> None:
    one, two, three = rows.dead_letter(1), rows.dead_letter(2, error="first"), rows.dead_letter(2, error="second")
    with store.writing() as tx:
        tx.add_dead_letters([two, three, one, rows.dead_letter(3, workspace=2)])
        assert tx.dead_letters(1, limit=9) == [three, two, one]
        assert tx.dead_letters(1, limit=2) == [three, two]
        assert tx.dead_letters(3, limit=2) == []
        tx.add_dead_letters([])
