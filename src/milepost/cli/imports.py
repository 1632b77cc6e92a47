"""`milepost import`: past events and profiles from a file, in a stream (D-2.10).

Owns these commands. Must not know how a file gets in: the server imports events by itself (`upload`), a replay and
changes of profiles are sent row by row (`load`).
"""

from __future__ import annotations

import pathlib
from typing import Annotated, Any

import typer

from milepost.cli.connection import DATA, Data, Key, Url, Workspace, connect, connect_or_serve
from milepost.cli.load import Load
from milepost.cli.output import console, table
from milepost.cli.upload import bring_in, tell
from milepost.cli.upload import follow as followed
from milepost.cli.workspaces import follow
from milepost.errors import Conflict, Invalid
from milepost.ingest import files, mapping
from milepost.ingest.files import Row
from milepost.ingest.record import Reject, Tally

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
    """Load events. Reading the same file twice stores nothing twice, and what was interrupted is gone on with."""
    if run and not replay:
        raise Invalid("--run belongs to --replay.", field="run", fix="Add --replay, or leave --run out.")
    tally = Tally()
    # Before anything is sent, for what is wrong with the columns shows at once.
    read = files.read(file, mapping.rules(map), mapping.where(where), tally=tally)
    if not replay:
        with connect_or_serve(url, key, data, workspace) as server:
            bring_in(server, file, map, where, rejects)
        return
    with connect(url, key, data, workspace) as server:
        if (state := server.get("/workspace"))["clock"] == "real":
            message = f"The clock of the workspace `{state['name']}` is real; a replay needs a virtual one."
            raise Conflict(message, fix="Make one with `milepost workspaces create NAME --clock virtual`.")
        Load(server, "/events", tally, file, rejects).load(read, replay=True)
        if run:
            follow(server, "end")
        else:
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
        Load(server, "/profiles", tally, file, rejects).load(_change(row) for row in read)


def _change(row: Row | Reject) -> Row | Reject:
    """Reading gives every row an id, which a change does not have."""
    if isinstance(row, Reject):
        return row
    return row._replace(event={name: value for name, value in row.event.items() if name != "id"})


@app.command("list")
def list_all(url: Url = None, key: Key = None, data: Data = DATA, workspace: Workspace = None) -> None:
    """List the newest imports of events of a workspace."""
    with connect(url, key, data, workspace) as server:
        found = server.get("/imports")["imports"]
    columns = ("id", "name", "state", "done", "stored", "duplicates", "rejected", "created")
    rows = [[one["id"], one["name"], one["state"], _share(one), *(one[name] for name in columns[4:])] for one in found]
    console().print(table(columns, rows, numbers_from=3))


@app.command()
def show(
    id: str,
    follow: Annotated[bool, typer.Option("--follow", help="Wait until it has ended.")] = False,
    rejects: Annotated[
        pathlib.Path | None, typer.Option(help="With --follow: where lines that are not taken go. [FILE.rejects.jsonl]")
    ] = None,
    url: Url = None,
    key: Key = None,
    data: Data = DATA,
    workspace: Workspace = None,
) -> None:
    """Show how far an import is."""
    with connect(url, key, data, workspace) as server:
        if follow:
            state = followed(server, id)
            tell(server, state, pathlib.Path(state["name"]), rejects)
            return
        state = server.get(f"/imports/{id}")
    columns = (
        "name", "state", "size", "received", "read", "rows", "stored", "duplicates", "rejected", "left_out", "by",
        "created", "updated",
    )  # fmt: skip
    rows = [[column, state[column]] for column in columns]
    if error := state["error"]:
        rows.append(["error", " ".join(filter(None, (error["message"], error["fix"])))])
    console().print(table(("import", id), rows))


@app.command()
def cancel(id: str, url: Url = None, key: Key = None, data: Data = DATA, workspace: Workspace = None) -> None:
    """End an import where it is. What it has stored stays."""
    with connect(url, key, data, workspace) as server:
        state = server.post(f"/imports/{id}/cancel")
    console().print(f"{state['name']} is cancelled, with {state['stored']:,} events stored.", markup=False)


def _share(one: dict[str, Any]) -> str:
    """How much of the file has come in, or was read, in percent."""
    return f"{(one['received'] if one['state'] == 'uploading' else one['read']) / one['size']:.0%}"
