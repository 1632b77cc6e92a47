"""`milepost journeys`: check a definition without a server; create, steer and read journeys with one.

Owns these commands. Must not decide anything: the kernel checks, the server acts.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.text import Text

from milepost.cli.connection import DATA, Data, Key, Url, Workspace, connect
from milepost.cli.output import cell, console, json_file, table
from milepost.kernel.issues import issues
from milepost.runtime.lifecycle import parse

app = typer.Typer(no_args_is_help=True, help="Check, create, steer and read journeys.")
File = Annotated[str, typer.Argument(help="A definition as JSON; `-` reads standard input.")]
Why = Annotated[str, typer.Option(help="Reason, kept with the change.")]
At = Annotated[str | None, typer.Option(help="Instant, in a workspace with a virtual clock.")]


@app.command()
def validate(file: File) -> None:
    """List what keeps a definition from being activated. Needs no server."""
    definition = parse(json_file(file))
    found = issues(definition)
    out = console()
    if not found:
        out.print(Text(f"“{definition.name}” has no issues."))
        return
    rows = [[issue.node or "", issue.code, issue.text, issue.fix] for issue in found]
    out.print(table(("node", "code", "issue", "fix"), rows, numbers_from=9))
    raise typer.Exit(1)


@app.command()
def create(file: File, url: Url = None, key: Key = None, data: Data = DATA, workspace: Workspace = None) -> None:
    """Store a draft and print its id."""
    definition = json_file(file)
    with connect(url, key, data, workspace) as server:
        console().print(server.post("/journeys", definition)["id"], markup=False)


@app.command()
def activate(
    id: str, why: Why = "", at: At = None, url: Url = None, key: Key = None, data: Data = DATA,
    workspace: Workspace = None,
) -> None:  # fmt: skip
    """Publish a draft and let customers enter."""
    _command(f"/journeys/{id}/activate", _given(why, at), url, key, data, workspace)


@app.command()
def pause(
    id: str, why: Why = "", at: At = None, url: Url = None, key: Key = None, data: Data = DATA,
    workspace: Workspace = None,
) -> None:  # fmt: skip
    """Take no input of a journey from now on; what happens meanwhile is kept."""
    _command(f"/journeys/{id}/pause", _given(why, at), url, key, data, workspace)


@app.command()
def resume(
    id: str, why: Why = "", at: At = None, url: Url = None, key: Key = None, data: Data = DATA,
    workspace: Workspace = None,
) -> None:  # fmt: skip
    """Take what was kept, and go on."""
    _command(f"/journeys/{id}/resume", _given(why, at), url, key, data, workspace)


@app.command()
def stop(
    id: str,
    mode: Annotated[Literal["finish", "exit"], typer.Option(help="Those inside go on to their End, or leave now.")],
    why: Why = "",
    at: At = None,
    url: Url = None,
    key: Key = None,
    data: Data = DATA,
    workspace: Workspace = None,
) -> None:
    """Let nobody enter any more."""
    _command(f"/journeys/{id}/stop", {"mode": mode, **_given(why, at)}, url, key, data, workspace)


@app.command("list")
def list_all(url: Url = None, key: Key = None, data: Data = DATA, workspace: Workspace = None) -> None:
    """List the journeys of a workspace."""
    with connect(url, key, data, workspace) as server:
        found = server.get("/journeys")["journeys"]
    columns = ("id", "name", "state", "version", "started", "in_progress", "finished", "exited")
    console().print(table(columns, [[row[column] for column in columns] for row in found], numbers_from=3))


@app.command()
def stats(
    id: str,
    since: Annotated[str | None, typer.Option(help="Begin of the period.")] = None,
    until: Annotated[str | None, typer.Option(help="End of the period.")] = None,
    url: Url = None,
    key: Key = None,
    data: Data = DATA,
    workspace: Workspace = None,
) -> None:
    """Show the numbers on a journey and its nodes."""
    with connect(url, key, data, workspace) as server:
        found = server.get(f"/journeys/{id}/statistics", since=since, until=until)
    out = console()
    names = ("started", "in_progress", "finished")
    out.print(Text(", ".join(f"{name.replace('_', ' ')} {found[name]:,}" for name in names) + _by("exited", found)))
    rows = [
        [
            node["title"], node["entered"] + node["opened"], _each(node["left"]), node["finished"], node["waiting"],
            _each(node["exited"]),
        ]
        for node in found["nodes"]
    ]  # fmt: skip
    out.print(table(("node", "entered", "left", "finished", "waiting", "exited"), rows))
    if drift := [node["title"] for node in found["nodes"] if node["drift"]]:
        out.print(Text(f"The numbers do not add up at: {', '.join(drift)}. Please report this.", style="bold red"))


def _command(path: str, body: dict[str, Any], *where: Any) -> None:
    with connect(*where) as server:
        answer = server.post(path, body)
    text = f"The journey is {answer['state']}." if answer["taken"] else "The command is stored; its instant lies ahead."
    console().print(text, markup=False)


def _given(why: str, at: str | None) -> dict[str, str]:
    return {"why": why, **({} if at is None else {"at": at})}


def _each(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name} {cell(number)}" for name, number in numbers.items()) or "0"


def _by(name: str, found: dict[str, Any]) -> str:
    return f", {name}: {_each(found[name])}" if found[name] else ""
