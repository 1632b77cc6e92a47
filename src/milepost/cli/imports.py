"""`milepost import`: past events and profiles from a file, in a stream (D-2.10).

Owns the walk through a file: requests, progress, and the file of rejects. Must not know formats or mappings: `ingest`
reads; nor store anything: the server does.
"""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterable, Iterator
from typing import IO, Annotated, Final

import msgspec
import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from milepost.cli.connection import DATA, Connection, Data, Key, Url, Workspace, connect
from milepost.cli.output import console
from milepost.cli.workspaces import follow
from milepost.errors import Conflict, Invalid
from milepost.ingest import files, mapping
from milepost.ingest.files import Row
from milepost.ingest.record import Reject, Tally

IMPORT: Final = "import"
REPLAY: Final = "replay"
"""Sources of events that name none."""
ANSWERED_BY_ITEM: Final = frozenset({422})
"""Statuses that come with an answer per item."""

app = typer.Typer(no_args_is_help=True, help="Load a file.")
Source = Annotated[
    pathlib.Path,
    typer.Argument(
        help="CSV (.csv, .tsv), JSON lines (.jsonl, .ndjson), each also with .gz; or Parquet.", show_default=False
    ),
]
Rejects = Annotated[
    pathlib.Path | None, typer.Option(help="Where lines that are not taken go, with reasons. [FILE.rejects.jsonl]")
]


@app.command()
def events(
    file: Source,
    map: Annotated[list[str], typer.Option(help="FIELD=COLUMN[:CONVERTER...] or FIELD:=TEXT")] = [],  # noqa: B006
    where: Annotated[list[str], typer.Option(help="COLUMN=VALUE or COLUMN!=VALUE")] = [],  # noqa: B006
    rejects: Rejects = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Into a virtual workspace: in order of time, each event at its own time.")
    ] = False,
    run: Annotated[bool, typer.Option("--run", help="After --replay, let the clock run to the end.")] = False,
    url: Url = None,
    key: Key = None,
    data: Data = DATA,
    workspace: Workspace = None,
) -> None:
    """Load events. Reading the same file twice stores nothing twice."""
    if run and not replay:
        raise Invalid("--run belongs to --replay.", field="run", fix="Add --replay, or leave --run out.")
    tally = Tally()
    read = files.read(file, mapping.rules(map), mapping.where(where), tally=tally)
    with connect(url, key, data, workspace) as server:
        if replay and (state := server.get("/workspace"))["clock"] == "real":
            message = f"The clock of the workspace `{state['name']}` is real; a replay needs a virtual one."
            raise Conflict(message, fix="Make one with `milepost workspaces create NAME --clock virtual`.")
        _Load(server, "/events", tally, file, rejects).load(read, replay=replay)
        if run:
            follow(server, "end")
        elif replay:
            console().print("Nothing has been taken yet: `milepost run --end` lets the clock run.", markup=False)


@app.command()
def profiles(
    file: Annotated[pathlib.Path, typer.Argument(help="JSON lines: each a change of a profile.", show_default=False)],
    rejects: Rejects = None,
    url: Url = None,
    key: Key = None,
    data: Data = DATA,
    workspace: Workspace = None,
) -> None:
    """Load changes of profiles: attributes, tags, consents. Each line is what POST /api/v1/profiles takes."""
    if {".csv", ".tsv", ".parquet"} & set(file.suffixes):
        raise Invalid("Profiles are loaded from JSON lines.", field="file", fix="Give a .jsonl file, also with .gz.")
    tally = Tally()
    read = files.read(file, tally=tally)
    with connect(url, key, data, workspace) as server:
        _Load(server, "/profiles", tally, file, rejects).load(map(_change, read))


def _change(row: Row | Reject) -> Row | Reject:
    """Reading gives every row an id, which a change does not have."""
    if isinstance(row, Reject):
        return row
    return row._replace(event={name: value for name, value in row.event.items() if name != "id"})


class _Load:
    """One file on its way to the server."""

    def __init__(
        self, server: Connection, path: str, tally: Tally, file: pathlib.Path, rejects: pathlib.Path | None
    ) -> None:
        self._server = server
        self._path = path
        self._tally = tally
        self._file = file
        self._rejects = file.with_name(f"{file.name}.rejects.jsonl") if rejects is None else rejects
        self._open: IO[bytes] | None = None
        self.stored = self.duplicates = self.rejected = 0

    def load(self, read: Iterable[Row | Reject], *, replay: bool = False) -> None:
        """Send everything, then say what became of it. Exits with 1 when lines were rejected and none was taken."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[news]}"),
            TimeRemainingColumn(),
        )
        with contextlib.ExitStack() as stack:
            stack.callback(self._close)
            progress = stack.enter_context(Progress(*columns, console=console()))
            task = progress.add_task(self._file.name, total=None, news="")
            rows: Iterable[Row] = self._rows(read, progress, task, replay)
            if replay:
                rows = files.sorted_by_time(rows, instants=True)
                progress.update(task, total=len(rows), completed=0)
            for batch in files.batched(rows):
                self._send(batch)
                progress.update(task, news=f"{self.stored + self.duplicates:,} stored")
                if replay:
                    progress.advance(task, len(batch.rows))
            progress.update(task, total=1, completed=1)
        self._summary()
        if self.rejected and not self.stored and not self.duplicates:
            raise typer.Exit(1)

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
        self.stored += answer["stored"]
        self.duplicates += answer["duplicates"]
        if answer["rejected"]:
            for row, item in zip(batch.rows, answer["items"], strict=True):
                if error := item.get("error"):
                    text = msgspec.json.encode(row.event).decode()
                    self._reject(Reject(row.line, error["field"] or "", f"{error['message']} {error['fix']}", text))

    def _reject(self, reject: Reject) -> None:
        self.rejected += 1
        if self._open is None:
            self._open = self._rejects.open("wb")
        self._open.write(msgspec.json.encode(reject._asdict()) + b"\n")

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()

    def _summary(self) -> None:
        out = console()
        parts = [f"{self.stored:,} stored"]
        parts += [f"{self.duplicates:,} were there before"] if self.duplicates else []
        parts += [f"{self._tally.left_out:,} left out by --where"] if self._tally.left_out else []
        parts += [f"{self.rejected:,} rejected, see {self._rejects}"] if self.rejected else []
        out.print(Text(f"{self._file.name}: {', '.join(parts)}."))
        for field, number in self._tally.slugged.items():
            out.print(Text(f"{field}: {number:,} values had to be changed by `slug`."))
