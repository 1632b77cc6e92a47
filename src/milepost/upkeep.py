"""Backup, restore and examination of a data folder, by its server or by nobody's.

Owns which parts of which store they need. Only what lives in the data folder is copied: a state store that is a server
of its own has its own backups.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import secrets
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Final

from milepost.config import Settings
from milepost.errors import Conflict, MilepostError, NotFound
from milepost.ports.backup import Held
from milepost.runtime.backup import Backups, Known, Manifest, unpack
from milepost.runtime.conservation import Finding
from milepost.runtime.engine import Engine
from milepost.runtime.examination import Check, Part, Report, examined, logical, physical
from milepost.stores.clickhouse import backup as events_backup
from milepost.stores.clickhouse.backup import ChdbCopy
from milepost.stores.clickhouse.chdb import Chdb
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.folder import DataFolder, Owner, new_folder
from milepost.stores.sqlite import SqliteStore
from milepost.stores.sqlite import backup as state_backup
from milepost.stores.sqlite.backup import SqliteCopy
from milepost.stores.sqlite.migrations import HEAD

STATE: Final = "state.sqlite"
EVENTS: Final = "events"


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000


def backups(settings: Settings, engine: Engine, events: Held, folder: DataFolder) -> Backups:
    """What makes backups of a folder that a server owns and writes to."""

    def room(size: int) -> None:
        folder.refuse_when_full(settings.disk_reserve + size)

    state = SqliteCopy(settings.data / STATE)
    return Backups(
        settings.data, state, events, engine.clock, still=engine.projector.standing_still, room=room
    )  # fmt: skip


def refuse_elsewhere(settings: Settings) -> None:
    """Raise Conflict when the state or the events are not in the data folder."""
    if settings.state_store is not None:
        raise Conflict(
            "The state is in PostgreSQL, which has its own backups.", field="state_store",
            fix="Stop the server, then use pg_dump and copy the data folder, both before it starts again.",
        )  # fmt: skip
    if settings.event_store is not None:
        raise Conflict(
            "The events are in ClickHouse, which has its own backups.", field="event_store",
            fix="Stop the server, then use BACKUP DATABASE and copy the data folder, both before it starts again.",
        )  # fmt: skip


@contextlib.contextmanager
def taken(settings: Settings) -> Iterator[tuple[DataFolder, Chdb]]:
    """A folder that nobody owns, taken, and its events as they are.

    Raises NotFound, FolderInUse, StorageUnavailable.
    """
    for there in (settings.data / STATE, settings.data / EVENTS):
        if not there.exists():
            message = f"There is no {'event store' if there.name == EVENTS else 'state'} in {settings.data}."
            raise NotFound(message, field="data", fix="Name the data folder of a server.")
    folder = DataFolder(settings.data, Owner(os.getpid(), "no address", secrets.token_urlsafe(24)))
    try:
        driver = Chdb(settings.data / EVENTS)
        try:
            yield folder, driver
        finally:
            driver.close()
    finally:
        folder.close()


def backup(settings: Settings) -> Generator[bytes, None, None]:
    """The archive of a folder that nobody owns."""
    refuse_elsewhere(settings)
    with taken(settings) as (folder, driver):

        def room(size: int) -> None:
            folder.refuse_when_full(settings.disk_reserve + size)

        state, events = SqliteCopy(settings.data / STATE), ChdbCopy(driver)
        yield from Backups(settings.data, state, events, SystemClock(), room=room).stream()


def restore(source: pathlib.Path, data: pathlib.Path) -> Manifest:
    """Make a data folder from a backup: whole, or not at all.

    Raises Invalid, SchemaTooNew, Conflict, FolderInUse, StorageFull, StorageUnavailable; nothing is left then.
    """
    known = Known(HEAD, events_backup.newest_schema())
    with new_folder(data) as made:
        unpacked = made / "unpacked"
        unpacked.mkdir()
        manifest = unpack(source, unpacked, known)
        state_backup.refuse_unfit(unpacked / STATE)
        driver = Chdb(made / EVENTS)
        try:
            events_backup.put_back(driver, unpacked / EVENTS, manifest.events)
        finally:
            driver.close()
        (unpacked / STATE).rename(made / STATE)
        for rest in sorted(unpacked.rglob("*"), reverse=True):
            rest.rmdir() if rest.is_dir() else rest.unlink()
        unpacked.rmdir()
    return manifest


def parts(settings: Settings, events: ChdbCopy | None, folder: DataFolder) -> list[Part]:
    """What the files and the disk are asked about themselves."""
    room = partial(told, folder.refuse_when_full, settings.disk_reserve)
    found = [Part("disk", "there is room beyond the reserve", room)]
    if events is not None:
        found.insert(0, Part("events file", "every part of the event store is whole", events.damage))
    if settings.state_store is None:
        path = settings.data / STATE
        found.insert(0, Part("state file", "every page of the state is whole", partial(state_backup.examine, path)))
    return found


def told(attempt: Callable[..., object], *arguments: object) -> list[str]:
    """What an attempt says against itself."""
    try:
        attempt(*arguments)
    except MilepostError as error:
        return [error.message]
    return []


def examine(settings: Settings) -> Report:
    """Look into a folder that nobody owns, changing nothing. Raises NotFound, FolderInUse."""
    refuse_elsewhere(settings)
    with taken(settings) as (folder, driver):
        checks = physical(parts(settings, ChdbCopy(driver), folder))
        schemas = _schemas(settings, driver)
        checks.append(Check("schema", "the data has the form that this Milepost knows", schemas))
        if not schemas and not any(check.findings for check in checks if check.name == "state file"):

            def look() -> list[Check]:
                with contextlib.closing(SqliteStore(settings.data / STATE)) as store:
                    return logical(store, ClickHouseEventStore(driver), SystemClock())

            checks += examined("stores", look)
    return Report(checks)


def _schemas(settings: Settings, driver: Chdb) -> list[Finding]:
    found = []
    pairs: tuple[tuple[str, Held, str], ...] = (
        ("state", SqliteCopy(settings.data / STATE), HEAD),
        ("events", ChdbCopy(driver), events_backup.newest_schema()),
    )
    for name, copy, known in pairs:
        try:
            schema = copy.schema
        except MilepostError as error:
            found.append(Finding(name, error.message))
            continue
        if schema > known:
            found.append(Finding(name, f"a newer Milepost has written it: schema {schema}, this one knows {known}"))
        elif schema < known:
            text = f"it has schema {schema or 'none'}; the next `milepost serve` brings it to {known}, then look again"
            found.append(Finding(name, text))
    return found
