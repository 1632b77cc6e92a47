"""Points at which a server dies by itself: around every commit, every hand-over and every effect (D-6, ARCH-2).

Owns their names, and the wrappers around what `app` chooses: the product knows nothing of them. Must not know the load.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from milepost import app
from milepost.ports.event_store import EventStore, Table
from milepost.ports.sender import Intent, Receipt, Sender
from milepost.ports.state_store import BatchRow, StateStore, Transaction

PARTS: Final = ("intake", "cycle", "projector", "outbox")
"""Threads that commit."""
TABLES: Final = ("activity", "datapoints", "profiles")
CHANNELS: Final = ("email", "webhook")
POINTS: Final = (
    *(f"{part} {moment} commit" for part in PARTS for moment in ("before", "after")),
    *(f"{moment} batch" for moment in ("before", "after")),
    *(f"{moment} rows of {table}" for table in TABLES for moment in ("before", "after")),
    *(f"{moment} {channel}" for channel in CHANNELS for moment in ("before", "after")),
)

Reached = Callable[[str], None]


def die_at(point: str, arrival: int, end: int = signal.SIGKILL) -> None:
    """Send this process a signal when it comes to the point for the given time, from 1. Call it before `app.build`.

    SIGSTOP lets it stand still there until somebody wakes it.
    """
    assert point in POINTS, point
    lock, left = threading.Lock(), arrival

    def reached(where: str) -> None:
        nonlocal left
        if where == point:
            with lock:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), end)

    chosen: Any = app
    state_store, events, provider = chosen.state_store, chosen.event_store, chosen.build_provider
    chosen.state_store = lambda *given: _Store(state_store(*given), reached)
    chosen.event_store = lambda *given: _Events(events(*given), reached)
    chosen.build_provider = lambda *given: _Provider(provider(*given), reached)


class _Around:
    """Something of the product, which it remains but for what a subclass adds."""

    def __init__(self, inner: Any, reached: Reached) -> None:
        self._inner = inner
        self._reached = reached

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Store(_Around):
    _inner: StateStore

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        part = threading.current_thread().name
        with self._inner.writing() as inner:
            tx = _Transaction(inner, self._reached)
            yield cast("Transaction", tx)
            self._reached(f"{part} before commit")
            if tx.has_batch:
                self._reached("before batch")
        self._reached(f"{part} after commit")
        if tx.has_batch:
            self._reached("after batch")


class _Transaction(_Around):
    """Knows whether it stores a batch: the cycle also begins some in which nothing is to do, each second."""

    _inner: Transaction
    has_batch = False

    def add_batch(self, row: BatchRow) -> None:
        self._inner.add_batch(row)
        self.has_batch = True


class _Events(_Around):
    _inner: EventStore

    def append(self, table: Table, batch: int, rows: bytes) -> None:
        self._reached(f"before rows of {table}")
        self._inner.append(table, batch, rows)
        self._reached(f"after rows of {table}")


class _Provider(_Around):
    _inner: Sender

    def send(self, intent: Intent) -> Receipt:
        self._reached(f"before {intent.channel}")
        receipt = self._inner.send(intent)
        self._reached(f"after {intent.channel}")
        return receipt
