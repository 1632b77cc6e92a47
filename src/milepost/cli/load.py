"""A file that a command reads by itself and sends row by row: a replay, or changes of profiles.

Owns the requests, their progress, and the file of rejects. Must not know formats or mappings: `ingest` reads; nor store
anything: the server does.
"""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterable, Iterator
from typing import IO, Final

import msgspec
import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from milepost.cli.connection import Connection
from milepost.cli.output import console
from milepost.errors import Invalid
from milepost.ingest import files
from milepost.ingest.files import Row
from milepost.ingest.record import Reject, Tally

IMPORT: Final = "import"
REPLAY: Final = "replay"
"""Sources of events that name none."""
ANSWERED_BY_ITEM: Final = frozenset({422})
"""Statuses that come with an answer per item."""


def bar() -> Progress:
    """A bar that says what is done, how far it is, and how long it will take."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[news]}"), TimeRemainingColumn(),
        console=console(),
    )  # fmt: skip


def rejects_of(file: pathlib.Path, given: pathlib.Path | None) -> pathlib.Path:
    """Where the rejects of a file go."""
    return file.with_name(f"{file.name}.rejects.jsonl") if given is None else given


def summary(
    file: pathlib.Path, rejects: pathlib.Path, *, stored: int, duplicates: int, left_out: int, rejected: int,
    slugged: dict[str, int],
) -> None:  # fmt: skip
    """Say what became of a file. Exits with 1 when lines were rejected and none was taken."""
    out = console()
    parts = [f"{stored:,} stored"]
    parts += [f"{duplicates:,} were there before"] if duplicates else []
    parts += [f"{left_out:,} left out by --where"] if left_out else []
    parts += [f"{rejected:,} rejected, see {rejects}"] if rejected else []
    out.print(Text(f"{file.name}: {', '.join(parts)}."))
    for field, number in slugged.items():
        out.print(Text(f"{field}: {number:,} values had to be changed by `slug`."))
    if rejected and not stored and not duplicates:
        raise typer.Exit(1)


class Load:
    """One file on its way to the server."""

    def __init__(
        self, server: Connection, path: str, tally: Tally, file: pathlib.Path, rejects: pathlib.Path | None
    ) -> None:
        self._server = server
        self._path = path
        self._tally = tally
        self._file = file
        self._rejects = rejects_of(file, rejects)
        self._open: IO[bytes] | None = None
        self._stored = self._duplicates = self._rejected = 0

    def load(self, read: Iterable[Row | Reject], *, replay: bool = False) -> None:
        """Send everything, then say what became of it."""
        with contextlib.ExitStack() as stack:
            stack.callback(self._close)
            progress = stack.enter_context(bar())
            task = progress.add_task(self._file.name, total=None, news="")
            rows: Iterable[Row] = self._rows(read, progress, task, replay)
            if replay:
                rows = files.sorted_by_time(rows, instants=True)
                progress.update(task, total=len(rows), completed=0)
            for batch in files.batched(rows):
                self._send(batch)
                progress.update(task, news=f"{self._stored + self._duplicates:,} stored")
                if replay:
                    progress.advance(task, len(batch.rows))
            progress.update(task, total=1, completed=1)
        summary(
            self._file, self._rejects, stored=self._stored, duplicates=self._duplicates, rejected=self._rejected,
            left_out=self._tally.left_out, slugged=self._tally.slugged,
        )  # fmt: skip

    def _rows(self, read: Iterable[Row | Reject], progress: Progress, task: TaskID, replay: bool) -> Iterator[Row]:
        for number, row in enumerate(read):
            if number % 1_000 == 0:
                progress.update(task, total=self._tally.size, completed=self._tally.position)
            if isinstance(row, Reject):
                self._reject(row)
            elif replay and row.event["source"] == IMPORT:
                # As an import it would move nobody (D-2.10); a replay is there to move.
                yield row._replace(event={**row.event, "source": REPLAY})
            else:
                yield row

    def _send(self, batch: files.Batch) -> None:
        answer = self._server.post(self._path, batch.body, allow=ANSWERED_BY_ITEM)
        if "items" not in answer:
            raise Invalid(answer["error"]["message"], fix=answer["error"]["fix"])
        self._stored += answer["stored"]
        self._duplicates += answer["duplicates"]
        if answer["rejected"]:
            for row, item in zip(batch.rows, answer["items"], strict=True):
                if error := item.get("error"):
                    text = msgspec.json.encode(row.event).decode()
                    self._reject(Reject(row.line, error["field"] or "", f"{error['message']} {error['fix']}", text))

    def _reject(self, reject: Reject) -> None:
        self._rejected += 1
        if self._open is None:
            self._open = self._rejects.open("wb")
        self._open.write(msgspec.json.encode(reject._asdict()) + b"\n")

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
