"""The data folder and its one owner (ARCH-2).

Owns DATA/lock: held by flock while a server lives, whatever ends it; it says who owns the folder and how to talk to it.
Must not know what is in the folder.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import pathlib
import secrets
import shutil
import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from milepost.errors import Conflict, FolderInUse, StorageFull, StorageUnavailable

ATTEMPTS: Final = 20
"""How often a lock is tried that somebody holds who does not say who he is."""
PAUSE: Final = 0.02
"""Seconds between two attempts."""


class Owner(NamedTuple):
    """Who owns a data folder."""

    pid: int
    url: str
    token: str
    """Lets commands on this machine act as admin over loopback."""


class DataFolder:
    """A data folder that is ours. Raises FolderInUse when somebody else's, StorageUnavailable when not writable."""

    def __init__(self, path: pathlib.Path, owner: Owner) -> None:
        self.path = path
        self._lock = -1
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            self._take()
            os.fchmod(self._lock, 0o600)
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, json.dumps(owner._asdict()).encode(), 0)
            os.fsync(self._lock)
        except OSError as error:
            self._let_go()
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull(field="data", fix="Free some disk space; nothing is lost.") from error
            message = f"The data folder {path} cannot be used: {error.strerror}."
            raise StorageUnavailable(message, field="data", fix="Make it writable, or name another.") from error
        except FolderInUse:
            self._let_go()
            raise

    def _take(self) -> None:
        for attempt in range(ATTEMPTS):
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                other = owner_of(self.path)
                # Whoever asks for the owner holds the lock for a moment too, and an owner may not have signed yet.
                if other is None and attempt < ATTEMPTS - 1:
                    time.sleep(PAUSE)
                    continue
                who = f"The server with process id {other.pid} at {other.url}" if other else "Another server"
                message = f"{who} owns the data folder {self.path}."
                raise FolderInUse(message, field="data", fix="Use that one, stop it, or name another folder.") from None
            return

    def _let_go(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)

    def refuse_when_full(self, reserve: int) -> None:
        """Raise StorageFull when less than `reserve` bytes of disk are free: before the stores fail, not after."""
        free = shutil.disk_usage(self.path).free
        if free < reserve:
            message = (
                f"Only {free // 1_000_000:,} MB of disk are free; {reserve // 1_000_000:,} MB are kept in reserve."
            )
            raise StorageFull(message, fix="Free some disk space; nothing that was acknowledged is lost.")

    def close(self) -> None:
        """Give the folder up."""
        os.ftruncate(self._lock, 0)
        os.close(self._lock)


@contextlib.contextmanager
def new_folder(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A folder that takes this place, whole, when the block ends; when it raises, everything is as before.

    Raises FolderInUse when somebody owns the place, Conflict when something is there.
    """
    refuse_taken(path)
    # Where the place is a disk of its own, nothing can take it but what is on that disk already.
    inside = path.is_mount()
    made = (path if inside else path.parent) / f".{path.name}.{secrets.token_hex(4)}"
    try:
        made.mkdir(parents=True, mode=0o700)
        yield made
        os.sync()
        refuse_taken(path, but=made)
        if inside:
            # What makes it a data folder comes last.
            for entry in sorted(made.iterdir(), key=lambda entry: entry.is_file()):
                entry.rename(path / entry.name)
        else:
            (path / "lock").unlink(missing_ok=True)
            made.replace(path)
        os.sync()
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull(field="data", fix="Free some disk space.") from error
        message = f"The folder {path} cannot be made: {error.strerror}."
        raise StorageUnavailable(message, field="data", fix="Make its place writable, or name another.") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def refuse_taken(path: pathlib.Path, but: pathlib.Path | None = None) -> None:
    """Raise FolderInUse when somebody owns a folder, Conflict when anything is in its place."""
    if (owner := owner_of(path)) is not None:
        message = f"The server with process id {owner.pid} at {owner.url} owns the data folder {path}."
        raise FolderInUse(message, field="data", fix="Name a new folder; or stop it, and move its folder away.")
    there = path.is_symlink() or path.exists()
    left = [entry for entry in path.iterdir() if entry not in {path / "lock", but}] if path.is_dir() else [path] * there
    # A disk of its own has a folder of its file system.
    left = [entry for entry in left if entry.name != "lost+found"]
    if left:
        message = f"{path} is not empty."
        raise Conflict(message, field="data", fix="Name a new folder: nothing is ever overwritten.")


def owner_of(path: pathlib.Path) -> Owner | None:
    """The owner of a folder, None when nobody owns it now."""
    try:
        with (path / "lock").open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                found: dict[str, Any] = json.loads(file.read() or b"{}")
                return Owner(**found) if found else None
    except (OSError, ValueError):
        return None
    return None
