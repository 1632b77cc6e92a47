"""Growing numbers for positions, profiles and runs: taken in memory, durable ahead of use.

Owns the promise that a number is never given twice and never goes back, whatever crashes. After a restart there is a
gap: positions only order, and profile and run keys stay dense enough.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Final

from milepost.ports.state_store import SequenceName, StateStore

_AHEAD: Final[dict[SequenceName, int]] = {"position": 1_000_000, "profile": 10_000, "run": 10_000}


class Sequence:
    """One sequence, shared by all threads of the process that owns the store."""

    def __init__(self, store: StateStore, name: SequenceName) -> None:
        self._store = store
        self._name = name
        self._reserving = threading.Lock()
        """Held while the store is written, so never wanted by a thread that is inside a transaction."""
        self._counting = threading.Lock()
        """Held for the sums alone: `take` is called inside transactions, for whose end a reservation waits."""
        self._next = 0
        self._end = 0

    def prepare(self, count: int) -> None:
        """Make sure that `count` numbers can be taken without a write: call it outside of transactions.

        Some more stay in hand, for other threads that have prepared and not taken yet.
        """
        ahead = _AHEAD[self._name]
        if self._left() >= count + ahead // 2:
            return
        with self._reserving:
            if self._left() >= count + ahead // 2:
                return
            size = count + ahead
            first = self._store.reserve(self._name, size)
            with self._counting:
                if first != self._end:
                    self._next = first
                self._end = first + size

    def take(self, count: int) -> int:
        """The first of `count` consecutive numbers. Raises RuntimeError if `prepare` has not made room."""
        with self._counting:
            if self._end - self._next < count:
                message = f"the sequence `{self._name}` was not prepared for {count} numbers"
                raise RuntimeError(message)
            first = self._next
            self._next += count
            return first

    def _left(self) -> int:
        with self._counting:
            return self._end - self._next

    def each(self, chunk: int = 4_096) -> Iterator[int]:
        """Numbers one by one, growing, without end; the first is greater than all that were taken before it."""
        while True:
            self.prepare(chunk)
            first = self.take(chunk)
            yield from range(first, first + chunk)
