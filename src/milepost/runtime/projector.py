"""Hand-over: committed batches go to the event store, each exactly once (ARCH-2).

Owns the order commit, insert, mark, and the question that is asked after a start: which numbers are there already.
Must not know what is in a batch.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Final

import structlog
import zstandard

from milepost.ports.clock import Clock
from milepost.ports.event_store import EventStore, Table
from milepost.ports.observer import SILENT, Observer
from milepost.ports.state_store import BatchRow, StateStore

TABLES: Final[tuple[Table, ...]] = ("activity", "datapoints", "profiles")
BATCHES_AT_ONCE: Final = 64
MARGIN: Final = 10 * 60_000
"""Milliseconds for which a projected batch is kept, so that a power cut of the event store loses nothing."""
MOST_FORGOTTEN: Final = 10_000
"""Ids that one transaction forgets."""
ENOUGH_BYTES: Final = 32_000_000
"""From this size on an insert costs by its rows alone: batches are put together up to here."""
MOST_BYTES: Final = 200_000_000
"""A batch never comes near this once it is unpacked: the store takes up to 256 MB as one part."""

_log = structlog.get_logger()


class Projector:
    """One thread at a time."""

    def __init__(self, store: StateStore, events: EventStore, clock: Clock, observer: Observer = SILENT) -> None:
        self._observer = observer
        self._store = store
        self._events = events
        self._clock = clock
        self._unpack = zstandard.ZstdDecompressor().decompress
        self._present: dict[Table, set[int]] | None = None
        self._looked_back = False
        self._swept = 0
        self.ending = False
        """Set when the process is about to end: the insert in hand is finished, the others are for the next start."""
        self._at_work = threading.Lock()

    def standing_still(self) -> AbstractContextManager[object]:
        """Nothing is handed over while this is held."""
        return self._at_work

    def step(self) -> bool:
        """Hand some batches over. Answers whether there were any."""
        with self._at_work:
            return self._step()

    def _step(self) -> bool:
        if not self._looked_back:
            self._look_back()
        self._sweep()
        with self._store.reading() as tx:
            batches = tx.unprojected(limit=BATCHES_AT_ONCE)
        if not batches:
            return False
        if self._present is None:
            # The first look after a start or an error, which may have come between insert and mark.
            self._present = {table: self._events.batches(table, batches[0].number) for table in TABLES}
        present, self._present = self._present, None
        for table in TABLES:
            missing = [batch for batch in batches if table in batch.bodies and batch.number not in present[table]]
            for number, rows in self._inserts(table, missing):
                if self.ending:
                    # As if it had been killed here: the next start asks what is there.
                    return False
                self._events.append(table, number, rows)
        with self._store.writing() as tx:
            tx.mark_projected([batch.number for batch in batches], self._clock.now())
        self._observer.handed_over(len(batches))
        _log.debug("batches handed over", first=batches[0].number, last=batches[-1].number)
        # Only now: after an error in between, what is there is asked anew.
        self._present = present
        return True

    def _inserts(self, table: Table, batches: list[BatchRow]) -> Iterator[tuple[int, bytes]]:
        """The rows of the batches, as few inserts as may be: one costs the event store the same whatever its size.

        Each is stored as a whole, so that of its batches all are there or none; the number is that of its first.
        """
        parts: list[bytes] = []
        size, first = 0, 0
        for batch in batches:
            rows = self._unpack(batch.bodies[table], max_output_size=MOST_BYTES)
            if parts and size + len(rows) > ENOUGH_BYTES:
                yield first, b"".join(parts)
                parts, size = [], 0
            if not parts:
                first = batch.number
            parts.append(rows)
            size += len(rows)
        if parts:
            yield first, b"".join(parts)

    def _look_back(self) -> None:
        """Once, before anything is deleted: what a power cut has taken from the event store is handed over again.

        The event store does not wait for the disk. What it had taken may be gone though it is marked.
        """
        with self._store.reading() as tx:
            kept = tx.kept_batches()
        if kept:
            present = {table: self._events.batches(table, min(kept)) for table in TABLES}
            lost = [number for number, tables in kept.items() if any(number not in present[table] for table in tables)]
            with self._store.writing() as tx:
                tx.mark_projected(lost, None)
        self._looked_back = True

    def _sweep(self) -> None:
        """Delete what is no longer needed: once in a while, however much there is to hand over."""
        now = self._clock.now()
        if now - self._swept < MARGIN // 10:
            return
        self._swept = now
        with self._store.writing() as tx:
            tx.delete_batches(now - MARGIN)
        forgotten = MOST_FORGOTTEN
        while forgotten == MOST_FORGOTTEN:
            # A transaction for each portion, so that intake comes in between.
            with self._store.writing() as tx:
                forgotten = max(tx.forget_ids(now, MOST_FORGOTTEN), tx.forget_cause_starts(now, MOST_FORGOTTEN))
