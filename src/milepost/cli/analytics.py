"""`milepost query`: ask a question from a file and print the answer as a table.

Owns how answers look in a terminal. Must not compute anything.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from milepost.cli.connection import DATA, Data, Key, Url, Workspace, connect
from milepost.cli.output import console, json_file, table


def query(
    file: Annotated[str, typer.Argument(help="A question as JSON; `-` reads standard input.")],
    json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
    url: Url = None,
    key: Key = None,
    data: Data = DATA,
    workspace: Workspace = None,
) -> None:
    """Answer a question: see the reference of questions."""
    question = json_file(file)
    with connect(url, key, data, workspace) as server:
        answer = server.post("/query", question)
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(answer)).decode())
        return
    console().print(_funnel(answer) if answer["kind"] == "funnel" else _trend(answer))


def _funnel(answer: dict[str, Any]) -> Table:
    rows = [
        [
            step["label"], step["count"], _share(step["from_start"]), _share(step["from_previous"]), step["dropped"],
            step["in_progress"], _length(step["seconds_from_start"]["median"]),
        ]
        for step in answer["steps"]
    ]  # fmt: skip
    columns = ("step", "count", "of all", "of previous", "dropped", "in progress", "median from start")
    return table(columns, rows)


def _trend(answer: dict[str, Any]) -> Table:
    lines = answer["lines"]
    rows = [[begin, *(line["values"][index] for line in lines)] for index, begin in enumerate(answer["intervals"])]
    rows.append(["total", *(line["total"] for line in lines)])
    return table((answer["question"]["interval"], *map(_name, lines)), rows)


def _name(line: dict[str, Any]) -> str:
    match line["group"]:
        case {"kind": "all"}:
            return str(line["label"])
        case {"kind": "value", "value": value}:
            return f"{line['label']}: {msgspec.json.encode(value).decode()}"
        case group:
            return f"{line['label']}: ({group['kind']})"


def _share(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"


def _length(seconds: float | None) -> str | None:
    return None if seconds is None else str(datetime.timedelta(seconds=round(seconds)))
