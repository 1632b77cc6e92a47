"""The driver for a ClickHouse server: its HTTP interface through clickhouse-connect.

Owns the connections, and that a batch gets in once though servers, networks and several of us may fail. Must not know
tables or questions.

An insert lives on at the server when whoever sent it has been killed, cut off or paused, and may even begin later. So
whoever asks what is there first puts up a fence: a number that each insert looks at when it begins. Those with a
smaller one are refused from then on, and those that have begun are ended before the answer is believed.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error, OperationalError, ProgrammingError

from milepost import errors
from milepost.stores.clickhouse.driver import READING, WHOLE, translated

#: What the connection is asked for, unless the address says otherwise: seconds.
TIMEOUTS: Final[dict[str, Any]] = {"connect_timeout": 5, "send_receive_timeout": 60}
#: Times, with a pause of so many seconds, that it is looked whether an insert that was ended is gone.
LOOKS: Final = 20
PAUSE: Final = 0.05

_ADDRESS: Final = "Write it as clickhouse://user:password@host:port/database."
_FENCED: Final = 395  # FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
_FENCES: Final = """
CREATE TABLE IF NOT EXISTS fences (epoch UInt64, attempt UInt64) ENGINE = ReplacingMergeTree(attempt) ORDER BY epoch
"""
_NEWEST: Final = "SELECT tupleElement(max((epoch, attempt)), 1), tupleElement(max((epoch, attempt)), 2) FROM fences"
_COLUMNS: Final = """
SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}
"""
#: The inserts of this database that go on, whoever sent them: told by what only they hold.
_UNDER_WAY: Final = (
    "query_kind = 'Insert' AND current_database = currentDatabase() AND query LIKE '%epoch, attempt%fences%'"
)


class ClickHouseServer:
    """The database at `address`: `clickhouse://user:password@host:port/database`, `?secure=true` for TLS.

    Of several that work for one state store, the one with the greatest `epoch` may insert.
    Raises StorageUnavailable when the address cannot be read, or nobody answers there.
    """

    def __init__(self, address: str, epoch: int = 0) -> None:
        self._epoch = epoch
        self._attempt = 0
        self._structures: dict[str, str] = {}
        self._closed = False
        with _translated():
            self._client = _connect(address)
        self.command(_FENCES)

    def query(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a SELECT."""
        with self._open() as client:
            return [tuple(row) for row in client.query(sql, parameters=dict(values or {})).result_rows]

    def command(self, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Run a statement that gives no rows."""
        with self._open() as client:
            client.command(sql, parameters=dict(values or {}))

    def insert(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """Store TabSeparated rows whole or not at all. Raises LeaseLost when somebody else has put up a fence."""
        structure = self._structure(table, columns)
        names = ", ".join(columns)
        sql = (
            f"INSERT INTO {table} ({names}) SELECT {names} FROM input('{structure}')"
            f" WHERE throwIf((SELECT max((epoch, attempt)) FROM fences) > ({self._epoch}, {self._attempt})) = 0"
            " FORMAT TabSeparated"
        )
        with self._open() as client:
            # Not `raw_insert`: that sends the rows again by itself when it has not got an answer.
            client.command(sql, data=rows, settings=WHOLE)

    def fence(self) -> None:
        """Inserts that anybody has begun before are there when this ends, or will never be.

        Raises LeaseLost when the fence of a greater epoch stands.
        """
        ((epoch, attempt),) = self.query(_NEWEST)
        if epoch > self._epoch:
            raise _lost()
        self._attempt = attempt + 1 if epoch == self._epoch else 1
        self.command(f"INSERT INTO fences VALUES ({self._epoch}, {self._attempt})")
        self._end_others()

    def close(self) -> None:
        """Close the connections."""
        self._closed = True
        self._client.close()

    def _end_others(self) -> None:
        """What began before the fence stood is in the list of processes until its rows are there, or it has failed."""
        pause = threading.Event()
        for look in range(LOOKS):
            if not self.query(f"SELECT 1 FROM system.processes WHERE {_UNDER_WAY} LIMIT 1"):
                return
            if look == 0:
                self.query(f"KILL QUERY WHERE {_UNDER_WAY} ASYNC")
            pause.wait(PAUSE)
        raise errors.StorageUnavailable("The event store is still busy with rows that were sent to it before.")

    def _structure(self, table: str, columns: Sequence[str]) -> str:
        """What the rows look like, as a literal's text; the table's first rows make it keep all on the disk."""
        if table not in self._structures:
            types = dict(self.query(_COLUMNS, {"table": table}))
            # A power cut may take this server alone: nobody would notice what it had not written yet.
            self.command(f"ALTER TABLE {table} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1")
            structure = ", ".join(f"{name} {types[name]}" for name in columns)
            self._structures[table] = structure.replace("\\", "\\\\").replace("'", "\\'")
        return self._structures[table]

    @contextlib.contextmanager
    def _open(self) -> Iterator[Client]:
        if self._closed:
            raise errors.StorageUnavailable("The event store is closed.")
        with _translated():
            yield self._client


def _connect(address: str) -> Client:
    try:
        # One client for all threads: without a session, its requests have nothing in common.
        return clickhouse_connect.get_client(
            dsn=address, settings=dict(READING), compress=False, autogenerate_session_id=False, dedicated_pool=True,
            **TIMEOUTS,
        )  # fmt: skip
    except (ValueError, TypeError, ProgrammingError):
        # Their words may repeat the address, and the password with it.
        message = "The address of the ClickHouse server cannot be read."
        raise errors.StorageUnavailable(message, field="event_store", fix=_ADDRESS) from None


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        with translated():
            yield
    except errors.StorageUnavailable as error:
        cause = error.__cause__
        if isinstance(cause, Error) and cause.code == _FENCED:
            raise _lost() from cause
        if isinstance(cause, OperationalError) and cause.code is None:
            message = "The event store cannot be reached at the moment."
            raise errors.StorageUnavailable(message, fix="See whether the ClickHouse server runs.") from cause
        raise


def _lost() -> errors.LeaseLost:
    return errors.LeaseLost("Another server writes to the event store.", fix="Start this one again.")
