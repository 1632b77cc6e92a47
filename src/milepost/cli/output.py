"""What all commands share towards the terminal: tables, and errors as one sentence with its fix.

Owns exit codes: 0, 1 when something could not be done, 2 when the command was given wrongly. Must not know any command.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from milepost.errors import Invalid, Malformed, MilepostError

STANDARD_INPUT: Final = "-"
WIDE: Final = 1_000
"""Columns, where there is no terminal to have any."""


class Commands(TyperGroup):
    """Commands whose errors end in a sentence, never in a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except MilepostError as error:
            tell(error)
            raise typer.Exit(2 if isinstance(error, Invalid | Malformed) else 1) from error


def console() -> Console:
    """Where results go; into a pipe or a file, a row of a table is one line."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)


def tell(error: MilepostError) -> None:
    """An error, its details and its fix, on standard error."""
    out = Console(stderr=True, highlight=False, soft_wrap=True)
    out.print(Text.assemble(("Error: ", "bold red"), error.message))
    if error.field is not None and "." in error.field and len(error.details) < 2:
        out.print(Text(f"  at {error.field}"))  # the sentence has titles, and whoever writes a file needs its names
    for detail in error.details if len(error.details) > 1 else ():
        place = detail.get("node") or detail.get("field")
        text = str(detail.get("text") or detail.get("message") or detail)
        out.print(Text(f"  {place}: {text}" if place else f"  {text}"))
    if error.fix:
        out.print(Text(error.fix))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers_from: int = 1) -> Table:
    """A table whose columns from `numbers_from` on are numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        # The first column is what one copies: it is never broken.
        made.add_column(
            column, justify="right" if index >= numbers_from else "left", overflow="fold", no_wrap=index == 0
        )
    for row in rows:
        made.add_row(*(Text(cell(value)) for value in row))
    return made


def cell(value: object) -> str:
    """A value as it stands in a table."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def json_file(path: str) -> Any:
    """The JSON in a file, or on standard input for `-`. Raises Invalid, Malformed."""
    try:
        text = sys.stdin.buffer.read() if path == STANDARD_INPUT else pathlib.Path(path).read_bytes()
    except OSError as error:
        message = f"`{path}` cannot be read: {error.strerror}."
        raise Invalid(message, field="file", fix="Check the name.") from error
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"`{path}` is not valid JSON: {error}."
        raise Malformed(message, field="file", fix="Correct the file.") from error
