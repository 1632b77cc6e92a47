"""Transactions over one PostgreSQL database: one writer at a time, snapshots for readers, sequences.

Owns the connections. Must not know tables, except that of the sequences.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Final

import psycopg

from milepost.errors import StorageUnavailable
from milepost.ports.state_store import SequenceName
from milepost.stores.postgresql.connection import Connection, connect, rollback, translated
from milepost.stores.postgresql.migrations import upgrade
from milepost.stores.postgresql.transaction import PostgresqlTransaction
from milepost.stores.postgresql.writer import Writer

#: Connections that are kept for readers. More are made when more read at once, and closed afterwards.
MOST_IDLE: Final = 8
#: The first read takes the snapshot, not BEGIN.
SNAPSHOT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1"


class PostgresqlStore:
    """The state store in the database at `address`, which is filled, or brought to the present schema, first.

    The address is `postgresql://user:password@host:port/database`, or what else libpq takes.
    Raises SchemaTooNew when a newer Milepost has written the database, StorageUnavailable when it cannot be used.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._write_lock = threading.Lock()
        self._writing_thread: int | None = None
        self._pool_lock = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = False
        with translated():
            upgrade(address)
            self._writer = Writer(address)

    @contextlib.contextmanager
    def reading(self) -> Iterator[PostgresqlTransaction]:
        """A snapshot as of now. It may be left by another thread than entered it, and may lie inside another."""
        with translated():
            connection = self._take_reader()
            try:
                yield PostgresqlTransaction(connection)
            finally:
                self._give_back(connection)

    @contextlib.contextmanager
    def writing(self) -> Iterator[PostgresqlTransaction]:
        """Commits when the block ends, rolls back when it raises."""
        with self._written() as connection:
            yield PostgresqlTransaction(connection)

    def reserve(self, name: SequenceName, count: int) -> int:
        """Take `count` numbers, durable at once: so it is never called inside `writing`. Costs one sync of the disk."""
        if count < 1:
            raise ValueError(f"cannot reserve {count} numbers")
        with self._written() as connection:
            ((last,),) = connection.execute(
                "UPDATE numbers SET value = value + %s WHERE name = %s RETURNING value", [count, name]
            ).fetchall()
        return int(last) - count + 1

    def close(self) -> None:
        """Wait for the write that is going on, then close; a reader that is still at work closes when it is done."""
        with self._write_lock, self._pool_lock:
            self._closed = True
            self._writer.close()
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    @contextlib.contextmanager
    def _written(self) -> Iterator[Connection]:
        """A transaction that writes. A second request by the same thread would wait for itself for ever."""
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("this thread is inside a writing block already")
        with self._write_lock, translated():
            self._refuse_when_closed()
            self._writing_thread = threading.get_ident()
            try:
                yield self._writer.begin()
                self._writer.commit()
            finally:
                self._writer.rollback()
                self._writing_thread = None

    def _take_reader(self) -> Connection:
        while True:
            with self._pool_lock:
                self._refuse_when_closed()
                idle = self._idle.pop() if self._idle else None
            connection = idle or connect(self._address)
            try:
                connection.execute(SNAPSHOT, prepare=False)
            except psycopg.OperationalError:
                connection.close()
                if idle is None:
                    raise
                # It was lost while nothing was under way: the next one, or a new one.
            else:
                return connection

    def _give_back(self, connection: Connection) -> None:
        rollback(connection)
        with self._pool_lock:
            if self._closed or connection.closed or len(self._idle) >= MOST_IDLE:
                connection.close()
            else:
                self._idle.append(connection)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StorageUnavailable("The state store is closed.")
