"""What the readers of files have in common: a row before mapping, a reject, and how far a reading has come.

Owns the values. Must not know a format.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

_MAX_SHOWN: Final = 500


class Record(NamedTuple):
    """One row before mapping."""

    line: int
    """Line of the file, from 1; in Parquet the row."""
    number: int
    """Place among the rows of the file, from 1: part of a derived id, so no condition may change it."""
    cells: dict[str, Any]
    """Column to value, as in JSON; objects inside are reached by dotted names."""
    text: str
    """The row as it stands there, cut to 500 characters."""


class Reject(NamedTuple):
    """A row that could not be read, with what to tell about it."""

    line: int
    field: str
    reason: str
    text: str
    """The row, cut to 500 characters."""


class Opened(NamedTuple):
    """A file whose beginning has been read."""

    columns: Sequence[str] | None
    """Names that can be mapped; None where each row has its own."""
    records: Iterator[Record | Reject]


class Start(NamedTuple):
    """Where a reading begins, or goes on."""

    number: int
    """Rows before it."""
    line: int
    """Lines before it, in a file of lines."""
    position: int
    """Bytes before it."""


BEGIN: Final = Start(0, 0, 0)


@dataclass(slots=True)
class Tally:
    """How far a reading has come, for a progress bar and a summary."""

    size: int = 0
    """Bytes of the file as it lies there."""
    position: int = 0
    """Bytes of it that have been read."""
    whole: bool = True
    """Whether these end where the last row ends: lines behind it may have been looked at."""
    rows: int = 0
    rejects: int = 0
    left_out: int = 0
    """Rows that the conditions did not choose."""
    slugged: Counter[str] = field(default_factory=Counter)
    """Values that `slug` had to change, by field."""


class Damaged(Exception):
    """The rest of a file cannot be read."""


def damaged(line: int, error: Exception) -> Reject:
    """The last thing that a damaged file gives."""
    return reject(line, f"the file is damaged, reading ends here: {error}", "")


def reject(line: int, reason: str, text: bytes | str, field: str = "") -> Reject:
    """A reject, with as much of the row as is shown."""
    return Reject(line, field, reason, head(text))


def head(raw: bytes | str) -> str:
    """The beginning of a row."""
    if isinstance(raw, bytes):
        raw = raw[: 4 * _MAX_SHOWN].decode("utf-8", "replace")
    return raw[:_MAX_SHOWN]
