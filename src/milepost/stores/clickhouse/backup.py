"""A copy of the event store as of one moment, putting it back, and whether its parts are whole.

Owns FREEZE and ATTACH: chDB refuses BACKUP. A frozen part is a second name for files that never change. Must not know
what is in the tables.
"""

from __future__ import annotations

import contextlib
import pathlib
import secrets
import shutil
from collections.abc import Iterator
from typing import Final

from milepost.errors import StorageUnavailable
from milepost.ports.backup import Piece, Pieces
from milepost.ports.event_store import COLUMNS
from milepost.stores.clickhouse.chdb import Chdb
from milepost.stores.clickhouse.migrate import migrate, migrations
from milepost.stores.clickhouse.sql import QUERIES

FOLDER: Final = "events"
PREFIX: Final = "milepost_"


class ChdbCopy:
    """The tables of a driver."""

    def __init__(self, driver: Chdb) -> None:
        self._driver = driver
        self._shadow = driver.folder / "shadow"

    @property
    def schema(self) -> str:
        """Number of the newest migration that was applied."""
        applied = [number for (number,) in self._driver.query(QUERIES["applied"])]
        return f"{max(applied, default=0):04}"

    @contextlib.contextmanager
    def held(self) -> Iterator[Pieces]:
        """Nothing is copied at the begin: parts get a second name, and keep it until the block ends."""
        self._forget()
        name = PREFIX + secrets.token_hex(4)
        try:
            for table in COLUMNS:
                # The grammar wants a literal here, and below: names are of letters, digits and underscores.
                self._driver.command(f"ALTER TABLE {table} FREEZE WITH NAME '{name}_{table}'")
                ((rows,),) = self._driver.query(f"SELECT count() FROM {table}")
                if rows and not (self._shadow / f"{name}_{table}").exists():
                    raise StorageUnavailable(f"The event store has not frozen the table {table} where it was expected.")
            yield lambda scratch: [piece for table in COLUMNS for piece in self._pieces(name, table)]
        finally:
            self._forget()

    def damage(self) -> list[str]:
        """Which parts are damaged, by the checksums that were written with them."""
        found = []
        for table in COLUMNS:
            rows = self._driver.query(QUERIES["check"], {"table": table})
            # The driver takes this answer apart at the wrong places: together its pieces are the lines again.
            for line in "\t".join(map(str, rows[0] if rows else ())).splitlines():
                part, whole, message = (*line.split("\t"), "", "")[:3]
                if whole == "0":
                    found.append(f"{table}: part {part} is damaged: {message.partition(' (version')[0]}")
        return found

    def _pieces(self, name: str, table: str) -> Iterator[Piece]:
        for part in sorted((self._shadow / f"{name}_{table}").glob("store/*/*/*")):
            for path in sorted(part.rglob("*")):
                if path.is_file():
                    yield Piece(f"{FOLDER}/{table}/{part.name}/{path.relative_to(part).as_posix()}", path)

    def _forget(self) -> None:
        """Let go of what was frozen, by this process or by one that was killed."""
        for frozen in self._shadow.glob(f"{PREFIX}*"):
            shutil.rmtree(frozen)


def put_back(driver: Chdb, parts: pathlib.Path, schema: str) -> None:
    """Make the tables of a new, empty store as they were at `schema`, and move the parts in `parts/TABLE/PART` in."""
    migrate(driver, up_to=int(schema))
    for table in COLUMNS:
        ((home,),) = driver.query(QUERIES["home"], {"table": table})
        for part in sorted((parts / table).glob("*")):
            part.rename(pathlib.Path(home) / "detached" / part.name)
            driver.command(f"ALTER TABLE {table} ATTACH PART '{part.name}'")


def newest_schema() -> str:
    """The newest form that this Milepost knows."""
    return f"{migrations()[-1][0]:04}"
