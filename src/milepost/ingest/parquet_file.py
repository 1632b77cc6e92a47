"""Parquet: typed columns, read a thousand rows at a time.

Owns how typed values become JSON ones. Must not know what a column means.
"""

from __future__ import annotations

import datetime
import decimal
import math
import pathlib
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import msgspec

from milepost.errors import Invalid
from milepost.ingest.record import Opened, Record, Reject, Tally, damaged, head, reject

AT_ONCE: Final = 1_000
"""Rows that are held."""


def opened(path: pathlib.Path, tally: Tally) -> Opened:
    """The columns, those inside structs by dotted names, and the rows. Raises Invalid for what is not Parquet."""
    pa, pq = _arrow()
    try:
        with closing(pq.ParquetFile(path)) as file:
            schema = file.schema_arrow
    except (pa.ArrowException, OSError) as error:
        message = f"`{path.name}` cannot be read as Parquet: {error}."
        raise Invalid(message, field="file", fix="Write the file again, or import it as CSV.") from error
    return Opened(list(_names(schema, "")), _rows(path, tally))


def _arrow() -> tuple[Any, Any]:
    """Arrow and its Parquet, loaded only where there is such a file: that takes a while, and starts threads."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    return pa, pq


def _names(fields: Any, place: str) -> Iterator[str]:
    for field in fields:
        name = f"{place}{field.name}"
        if hasattr(field.type, "fields"):  # only a struct has them
            yield from _names(field.type.fields, f"{name}.")
        else:
            yield name


def _rows(path: pathlib.Path, tally: Tally) -> Iterator[Record | Reject]:
    pa, pq = _arrow()
    number = 0
    with closing(pq.ParquetFile(path)) as file:
        try:
            for batch in file.iter_batches(AT_ONCE):
                for cells in batch.to_pylist():
                    number += 1
                    yield _record(number, cells)
                tally.position = tally.size * number // file.metadata.num_rows
        except (pa.ArrowException, OSError) as error:
            yield damaged(number + 1, error)


def _record(number: int, cells: dict[str, Any]) -> Record | Reject:
    try:
        found = {name: _json(value) for name, value in cells.items()}
    except ValueError as error:
        return reject(number, str(error), repr(cells))
    return Record(number, number, found, head(msgspec.json.encode(found)))


def _json(value: Any) -> Any:
    """A value as JSON has it. Times keep their zone, or none: nothing is guessed. Raises ValueError for raw bytes."""
    match value:
        case float() | decimal.Decimal():
            return float(value) if math.isfinite(value) else None
        case datetime.datetime():
            return value.isoformat(timespec="milliseconds")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return value // datetime.timedelta(milliseconds=1)
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                raise ValueError("a column holds bytes that are not UTF-8") from None
        case dict():
            return {name: _json(part) for name, part in value.items()}
        case list():
            return [_json(part) for part in value]
        case _:
            return value
