"""What the event store asks of a driver, and what all drivers share.

Owns the settings under which SQL means the same everywhere, and the translation of ClickHouse's errors. Must not know
tables or questions, nor how a driver connects.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

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


class Driver(Protocol):
    """A way to one database. Any thread may call; every method raises StorageFull and StorageUnavailable."""

    def query(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a SELECT."""

    def command(self, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Run a statement that gives no rows."""

    def insert(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """Store TabSeparated rows whole or not at all."""

    def fence(self) -> None:
        """Inserts that anybody has begun before are there when this ends, or will never be."""

    def close(self) -> None:
        """Close all connections; waits for calls in progress."""


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise our errors in place of ClickHouse's."""
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
