"""What the verbs of every subject stand on: a connection, and sets of keys of any length as arguments.

Owns no table. Measured with 10,000 keys over a million rows: a set handed over as one JSON text reads as fast as
one bound argument per key, 1.2 times as fast as a temporary table and 1.7 times as fast as one statement per key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, LiteralString

import msgspec

#: Later than every instant.
FOREVER: Final = 2**63 - 1
#: Texts per statement. SQLite allows 32,766; more than some hundreds gain nothing.
_CHUNK: Final = 500
_MARKS: Final = "(" + ",".join("?" * _CHUNK) + ")"


class Subject:
    """The verbs of one subject, on the connection of a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _rows(self, sql: LiteralString, *arguments: object) -> list[Any]:
        return self._connection.execute(sql, arguments).fetchall()

    def _row(self, sql: LiteralString, *arguments: object) -> Any:
        """The first row of the answer, or None."""
        return self._connection.execute(sql, arguments).fetchone()

    def _write(self, sql: LiteralString, *arguments: object) -> int:
        """Number of rows changed."""
        return self._connection.execute(sql, arguments).rowcount

    def _write_many(self, sql: LiteralString, rows: Iterable[Sequence[object]]) -> None:
        self._connection.executemany(sql, rows)

    def _rows_in(self, sql: LiteralString, fixed: Sequence[object], texts: Sequence[str]) -> Iterator[Any]:
        """The rows for any number of texts, where the statement says `IN :texts` after its other arguments.

        Texts are not handed over as JSON like keys are: SQLite cuts a text in JSON at a NUL character.
        """
        statement = sql.replace(":texts", _MARKS)
        for start in range(0, len(texts), _CHUNK):
            chunk = texts[start : start + _CHUNK]
            # Filled up with a repetition, so that there is one prepared statement and not five hundred.
            filling = [chunk[0]] * (_CHUNK - len(chunk))
            yield from self._connection.execute(statement, (*fixed, *chunk, *filling))

    def _bump(self, name: LiteralString, to: int | None = None) -> None:
        """Move a number of the store on, by one or up to a value."""
        self._write("UPDATE numbers SET value = max(value, coalesce(?, value + 1)) WHERE name = ?", to, name)

    def _number(self, name: LiteralString) -> int:
        return int(self._row("SELECT value FROM numbers WHERE name = ?", name)[0])


def listed(keys: Iterable[int]) -> str:
    """A set of keys as one argument, for `IN (SELECT value FROM json_each(?))`."""
    return msgspec.json.encode(list(keys)).decode()
