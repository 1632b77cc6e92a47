"""Each store that keeps the promises of the port. Another one is one more line in `STORES`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from milepost.ports.state_store import StateStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.stores.postgresql import PostgresqlStore
from milepost.stores.sqlite import SqliteStore

STORES: Final[dict[str, Callable[[pytest.FixtureRequest], StateStore]]] = {
    "memory": lambda _: MemoryStateStore(),
    "sqlite": lambda request: SqliteStore(request.getfixturevalue("tmp_path") / "state.db"),
    "postgresql": lambda request: PostgresqlStore(request.getfixturevalue("postgresql").emptied()),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Iterator[StateStore]:
    """An empty store."""
    with contextlib.closing(STORES[request.param](request)) as made:
        yield made
