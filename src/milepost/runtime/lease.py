"""Of several workers on one state store one is active: its lease has an epoch that is checked in all that it writes.

Owns who may take the lease, and the store that refuses everybody else. Must not know why a worker wants it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final

import structlog

from milepost.errors import LeaseLost, MilepostError
from milepost.ports.state_store import SequenceName, StateStore, Transaction

LENGTH: Final = 5_000
"""Milliseconds that a lease is held without being renewed: so long a worker that died keeps the next one waiting."""
AT_LEAST: Final = 3
"""Times that it is renewed in its length, so that one renewal may fail."""

_log = structlog.get_logger()


class Lease:
    """A worker's claim to `store`. What the worker writes, it writes by way of `fenced`."""

    def __init__(self, store: StateStore, length: int = LENGTH) -> None:
        self.store = store
        self.epoch = 0
        """The one of this worker; 0 while it has none."""
        self.length = length
        self.fenced: StateStore = FencedStateStore(store, self)
        self.trouble = ""
        """Why it could not be renewed; empty while all is well."""
        self.lost = False
        """Whether another worker has taken over while this one kept it."""
        self.when_lost: Callable[[], None] = lambda: None
        """Called then, by a thread of the lease's own."""
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self) -> bool:
        """Become the active worker, under a new epoch, unless another is; answers whether this one is now."""
        with self.store.writing() as tx:
            row = tx.lease()
            if row.held:
                return False
            tx.hold_lease(row.epoch + 1, self.length)
        self.epoch = row.epoch + 1
        return True

    def keep(self) -> None:
        """Renew it from now on, in a thread of its own, until it is released or lost."""
        self._thread = threading.Thread(target=self._renew_again_and_again, name="lease", daemon=True)
        self._thread.start()

    def renew(self) -> None:
        """Hold it for another length, also when that is late and nobody else has taken it. Raises LeaseLost."""
        self._hold(self.length)

    def release(self) -> None:
        """Let the next worker take it at once. Raises LeaseLost."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        self._hold(0)

    def _renew_again_and_again(self) -> None:
        while not self._ending.wait(self.length / 1000 / AT_LEAST):
            try:
                self.renew()
                self.trouble = ""
            except LeaseLost as error:
                self.trouble = f"{error.code}: {error.message}"
                _log.error("this worker may not write any more", trouble=self.trouble)
                self.lost = True
                self.when_lost()
                return
            except MilepostError as error:
                self.trouble = f"{error.code}: {error.message}"
                _log.error("the lease could not be renewed", trouble=self.trouble)

    def _hold(self, milliseconds: int) -> None:
        with self.writing() as tx:
            tx.hold_lease(self.epoch, milliseconds)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction of whoever holds the lease. Raises LeaseLost, besides what the store raises."""
        with self.store.writing() as tx:
            # There is one writer at a time: what holds now holds until the commit.
            present = tx.lease().epoch
            if present != self.epoch:
                message = f"Another worker has taken over: the lease has epoch {present}, this one had {self.epoch}."
                raise LeaseLost(message, fix="Start this one again: it waits for its turn.")
            yield tx


class FencedStateStore:
    """A state store in which nothing can be written any more when another worker has taken over."""

    def __init__(self, store: StateStore, lease: Lease) -> None:
        self._store = store
        self._lease = lease

    def reading(self) -> AbstractContextManager[Transaction]:
        return self._store.reading()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Raises LeaseLost, besides what the store raises."""
        with self._lease.writing() as tx:
            begin = time.monotonic()
            yield tx
            if time.monotonic() - begin > self._lease.length / 1000 / AT_LEAST:
                # It has kept the lease from being renewed, and whoever waits for its end from taking it: as if renewed.
                tx.hold_lease(self._lease.epoch, self._lease.length)

    def reserve(self, name: SequenceName, count: int) -> int:
        """Not fenced: numbers that nobody uses do no harm."""
        return self._store.reserve(name, count)

    def close(self) -> None:
        self._store.close()
