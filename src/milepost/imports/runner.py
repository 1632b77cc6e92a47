"""The import that is running: its file is read and stored piece by piece, one import after another.

Owns the order of reading and storing, and what ends an import. A piece is read while the one before is being stored;
intake takes it behind everything that came over HTTP. Must not know the form of a file.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future

import msgspec
import structlog

from milepost.errors import Invalid, MilepostError, WorkspaceGone
from milepost.imports.desk import Desk
from milepost.imports.reading import Overtaken, Piece, Reading
from milepost.imports.shelf import unwritten
from milepost.ports.state_store import ImportRow, Transaction
from milepost.runtime.definitions import workspace_of
from milepost.runtime.intake import Intake, Result

_log = structlog.get_logger()


class Runner:
    """Drives the imports of a desk. `step` is called by one thread, again at once as long as it answers True."""

    def __init__(self, desk: Desk, intake: Intake, news: threading.Event) -> None:
        self._desk = desk
        self._intake = intake
        self.news = news
        """Set whenever a file may have become complete."""
        self._swept = False
        self._reading: Reading | None = None
        self._held: Piece | None = None
        """A piece of which it is not known that it is stored."""
        self._ahead: Piece | None = None
        """The piece behind it."""
        self._storing: Future[list[Result]] | None = None

    def step(self) -> bool:
        """Read one piece, and store the one before. Answers whether there was anything to do.

        Raises StorageFull, StorageUnavailable and the like; the next step tries the same again.
        """
        if not self._swept:
            self._desk.sweep()
            self._swept = True
        if self._reading is None:
            return self._open()
        reading = self._reading
        try:
            self._go_on(reading)
        except (Overtaken, WorkspaceGone):
            # What is stored says where to go on, if at all.
            self._close()
        except MilepostError as error:
            if not isinstance(error, Invalid):
                raise
            self._fail(reading.row, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the imports behind this one go on
            self._give_up(reading.row, error)
        return True

    def _open(self) -> bool:
        with self._desk.store.reading() as tx:
            rows = tx.running_imports()
            virtual = bool(rows) and workspace_of(tx, rows[0].workspace).clock == "virtual"
        if not rows:
            return False
        row = rows[0]
        if self._desk.shelf.size(row) != row.size:
            message = "The file is not on this machine any more."
            self._fail(row, MilepostError(message, fix="Import it again: what is stored is not stored twice."))
            return True
        try:
            self._reading = Reading(row, self._desk.shelf, virtual=virtual)
        except Invalid as error:
            self._fail(row, error)
        except Exception as error:  # noqa: BLE001 - as above
            self._give_up(row, error)
        return True

    def _go_on(self, reading: Reading) -> None:
        if self._ahead is None and not reading.ended:
            self._ahead = reading.next()
        if self._held is not None:
            storing, self._storing = self._storing or self._store(reading, self._held), None
            try:
                storing.result()
            except OSError as error:
                raise unwritten(error) from error
            self._held = None
        if self._ahead is not None:
            self._held, self._ahead = self._ahead, None
            self._storing = self._store(reading, self._held)
        elif reading.ended:
            self._close()
            self._desk.shelf.remove_file(reading.row)

    def _store(self, reading: Reading, piece: Piece) -> Future[list[Result]]:
        def note(tx: Transaction, results: list[Result]) -> None:
            reading.note(tx, piece, results, self._desk.clock.now())

        return self._intake.submit_behind(reading.row.workspace, piece.items, note)

    def _close(self) -> None:
        self._reading = self._held = self._ahead = self._storing = None

    def _give_up(self, row: ImportRow, error: Exception) -> None:
        _log.exception("an import has failed", id=row.id, exc_info=error)
        message = f"The file cannot be read any further: {type(error).__name__}."
        self._fail(row, MilepostError(message, fix="Look into the server's log; what is stored is not stored twice."))

    def _fail(self, row: ImportRow, error: MilepostError) -> None:
        self._close()
        text = msgspec.json.encode({"message": error.message, "field": error.field, "fix": error.fix}).decode()
        with self._desk.store.writing() as tx:
            found = tx.import_of(row.workspace, row.id)
            if found is None or found.state != "running":
                return
            tx.put_import(found._replace(state="failed", error=text, updated=self._desk.clock.now()))
        self._desk.shelf.remove_file(row)
