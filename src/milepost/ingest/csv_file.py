"""CSV: a header, then one row per line or, inside quotes, over several.

Owns what separates the cells and how a broken row is given up without those behind it. Must not know what cells mean.
"""

from __future__ import annotations

import csv
import pathlib
from collections.abc import Iterator
from contextlib import closing

from milepost.errors import Invalid
from milepost.ingest.lines import MAX_LINE, Lines
from milepost.ingest.record import BEGIN, Damaged, Opened, Record, Reject, Start, Tally, head, reject


def opened(path: pathlib.Path, tally: Tally, start: Start = BEGIN) -> Opened:
    """The columns, and the rows from a start on. Raises Invalid when the first line does not name the columns."""
    header, delimiter = _header(path)
    return Opened(header, _rows(path, header, delimiter, tally, start))


def _header(path: pathlib.Path) -> tuple[list[str], str]:
    """The columns of a CSV and what separates them."""
    with closing(Lines(path, Tally())) as lines:
        try:
            first = lines.next()
            text = first[1].decode("utf-8-sig") if first else ""
        except (Damaged, UnicodeDecodeError) as error:
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


def _rows(
    path: pathlib.Path, header: list[str], delimiter: str, tally: Tally, start_at: Start
) -> Iterator[Record | Reject]:
    with closing(Lines(path, tally, start_at)) as lines:
        records = lines.records()
        if start_at == BEGIN:
            next(records, None)  # the header
        number = start_at.number
        for start in records:
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
                yield reject(line, "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error), raw)
            else:
                yield Record(line, number, dict(zip(header, cells, strict=True)), head(raw))


def _cells(lines: Lines, start: tuple[int, bytes], delimiter: str) -> list[str]:
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
            following = lines.next()
            if following is None:
                break
            more.append(following)
            size += len(following[1]) + 1
            quotes += following[1].count(b'"')
        return _parse(b"\n".join([first, *(part for _, part in more)]), delimiter)
    except (Damaged, ValueError, csv.Error):
        lines.put_back(more)
        raise ValueError("a quote is opened and not closed") from None


def _parse(raw: bytes, delimiter: str) -> list[str]:
    (cells,) = csv.reader([raw.decode()], delimiter=delimiter, strict=True)
    return cells
