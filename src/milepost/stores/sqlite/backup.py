"""A copy of the state database as of one moment, and whether a file is one.

Owns how SQLite is copied while it is written. Must not know tables.
"""

from __future__ import annotations

import contextlib
import pathlib
import sqlite3
from collections.abc import Iterator
from typing import Final

from milepost.errors import SchemaTooNew, StorageUnavailable
from milepost.ports.backup import Piece, Pieces
from milepost.stores.sqlite import migrations
from milepost.stores.sqlite.connection import connect, translated

NAME: Final = "state.sqlite"
MOST_COMPLAINTS: Final = 5


class SqliteCopy:
    """The database at `path`."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path

    @property
    def schema(self) -> str:
        """The database's own revision."""
        with translated(), contextlib.closing(connect(self._path, writes=False)) as connection:
            return migrations.revision(connection) or ""

    @contextlib.contextmanager
    def held(self) -> Iterator[Pieces]:
        """What is written from now on is not seen; the log file grows until the block ends."""
        with translated(), contextlib.closing(connect(self._path, writes=False)) as connection:
            connection.execute("BEGIN")
            # BEGIN alone takes no snapshot: the first read does. The copy is made within it, in one go.
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

            def pieces(scratch: pathlib.Path) -> list[Piece]:
                copy = scratch / NAME
                with contextlib.closing(sqlite3.connect(copy)) as target:
                    connection.backup(target)
                return [Piece(NAME, copy)]

            yield pieces


def refuse_unfit(path: pathlib.Path) -> None:
    """Raise SchemaTooNew for a newer database, StorageUnavailable for one that is damaged or none of ours."""
    with translated(), contextlib.closing(connect(path, writes=False)) as connection:
        found = migrations.revision(connection)
        complaints = damage(connection)
    if found is None:
        raise StorageUnavailable(f"{path} is not a database of Milepost.")
    if found > migrations.HEAD:
        raise SchemaTooNew(f"The state database has schema {found}; this Milepost knows up to {migrations.HEAD}.")
    if complaints:
        raise StorageUnavailable(f"The state database is damaged: {complaints[0]}.")


def examine(path: pathlib.Path) -> list[str]:
    """What is wrong with the pages of a database; empty when nothing is."""
    try:
        with contextlib.closing(connect(path, writes=False)) as connection:
            return damage(connection)
    except sqlite3.DatabaseError as error:
        return [str(error)]


def damage(connection: sqlite3.Connection) -> list[str]:
    """What SQLite finds when it reads every page and compares every index with its table."""
    rows = connection.execute(f"PRAGMA integrity_check({MOST_COMPLAINTS})").fetchall()
    return [text for (text,) in rows if text != "ok"]
