"""Files of past events, read in a stream: CSV, JSON lines and Parquet (D-2.10).

Owns which format a file has, how its rows become events, and the requests made of them; memory does not grow with the
file. Must not know where events go: `batched` makes the bodies of requests in the native dialect.
"""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from milepost.errors import Invalid
from milepost.ingest import csv_file, jsonl_file, mapping, parquet_file
from milepost.ingest.decode import MAX_BYTES, MAX_ITEMS
from milepost.ingest.mapping import Rule, Where
from milepost.ingest.record import BEGIN, Opened, Record, Reject, Start, Tally, reject

FORMATS: Final[dict[str, Callable[..., Opened]]] = {
    ".csv": csv_file.opened,
    ".tsv": csv_file.opened,
    ".jsonl": jsonl_file.opened,
    ".ndjson": jsonl_file.opened,
    ".parquet": parquet_file.opened,
}
"""By the ending of the name; those of text may have `.gz` behind it."""


class Row(NamedTuple):
    """One row as an event in the native dialect."""

    line: int
    """Line of the file, from 1; in Parquet the row."""
    event: dict[str, Any]


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
    """The rows of a file in its order, as events, and those that could not be read.

    Without `rules`, columns must be named after fields, and each line of a JSONL is an event as it is. A row without
    any id gets one made of `name` (the file's own by default) and its number, so that reading the same file twice
    stores nothing twice. Raises Invalid at once for a format or a column that is not there.
    """
    return (one for one in read_on(path, rules, where, name=name, tally=tally) if one is not None)


def read_on(
    path: pathlib.Path,
    rules: Sequence[Rule] = (),
    where: Sequence[Where] = (),
    *,
    start: Start = BEGIN,
    name: str | None = None,
    tally: Tally | None = None,
) -> Iterator[Row | Reject | None]:
    """The same for a reading that goes on: None for each row that is left out.

    So the number of things that have come is the number of rows. What is not `seekable` is read from its beginning,
    with a None for each row before the start.
    """
    open_it = _format(path)
    tally = Tally() if tally is None else tally
    tally.size = path.stat().st_size
    at_once = seekable(path)
    columns, records = open_it(path, tally, start) if at_once else open_it(path, tally)
    if columns is not None:
        rules = rules or mapping.rules_of_header(columns)
        mapping.check_columns(rules, where, columns)
    return _read(records, rules, where, path.name if name is None else name, tally, 0 if at_once else start.number)


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


def _read(
    records: Iterator[Record | Reject],
    rules: Sequence[Rule],
    where: Sequence[Where],
    name: str,
    tally: Tally,
    after: int,
) -> Iterator[Row | Reject | None]:
    for _ in itertools.islice(records, after):
        yield None
    for record in records:
        if isinstance(record, Reject):
            result: Row | Reject = record
        elif not all(condition.keeps(_shown(_cell(record.cells, condition.column))) for condition in where):
            tally.left_out += 1
            yield None
            continue
        else:
            result = _map(record, rules, name, tally)
        if isinstance(result, Reject):
            tally.rejects += 1
        else:
            tally.rows += 1
        yield result


def _map(record: Record, rules: Sequence[Rule], name: str, tally: Tally) -> Row | Reject:
    event: dict[str, Any] = {} if rules else dict(record.cells)
    for rule in rules:
        value = rule.constant if rule.column is None else _cell(record.cells, rule.column)
        if value is None or value == "":
            continue
        try:
            value, slugged = mapping.convert(rule, value)
        except ValueError as error:
            return reject(record.line, f"`{_shown(value)[:100]}`: {error}", record.text, rule.field)
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


def seekable(path: pathlib.PurePath) -> bool:
    """Whether reading can begin anywhere in the file, where a row does: it is text as it is."""
    return path.suffix.lower() not in {".gz", ".parquet"}


def refuse_unknown(name: str) -> None:
    """Raise Invalid when the name of a file has no ending that says what it is."""
    _opener(pathlib.PurePath(name))


def _format(path: pathlib.Path) -> Callable[..., Opened]:
    found = _opener(path)
    if not path.is_file():
        message = f"There is no file `{path}`."
        raise Invalid(message, field="file", fix="Check the name.")
    return found


def _opener(path: pathlib.PurePath) -> Callable[..., Opened]:
    suffix = pathlib.PurePath(path.name.removesuffix(".gz")).suffix.lower()
    found = FORMATS.get(suffix)
    if found is None or (suffix == ".parquet" and path.name.endswith(".gz")):
        message = f"`{path.name}` has no ending that says what it is."
        raise Invalid(message, field="file", fix=f"Give it one of {', '.join(FORMATS)}; those of text also with .gz.")
    return found
