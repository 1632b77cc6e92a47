"""A private PostgreSQL server for the tests: its own folder, its own socket, no network, gone when they end."""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Final

import psycopg
import pytest

import dev
from milepost.stores.postgresql import PostgresqlStore

POSTGRES: Final = dev.POSTGRESQL.find(os.environ)
"""Found before the tests are kept from the tester's own variables."""
LACKING: Final = "There is no PostgreSQL server. `python3 dev.py test` installs it, or says how."
#: Nothing here outlives the tests, so nothing has to be on the disk.
SETTINGS: Final = (
    "listen_addresses=", "fsync=off", "full_page_writes=off", "autovacuum=off", "max_connections=60",
    "shared_buffers=64MB", "max_wal_size=4GB",
)  # fmt: skip
TIMEOUT: Final = 60


class Server:
    """A server that runs, and the databases on it."""

    def __init__(self, programs: pathlib.Path, folder: pathlib.Path) -> None:
        self._programs = programs
        self.folder = folder
        self._shared = ""
        self._numbers = ""
        """Brings the numbers of the store back to their beginning."""
        self._store: PostgresqlStore | None = None
        self._names = map("t{}".format, itertools.count())
        # It refuses to run as root: Debian's package makes an account for it.
        self._account = "postgres" if os.geteuid() == 0 else None

    def start(self) -> None:
        """Make the server and start it."""
        if self._account:
            shutil.chown(self.folder, self._account, self._account)
        self._call("initdb", "-D", self._data, "-U", "milepost", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={self.folder}"))
        self._call("pg_ctl", "start", "-w", "-D", self._data, "-l", self.folder / "log", "-o", options)

    def stop(self) -> None:
        if self._store is not None:
            self._store.close()
        self._call("pg_ctl", "stop", "-m", "immediate", "-D", self._data)

    def address(self, database: str) -> str:
        """The address of a database, as the settings take it."""
        return f"postgresql:///{database}?host={self.folder}&user=milepost"

    def create_database(self, *, template: str = "template1") -> str:
        """A new database, empty or like another one that nobody uses; answers with its address."""
        name = next(self._names)
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def emptied(self) -> str:
        """The address of the one database with our tables that the tests share, with nothing in it.

        Many times as fast as a new one.
        """
        self.empty_store()
        return self._shared

    def empty_store(self) -> PostgresqlStore:
        """A store over that database, which is not closed: a property test can have it for each example."""
        if self._store is None:
            self._shared = self.create_database()
            self._store = PostgresqlStore(self._shared)
            with self._store.reading() as tx:
                cases = " ".join(f"WHEN '{name}' THEN {value}" for name, value in tx._rows("SELECT * FROM numbers"))
            self._numbers = f"UPDATE numbers SET value = CASE name {cases} ELSE 0 END"
        with self._store.writing() as tx:
            tables = tx._rows(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind = 'r' AND relname NOT IN ('alembic_version', 'numbers')"
            )
            statements = [f"DELETE FROM {name}" for (name,) in tables]
            tx._connection.execute(";".join([*statements, self._numbers]).encode(), prepare=False)
        return self._store

    def run(self, statement: str) -> None:
        """Run one statement of the server's administrator."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def _data(self) -> pathlib.Path:
        return self.folder / "data"

    def _call(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=TIMEOUT, check=False,
            user=self._account, group=self._account, extra_groups=[] if self._account else None,
        )  # fmt: skip
        assert done.returncode == 0, f"{program} failed: {done.stdout}{done.stderr}"


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server for as long as the block lasts. Skips the test where there is no PostgreSQL, and fails it under CI."""
    if POSTGRES is None:
        if os.environ.get("CI"):
            pytest.fail(LACKING)
        pytest.skip(LACKING)
    # A socket's path may have 107 characters: pytest's folders are too deep.
    with tempfile.TemporaryDirectory(prefix="milepost-") as name:
        server = Server(pathlib.Path(POSTGRES).parent, pathlib.Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop()
