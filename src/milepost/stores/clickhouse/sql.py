"""Named queries, and the arguments that a built query collects.

Owns how `queries.sql` is read and how values reach the server: always bound, never pasted into the text.
Must not know what any query is for.
"""

from __future__ import annotations

import importlib.resources
import re
from typing import Any, Final, NamedTuple

_HEADING: Final = re.compile(r"^-- (\w+) --$", re.MULTILINE)


def _load() -> dict[str, str]:
    text = importlib.resources.files(__package__).joinpath("queries.sql").read_text(encoding="utf-8")
    parts = _HEADING.split(text)[1:]
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}


#: Name to SQL; the comment under each name in `queries.sql` says what it is for.
QUERIES: Final = _load()


class Built(NamedTuple):
    """A query and the values that it is to be bound to."""

    sql: str
    values: dict[str, Any]


class Arguments:
    """Values for one query, each under a name of its own."""

    def __init__(self, **values: Any) -> None:
        self.values: dict[str, Any] = dict(values)

    def add(self, value: Any, type: str) -> str:
        """Keep the value; the text that stands for it in the query."""
        name = f"a{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{type}}}"


def identifier(name: str) -> str:
    """A name as ClickHouse reads it, whatever characters it has."""
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def path(column: str, name: str) -> str:
    """The subcolumn of a JSON column at a dotted name."""
    return ".".join([column, *map(identifier, name.split("."))])


def beneath(column: str, name: str) -> str:
    """The object at a dotted name, empty when there is none."""
    first, *rest = map(identifier, name.split("."))
    return ".".join([column, f"^{first}", *rest])
