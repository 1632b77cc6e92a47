"""Growing numbers that are never given twice, whatever crashes (ARCH-5)."""

from __future__ import annotations

import itertools
import threading

import pytest

from milepost.ports.state_store import SequenceName
from milepost.runtime.sequence import Sequence
from milepost.stores.memory.state_store import MemoryStateStore


def test_numbers_begin_at_1_and_follow_one_another() -> None:
    sequence = Sequence(MemoryStateStore(), "profile")
    sequence.prepare(10)
    assert [sequence.take(3), sequence.take(1), sequence.take(6)] == [1, 4, 5]


def test_what_was_not_prepared_cannot_be_taken() -> None:
    """Making room writes, and inside a transaction that would wait for itself."""
    sequence = Sequence(MemoryStateStore(), "profile")
    with pytest.raises(RuntimeError, match="the sequence `profile` was not prepared for 1 numbers"):
        sequence.take(1)


def test_after_a_restart_there_is_a_gap_and_no_number_twice() -> None:
    store = MemoryStateStore()
    taken = []
    for _ in range(3):
        sequence = Sequence(store, "run")
        sequence.prepare(2)
        taken += [sequence.take(1), sequence.take(1)]
    assert taken == sorted(set(taken))


def test_a_reservation_of_somebody_else_in_between_is_left_out() -> None:
    store = MemoryStateStore()
    sequence = Sequence(store, "run")
    sequence.prepare(1)
    first = sequence.take(1)
    store.reserve("run", 5)
    sequence.prepare(20_000)
    assert sequence.take(20_000) > first + 5


def test_what_one_thread_has_prepared_is_not_taken_away_by_another() -> None:
    """Two prepare before either takes, at any distance from the end of what is reserved."""
    sequence = Sequence(MemoryStateStore(), "run")
    for _ in range(5_000):
        sequence.prepare(7)
        sequence.prepare(7)
        sequence.take(7)
        sequence.take(7)


def test_one_by_one_they_grow_past_what_others_take() -> None:
    sequence = Sequence(MemoryStateStore(), "position")
    each = sequence.each(chunk=3)
    first = list(itertools.islice(each, 2))
    sequence.prepare(1)
    other = sequence.take(1)
    rest = list(itertools.islice(each, 4))
    assert first + rest == sorted({*first, *rest})
    assert other not in first + rest


def test_numbers_are_taken_while_more_are_reserved() -> None:
    """A reservation waits for the transaction that is going on, and that one takes numbers."""

    class Busy(MemoryStateStore):
        def reserve(self, name: SequenceName, count: int) -> int:
            transaction = threading.Thread(target=lambda: taken.append(sequence.take(1)), daemon=True)
            if taken:
                transaction.start()
                transaction.join(10)
            return super().reserve(name, count)

    taken: list[int] = []
    sequence = Sequence(Busy(), "run")
    sequence.prepare(1)
    taken.append(sequence.take(1))
    sequence.prepare(20_000)
    assert taken == [1, 2]
    assert sequence.take(20_000) == 3


def test_threads_share_it() -> None:
    sequence = Sequence(MemoryStateStore(), "position")
    taken: list[list[int]] = [[] for _ in range(8)]

    def take(into: list[int]) -> None:
        for size in range(1, 60):
            sequence.prepare(size)
            first = sequence.take(size)
            into.extend(range(first, first + size))

    threads = [threading.Thread(target=take, args=(into,)) for into in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    numbers = [number for into in taken for number in into]
    assert len(numbers) == len(set(numbers)) == 8 * sum(range(1, 60))
    assert all(into == sorted(into) for into in taken)
