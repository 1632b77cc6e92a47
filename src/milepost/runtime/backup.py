"""A backup: both stores as of one moment, as one tar archive or as a folder of the same files.

Owns what is in it, in which order, and how it is known to be whole. The state is copied while the hand-over stands
still, so every batch that it calls handed over is in the events, and the others are in the state itself. Must not know
how a store is copied.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import pathlib
import re
import shutil
import tarfile
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from typing import IO, Final, NamedTuple

import msgspec

import milepost
from milepost.errors import Conflict, Invalid, SchemaTooNew, StorageUnavailable
from milepost.kernel.insert import iso
from milepost.ports.backup import Held, Piece
from milepost.ports.clock import Clock

FORMAT: Final = 1
"""Of the backup itself; a newer one is refused."""
MANIFEST: Final = "backup.json"
SUMS: Final = "checksums.json"
STATE: Final = "state.sqlite"
SCRATCH: Final = "backing-up"
"""Folder in the data folder for what has to be made for a backup."""
CHUNK: Final = 1 << 20
NAMES: Final = re.compile(r"state\.sqlite|events/[a-z]+/[A-Za-z0-9_]+(/[A-Za-z0-9_][A-Za-z0-9_.%-]*)+")
"""What may be in a backup besides the manifest and the checksums: nothing that leads out of its folder."""


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself, before everything else."""

    format: int
    milepost: str
    """The version that made it."""
    made: str
    state: str
    """Schema of the state."""
    events: str
    """Schema of the events."""


class Known(NamedTuple):
    """The newest that this Milepost can read."""

    state: str
    events: str


class Backups:
    """Makes backups of one data folder, one at a time."""

    def __init__(
        self,
        folder: pathlib.Path,
        state: Held,
        events: Held,
        clock: Clock,
        *,
        still: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
        room: Callable[[int], None] = lambda size: None,
    ) -> None:
        self._folder = folder
        self._state = state
        self._events = events
        self._clock = clock
        self._still = still
        """Holds the hand-over up."""
        self._room = room
        """Raises StorageFull when so many bytes have no room."""
        self._one = threading.Lock()

    def stream(self) -> Generator[bytes, None, None]:
        """The archive, piece by piece; whoever stops reading closes it. Raises Conflict, StorageFull."""
        if not self._one.acquire(blocking=False):
            raise Conflict("A backup is being made already.", fix="Wait until it is done.")
        scratch = self._folder / SCRATCH
        try:
            # What a killed process left.
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            self._room((self._folder / STATE).stat().st_size)
            with contextlib.ExitStack() as held:
                with self._still():
                    events = held.enter_context(self._events.held())
                    state = held.enter_context(self._state.held())
                manifest = Manifest(
                    FORMAT, milepost.__version__, iso(self._clock.now()), self._state.schema, self._events.schema
                )
                yield from archive(manifest, [*state(scratch), *events(scratch)])
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            self._one.release()


def archive(manifest: Manifest, pieces: list[Piece]) -> Iterator[bytes]:
    """A tar archive of the pieces: the manifest first, the checksums last."""
    sums: dict[str, str] = {}
    yield from _entry(MANIFEST, msgspec.json.encode(manifest), sums)
    for name, path in pieces:
        size, digest = path.stat().st_size, hashlib.blake2b()
        yield _head(name, size)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                yield chunk
            if file.tell() != size:
                raise StorageUnavailable(f"{path.name} changed while it was copied.")
        yield bytes(-size % tarfile.BLOCKSIZE)
        sums[name] = digest.hexdigest()
    yield from _entry(SUMS, msgspec.json.encode(sums), {})
    yield bytes(2 * tarfile.BLOCKSIZE)


def _entry(name: str, content: bytes, sums: dict[str, str]) -> Iterator[bytes]:
    sums[name] = hashlib.blake2b(content).hexdigest()
    yield _head(name, len(content)) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def _head(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.PAX_FORMAT)


def unpack(source: pathlib.Path, into: pathlib.Path | None, known: Known | None = None) -> Manifest:
    """Write what is in a backup to a folder, or only look whether it is whole.

    Raises Invalid when it is none or not whole, and SchemaTooNew before anything is written when it is too new.
    """
    manifest: Manifest | None = None
    given: dict[str, str] | None = None
    found: dict[str, str] = {}
    try:
        for name, file in _entries(source):
            if name == SUMS:
                content = file.read()
                given = msgspec.json.decode(content, type=dict[str, str])
                if into is not None:
                    (into / name).write_bytes(content)
                continue
            if manifest is None:
                content = file.read()
                found[name] = hashlib.blake2b(content).hexdigest()
                manifest = _manifest(name, content, known)
                if into is not None:
                    (into / name).write_bytes(content)
            elif name not in found and NAMES.fullmatch(name):
                found[name] = _write(file, None if into is None else into / name)
            else:
                raise _unfit(source, f"`{name}` does not belong in one")
    except (tarfile.TarError, msgspec.DecodeError, EOFError) as error:
        raise _unfit(source, str(error) or type(error).__name__) from error
    except OSError as error:
        if error.filename is not None and pathlib.Path(error.filename) == source:
            raise Invalid(f"{source} cannot be read: {error.strerror}.", field="backup") from error
        raise
    if manifest is None or given is None:
        raise _unfit(source, "it ends too early")
    if given != found:
        names = sorted(name for name in given.keys() | found.keys() if given.get(name) != found.get(name))
        raise _unfit(source, f"{names[0]} is missing or damaged")
    return manifest


def _manifest(name: str, content: bytes, known: Known | None) -> Manifest:
    if name != MANIFEST:
        raise tarfile.TarError(f"it begins with `{name}`")
    manifest = msgspec.json.decode(content, type=Manifest)
    if known is not None:
        _refuse_newer(manifest, known)
    return manifest


def _refuse_newer(manifest: Manifest, known: Known) -> None:
    newer = (
        manifest.format > FORMAT
        or manifest.state > known.state
        or manifest.events > known.events
        or _release(manifest.milepost) > _release(milepost.__version__)
    )
    if newer:
        message = f"The backup was made by Milepost {manifest.milepost}; this is {milepost.__version__}."
        raise SchemaTooNew(message, field="backup", fix="Restore it with that version, or a newer one.")


def _release(version: str) -> list[int]:
    """A version as it compares: the numbers at its begin."""
    return [int(part) for part in re.findall(r"\d+", version.partition("+")[0])][:3]


def _entries(source: pathlib.Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of every file in a backup, in order."""
    if source.is_dir():
        paths = sorted(path for path in source.rglob("*") if path.is_file())
        for path in sorted(paths, key=lambda path: (path.name == SUMS, path.name != MANIFEST)):
            with path.open("rb") as file:
                yield path.relative_to(source).as_posix(), file
        return
    with tarfile.open(source, "r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            yield member.name, io.BytesIO() if content is None else content


def _write(file: IO[bytes], path: pathlib.Path | None) -> str:
    """Copy a file, if it is to be copied; its digest."""
    digest = hashlib.blake2b()
    with contextlib.ExitStack() as open_files:
        target = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            target = open_files.enter_context(path.open("xb"))
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            if target is not None:
                target.write(chunk)
    return digest.hexdigest()


def _unfit(source: pathlib.Path, why: str) -> Invalid:
    return Invalid(f"{source} is not a whole backup: {why.removesuffix('.')}.", field="backup", fix="Use another one.")
