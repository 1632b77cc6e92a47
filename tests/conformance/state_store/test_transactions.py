"""Transactions: all or nothing, snapshots, one writer at a time, sequences."""

from __future__ import annotations

import contextlib
import threading

import pytest

from milepost.errors import StorageUnavailable
from milepost.ports.state_store import CounterKey, StateStore
from tests.conformance.state_store import rows

WAIT = 20  # seconds, for a thread that is expected to come at once

VISITS = CounterKey(journey=1, version=1, node="n1", kind="entered", hour=3)


def test_what_a_block_wrote_is_there_for_the_next(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_runs([rows.run(1)])
        assert tx.runs_of_profiles(1, [1]) == [rows.run(1)]
    with store.reading() as tx:
        assert tx.runs_of_profiles(1, [1]) == [rows.run(1)]


def test_a_block_that_raises_leaves_nothing_and_the_next_one_works(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_runs([rows.run(1, state=b"old")])
    with contextlib.suppress(ZeroDivisionError), store.writing() as tx:
        tx.put_runs([rows.run(1, state=b"new"), rows.run(2)])
        tx.append_inputs([rows.entry(1)])
        tx.add_counters({VISITS: 1})
        tx.insert_journey(rows.journey())
        raise ZeroDivisionError
    with store.writing() as tx:
        assert tx.runs_of_profiles(1, [1]) == [rows.run(1, state=b"old")]
        assert tx.pending_inputs(1, limit=10) == []
        assert tx.counters([1]) == {}
        assert tx.journeys(1) == []
        tx.put_runs([rows.run(3)])
    with store.reading() as tx:
        assert [row.key for row in tx.runs_of_profiles(1, [1])] == [1, 3]


def test_a_reader_keeps_the_snapshot_of_its_beginning(store: StateStore) -> None:
    with store.reading() as before:
        with store.writing() as tx:
            tx.put_runs([rows.run(1)])
            with store.reading() as during:
                assert during.runs_of_profiles(1, [1]) == []
        with store.reading() as after:
            assert after.runs_of_profiles(1, [1]) == [rows.run(1)]
        assert before.runs_of_profiles(1, [1]) == []


def test_a_reader_in_another_thread_does_not_wait_for_a_writer(store: StateStore) -> None:
    seen: list[int] = []

    def read() -> None:
        with store.reading() as tx:
            seen.append(tx.count_profiles(1))

    with store.writing() as tx:
        tx.put_profiles([rows.profile(1)])
        reader = threading.Thread(target=read)
        reader.start()
        reader.join(WAIT)
        assert seen == [0]


def test_a_reader_does_not_write(store: StateStore) -> None:
    with pytest.raises(StorageUnavailable), store.reading() as tx:
        tx.put_runs([rows.run(1)])
    with store.reading() as tx:
        assert tx.runs_of_profiles(1, [1]) == []


def test_two_writers_lose_nothing(store: StateStore) -> None:
    def count() -> None:
        for _ in range(50):
            with store.writing() as tx:
                tx.add_counters({VISITS: 1})
                # A read and a write of the same block: nobody else writes in between.
                (found,) = tx.runs_of_profiles(1, [1]) or [rows.run(1, due=0)]
                tx.put_runs([found._replace(due=(found.due or 0) + 1)])

    threads = [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    with store.reading() as tx:
        assert tx.counters([1]) == {VISITS._replace(hour=0): 100}
        assert tx.next_due([1]) == 100


def test_a_second_block_inside_ones_own_is_an_error_and_not_a_deadlock(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_runs([rows.run(1)])
        with pytest.raises(RuntimeError), store.writing():
            pass
        with pytest.raises(RuntimeError):
            store.reserve("run", 1)
    with store.reading() as tx:
        assert tx.runs_of_profiles(1, [1]) == [rows.run(1)]


def test_sequences_give_each_number_once_from_1_on(store: StateStore) -> None:
    assert store.reserve("run", 10) == 1
    assert store.reserve("run", 1) == 11
    assert store.reserve("profile", 5) == 1
    assert store.reserve("position", 5) == 1
    assert store.reserve("run", 3) == 12


@pytest.mark.parametrize("count", [0, -1])
def test_a_sequence_gives_at_least_one_number(store: StateStore, count: int) -> None:
    with pytest.raises(ValueError, match="cannot reserve"):
        store.reserve("run", count)


def test_threads_share_a_sequence(store: StateStore) -> None:
    taken: list[int] = []

    def take() -> None:
        for _ in range(50):
            first = store.reserve("position", 3)
            taken.extend(range(first, first + 3))

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert sorted(taken) == list(range(1, 301))


def test_a_closed_store_says_so(store: StateStore) -> None:
    store.close()
    with pytest.raises(StorageUnavailable), store.writing():
        pass
    with pytest.raises(StorageUnavailable), store.reading():
        pass
    with pytest.raises(StorageUnavailable):
        store.reserve("run", 1)


def test_closing_twice_does_no_harm(store: StateStore) -> None:
    store.close()
    store.close()


def test_a_reader_at_work_finishes_though_the_store_is_closed(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_profiles([rows.profile(1)])
    with store.reading() as tx:
        store.close()
        assert tx.count_profiles(1) == 1
