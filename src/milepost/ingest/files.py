"""Files of past events, read in a stream: CSV and JSONL, also compressed (D-2.10).

Owns how lines become rows and how a broken line becomes a reject while reading goes on; memory does not grow with the
file. Must not know where events go: `batched` makes the bodies of requests in the native dialect.
"""

from __future__ import annotations

import csv
import gzip
import pathlib
import zlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import IO, Any, Final, NamedTuple

import msgspec

from milepost.errors import Invalid
from milepost.ingest import mapping
from milepost.ingest.decode import MAX_BYTES, MAX_ITEMS
from milepost.ingest.mapping import Rule, Where

MAX_LINE: Final = 262_144
"""Bytes of a line, or of a CSV row over several lines."""
_MAX_SHOWN: Final = 500
_SUFFIXES: Final = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Row(NamedTuple):
    """One row as an event in the native dialect."""

    line: int
    """Line of the file, from 1."""
    event: dict[str, Any]


class Reject(NamedTuple):
    """A line that could not be read, with what to tell about it."""

    line: int
    field: str
    reason: str
    text: str
    """The line, cut to 500 characters."""


@dataclass(slots=True)
class Tally:
    """How far a reading has come, for a progress bar and a summary."""

    size: int = 0
    """Bytes of the file as it lies there."""
    position: int = 0
    """Bytes of it that have been read."""
    rows: int = 0
    rejects: int = 0
    left_out: int = 0
    """Rows that the conditions did not choose."""
    slugged: Counter[str] = field(default_factory=Counter)
    """Values that `slug` had to change, by field."""


class Batch(NamedTuple):
    """Rows as one request: within its limits, and each row at the item's place in the answer."""

    body: bytes
    rows: tuple[Row, ...]


def read(
    path: pathlib.Path,
    rules: Sequence[Rule] = (),
    where: Sequence[Where] = (),
    *,
    name: str | None = None,
    tally: Tally | None = None,
) -> Iterator[Row | Reject]:
    """The rows of a file in its order, as events, and the lines that could not be read.

    Without `rules`, a CSV's columns must be named after fields, and each line of a JSONL is an event as it is. A row
    without any id gets one made of `name` (the file's own by default) and its number, so that reading the same file
    twice stores nothing twice. Raises Invalid at once for a format or a column that is not there.
    """
    kind = _kind(path)
    tally = Tally() if tally is None else tally
    tally.size = path.stat().st_size
    name = path.name if name is None else name
    if kind == "jsonl":
        return _read(_json_rows(path, tally), rules, where, name, tally)
    header, delimiter = _header(path)
    rules = rules or mapping.rules_of_header(header)
    mapping.check_columns(rules, where, header)
    return _read(_csv_rows(path, header, delimiter, tally), rules, where, name, tally)


def sorted_by_time(rows: Iterable[Row], *, instants: bool = False) -> list[Row]:
    """All rows by their own time, then by line; those without a time first. Holds them all in memory.

    With `instants`, each event carries its instant, as a workspace with a virtual clock wants it (D-3.8): its own time
    where `received_at` is not mapped; and the order is that of the instants.
    """
    if instants:
        rows = [
            row._replace(event={"received_at": row.event["time"], **row.event}) if "time" in row.event else row
            for row in rows
        ]
    field = "received_at" if instants else "time"
    return sorted(rows, key=lambda row: (mapping.when(row.event.get(field)), row.line))


def batched(rows: Iterable[Row]) -> Iterator[Batch]:
    """The rows as bodies of requests, in order, each within the limits of one request."""
    taken: list[Row] = []
    parts: list[bytes] = []
    size = 2
    for row in rows:
        part = msgspec.json.encode(row.event)
        if taken and (len(taken) == MAX_ITEMS or size + len(part) + 1 > MAX_BYTES):
            yield Batch(b"[" + b",".join(parts) + b"]", tuple(taken))
            taken, parts, size = [], [], 2
        taken.append(row)
        parts.append(part)
        size += len(part) + 1
    if taken:
        yield Batch(b"[" + b",".join(parts) + b"]", tuple(taken))


class _Record(NamedTuple):
    """One row before mapping."""

    line: int
    number: int
    """Place among the rows of the file, from 1: part of a derived id, so no condition may change it."""
    cells: dict[str, Any]
    text: str


def _read(
    records: Iterator[_Record | Reject], rules: Sequence[Rule], where: Sequence[Where], name: str, tally: Tally
) -> Iterator[Row | Reject]:
    for record in records:
        if isinstance(record, Reject):
            result: Row | Reject = record
        elif not all(condition.keeps(_shown(_cell(record.cells, condition.column))) for condition in where):
            tally.left_out += 1
            continue
        else:
            result = _map(record, rules, name, tally)
        if isinstance(result, Reject):
            tally.rejects += 1
        else:
            tally.rows += 1
        yield result


def _map(record: _Record, rules: Sequence[Rule], name: str, tally: Tally) -> Row | Reject:
    event: dict[str, Any] = {} if rules else dict(record.cells)
    for rule in rules:
        value = rule.constant if rule.column is None else _cell(record.cells, rule.column)
        if value is None or value == "":
            continue
        try:
            value, slugged = mapping.convert(rule, value)
        except ValueError as error:
            return _reject(record.line, f"`{_shown(value)[:100]}`: {error}", record.text, rule.field)
        if slugged:
            tally.slugged[rule.field] += 1
        place = event
        for part in rule.target[:-1]:
            place = place.setdefault(part, {})
        place[rule.target[-1]] = value
    if not any(event.get(field) for field in mapping.IDS):
        origin = f"{name}\x1f{record.number}"
        event["id"] = f"import-{blake2b(origin.encode(), digest_size=12).hexdigest()}"
    event.setdefault("source", "import")
    return Row(record.line, event)


def _cell(cells: dict[str, Any], column: str) -> Any:
    """A column's value; in JSON a dotted name leads into objects. None when there is none."""
    if column in cells:
        return cells[column]
    value: Any = cells
    for part in column.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _shown(value: Any) -> str:
    try:
        return "" if value is None else mapping.as_text(value)
    except ValueError:
        return msgspec.json.encode(value).decode()


def _kind(path: pathlib.Path) -> str:
    suffix = pathlib.PurePath(path.name.removesuffix(".gz")).suffix.lower()
    if suffix not in _SUFFIXES:
        message = f"`{path.name}` has no ending that says what it is."
        raise Invalid(message, field="file", fix="Give it one of .csv, .tsv, .jsonl, .ndjson, each also with .gz.")
    if not path.is_file():
        message = f"There is no file `{path}`."
        raise Invalid(message, field="file", fix="Check the name.")
    return _SUFFIXES[suffix]


class _Lines:
    """The lines of a file with their numbers; lines can be put back."""

    def __init__(self, path: pathlib.Path, tally: Tally) -> None:
        self._raw = path.open("rb")
        self._stream: gzip.GzipFile | IO[bytes] = self._raw
        if path.suffix == ".gz":
            self._stream = gzip.GzipFile(fileobj=self._raw)
        self._back: deque[tuple[int, bytes]] = deque()
        self._tally = tally
        self.number = 0

    def next(self) -> tuple[int, bytes] | None:
        """The next line without its end, or None. Raises _Damaged when the file cannot be read on."""
        if self._back:
            return self._back.popleft()
        try:
            line = self._stream.readline(MAX_LINE + 1)
            cut = line
            while len(cut) > MAX_LINE and not cut.endswith(b"\n"):
                cut = self._stream.readline(MAX_LINE + 1)
        except (EOFError, OSError, zlib.error) as error:
            raise _Damaged(str(error)) from error
        if not line:
            return None
        self.number += 1
        self._tally.position = self._raw.tell()
        return self.number, line.rstrip(b"\r\n")

    def put_back(self, lines: Sequence[tuple[int, bytes]]) -> None:
        """These lines come next, in this order."""
        self._back.extendleft(reversed(lines))

    def close(self) -> None:
        self._stream.close()
        self._raw.close()


class _Damaged(Exception):
    """The rest of the file cannot be read."""


def _header(path: pathlib.Path) -> tuple[list[str], str]:
    """The columns of a CSV and what separates them."""
    with closing(_Lines(path, Tally())) as lines:
        try:
            first = lines.next()
            text = first[1].decode("utf-8-sig") if first else ""
        except (_Damaged, UnicodeDecodeError) as error:
            message = f"The first line of `{path.name}` cannot be read: {error}."
            raise Invalid(message, field="file", fix="Save the file as CSV in UTF-8.") from error
    delimiter = max((",", ";", "\t"), key=text.count)
    try:
        header = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        message = f"The first line of `{path.name}` is not a row of CSV: {error}."
        raise Invalid(message, field="file", fix="Begin with the names of the columns.") from error
    if not header or len(set(header)) < len(header):
        message = f"The first line of `{path.name}` must name the columns, each once."
        raise Invalid(message, field="file", fix="Begin with the names of the columns.")
    return header, delimiter


def _csv_rows(path: pathlib.Path, header: list[str], delimiter: str, tally: Tally) -> Iterator[_Record | Reject]:
    with closing(_Lines(path, tally)) as lines:
        _next(lines)  # the header
        number = 0
        while (start := _next(lines)) is not None:
            if isinstance(start, Reject):
                yield start
                return
            line, raw = start
            if not raw:
                continue
            number += 1
            try:
                cells = _cells(lines, start, delimiter)
                if len(cells) != len(header):
                    raise ValueError(f"it has {len(cells)} cells, the header has {len(header)}")
            except (ValueError, csv.Error) as error:
                yield _reject(line, "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error), raw)
            else:
                yield _Record(line, number, dict(zip(header, cells, strict=True)), _head(raw))


def _cells(lines: _Lines, start: tuple[int, bytes], delimiter: str) -> list[str]:
    """The cells of the row that begins with this line. Raises ValueError or csv.Error when it is broken.

    A quoted cell may hold line breaks. But a quote that is never closed must not swallow what follows: then only the
    first line is given up, and the others are read again for themselves.
    """
    first = start[1]
    if len(first) > MAX_LINE:
        raise ValueError(f"it has more than {MAX_LINE:,} bytes")
    try:
        return _parse(first, delimiter)
    except csv.Error as error:
        if str(error) != "unexpected end of data":
            raise
    more: list[tuple[int, bytes]] = []
    size, quotes = len(first), first.count(b'"')
    try:
        while quotes % 2 and size <= MAX_LINE:
            following = _next(lines)
            if following is None or isinstance(following, Reject):
                break
            more.append(following)
            size += len(following[1]) + 1
            quotes += following[1].count(b'"')
        return _parse(b"\n".join([first, *(part for _, part in more)]), delimiter)
    except (ValueError, csv.Error):
        lines.put_back(more)
        raise ValueError("a quote is opened and not closed") from None


def _parse(raw: bytes, delimiter: str) -> list[str]:
    (cells,) = csv.reader([raw.decode()], delimiter=delimiter, strict=True)
    return cells


def _json_rows(path: pathlib.Path, tally: Tally) -> Iterator[_Record | Reject]:
    with closing(_Lines(path, tally)) as lines:
        number = 0
        while (start := _next(lines)) is not None:
            if isinstance(start, Reject):
                yield start
                return
            line, raw = start
            if not raw.strip():
                continue
            number += 1
            if len(raw) > MAX_LINE:
                yield _reject(line, f"it has more than {MAX_LINE:,} bytes", raw)
                continue
            try:
                cells = msgspec.json.decode(raw, type=dict[str, Any])
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield _reject(line, f"it is not a JSON object: {error}", raw)
                continue
            yield _Record(line, number, cells, _head(raw))


def _next(lines: _Lines) -> tuple[int, bytes] | Reject | None:
    try:
        return lines.next()
    except _Damaged as damaged:
        return _reject(lines.number + 1, f"the file is damaged, reading ends here: {damaged}", b"")


def _reject(line: int, reason: str, text: bytes | str, field: str = "") -> Reject:
    return Reject(line, field, reason, text if isinstance(text, str) else _head(text))


def _head(raw: bytes) -> str:
    return raw[: 4 * _MAX_SHOWN].decode("utf-8", "replace")[:_MAX_SHOWN]
