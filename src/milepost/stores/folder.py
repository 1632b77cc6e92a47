"""The data folder and its one owner (ARCH-2).

Owns DATA/lock: held by flock while a server lives, whatever ends it; it says who owns the folder and how to talk to it.
Must not know what is in the folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import pathlib
import shutil
from typing import Any, NamedTuple

from milepost.errors import FolderInUse, StorageFull, StorageUnavailable


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
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            message = f"The data folder {path} cannot be used: {error.strerror}."
            raise StorageUnavailable(message, field="data", fix="Make it writable, or name another.") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            other = owner_of(path)
            who = f"The server with process id {other.pid} at {other.url}" if other else "Another server"
            message = f"{who} owns the data folder {path}."
            raise FolderInUse(message, field="data", fix="Use that one, stop it, or name another folder.") from None
        os.fchmod(self._lock, 0o600)
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, json.dumps(owner._asdict()).encode(), 0)
        os.fsync(self._lock)

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
