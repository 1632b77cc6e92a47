"""Waiting for one's turn: of several servers on one state store one works, and the others are there for when it ends.

Owns when the lease is tried, and that the store is opened anew for it. Must not know what a server does meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

from milepost.errors import MilepostError, SchemaTooNew, StoreInUse
from milepost.ports.state_store import StateStore
from milepost.runtime.lease import LENGTH, Lease

PAUSE: Final = 0.2
"""Seconds between two looks at the lease."""

_log = structlog.get_logger()


class Turn:
    """The wait for the lease of the store that `open_store` opens. Used by one thread."""

    def __init__(self, open_store: Callable[[], StateStore], length: int = LENGTH) -> None:
        self._open_store = open_store
        self._length = length
        self._store: StateStore | None = None
        self.trouble = ""
        """Why the lease cannot even be looked at; empty while all is well."""

    def take(self) -> Lease | None:
        """The lease, taken and kept, if nobody holds it. Raises SchemaTooNew, StorageUnavailable."""
        if self._store is not None:
            with self._store.reading() as tx:
                if tx.lease().held:
                    return None
            # Whoever worked until now may have brought the store to a newer schema.
            self.close()
        try:
            self._store = self._open_store()
        except StoreInUse:
            # It has an older schema, which stays as long as an older server works with it.
            return None
        lease = Lease(self._store, self._length)
        if not lease.take():
            return None
        self._store = None
        lease.keep()
        return lease

    def soon(self) -> Lease:
        """The same, but wait for a server that died, as long as its lease may last. Raises StoreInUse."""
        deadline = time.monotonic() + self._length / 1000 + 1
        pause = threading.Event()
        while (lease := self.take()) is None:
            if time.monotonic() > deadline:
                self.close()
                raise StoreInUse(field="state_store", fix="Stop that one, or name another database.")
            pause.wait(PAUSE)
        return lease

    def wait(self, ending: threading.Event) -> Lease | None:
        """The same, but wait for ever, whatever becomes of the store; None when it is told to end.

        Raises SchemaTooNew: then this server's time is over.
        """
        while not ending.wait(PAUSE):
            try:
                lease = self.take()
            except SchemaTooNew:
                raise
            except MilepostError as error:
                trouble = f"{error.code}: {error.message}"
                if trouble != self.trouble:
                    _log.error("a standby cannot look at the lease", trouble=trouble)
                self.trouble = trouble
            else:
                self.trouble = ""
                if lease is not None:
                    return lease
        self.close()
        return None

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
