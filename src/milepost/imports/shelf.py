"""Where the files lie that are imported: `DATA/imports/ID/`, with the rejects of each beside it.

Owns names, bytes that are durable, and what is removed when. Must not know how far an import is: it is told.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import shutil
from collections.abc import Iterator
from typing import Final

from milepost.errors import StorageFull, StorageUnavailable
from milepost.ports.state_store import ImportRow

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
CHUNK: Final = 1 << 20
"""Bytes of a file that are held while it is sent."""
PRIVATE: Final = 0o700
"""Nobody else on the machine reads what customers have done."""


class Shelf:
    """The folder of all imports."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder

    def file(self, row: ImportRow) -> pathlib.Path:
        """Where the file lies while it is needed."""
        return self._folder / row.id / row.name

    def rejects(self, row: ImportRow) -> pathlib.Path:
        """Where its rejects lie, if there are any."""
        return self._folder / row.id / f"{row.name}.rejects.jsonl"

    def size(self, row: ImportRow) -> int:
        """Bytes of the file that lie here."""
        file = self.file(row)
        return file.stat().st_size if file.is_file() else 0

    def put(self, row: ImportRow, at: int, piece: bytes) -> None:
        """Write a piece of the file where it belongs, durably. Raises StorageFull, StorageUnavailable."""
        with _told():
            _write(self._made(row) / row.name, at, piece)

    def put_rejects(self, row: ImportRow, lines: bytes) -> int:
        """Write rejects behind those that count, durably; the bytes that count then. Raises OSError."""
        file = self.rejects(row)
        at = min(row.rejects, file.stat().st_size if file.exists() else 0)
        _write(self._made(row) / file.name, at, lines)
        return at + len(lines)

    def read_rejects(self, row: ImportRow) -> Iterator[bytes]:
        """The rejects that count, piece by piece."""
        left = row.rejects
        with contextlib.suppress(FileNotFoundError), self.rejects(row).open("rb") as file:
            while left and (piece := file.read(min(CHUNK, left))):
                left -= len(piece)
                yield piece

    def remove_file(self, row: ImportRow) -> None:
        """The file is not needed any more."""
        self.file(row).unlink(missing_ok=True)

    def remove(self, id: str) -> None:
        """Nothing of an import is needed any more."""
        shutil.rmtree(self._folder / id, ignore_errors=True)

    def ids(self) -> list[str]:
        """The imports of which there is anything."""
        return [entry.name for entry in self._folder.iterdir()] if self._folder.is_dir() else []

    def _made(self, row: ImportRow) -> pathlib.Path:
        folder = self._folder / row.id
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        return folder


def _write(path: pathlib.Path, at: int, content: bytes) -> None:
    """Write at a place and forget what was behind it."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.ftruncate(number, at)
        rest = memoryview(content)
        while rest:
            written = os.pwrite(number, rest, at)
            at, rest = at + written, rest[written:]
        os.fsync(number)
    finally:
        os.close(number)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritten(error) from error


def unwritten(error: OSError) -> StorageFull | StorageUnavailable:
    """Our error for a disk that could not be written."""
    if error.errno in FULL:
        return StorageFull(fix="Free some disk space, then go on.")
    return StorageUnavailable(f"The folder of the imports cannot be written: {error.strerror}.")
