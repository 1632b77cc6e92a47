"""Opening connections, and turning SQLite's errors into ours: the only place that knows the driver's error codes.

Must not know tables.
"""

from __future__ import annotations

import contextlib
import pathlib
import sqlite3
from collections.abc import Iterator
from typing import Final

from milepost.errors import Conflict, MilepostError, StorageFull, StorageUnavailable

#: How long to wait for another process (a backup, a shell), in milliseconds. Threads of this one wait for a lock.
BUSY_TIMEOUT: Final = 10_000
#: Pages of 4 KB in the log before a commit copies them back: batches of 10,000 runs touch most pages more than once.
CHECKPOINT_PAGES: Final = 8_000
#: What is kept of the log file after a burst, in bytes.
LOG_LIMIT: Final = 64 * 1024**2
#: Page cache, in KB: the writer's has to hold the upper levels of every index, a reader asks for little.
WRITER_CACHE: Final = 128 * 1024
READER_CACHE: Final = 16 * 1024

_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_UNAVAILABLE: Final = frozenset({
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
})  # fmt: skip


def connect(path: pathlib.Path, *, writes: bool) -> sqlite3.Connection:
    """A connection without implicit transactions; one that does not write refuses to.

    Memory-mapped reading is off: it made reads 20 % faster, but a read error of the disk would kill the process.
    """
    # Any thread may use it, one at a time: the store sees to that.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "temp_store = MEMORY",
            f"cache_size = -{WRITER_CACHE if writes else READER_CACHE}",
            f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
            f"journal_size_limit = {LOG_LIMIT}",
            f"query_only = {'OFF' if writes else 'ON'}",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def rollback(connection: sqlite3.Connection) -> None:
    """Leave the transaction, if SQLite has not done so by itself: it does after some errors, a full disk for one."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def make_room(connection: sqlite3.Connection, error: BaseException) -> None:
    """After a full disk, give back what the log file takes: up to 32 MB of pages, most of them old.

    By itself SQLite does so only at a commit, of which there are none on a full disk.
    """
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
        with contextlib.suppress(sqlite3.Error):
            # Readers are not waited for: the next error is another opportunity.
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise our errors in place of the driver's. A wrong statement is a defect of ours and stays what it is."""
    try:
        yield
    except sqlite3.Error as error:
        translation = translate(error)
        if translation is None:
            raise
        raise translation from error


def translate(error: sqlite3.Error) -> MilepostError | None:
    """Our error for a driver's; None for a defect of ours."""
    # The driver's own errors (a closed connection, a wrong number of arguments) carry no code.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_CONSTRAINT:
        return Conflict(f"The store refuses this: {error}.")
    if code == sqlite3.SQLITE_FULL:
        return StorageFull(fix="Free some disk space; nothing that was acknowledged is lost.")
    if code in _DAMAGED:
        return StorageUnavailable(
            f"The state database is damaged: {error}.", fix="Stop the server and restore the last backup."
        )
    if code in _UNAVAILABLE:
        return StorageUnavailable(f"The state database cannot be used at the moment: {error}.")
    return None
