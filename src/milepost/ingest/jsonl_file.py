"""JSON lines: one object per line.

Owns how a line becomes an object. Must not know what is in it.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec

from milepost.ingest.lines import MAX_LINE, Lines
from milepost.ingest.record import BEGIN, Opened, Record, Reject, Start, Tally, head, reject


def opened(path: pathlib.Path, tally: Tally, start: Start = BEGIN) -> Opened:
    """The rows from a start on; each may have fields of its own."""
    return Opened(None, _rows(path, tally, start))


def _rows(path: pathlib.Path, tally: Tally, start_at: Start) -> Iterator[Record | Reject]:
    with closing(Lines(path, tally, start_at)) as lines:
        number = start_at.number
        for start in lines.records():
            if isinstance(start, Reject):
                yield start
                return
            line, raw = start
            if not raw.strip():
                continue
            number += 1
            if len(raw) > MAX_LINE:
                yield reject(line, f"it has more than {MAX_LINE:,} bytes", raw)
                continue
            try:
                cells = msgspec.json.decode(raw, type=dict[str, Any])
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield reject(line, f"it is not a JSON object: {error}", raw)
                continue
            yield Record(line, number, cells, head(raw))
