"""A file that the server imports by itself: sent piece by piece, then followed; both can be left and gone on with.

Owns how a file is known again, and what the terminal shows. Must not read rows: the server does.
"""

from __future__ import annotations

import contextlib
import pathlib
import time
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final

import typer
from rich.progress import Progress, TaskID
from rich.text import Text

from milepost.cli.connection import Connection
from milepost.cli.load import bar, rejects_of, summary
from milepost.cli.output import console
from milepost.errors import Invalid, MilepostError

Json = dict[str, Any]
PIECE: Final = 8 << 20
"""Bytes that one request sends."""
ENDS: Final = 1 << 20
"""Bytes of a file's beginning and end by which it is known again."""
PAUSE: Final = 0.1
"""Seconds between two looks at an import."""
UNDER_WAY: Final = frozenset({"uploading", "running"})
INTERRUPTED: Final = 130


def bring_in(
    server: Connection, file: pathlib.Path, map: Sequence[str], where: Sequence[str], rejects: pathlib.Path | None
) -> None:
    """Have a file imported, from where an interrupted command has left it, and say what became of it."""
    size = file.stat().st_size
    if not size:
        message = f"`{file.name}` is empty."
        raise Invalid(message, field="file", fix="Check the name.")
    new: Json = {
        "name": file.name, "size": size, "map": list(map), "where": list(where), "fingerprint": fingerprint(file)
    }  # fmt: skip
    begun = [
        one for one in server.get("/imports", limit=1_000)["imports"]
        if one["state"] in UNDER_WAY and {name: one[name] for name in new} == new
    ]  # fmt: skip
    state: Json = begun[0] if begun else server.post("/imports", new)
    if begun:
        console().print(Text(f"Going on with the import {state['id']}."))
    with _left_alone(server, state), bar() as progress:
        task = progress.add_task("Sending", total=size, completed=state["received"], news="")
        if state["state"] == "uploading":
            state = _sent(server, file, state, progress, task)
        state = _ended(server, state, progress, task)
    tell(server, state, file, rejects)


def follow(server: Connection, id: str) -> Json:
    """Show how far an import is until it has ended; how it has."""
    state: Json = server.get(f"/imports/{id}")
    if state["state"] == "uploading":
        message = f"{state['received']:,} of {state['size']:,} bytes of `{state['name']}` have come in."
        raise MilepostError(message, fix="Send the rest with the command that began the import.")
    with _left_alone(server, state), bar() as progress:
        return _ended(server, state, progress, progress.add_task("Reading", total=state["size"], news=""))


def tell(server: Connection, state: Json, file: pathlib.Path, rejects: pathlib.Path | None) -> None:
    """Say how an import has ended, with its rejects in a file. Raises MilepostError when it has failed."""
    place = rejects_of(file, rejects)
    if state["rejected"]:
        with place.open("wb") as writing, server.stream(f"/imports/{state['id']}/rejects") as lines:
            writing.writelines(lines)
    if state["state"] == "finished":
        summary(file, place, **{name: state[name] for name in (*COUNTED, "slugged")})
        return
    done = f"{state['stored']:,} of its events were stored before"
    error = state["error"] or {"message": f"The import was cancelled; {done}.", "field": None, "fix": None}
    raise MilepostError(error["message"], field=error["field"], fix=error["fix"])


COUNTED: Final = ("stored", "duplicates", "left_out", "rejected")


def fingerprint(file: pathlib.Path) -> str:
    """By which a file is known again: when it was changed, and its two ends. All of it would take too long."""
    stat = file.stat()
    digest = blake2b(f"{stat.st_size} {stat.st_mtime_ns}".encode(), digest_size=16)
    with file.open("rb") as reading:
        digest.update(reading.read(ENDS))
        reading.seek(max(0, stat.st_size - ENDS))
        digest.update(reading.read(ENDS))
    return digest.hexdigest()


def _sent(server: Connection, file: pathlib.Path, state: Json, progress: Progress, task: TaskID) -> Json:
    path = f"/imports/{state['id']}/file"
    with file.open("rb") as reading:
        reading.seek(state["received"])
        while state["state"] == "uploading":
            piece = reading.read(min(PIECE, state["size"] - state["received"]))
            if not piece:
                message = f"`{file.name}` has become shorter while it was sent."
                raise Invalid(message, field="file", fix="Wait until it is whole, and import it then.")
            state = server.send(path, piece, offset=state["received"])
            progress.update(task, completed=state["received"])
    return state


def _ended(server: Connection, state: Json, progress: Progress, task: TaskID) -> Json:
    progress.update(task, description="Reading", completed=state["read"])
    while state["state"] == "running":
        time.sleep(PAUSE)
        state = server.get(f"/imports/{state['id']}")
        news = f"{state['stored'] + state['duplicates']:,} stored"
        progress.update(task, completed=state["read"], news=news)
    return state


@contextlib.contextmanager
def _left_alone(server: Connection, state: Json) -> Iterator[None]:
    """Whoever goes away leaves the import as it is, and is told how to come back."""
    try:
        yield
    except KeyboardInterrupt:
        id = state["id"]
        with contextlib.suppress(MilepostError):
            state = server.get(f"/imports/{id}")
        left = {
            "uploading": "The same command goes on with sending",
            "running": f"The server goes on with it: `milepost import show {id} --follow` shows how far it is",
        }.get(state["state"], f"It is {state['state']}")
        console().print(Text(f"\nThe import {id} stays. {left}; `milepost import cancel {id}` ends it."))
        raise typer.Exit(INTERRUPTED) from None
