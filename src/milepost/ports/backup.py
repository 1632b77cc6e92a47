"""Copying a store while it is at work.

Owns what a backup asks of a store that lives in the data folder. A store that lives elsewhere is backed up there.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol


class Piece(NamedTuple):
    """One file of a backup."""

    name: str
    """Its place in the backup, with slashes."""
    path: pathlib.Path
    """Where it is read from; it does not change while the store is held."""


Pieces = Callable[[pathlib.Path], list[Piece]]
"""Names the files of a store that is held; the folder is for those that have to be made first."""


class Held(Protocol):
    """A store that can be held: others go on writing to it, and what was there is still to be had."""

    @property
    def schema(self) -> str:
        """Of which form the data is: grows with every migration, compared as text."""

    def held(self) -> AbstractContextManager[Pieces]:
        """Inside the block the store can be copied as it was at the block's begin. Raises StorageUnavailable."""
