"""SQLite when the disk, the file or the process fails: what was committed stays, and the store goes on."""

from __future__ import annotations

import contextlib
import os
import pathlib
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import pytest

from milepost.errors import Conflict, MilepostError, StorageFull, StorageUnavailable
from milepost.ports.state_store import StateStore
from milepost.stores.sqlite import SqliteStore
from milepost.stores.sqlite.connection import translate
from tests.conformance.state_store import rows

CRASH = """
import sys
from milepost.stores.sqlite import SqliteStore
from tests.conformance.state_store import rows

store = SqliteStore(sys.argv[1])
store.reserve("run", 7)
with store.writing() as tx:
    tx.put_runs([rows.run(1)])
with store.writing() as tx:
    tx.put_runs([rows.run(key) for key in range(2, 10_000)])
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "state.db"


@pytest.fixture
def store(path: pathlib.Path) -> Iterator[SqliteStore]:
    with contextlib.closing(SqliteStore(path)) as made:
        yield made


def run_keys(store: StateStore) -> list[int]:
    with store.reading() as tx:
        return [row.key for row in tx.runs_of_journey(1, limit=100)]


@contextlib.contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """A file that would grow over `size` bytes cannot be written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_was_committed_is_there_after_a_restart(path: pathlib.Path) -> None:
    with contextlib.closing(SqliteStore(path)) as store:
        first = store.reserve("profile", 5)
        with store.writing() as tx:
            tx.put_runs([rows.run(1)])
            tx.add_batch(rows.batch(4))
            tx.mark_projected([4], at=1)
            tx.delete_batches(projected_before=2)
    with contextlib.closing(SqliteStore(path)) as store:
        assert run_keys(store) == [1]
        assert store.reserve("profile", 1) == first + 5
        with store.reading() as tx:
            assert tx.last_batch() == 4


def test_a_killed_process_leaves_what_it_had_committed(path: pathlib.Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", CRASH, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    with contextlib.closing(SqliteStore(path)) as store:
        assert run_keys(store) == [1]
        assert store.reserve("run", 1) == 8


def test_a_full_disk_refuses_the_write_and_the_store_goes_on(store: SqliteStore) -> None:
    with store.writing() as tx:
        tx.put_runs([rows.run(1)])
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    for _ in range(2):
        with pytest.raises(StorageFull), store.writing() as tx:
            tx.put_runs([rows.run(key, state=bytes(4_000)) for key in range(2, 100)])
        assert run_keys(store) == [1]
        # What needs no more room is still done: there is a way out of a full disk.
        assert store.reserve("run", 1) >= 1
    store._writer.execute(f"PRAGMA max_page_count = {pages + 1_000}")
    with store.writing() as tx:
        tx.put_runs([rows.run(2)])
    assert run_keys(store) == [1, 2]


def test_a_commit_that_fails_leaves_nothing_and_the_store_goes_on(store: SqliteStore, path: pathlib.Path) -> None:
    with store.writing() as tx:
        tx.put_runs([rows.run(1)])
    log = path.with_name("state.db-wal").stat().st_size
    with pytest.raises(StorageUnavailable), files_no_longer_than(log), store.writing() as tx:
        tx.put_runs([rows.run(2)])  # it fits into memory: only the commit writes to the disk
    assert run_keys(store) == [1]
    with store.writing() as tx:
        tx.put_runs([rows.run(3)])
    assert run_keys(store) == [1, 3]


def test_another_process_that_writes_for_too_long(store: SqliteStore, path: pathlib.Path) -> None:
    store._writer.execute("PRAGMA busy_timeout = 1")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="locked"), store.writing():
            pass
        assert run_keys(store) == []
    with store.writing() as tx:
        tx.put_runs([rows.run(1)])


def test_a_place_where_no_file_can_be(tmp_path: pathlib.Path) -> None:
    for impossible in (tmp_path, tmp_path / "missing" / "state.db"):
        with pytest.raises(StorageUnavailable):
            SqliteStore(impossible)


def test_a_file_that_is_no_database(path: pathlib.Path) -> None:
    path.write_bytes(b"These are notes, not a database." * 200)
    with pytest.raises(StorageUnavailable, match="damaged"):
        SqliteStore(path)


def test_a_damaged_page(path: pathlib.Path) -> None:
    with contextlib.closing(SqliteStore(path)) as store, store.writing() as tx:
        tx.put_runs([rows.run(key, state=bytes(900)) for key in range(1, 1_000)])
    with path.open("r+b") as file:
        file.seek(300_000)
        file.write(b"\xff" * 500_000)
    with (
        contextlib.closing(SqliteStore(path)) as store,
        pytest.raises(StorageUnavailable, match="damaged"),
        store.reading() as tx,
    ):
        tx.runs_of_journey(1, limit=1_000)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_FULL, StorageFull),
        (sqlite3.SQLITE_IOERR_FSYNC, StorageUnavailable),
        (sqlite3.SQLITE_READONLY_DBMOVED, StorageUnavailable),
        (sqlite3.SQLITE_CANTOPEN, StorageUnavailable),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StorageUnavailable),
        (sqlite3.SQLITE_CORRUPT_INDEX, StorageUnavailable),
        (sqlite3.SQLITE_NOTADB, StorageUnavailable),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, Conflict),
        (sqlite3.SQLITE_ERROR, None),
        (sqlite3.SQLITE_MISUSE, None),
    ],
)
def test_every_error_of_the_driver_has_one_of_ours(code: int, expected: type[MilepostError] | None) -> None:
    error = sqlite3.DatabaseError("text of SQLite")
    error.sqlite_errorcode = code
    assert type(translate(error)) is (expected or type(None))


def test_a_defect_of_ours_is_not_taken_for_one_of_the_store(store: SqliteStore) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), store.writing() as tx:
        tx._rows("SELECT * FROM nowhere")
