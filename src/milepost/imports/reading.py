"""One file on its way into the store: its rows in pieces, each of which is stored as a whole or not at all.

Owns what a piece is, and what follows from its being stored: how far the import is then, and its rejects. Must not
decide when a piece is read or stored: `runner` does.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from milepost.errors import Invalid, MilepostError
from milepost.imports.desk import mapped
from milepost.imports.shelf import Shelf
from milepost.ingest import files, native
from milepost.ingest.decode import MAX_ITEMS
from milepost.ingest.files import Row
from milepost.ingest.record import Reject, Start, Tally, head
from milepost.ports.arrival import Arrival, Rejection
from milepost.ports.state_store import ImportRow, Transaction
from milepost.runtime.intake import Result, Stored

PIECE: Final = MAX_ITEMS
"""Events that one transaction takes at most: what a request over HTTP may bring, too."""
PIECE_BYTES: Final = 500_000
"""Where a piece ends even with fewer events."""
AT_ONCE: Final = 10_000
"""Rows after which a look at something else is due, though they were passed over."""


CHUNK: Final = 16 << 20
"""Bytes after which one is, though only lines were counted in them."""


class Overtaken(Exception):
    """The import is not where this reading of its file has come to: it was cancelled, or somebody else goes on."""


class Piece(NamedTuple):
    """Rows that follow each other."""

    begin: int
    """Rows of the file before it."""
    end: int
    items: Sequence[Arrival | Rejection]
    rows: Sequence[Row]
    """The row of each item."""
    rejects: Sequence[Reject]
    """Rows that could not be read."""
    left_out: int
    slugged: Counter[str]
    position: int
    """Bytes of the file that have been read."""
    last: bool


class Reading:
    """A file that is read from where its import stands. Raises Invalid when it cannot be read as it was to be."""

    def __init__(self, row: ImportRow, shelf: Shelf, *, virtual: bool) -> None:
        self.row = row
        self._shelf = shelf
        self._virtual = virtual
        self._tally = Tally()
        self._path = shelf.file(row)
        self._at_once = files.seekable(self._path)
        self._line = self._counted = self._number = 0
        self._rows = self._from(row._replace(rows=0, position=0))
        self.ended = False
        """Whether the last piece has been given out."""

    def next(self) -> Piece | None:
        """The next piece; None when this look has passed over rows that were taken before."""
        if self._number < self.row.rows:
            self._pass_over()
            return None
        begin, slugged = self._number, self._tally.slugged.copy()
        rows: list[Row] = []
        parts: list[bytes] = []
        rejects: list[Reject] = []
        left_out = size = 0
        for one in self._rows:
            self._number += 1
            if one is None:
                left_out += 1
            elif isinstance(one, Reject):
                rejects.append(one)
            else:
                rows.append(one)
                parts.append(msgspec.json.encode(one.event))
                size += len(parts[-1])
            enough = len(rows) + len(rejects) >= PIECE or size >= PIECE_BYTES or self._number - begin >= AT_ONCE
            if enough and self._tally.whole:
                break
        else:
            self.ended = True
        items = self._parsed(parts) if parts else []
        return Piece(
            begin, self._number, items, rows, rejects, left_out, self._tally.slugged - slugged,
            self.row.size if self.ended else self._tally.position, self.ended,
        )  # fmt: skip

    def _pass_over(self) -> None:
        """Come nearer to the row where the import stands, as far as one look may take."""
        if self._at_once:
            # Where it stands is known by its byte, but not by its line.
            with self._path.open("rb") as file:
                file.seek(self._counted)
                chunk = file.read(min(CHUNK, self.row.position - self._counted))
            self._counted += len(chunk)
            self._line += chunk.count(b"\n")
            if self._counted == self.row.position:
                self._rows, self._number = self._from(self.row), self.row.rows
            passed = len(chunk)
        else:
            passed = sum(1 for _ in itertools.islice(self._rows, min(AT_ONCE, self.row.rows - self._number)))
            self._number += passed
        if not passed:
            message = "The file is shorter than what was read of it before."
            raise Invalid(message, field="file", fix="Import it again: what is stored is not stored twice.")

    def _from(self, row: ImportRow) -> Iterator[Row | Reject | None]:
        rules, where = mapped(row)
        start = Start(row.rows, self._line, row.position)
        return files.read_on(self._path, rules, where, start=start, name=row.name, tally=self._tally)

    def _parsed(self, parts: Sequence[bytes]) -> list[Arrival | Rejection]:
        try:
            return native.parse(b"[" + b",".join(parts) + b"]", virtual=self._virtual)
        except MilepostError:
            # One of them is too large or too deep for any request: it is rejected, and the others are not.
            return [self._parsed_alone(index, part) for index, part in enumerate(parts)]

    def _parsed_alone(self, index: int, part: bytes) -> Arrival | Rejection:
        try:
            (item,) = native.parse(b"[" + part + b"]", virtual=self._virtual)
        except MilepostError as error:
            return Rejection(index, error.code, error.field or "", error.message, error.fix or "")
        return item._replace(item=index) if isinstance(item, Rejection) else replace(item, item=index)

    def note(self, tx: Transaction, piece: Piece, results: Sequence[Result], now: int) -> None:
        """Write how far the import is with this piece, in the transaction that stores its events. Raises Overtaken."""
        row = tx.import_of(self.row.workspace, self.row.id)
        if row is None or row.state != "running" or row.rows != piece.begin:
            raise Overtaken
        rejects = sorted([*piece.rejects, *_refused(piece, results)], key=lambda one: one.line)
        duplicates = sum(isinstance(result, Stored) and result.duplicate for result in results)
        size = row.rejects
        if rejects:
            lines = b"".join(msgspec.json.encode(one._asdict()) + b"\n" for one in rejects)
            size = self._shelf.put_rejects(row, lines)
        slugged = Counter(msgspec.json.decode(row.slugged, type=dict[str, int])) + piece.slugged
        tx.put_import(
            row._replace(
                rows=piece.end, position=piece.position, rejects=size,
                stored=row.stored + len(results) - duplicates - sum(isinstance(one, Rejection) for one in results),
                duplicates=row.duplicates + duplicates, rejected=row.rejected + len(rejects),
                left_out=row.left_out + piece.left_out, slugged=msgspec.json.encode(slugged).decode(),
                state="finished" if piece.last else "running", updated=now,
            )
        )  # fmt: skip


def _refused(piece: Piece, results: Sequence[Result]) -> list[Reject]:
    """The rows that intake has rejected."""
    return [
        Reject(row.line, one.field, f"{one.message} {one.fix}".strip(), head(msgspec.json.encode(row.event)))
        for row, one in zip(piece.rows, results, strict=True)
        if isinstance(one, Rejection)
    ]
