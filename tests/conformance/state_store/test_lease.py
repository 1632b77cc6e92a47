"""The lease of the active worker: one at a time, and nobody writes under an old epoch."""

from __future__ import annotations

import contextlib
import threading
from contextlib import AbstractContextManager

import pytest

from milepost.errors import LeaseLost, StoreInUse
from milepost.ports.state_store import LeaseRow, SequenceName, StateStore, Transaction
from milepost.runtime.lease import Lease
from milepost.runtime.turn import Turn
from tests.conformance.state_store import rows
from tests.fault.servers import until

LONG = 3_600_000


class Kept:
    """A store that is open before, and stays so."""

    def __init__(self, store: StateStore) -> None:
        self._store = store

    def reading(self) -> AbstractContextManager[Transaction]:
        return self._store.reading()

    def writing(self) -> AbstractContextManager[Transaction]:
        return self._store.writing()

    def reserve(self, name: SequenceName, count: int) -> int:
        return self._store.reserve(name, count)

    def close(self) -> None:
        pass


def run_keys(store: StateStore) -> list[int]:
    with store.reading() as tx:
        return [row.key for row in tx.runs_of_journey(1, limit=100)]


def put_run(store: StateStore, key: int) -> None:
    with store.writing() as tx:
        tx.put_runs([rows.run(key)])


def test_a_lease_that_nobody_ever_held_is_free(store: StateStore) -> None:
    with store.reading() as tx:
        assert tx.lease() == LeaseRow(0, held=False)


def test_it_is_held_for_its_time_by_the_clock_of_the_store(store: StateStore) -> None:
    with store.writing() as tx:
        tx.hold_lease(3, LONG)
        assert tx.lease() == LeaseRow(3, held=True)
        tx.hold_lease(3, -1)
        assert tx.lease() == LeaseRow(3, held=False)
        tx.hold_lease(4, LONG)
    with store.reading() as tx:
        assert tx.lease() == LeaseRow(4, held=True)
    with contextlib.suppress(ZeroDivisionError), store.writing() as tx:
        tx.hold_lease(5, LONG)
        raise ZeroDivisionError
    with store.reading() as tx:
        assert tx.lease() == LeaseRow(4, held=True)


def test_a_second_worker_waits_until_the_first_ones_time_is_over(store: StateStore) -> None:
    first, second = Lease(store, LONG), Lease(store, LONG)
    assert first.take()
    assert not second.take()
    assert (first.epoch, second.epoch) == (1, 0)
    put_run(first.fenced, 1)
    first.length = -1
    first.renew()  # and no more: its time is over
    assert second.take()
    assert second.epoch == 2
    put_run(second.fenced, 2)
    assert run_keys(second.fenced) == [1, 2]


def test_under_an_old_epoch_nothing_is_written(store: StateStore) -> None:
    first, second = Lease(store, -1), Lease(store, LONG)
    assert first.take()
    assert second.take()
    for write in (first.renew, first.release, lambda: put_run(first.fenced, 1)):
        with pytest.raises(LeaseLost, match="epoch 2, this one had 1"):
            write()
    assert run_keys(first.fenced) == []
    with store.reading() as tx:
        assert tx.lease() == LeaseRow(2, held=True)
    # Numbers are nobody's.
    assert second.fenced.reserve("run", 1) == 1
    assert first.fenced.reserve("run", 1) == 2


def test_who_never_took_it_writes_nothing(store: StateStore) -> None:
    assert Lease(store, LONG).take()
    with pytest.raises(LeaseLost):
        put_run(Lease(store, LONG).fenced, 1)


def test_late_is_not_lost_while_nobody_else_has_taken_it(store: StateStore) -> None:
    lease = Lease(store, -1)
    assert lease.take()
    put_run(lease.fenced, 1)
    lease.length = LONG
    lease.renew()
    assert not Lease(store).take()
    assert run_keys(store) == [1]


def test_one_that_is_released_is_taken_at_once(store: StateStore) -> None:
    first, second = Lease(store, LONG), Lease(store, LONG)
    assert first.take()
    first.release()
    assert second.take()
    with pytest.raises(LeaseLost):
        first.renew()


def test_one_that_is_kept_stays_held_until_it_is_released(store: StateStore) -> None:
    first, second = Lease(store, 100), Lease(store, 100)
    assert first.take()
    first.keep()
    with pytest.raises(StoreInUse):
        Turn(lambda: Kept(store), 100).soon()  # it has waited for ten times as long as one lease lasts
    first.release()
    assert second.take()


def test_one_that_is_lost_says_so_and_is_not_fought_over(store: StateStore) -> None:
    first, second = Lease(store, 1), Lease(store, LONG)
    assert first.take()
    until(second.take, "the lease is over")
    heard = threading.Event()
    first.when_lost = heard.set
    first.keep()
    assert heard.wait(20)
    assert first.lost
    assert first.trouble.startswith("lease_lost: Another worker")
    assert second.epoch == 2


def test_a_transaction_longer_than_the_lease_does_not_lose_it(store: StateStore) -> None:
    """It keeps the lease from being renewed, and whoever has waited for its end comes before the renewal."""
    lease = Lease(store, LONG)
    assert lease.take()
    lease.length = 1_000
    lease.renew()
    with lease.fenced.writing() as tx:
        until(lambda: not tx.lease().held, "its time is over")
    with store.reading() as tx:
        assert tx.lease().held


def test_whose_turn_it_is_takes_it_when_it_is_free(store: StateStore) -> None:
    first = Turn(lambda: Kept(store), LONG).take()
    assert first is not None
    second = Turn(lambda: Kept(store), LONG)
    assert second.take() is None
    ending = threading.Event()
    first.release()
    taken = second.wait(ending)
    assert taken is not None
    assert taken.epoch == 2
    third = Turn(lambda: Kept(store), LONG)
    ending.set()
    assert third.wait(ending) is None
    taken.release()
