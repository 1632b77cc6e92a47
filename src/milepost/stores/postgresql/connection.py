"""Opening connections, and turning PostgreSQL's errors into ours: the only place that knows the server's error codes.

Must not know tables.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

from milepost.errors import Conflict, MilepostError, StorageFull, StorageUnavailable
from milepost.stores.postgresql import text

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

#: The oldest server that can say what became of a transaction.
OLDEST: Final = 13
#: Seconds that a write waits for one of another process. Threads of this one wait for a lock.
LOCK_TIMEOUT: Final = 5
#: What is asked of a connection unless its address says otherwise. A server that has vanished is noticed in 20 seconds.
DEFAULTS: Final[dict[str, str | int]] = {
    "application_name": "milepost",
    "connect_timeout": 10,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    # Of several hosts in an address, the one that may be written to.
    "target_session_attrs": "read-write",
}
_SESSION: Final = f"""
SET lock_timeout = '{LOCK_TIMEOUT}s';
SET random_page_cost = 1.1;
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
"""
_ADDRESS: Final = "Write it as postgresql://user:password@host:port/database."


def connect(address: str) -> Connection:
    """A connection without implicit transactions, on which what is committed is durable.

    Raises StorageUnavailable when the address cannot be read, or the server is not one that can be used.
    """
    try:
        wanted = DEFAULTS | conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        # The driver's words repeat the address, and the password with it.
        message = "The address of the PostgreSQL database cannot be read."
        raise StorageUnavailable(message, field="state_store", fix=_ADDRESS) from None
    connection = psycopg.connect("", autocommit=True, **wanted)  # type: ignore[arg-type] # its words, and any others
    try:
        _refuse_unfit(connection)
        connection.execute(_SESSION, prepare=False)
    except BaseException:
        connection.close()
        raise
    # One type for all integers: statements are prepared once, and not once for each size of numbers.
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    text.register(connection.adapters)
    return connection


def _refuse_unfit(connection: Connection) -> None:
    version = connection.info.server_version // 10_000
    if version < OLDEST:
        raise StorageUnavailable(f"This is PostgreSQL {version}; Milepost needs {OLDEST} or newer.")
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        message = f"The database stores text as {encoding}, which cannot hold every text."
        raise StorageUnavailable(message, fix="Make it with: createdb --encoding UTF8 --template template0.")


def rollback(connection: Connection) -> None:
    """Leave the transaction; a connection that cannot is closed."""
    if connection.closed or connection.info.transaction_status == TransactionStatus.IDLE:
        return
    try:
        connection.execute("ROLLBACK")
    except psycopg.Error:
        connection.close()


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise our errors in place of the driver's. A wrong statement is a defect of ours and stays what it is."""
    try:
        yield
    except psycopg.Error as error:
        translation = translate(error)
        if translation is None:
            raise
        raise translation from error


def translate(error: psycopg.Error) -> MilepostError | None:
    """Our error for a driver's; None for a defect of ours."""
    said = " ".join(str(error).split()).removesuffix(".")
    match error:
        case psycopg.IntegrityError():
            return Conflict(f"The store refuses this: {said}.")
        case errors.DiskFull():
            return StorageFull(
                "PostgreSQL's disk is full.", fix="Free some space there; nothing that was acknowledged is lost."
            )
        case errors.DataCorrupted() | errors.IndexCorrupted():
            return StorageUnavailable(
                f"The state database is damaged: {said}.", fix="Stop the server and restore the last backup."
            )
        case errors.InsufficientPrivilege():
            return StorageUnavailable(f"The state database refuses this: {said}.", fix="Let the user own the database.")
        case psycopg.OperationalError() | psycopg.InterfaceError() | errors.ReadOnlySqlTransaction():
            return StorageUnavailable(f"The state database cannot be used at the moment: {said}.")
        case _:
            return None
