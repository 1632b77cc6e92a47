"""Transactions over one SQLite file: one writer at a time, snapshots for readers, sequences.

Owns the connections. Must not know tables, except that of the sequences.
"""

from __future__ import annotations

import contextlib
import pathlib
import sqlite3
import threading
from collections.abc import Iterator

from milepost.errors import StorageUnavailable
from milepost.ports.state_store import SequenceName
from milepost.stores.sqlite.connection import connect, make_room, rollback, translated
from milepost.stores.sqlite.migrations import upgrade
from milepost.stores.sqlite.transaction import SqliteTransaction


class SqliteStore:
    """The state store in the file at `path`, which is made, or brought to the present schema, first.

    Raises SchemaTooNew when a newer Milepost has written the file, StorageUnavailable when it cannot be opened.
    """

    def __init__(self, path: pathlib.Path | str) -> None:
        self._path = pathlib.Path(path)
        self._write_lock = threading.Lock()
        self._writing_thread: int | None = None
        self._pool_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        with translated():
            upgrade(self._path)
            self._writer = connect(self._path, writes=True)

    @contextlib.contextmanager
    def reading(self) -> Iterator[SqliteTransaction]:
        """A snapshot as of now. It may be left by another thread than entered it, and may lie inside another."""
        with translated():
            connection = self._take_reader()
            try:
                connection.execute("BEGIN")
                # BEGIN alone takes no snapshot: the first read does.
                connection.execute("SELECT value FROM numbers").fetchone()
                yield SqliteTransaction(connection)
            finally:
                self._give_back(connection)

    @contextlib.contextmanager
    def writing(self) -> Iterator[SqliteTransaction]:
        """Commits when the block ends, rolls back when it raises; the connection serves the next either way."""
        with self._alone(), translated():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(self._writer)
                self._writer.execute("COMMIT")
            except BaseException as error:
                rollback(self._writer)
                make_room(self._writer, error)
                raise

    def reserve(self, name: SequenceName, count: int) -> int:
        """Take `count` numbers, durable at once: so it is never called inside `writing`. Costs one sync of the disk."""
        if count < 1:
            raise ValueError(f"cannot reserve {count} numbers")
        with self._alone(), translated():
            # One statement outside a transaction commits by itself.
            (last,) = self._writer.execute(
                "UPDATE numbers SET value = value + ? WHERE name = ? RETURNING value", (count, name)
            ).fetchall()[0]
        return int(last) - count + 1

    def close(self) -> None:
        """Wait for the write that is going on, then close; a reader that is still at work closes when it is done."""
        with self._write_lock, self._pool_lock, translated():
            self._closed = True
            for connection in (*self._idle, self._writer):
                connection.close()
            self._idle.clear()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the one write connection. A second request by the same thread would wait for itself for ever."""
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("this thread is inside a writing block already")
        with self._write_lock:
            self._refuse_when_closed()
            self._writing_thread = threading.get_ident()
            try:
                yield
            finally:
                self._writing_thread = None

    def _take_reader(self) -> sqlite3.Connection:
        with self._pool_lock:
            self._refuse_when_closed()
            if self._idle:
                return self._idle.pop()
        return connect(self._path, writes=False)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        rollback(connection)
        with self._pool_lock:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StorageUnavailable("The state store is closed.")
