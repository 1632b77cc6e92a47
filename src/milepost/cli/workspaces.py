"""`milepost workspaces`, `milepost keys` and `milepost run`: worlds, who may come in, and a virtual clock.

Owns these commands. Must not decide anything: the server does.
"""

from __future__ import annotations

import time
from typing import Annotated, Any, Final, Literal

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from milepost.api import instant
from milepost.cli.connection import DATA, Connection, Data, Key, Url, Workspace, connect
from milepost.cli.output import console, table
from milepost.errors import Invalid

PAUSE: Final = 0.1
"""Seconds between two looks at a run."""

app = typer.Typer(no_args_is_help=True, help="Make and list workspaces.")
keys = typer.Typer(no_args_is_help=True, help="Make and list API keys.")


@app.command("create")
def create(
    name: str,
    clock: Annotated[Literal["real", "virtual"], typer.Option(help="Virtual: time is that of the inputs.")] = "real",
    now: Annotated[str | None, typer.Option(help="Where a virtual clock begins.")] = None,
    timezone: str = "UTC",
    track_everything: Annotated[bool, typer.Option(help="Track every node from its activation on.")] = False,
    url: Url = None,
    key: Key = None,
    data: Data = DATA,
) -> None:
    """Make a workspace and print its first API key."""
    new: dict[str, Any] = {
        "name": name, "clock": clock, "timezone": timezone, "track_by_default": track_everything,
        **({} if now is None else {"now": now}),
    }  # fmt: skip
    with connect(url, key, data, None) as server:
        made = server.post("/workspaces", new)
    console().print(f"Workspace {name}\nAPI key: {made['key']['key']} (shown once: keep it)", markup=False)


@app.command("list")
def list_all(url: Url = None, key: Key = None, data: Data = DATA) -> None:
    """List all workspaces."""
    with connect(url, key, data, None) as server:
        found = server.get("/workspaces")["workspaces"]
    columns = ("name", "clock", "now", "timezone")
    console().print(table(columns, [[row[column] for column in columns] for row in found], numbers_from=9))


@keys.command("create")
def create_key(name: str, url: Url = None, key: Key = None, data: Data = DATA, workspace: Workspace = None) -> None:
    """Make another API key of a workspace and print it."""
    with connect(url, key, data, workspace) as server:
        made = server.post("/keys", {"name": name})
    console().print(f"API key: {made['key']} (shown once: keep it)", markup=False)


@keys.command("list")
def list_keys(url: Url = None, key: Key = None, data: Data = DATA, workspace: Workspace = None) -> None:
    """List the API keys of a workspace, without the keys themselves."""
    with connect(url, key, data, workspace) as server:
        found = server.get("/keys")["keys"]
    columns = ("name", "fingerprint", "created")
    console().print(table(columns, [[row[column] for column in columns] for row in found], numbers_from=9))


def run(
    to: Annotated[str | None, typer.Option(help="Up to this instant, such as 2026-03-01T10:00:00Z.")] = None,
    end: Annotated[bool, typer.Option("--end", help="Until nothing is left to take and no timer is due.")] = False,
    url: Url = None,
    key: Key = None,
    data: Data = DATA,
    workspace: Workspace = None,
) -> None:
    """Let the clock of a virtual workspace run."""
    if end == (to is not None):
        raise Invalid("Say how far.", fix="Give either --to INSTANT or --end.")
    with connect(url, key, data, workspace) as server:
        follow(server, "end" if to is None else to)


def follow(server: Connection, to: str) -> None:
    """Start a run and show how far it is until it has arrived."""
    state = server.post("/workspace/run", {"to": to})
    begin = instant.parse(state["now"])
    goal = instant.parse(state["pending"] or state["now"]) if to == "end" else instant.parse(to)
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console()) as progress:
        task = progress.add_task(state["now"], total=max(goal - begin, 1))
        while state["run_to"] is not None:
            time.sleep(PAUSE)
            state = server.get("/workspace")
            done = min(instant.parse(state["now"]), goal) - begin
            progress.update(task, completed=done, description=state["now"])
        progress.update(task, completed=max(goal - begin, 1))
    console().print(f"The clock stands at {state['now']}.", markup=False)
