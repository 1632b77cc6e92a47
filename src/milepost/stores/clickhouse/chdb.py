"""The embedded driver: chDB through clickhouse-connect.

Owns the connections (one per thread: a shared one mixes up parameters), limits of memory and threads, the folder of
temporary files, and the translation of errors. Must not know tables or questions.
chDB lets one process into a folder, and one folder into a process.
"""

from __future__ import annotations

import contextlib
import errno
import pathlib
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from milepost import errors

#: How JSON is read: exactly as it is typed, nothing guessed, of two spellings of one name the first.
READING: Final[dict[str, Any]] = {
    "input_format_try_infer_dates": 0,
    "input_format_try_infer_datetimes": 0,
    "input_format_json_read_bools_as_numbers": 0,
    "input_format_json_read_bools_as_strings": 0,
    "input_format_json_read_numbers_as_strings": 0,
    "input_format_json_read_arrays_as_strings": 0,
    "input_format_json_try_infer_numbers_from_strings": 0,
    "input_format_json_infer_array_of_dynamic_from_array_of_different_types": 1,
    "type_json_skip_duplicated_paths": 1,
    "output_format_json_quote_64bit_integers": 0,
    # A condition may have hundreds of comparisons, and a funnel twenty conditions.
    "max_query_size": 16 << 20,
    "max_ast_elements": 1_000_000,
    "max_expanded_ast_elements": 5_000_000,
}
#: One insert is one block, and one block is one part: there whole or not at all (below 1,048,449 rows and 256 MB).
WHOLE: Final[dict[str, Any]] = {
    "input_format_parallel_parsing": 0,
    "max_insert_block_size": 1_048_449,
    "min_insert_block_size_rows": 1_048_449,
    "min_insert_block_size_bytes": 268_435_456,
    "max_insert_threads": 1,
}
_NAME: Final = re.compile(r"\(([A-Z][A-Z_]+)\)")
_FULL: Final = frozenset({243, 482})  # NOT_ENOUGH_SPACE, and what a failed fallocate becomes
_TOO_MUCH: Final = frozenset({158, 159, 160, 241, 307, 396})  # limits of rows, time, memory, bytes


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
        yield
    except ClickHouseError as error:
        code = getattr(error, "code", None)
        if code in _FULL or "No space left on device" in str(error):
            raise errors.StorageFull from error
        if code in _TOO_MUCH:
            raise errors.StorageUnavailable(
                "The question needs more memory or time than the store allows.",
                fix="Ask about a shorter period or fewer groups.",
            ) from error
        # Its text quotes what it could not read: of that the name alone is fit for logs and answers.
        name = _NAME.findall(str(error))
        message = f"The event store refused: {name[-1] if name else 'error'} ({code})."
        raise errors.StorageUnavailable(message) from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise errors.StorageFull from error
        raise errors.StorageUnavailable(f"The event store's folder cannot be used: {error}") from error
