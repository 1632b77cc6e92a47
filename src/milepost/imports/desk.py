"""Taking in files to import, saying how far each is, and ending one: the verbs behind the API.

Owns the states `uploading`, `running` and the three ends, and that a piece of a file counts once it is durable. Must
not read a file: `runner` does.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from milepost.errors import Conflict, Invalid, NotFound, TooLarge
from milepost.imports.shelf import Shelf
from milepost.ingest import files, mapping
from milepost.ports.clock import Clock
from milepost.ports.state_store import ImportRow, StateStore, Transaction
from milepost.runtime.definitions import workspace_of

LONGEST_NAME: Final = 200
"""Bytes, so that there is room for the name of its rejects."""
UNDER_WAY: Final = frozenset({"uploading", "running"})


class Mapping(msgspec.Struct, frozen=True):
    """What the columns of a file are, and which rows are read; in the language of `ingest.mapping`."""

    map: tuple[str, ...] = ()
    where: tuple[str, ...] = ()


class New(NamedTuple):
    """A file that somebody wants to have imported."""

    name: str
    size: int
    mapping: Mapping
    fingerprint: str = ""


class Desk:
    """The imports of one data folder."""

    def __init__(
        self,
        store: StateStore,
        clock: Clock,
        shelf: Shelf,
        *,
        room: Callable[[int], None] = lambda size: None,
        complete: Callable[[], None] = lambda: None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.shelf = shelf
        self._room = room
        """Raises StorageFull when so many bytes have no room."""
        self._complete = complete
        """Called when a file is complete, and can be read."""
        self._open = threading.Lock()
        self._receiving: set[str] = set()
        """Imports to which somebody is sending."""

    def begin(self, workspace: int, who: str, new: New) -> ImportRow:
        """A new import, which waits for its file. Raises Invalid, StorageFull, WorkspaceGone."""
        _refuse_name(new.name)
        mapping.rules(new.mapping.map)
        mapping.where(new.mapping.where)
        self._room(new.size)
        now = self.clock.now()
        row = ImportRow(
            f"i-{secrets.token_hex(6)}", workspace, who, new.name, msgspec.json.encode(new.mapping).decode(),
            new.fingerprint, "uploading", new.size, 0, 0, 0, 0, 0, 0, 0, "{}", 0, now, now, "",
        )  # fmt: skip
        with self.store.writing() as tx:
            workspace_of(tx, workspace)
            tx.put_import(row)
        return row

    def one(self, workspace: int, id: str) -> ImportRow:
        """How far it is. Raises NotFound."""
        with self.store.reading() as tx:
            return import_of(tx, workspace, id)

    def newest(self, workspace: int, limit: int) -> list[ImportRow]:
        """The newest imports of a workspace, newest first."""
        with self.store.reading() as tx:
            return tx.imports(workspace, limit=limit)

    @contextlib.contextmanager
    def receiving(self, workspace: int, id: str, offset: int) -> Iterator[Receipt]:
        """Take in bytes of the file from `offset` on, which must be where it ends so far; one sender at a time.

        Raises NotFound, Conflict.
        """
        with self._open:
            if id in self._receiving:
                message = "Somebody is sending to this import at the moment."
                raise Conflict(message, fix="Ask how far it is, and go on from there when they have ended.")
            self._receiving.add(id)
        try:
            yield Receipt(self, self._at(workspace, id, offset))
        finally:
            with self._open:
                self._receiving.discard(id)

    def _at(self, workspace: int, id: str, offset: int) -> ImportRow:
        row = self.one(workspace, id)
        _refuse_ended(row)
        here = self.shelf.size(row)
        if here < row.received:
            # It was restored from a backup, or another machine goes on: files stay where they are.
            with self.store.writing() as tx:
                row = import_of(tx, workspace, id)
                _refuse_ended(row)
                row = row._replace(received=here)
                tx.put_import(row)
        if offset != row.received:
            message = f"The server has {row.received:,} bytes of the file, and this piece begins at {offset:,}."
            fix = f"Go on at {row.received}."
            raise Conflict(message, field="offset", fix=fix, details=[{"received": row.received}])
        return row

    def keep(self, row: ImportRow, piece: bytes) -> ImportRow:
        """Make a piece of the file durable; with the last one the import begins to run.

        Raises TooLarge, Conflict, NotFound, StorageFull, StorageUnavailable.
        """
        end = row.received + len(piece)
        if end > row.size:
            message = f"The file was to have {row.size:,} bytes, and there are more."
            raise TooLarge(message, fix="Begin a new import that says the right size.")
        self._room(len(piece))
        self.shelf.put(row, row.received, piece)
        try:
            with self.store.writing() as tx:
                found = import_of(tx, row.workspace, row.id)
                _refuse_ended(found)
                state = found._replace(
                    received=end, updated=self.clock.now(), state="running" if end == row.size else "uploading"
                )
                tx.put_import(state)
        except NotFound:
            # It was deleted meanwhile, or, below, cancelled: then nobody else would remove what has just come.
            self.shelf.remove(row.id)
            raise
        except Conflict:
            self.shelf.remove_file(row)
            raise
        if state.state == "running":
            self._complete()
        return state

    def cancel(self, workspace: int, id: str) -> ImportRow:
        """End an import where it is: what it has stored stays. Raises NotFound, Conflict."""
        with self.store.writing() as tx:
            row = import_of(tx, workspace, id)
            if row.state not in UNDER_WAY:
                message = f"The import is {row.state}."
                raise Conflict(message, fix="There is nothing left to cancel.")
            row = row._replace(state="cancelled", updated=self.clock.now())
            tx.put_import(row)
        self.shelf.remove_file(row)
        return row

    def delete(self, workspace: int, id: str) -> None:
        """Forget an import and its rejects; what it has stored stays. Raises NotFound, Conflict."""
        with self.store.writing() as tx:
            if import_of(tx, workspace, id).state == "running":
                raise Conflict("The import is running.", fix="Cancel it first.")
            tx.delete_import(id)
        self.shelf.remove(id)

    def sweep(self) -> None:
        """Remove what a crash has left: files of imports that have ended, and what belongs to none."""
        with self.store.reading() as tx:
            rows = {row.id: row for one in tx.workspaces() for row in tx.imports(one.key, limit=1_000_000)}
        for id in self.shelf.ids():
            row = rows.get(id)
            if row is None:
                self.shelf.remove(id)
            elif row.state not in UNDER_WAY:
                self.shelf.remove_file(row)


class Receipt:
    """Bytes of a file that are coming in."""

    def __init__(self, desk: Desk, row: ImportRow) -> None:
        self._desk = desk
        self.row = row
        """How far it is now."""

    def keep(self, piece: bytes) -> None:
        """Make the next bytes durable; see `Desk.keep`."""
        self.row = self._desk.keep(self.row, piece)


def import_of(tx: Transaction, workspace: int, id: str) -> ImportRow:
    """The import. Raises NotFound."""
    row = tx.import_of(workspace, id)
    if row is None:
        message = f"There is no import `{id}`."
        raise NotFound(message)
    return row


def mapped(row: ImportRow) -> tuple[Sequence[mapping.Rule], Sequence[mapping.Where]]:
    """The rules of an import."""
    said = msgspec.json.decode(row.mapping, type=Mapping)
    return mapping.rules(said.map), mapping.where(said.where)


def _refuse_name(name: str) -> None:
    if not name.isprintable() or "/" in name or name.startswith(".") or len(name.encode()) > LONGEST_NAME:
        message = "This cannot be the name of a file."
        raise Invalid(message, field="name", fix=f"Send its name without its folder, at most {LONGEST_NAME} bytes.")
    try:
        files.refuse_unknown(name)
    except Invalid as error:
        raise Invalid(error.message, field="name", fix=error.fix) from None


def _refuse_ended(row: ImportRow) -> None:
    if row.state != "uploading":
        message = f"The import is {row.state}: it takes no more of its file."
        raise Conflict(message, fix="Ask how far it is; begin another one for another file.")
