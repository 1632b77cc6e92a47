"""The lines of a text file, also of a compressed one, in a stream.

Owns numbers, the longest line that is held, and what a damaged file still gives. Must not know what a line means.
"""

from __future__ import annotations

import gzip
import pathlib
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from typing import IO, Final

from milepost.ingest.record import BEGIN, Damaged, Reject, Start, Tally, damaged

MAX_LINE: Final = 262_144
"""Bytes of a line, or of a CSV row over several lines."""


class Lines:
    """The lines of a file with their numbers; lines can be put back."""

    def __init__(self, path: pathlib.Path, tally: Tally, start: Start = BEGIN) -> None:
        self._raw = path.open("rb")
        self._raw.seek(start.position)
        self._stream: gzip.GzipFile | IO[bytes] = self._raw
        if path.suffix == ".gz":
            self._stream = gzip.GzipFile(fileobj=self._raw)
        self._back: deque[tuple[int, bytes]] = deque()
        self._tally = tally
        self.number = start.line

    def next(self) -> tuple[int, bytes] | None:
        """The next line without its end, or None. Raises Damaged when the file cannot be read on."""
        if self._back:
            line_back = self._back.popleft()
            self._tally.whole = not self._back
            return line_back
        try:
            line = self._stream.readline(MAX_LINE + 1)
            cut = line
            while len(cut) > MAX_LINE and not cut.endswith(b"\n"):
                cut = self._stream.readline(MAX_LINE + 1)
        except (EOFError, OSError, zlib.error) as error:
            raise Damaged(str(error)) from error
        if not line:
            return None
        self.number += 1
        self._tally.position = self._raw.tell()
        return self.number, line.rstrip(b"\r\n")

    def records(self) -> Iterator[tuple[int, bytes] | Reject]:
        """Every line that is left, and a reject in place of those that a damaged file keeps."""
        while True:
            try:
                line = self.next()
            except Damaged as error:
                yield damaged(self.number + 1, error)
                return
            if line is None:
                return
            yield line

    def put_back(self, lines: Sequence[tuple[int, bytes]]) -> None:
        """These lines come next, in this order."""
        self._back.extendleft(reversed(lines))
        self._tally.whole = not self._back

    def close(self) -> None:
        self._stream.close()
        self._raw.close()
