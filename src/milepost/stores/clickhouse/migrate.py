"""Migrations of the event store: numbered `.sql` files, applied in order, recorded in a table.

Owns how they are found and applied. ClickHouse has no transactional DDL: a statement that a crash left half of a
migration is repeated, so every statement must bear that (`IF NOT EXISTS`).
"""

from __future__ import annotations

import importlib.resources
import re
from typing import Final

from milepost.stores.clickhouse.driver import Driver
from milepost.stores.clickhouse.sql import QUERIES

_FILE: Final = re.compile(r"(\d{4})_(\w+)\.sql")
_COMMENT: Final = re.compile(r"^\s*--.*$", re.MULTILINE)


def migrate(driver: Driver, up_to: int | None = None) -> list[int]:
    """Apply what is missing, up to a number or all; the numbers that were applied now."""
    driver.command(QUERIES["migrations"])
    done = {number for (number,) in driver.query(QUERIES["applied"])}
    applied = []
    for number, name, text in migrations():
        if number in done or (up_to is not None and number > up_to):
            continue
        for statement in filter(str.strip, _COMMENT.sub("", text).split(";")):
            driver.command(statement.strip())
        driver.command(QUERIES["record_migration"], {"number": number, "name": name})
        applied.append(number)
    return applied


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and text of every migration, in order."""
    folder = importlib.resources.files(__package__).joinpath("migrations")
    found = []
    for entry in folder.iterdir():
        match = _FILE.fullmatch(entry.name)
        if match is not None:
            found.append((int(match[1]), match[2], entry.read_text(encoding="utf-8")))
    return sorted(found)
