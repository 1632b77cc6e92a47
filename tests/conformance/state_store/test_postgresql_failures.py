"""PostgreSQL when the server, the connection or another process fails: what was committed stays, the store goes on."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors

from milepost.errors import Conflict, MilepostError, StorageFull, StorageUnavailable
from milepost.ports.state_store import StateStore
from milepost.stores.postgresql import PostgresqlStore, writer
from milepost.stores.postgresql.connection import translate
from tests.conformance.state_store import rows
from tests.postgresql import Server
from tests.relay import Relay, relaying

WRITER = """
import sys
from milepost.stores.postgresql import PostgresqlStore
from tests.conformance.state_store import rows

store = PostgresqlStore(sys.argv[1])
store.reserve("run", 7)
with store.writing() as tx:
    tx.put_runs([rows.run(1)])
try:
    with store.writing() as tx:
        tx.put_runs([rows.run(key) for key in range(2, 10_000)])
        print("ready", flush=True)
        sys.stdin.readline()
except Exception as error:
    print(type(error).__name__)
"""


@pytest.fixture
def address(postgresql: Server) -> str:
    return postgresql.emptied()


@pytest.fixture
def store(address: str) -> Iterator[PostgresqlStore]:
    with contextlib.closing(PostgresqlStore(address)) as made:
        yield made


@pytest.fixture
def relay(postgresql: Server) -> Iterator[Relay]:
    with (
        tempfile.TemporaryDirectory(prefix="milepost-") as name,
        relaying(postgresql.folder, pathlib.Path(name)) as made,
    ):
        yield made


@contextlib.contextmanager
def another_process(address: str) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a write."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", WRITER, address]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def run_keys(store: StateStore) -> list[int]:
    with store.reading() as tx:
        return [row.key for row in tx.runs_of_journey(1, limit=100)]


def cut_connections(address: str) -> None:
    """End every session of this database, as a restart of the server does."""
    with psycopg.connect(address) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
        assert ended


def test_what_was_committed_is_there_after_a_restart(address: str) -> None:
    with contextlib.closing(PostgresqlStore(address)) as store:
        first = store.reserve("profile", 5)
        with store.writing() as tx:
            tx.put_runs([rows.run(1)])
    with contextlib.closing(PostgresqlStore(address)) as store:
        assert run_keys(store) == [1]
        assert store.reserve("profile", 1) == first + 5


def test_a_killed_process_leaves_what_it_had_committed(store: PostgresqlStore, address: str) -> None:
    with another_process(address) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    with store.writing() as tx:
        tx.put_runs([rows.run(10_001)])
    assert run_keys(store) == [1, 10_001]
    assert store.reserve("run", 1) == 8


def test_lost_connections_are_opened_again_at_the_next_use(store: PostgresqlStore, address: str) -> None:
    with store.reading(), store.reading():  # two that will be idle
        pass
    cut_connections(address)
    with store.writing() as tx:
        tx.put_runs([rows.run(1)])
    assert run_keys(store) == [1]
    cut_connections(address)
    assert store.reserve("run", 1) == 1


def test_a_block_whose_connection_is_lost_leaves_nothing(store: PostgresqlStore, address: str) -> None:
    def write(*keys: int) -> None:
        with store.writing() as tx:
            for key in keys:
                tx.put_runs([rows.run(key)])
                cut_connections(address)

    def read() -> None:
        with store.reading() as tx:
            cut_connections(address)
            tx.runs_of_journey(1, limit=1)

    for block in (
        functools.partial(write, 1, 2),
        functools.partial(write, 3),
        read,
    ):  # the second is noticed by the commit alone
        with pytest.raises(StorageUnavailable):
            block()
    assert run_keys(store) == []
    with store.writing() as tx:
        tx.put_runs([rows.run(4)])
    assert run_keys(store) == [4]


def test_a_commit_whose_answer_was_lost_is_known_to_have_happened(
    postgresql: Server, address: str, relay: Relay
) -> None:
    with contextlib.closing(PostgresqlStore(address.replace(str(postgresql.folder), str(relay.folder)))) as store:
        relay.loses = "answer"
        with store.writing() as tx:
            tx.put_runs([rows.run(1)])
        relay.loses = "question"
        with pytest.raises(StorageUnavailable), store.writing() as tx:
            tx.put_runs([rows.run(2)])
        relay.loses = "nothing"
        assert run_keys(store) == [1]
        with store.writing() as tx:
            tx.put_runs([rows.run(3)])
        assert run_keys(store) == [1, 3]


def test_where_nobody_can_be_asked_it_is_said_that_it_is_not_known(
    postgresql: Server, address: str, relay: Relay
) -> None:
    with contextlib.closing(PostgresqlStore(address.replace(str(postgresql.folder), str(relay.folder)))) as store:
        relay.loses, relay.refuses = "answer", True
        with pytest.raises(StorageUnavailable, match="is not known"), store.writing() as tx:
            tx.put_runs([rows.run(1)])
        with pytest.raises(StorageUnavailable), store.reading():
            pass
        with pytest.raises(StorageUnavailable):
            store.reserve("run", 1)
        relay.loses, relay.refuses = "nothing", False
        assert run_keys(store) == [1]
        assert store.reserve("run", 1) == 1


def test_a_stopped_process_in_the_middle_of_a_write_does_not_stop_the_others(
    store: PostgresqlStore, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LOCK_TIMEOUT", 0)
    store._writer._connection.execute("SET lock_timeout = '50ms'")
    with another_process(address) as process:
        process.send_signal(signal.SIGSTOP)
        with store.writing() as tx:
            tx.put_runs([rows.run(10_001)])
        process.send_signal(signal.SIGCONT)
        assert process.communicate("\n", timeout=20)[0] == "StorageUnavailable\n"
    assert run_keys(store) == [1, 10_001]


def test_another_process_that_writes_for_too_long(store: PostgresqlStore, address: str) -> None:
    store._writer._connection.execute("SET lock_timeout = '50ms'")
    with contextlib.closing(PostgresqlStore(address)) as other:
        with other.writing() as tx:
            tx.put_runs([rows.run(1)])
            with pytest.raises(StorageUnavailable, match="lock timeout"), store.writing():
                pass
        with store.writing() as tx:
            assert [row.key for row in tx.runs_of_journey(1, limit=9)] == [1]


def test_writers_of_two_processes_take_turns(store: PostgresqlStore, address: str) -> None:
    with contextlib.closing(PostgresqlStore(address)) as other:
        for writes in (store, other, store):
            with writes.writing() as tx:
                (found,) = tx.runs_of_profiles(1, [1]) or [rows.run(1, due=0)]
                tx.put_runs([found._replace(due=(found.due or 0) + 1)])
        with other.reading() as tx:
            assert tx.next_due([1]) == 3
        assert [store.reserve("run", 2), other.reserve("run", 2)] == [1, 3]


def test_a_block_that_goes_on_after_a_refusal_commits_nothing_and_says_so(store: PostgresqlStore) -> None:
    with store.writing() as tx:
        tx.append_inputs([rows.entry(1)])

    def write() -> None:
        with store.writing() as tx:
            tx.put_runs([rows.run(1)])
            with contextlib.suppress(psycopg.Error):
                tx.append_inputs([rows.entry(1)])

    with pytest.raises(RuntimeError, match="has to end"):
        write()
    assert run_keys(store) == []


def test_a_server_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(StorageUnavailable, match="cannot be used at the moment"):
        PostgresqlStore(f"postgresql:///milepost?host={tmp_path}")


@pytest.mark.parametrize(
    "address",
    ["postgresql://me:hunter2@[half", "postgresql://me:hunter2@host/database?colour=hunter2", "host=a hunter2"],
)
def test_an_address_that_cannot_be_read_is_not_repeated(address: str) -> None:
    with pytest.raises(StorageUnavailable) as refused:
        PostgresqlStore(address)
    told: BaseException | None = refused.value
    while told is not None:
        assert "hunter2" not in f"{told} {told!r}"
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)


@pytest.mark.parametrize("end", ["a", "b"])
def test_long_ids_that_differ_in_their_ends_are_told_apart(store: PostgresqlStore, end: str) -> None:
    # No compression makes room for them in an index.
    long = secrets.token_hex(4_000)
    ids = [long + "a", long + "b", long[:500], "short"]
    with store.writing() as tx:
        assert tx.remember_ids(1, [long + end], expires=9) == set()
        tx.add_cause_starts(1, {long + end: 2}, expires=9)
        assert tx.known_ids(1, ids) == {long + end}
        assert tx.cause_starts(1, ids) == {long + end: 2}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("53100", StorageFull),
        ("53300", StorageUnavailable),
        ("57P01", StorageUnavailable),
        ("08006", StorageUnavailable),
        ("58030", StorageUnavailable),
        ("25006", StorageUnavailable),
        ("42501", StorageUnavailable),
        ("55P03", StorageUnavailable),
        ("XX001", StorageUnavailable),
        ("XX002", StorageUnavailable),
        ("23505", Conflict),
        ("23503", Conflict),
        ("42P01", None),
        ("22003", None),
        ("21000", None),
    ],
)
def test_every_error_of_the_server_has_one_of_ours(code: str, expected: type[MilepostError] | None) -> None:
    assert type(translate(errors.lookup(code)("text of PostgreSQL"))) is (expected or type(None))


def test_a_defect_of_ours_is_not_taken_for_one_of_the_store(store: PostgresqlStore) -> None:
    with pytest.raises(psycopg.ProgrammingError, match="nowhere"), store.writing() as tx:
        tx._rows("SELECT * FROM nowhere")
