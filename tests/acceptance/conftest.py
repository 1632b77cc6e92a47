"""A server in memory, spoken to over HTTP; its threads are real, and `settle` waits by doing what is left to do.

Owns the driver and the client. Must not reach around the API, but for `settle`.
"""

from __future__ import annotations

import pathlib
import tempfile
import threading
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from milepost.access import keys
from milepost.api.server import create_api
from milepost.errors import StorageFull
from milepost.imports.desk import Desk
from milepost.imports.runner import Runner
from milepost.imports.shelf import Shelf
from milepost.ports.state_store import ApiKeyRow, StateStore
from milepost.runtime.engine import Engine
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock

Json = dict[str, Any]
START = 1_772_355_600_000
"""2026-03-01T09:00:00Z"""
OWNER_TOKEN = "token-of-the-owner"


class Server:
    """An engine whose work a thread of the test does, and a client with a key of its first workspace."""

    def __init__(self, store: StateStore | None = None) -> None:
        self.clock = FixedClock(START)
        self.disk_is_full = False
        self.engine = Engine(store or MemoryStateStore(), MemoryEventStore(), self.clock, guard=self._guard)
        self.problems: dict[str, str] = {}
        workspace = self.engine.create_workspace("default", "real")
        self.key = keys.generate()
        with self.engine.store.writing() as tx:
            tx.put_api_key(ApiKeyRow(keys.hash_key(self.key), workspace.key, "first", START))
        self._folder = tempfile.TemporaryDirectory()
        desk = Desk(
            self.engine.store, self.clock, Shelf(pathlib.Path(self._folder.name)), complete=self.engine.work.set
        )  # fmt: skip
        self._imports = Runner(desk, self.engine.intake, self.engine.work)
        api = create_api(self.engine, ready=lambda: self.problems, owner_token=OWNER_TOKEN, files=desk)
        self.client = TestClient(api, raise_server_exceptions=False, headers={"Authorization": f"Bearer {self.key}"})
        self._one_at_a_time = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._drive, daemon=True)

    def start(self) -> None:
        self.engine.intake.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self.engine.work.set()
        self._thread.join()
        self.engine.intake.stop()
        self.client.close()
        self._folder.cleanup()

    def _guard(self) -> None:
        if self.disk_is_full:
            raise StorageFull

    def settle(self) -> None:
        """Return when nothing is left to take or to hand over."""
        with self._one_at_a_time:
            self.engine.drain()

    def _drive(self) -> None:
        while not self._stopping:
            self.engine.work.wait()
            self.engine.work.clear()
            while self._imports.step():
                pass
            self.settle()

    # --- what most tests do ------------------------------------------------------------------------------------------

    def get(self, path: str, **more: Any) -> Any:
        """Settle, then the JSON of a successful answer."""
        self.settle()
        answer = self.client.get(f"/api/v1{path}", **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
        """The JSON of an answer with this status."""
        answer = self.client.post(f"/api/v1{path}", json=body, **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    def send(self, *events: Json) -> Any:
        """Store events."""
        return self.post("/events", list(events))

    def journey(self, definition: Json, *, active: bool = True) -> str:
        """Store a journey, and activate it."""
        id: str = self.post("/journeys", definition, 201)["id"]
        if active:
            self.post(f"/journeys/{id}/activate")
        return id

    def use(self, key: str) -> None:
        """Speak with another key from now on."""
        self.client.headers["Authorization"] = f"Bearer {key}"

    def virtual(self, name: str = "sandbox", **more: Any) -> None:
        """Make a workspace with a virtual clock and speak with its key from now on."""
        self.use(self.post("/workspaces", {"name": name, "clock": "virtual", **more}, 201)["key"]["key"])

    def run(self, to: str = "end") -> None:
        """Let the virtual clock run, and wait until it stands."""
        self.post("/workspace/run", {"to": to}, 202)
        self.settle()


def failure(answer: Response, status: int, code: str) -> Json:
    """The error in an answer, which has the one shape that all errors have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error: Json = answer.json()["error"]
    assert list(error) == ["code", "message", "field", "fix", "details"]
    assert error["code"] == code
    assert error["message"].endswith(".")
    return error


CART: Json = {
    "name": "Cart",
    "nodes": [
        {
            "id": "left", "type": "profile_event", "title": "Cart abandoned", "outlets": {"next": "wait"},
            "settings": {
                "action": "cart.abandoned", "where": [{"param": "total", "op": "greater_or_equal", "value": 50}],
            },
        },
        {
            "id": "wait", "type": "event_filter", "title": "Bought within an hour?",
            "outlets": {"matched": "bought", "not_matched": "tag"},
            "settings": {"action": "order.completed", "limit": {"value": 1, "unit": "hour"}},
        },
        {
            "id": "tag", "type": "update_profile", "title": "Remember", "outlets": {"next": "lost"},
            "settings": {"add_tags": ["left-a-cart"]},
        },
        {"id": "bought", "type": "end", "title": "Bought"},
        {"id": "lost", "type": "end", "title": "Lost"},
    ],
}  # fmt: skip
"""The journey of the README."""
