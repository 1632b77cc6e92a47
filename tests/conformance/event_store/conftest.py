"""Every adapter of the port, one fixture: what it gives, every store must do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from milepost.ports.event_store import EventStore
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.memory.event_store import MemoryEventStore

_WORKSPACES = itertools.count(1)


@pytest.fixture(scope="module")
def open_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], EventStore]]:
    """Opens a store once per module. chDB lets only one folder into a process: this fixture owns it, and closes it."""
    stores: dict[str, EventStore] = {}

    def open_store(name: str) -> EventStore:
        if name not in stores:
            if name == "memory":
                stores[name] = MemoryEventStore()
            else:
                stores[name] = ClickHouseEventStore.open(tmp_path_factory.mktemp("events"))
        return stores[name]

    yield open_store
    for store in stores.values():
        store.close()


@pytest.fixture(params=["memory", "clickhouse"])
def store(request: pytest.FixtureRequest, open_stores: Callable[[str], EventStore]) -> EventStore:
    return open_stores(request.param)


@pytest.fixture
def workspace() -> int:
    """A workspace that no other test uses."""
    return next(_WORKSPACES)
