"""Each store that keeps the promises of the port. Another one is one more line in `STORES`."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from milepost.ports.state_store import StateStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.stores.sqlite import SqliteStore

STORES: Final[dict[str, Callable[[pathlib.Path], StateStore]]] = {
    "memory": lambda _: MemoryStateStore(),
    "sqlite": lambda folder: SqliteStore(folder / "state.db"),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[StateStore]:
    """An empty store."""
    with contextlib.closing(STORES[request.param](tmp_path)) as made:
        yield made
