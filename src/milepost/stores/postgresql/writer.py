"""The connection that writes: one transaction at a time in the whole database, and no doubt whether it was committed.

Owns the database's lock for writing, over all processes. Must not know tables.
"""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from milepost.errors import StorageUnavailable
from milepost.stores.postgresql.connection import LOCK_TIMEOUT, Connection, connect, rollback

#: Held by the transaction that writes, whichever process it is of: an advisory lock, of this database alone.
LOCK: Final = int.from_bytes(b"milepost")

_BEGIN: Final = f"BEGIN; SELECT pg_advisory_xact_lock({LOCK}), pg_current_xact_id()::text"
_END_STALLED: Final = """
SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid::bigint << 32 | objid::bigint = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND wait_event_type = 'Client' AND state_change < clock_timestamp() - make_interval(secs => %s)
"""


class Writer:
    """The write connection to the database at `address`; one that was lost is opened again at the next use."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection = connect(address)
        self._transaction = ""
        """PostgreSQL's number of the transaction."""

    def begin(self) -> Connection:
        """Begin a transaction when that of any other process has ended; answers with the connection it is on."""
        if not self._connection.closed:
            try:
                self._begin()
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
                # It was lost while nothing was under way.
        if self._connection.closed:
            self._connection = connect(self._address)
            self._begin()
        return self._connection

    def commit(self) -> None:
        """Commit; when the connection is lost meanwhile, ask on another what became of it.

        Raises StorageUnavailable when nobody can be asked.
        """
        if self._connection.info.transaction_status == TransactionStatus.INERROR:
            # PostgreSQL would answer such a COMMIT by rolling back, and call it a success.
            raise RuntimeError("a block that caught an error of the store has to end with it")
        try:
            self._connection.execute("COMMIT")
        except psycopg.OperationalError as error:
            if not self._connection.closed:
                raise
            try:
                committed = self._was_committed(self._transaction)
            except psycopg.Error:
                message = "The state database went away during a commit: whether it was stored is not known."
                raise StorageUnavailable(message) from error
            if not committed:
                raise

    def rollback(self) -> None:
        """Leave the transaction, if there is one."""
        rollback(self._connection)

    def close(self) -> None:
        self._connection.close()

    def _begin(self) -> None:
        try:
            self._lock()
        except errors.LockNotAvailable:
            self.rollback()
            if not self._end_stalled():
                raise
            self._lock()

    def _lock(self) -> None:
        # The lock first and alone: what is read after it is what the writer before has left.
        cursor = self._connection.execute(_BEGIN, prepare=False)
        cursor.nextset()
        (_, self._transaction) = cursor.fetchone() or (None, "")

    def _end_stalled(self) -> bool:
        """End writers that have said nothing for long, as a stopped process does: nobody else could go on."""
        found = self._connection.execute(_END_STALLED, [LOCK, LOCK_TIMEOUT]).fetchall()
        return bool(found)

    def _was_committed(self, transaction: str) -> bool:
        self._connection = connect(self._address)
        self._begin()  # waits for the end of the one that is asked about
        row = self._connection.execute("SELECT pg_xact_status(%s::xid8)", [transaction]).fetchone()
        self.rollback()
        return row == ("committed",)
