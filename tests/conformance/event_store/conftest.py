"""Every adapter of the port, one fixture: what it gives, every store must do."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator

import pytest

from milepost.ports.event_store import EventStore
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.memory.event_store import MemoryEventStore
from tests import clickhouse

_WORKSPACES = itertools.count(1)


@pytest.fixture(scope="module")
def open_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], EventStore]]:
    """Opens a store once per module. chDB lets only one folder into a process: this fixture owns it, and closes it."""
    stores: dict[str, EventStore] = {}
    with contextlib.ExitStack() as opened:

        def made(name: str) -> EventStore:
            match name:
                case "memory":
                    return MemoryEventStore()
                case "clickhouse":
                    return ClickHouseEventStore.open(tmp_path_factory.mktemp("events"))
            server = opened.enter_context(clickhouse.running(tmp_path_factory.mktemp("server")))
            return ClickHouseEventStore.connect(server.address, epoch=1)

        def open_store(name: str) -> EventStore:
            if name not in stores:
                stores[name] = made(name)
                opened.callback(stores[name].close)
            return stores[name]

        yield open_store


@pytest.fixture(params=["memory", "clickhouse", "server"])
def store(request: pytest.FixtureRequest, open_stores: Callable[[str], EventStore]) -> EventStore:
    return open_stores(request.param)


@pytest.fixture
def workspace() -> int:
    """A workspace that no other test uses."""
    return next(_WORKSPACES)
