"""The embedded driver: chDB through clickhouse-connect.

Owns the connections (one per thread: a shared one mixes up parameters), limits of memory and threads, the folder of
temporary files, and what the folder's errors mean. Must not know tables or questions.
chDB lets one process into a folder, and one folder into a process.
"""

from __future__ import annotations

import contextlib
import errno
import pathlib
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from milepost import errors
from milepost.stores.clickhouse.driver import READING, WHOLE, translated


class Chdb:
    """A folder of chDB. Close it before another folder is opened in this process."""

    def __init__(self, folder: pathlib.Path, *, memory: int = 4 << 30, threads: int = 2) -> None:
        self._folder = folder
        self._temporary = folder / "incoming"
        self._settings = {**READING, "max_memory_usage": memory, "max_threads": threads}
        self._local = threading.local()
        self._clients: list[Client] = []
        self._lock = threading.Lock()
        self._closed = False
        with _translated():
            self._temporary.mkdir(parents=True, exist_ok=True)
            for left_behind in self._temporary.iterdir():
                left_behind.unlink()
        self._client()

    @property
    def folder(self) -> pathlib.Path:
        """Where chDB keeps its files."""
        return self._folder / "chdb"

    def query(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a SELECT."""
        with _translated():
            return [tuple(row) for row in self._client().query(sql, parameters=dict(values or {})).result_rows]

    def command(self, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Run a statement that gives no rows."""
        with _translated():
            self._client().command(sql, parameters=dict(values or {}))

    def insert(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """Store TabSeparated rows whole or not at all."""
        with _translated(), tempfile.NamedTemporaryFile(dir=self._temporary, suffix=".tsv") as file:
            file.write(rows)
            file.flush()
            name = file.name.replace("\\", "\\\\").replace("'", "\\'")
            settings = ", ".join(f"{key} = {value}" for key, value in WHOLE.items())
            into = f"INSERT INTO {table} ({', '.join(columns)}) FROM INFILE '{name}'"
            self._client().command(f"{into} SETTINGS {settings} FORMAT TabSeparated")

    def fence(self) -> None:
        """Nothing to wait for: the folder is this process's, and an insert is over when its call is."""

    def close(self) -> None:
        """Close the connections of all threads; waits for calls in progress."""
        with self._lock:
            self._closed = True
            clients, self._clients = self._clients, []
        for client in clients:
            client.close()

    def _client(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            with self._lock:
                if self._closed:
                    raise errors.StorageUnavailable("The event store is closed.")
                client = clickhouse_connect.get_client(dsn=f"chdb://{self.folder.absolute()}", settings=self._settings)
                self._clients.append(client)
            self._local.client = client
        return client


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        with translated():
            yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise errors.StorageFull from error
        raise errors.StorageUnavailable(f"The event store's folder cannot be used: {error}") from error
