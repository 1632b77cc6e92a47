"""The threads of a server: they start, work, survive errors and stop; nobody polls (ARCH-5)."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from milepost.ingest import native
from milepost.ports.event_store import Table
from milepost.ports.sender import Intent, Receipt
from milepost.runtime import worker as worker_module
from milepost.runtime.engine import Engine
from milepost.runtime.intake import Stored
from milepost.runtime.outbox import Outbox
from milepost.runtime.worker import Worker
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from tests.unit.kernel.trial import definition, node, trigger

PATIENCE = 10.0
"""Seconds for which a test waits for what must come."""
SECOND = {"duration": {"value": 1, "unit": "second"}}
CALL = node("call", "webhook", {"url": "https://example.com", "response_event": "answered"}, next="wait")
DRAWN = definition(
    trigger("call"), CALL, node("wait", "event_filter", {"action": "answered"}, matched="end"), node("end", "end")
)


class Watched(MemoryEventStore):
    """Says when an action has arrived, and fails as often as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = threading.Condition()
        self.failures = 0

    def append(self, table: Table, batch: int, rows: bytes) -> None:
        with self.changed:
            if self.failures:
                self.failures -= 1
                raise OSError("no space left")
            super().append(table, batch, rows)
            self.changed.notify_all()

    def wait_for(self, action: str, number: int = 1) -> bool:
        def there() -> bool:
            return len([row for row in self._rows["activity"] if row["action"] == action]) >= number

        with self.changed:
            self.changed.wait_for(there, PATIENCE)
            return there()


class Steady:
    """The real time, in milliseconds."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000


class Answering:
    channel, name = "webhook", "answering"

    def __init__(self) -> None:
        self.closed = False

    def send(self, intent: Intent) -> Receipt:
        return Receipt("sent", response={"status": 200}, provider=self.name)

    def close(self) -> None:
        self.closed = True


class Server:
    """A worker over stores in memory, with the journey `DRAWN` going."""

    def __init__(self, drawn: dict[str, Any] = DRAWN) -> None:
        self.events, self.sender = Watched(), Answering()
        self.engine = Engine(MemoryStateStore(), self.events, Steady())
        self.workspace = self.engine.create_workspace("real", "real").key
        outbox = Outbox(
            self.engine.store, self.engine.log, self.engine.clock, {"webhook": self.sender}, self.engine.work.set
        )
        self.worker = Worker(self.engine, outbox)
        self.worker.start()
        journey = self.engine.lifecycle.create(self.workspace, drawn, "ann").id
        _, outcome = self.engine.lifecycle.command(self.workspace, journey, "activate", "ann")
        self.engine.work.set()
        assert outcome.result(PATIENCE)["state"] == "active"

    def enter(self, who: str) -> None:
        body = json.dumps({"profile": {"custom_id": who}, "action": "enter"}).encode()
        [result] = self.engine.intake.submit(self.workspace, native.parse(body)).result(PATIENCE)
        assert isinstance(result, Stored)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A thread looks again when it is woken, and else long after the test; the garbage collector is put back."""
    monkeypatch.setattr(worker_module, "PAUSE_AFTER_ERROR", 0.001)
    monkeypatch.setattr(worker_module, "LONGEST_WAIT", 100 * PATIENCE)
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.worker.stop()


def test_an_event_goes_all_the_way_without_anybody_asking_again(server: Server) -> None:
    """Intake, cycle, outbox, the answer, the card: each thread wakes the next."""
    server.enter("ann")
    assert server.events.wait_for("automation.clientEndPath")
    assert server.worker.problems == {}


def test_a_timer_is_taken_when_it_is_due_and_not_before() -> None:
    wait = definition(trigger("wait"), node("wait", "delay", SECOND, next="end"), node("end", "end"))
    server = Server(wait)
    started = time.monotonic()
    server.enter("ann")
    assert server.events.wait_for("automation.clientEndPath")
    assert time.monotonic() - started >= 1
    server.worker.stop()


def test_a_thread_says_its_problem_goes_on_and_takes_it_back(server: Server) -> None:
    server.events.failures = 3
    problem = threading.Event()
    problems = server.worker.problems

    class Noting(dict[str, str]):
        def __setitem__(self, name: str, text: str) -> None:
            super().__setitem__(name, text)
            problem.set()

    server.worker.problems = Noting(problems)
    server.enter("ann")
    assert problem.wait(PATIENCE)
    assert server.events.wait_for("automation.clientEndPath")
    server.enter("bob")
    assert server.events.wait_for("automation.clientEndPath", 2)
    server.worker.stop()
    assert server.worker.problems == {}


def test_an_error_of_the_cycle_stops_nobody(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = threading.Event()
    cycle = server.engine.cycles()[0]
    step = cycle.step
    left = [2]

    def stumbling() -> bool:
        if left[0]:
            left[0] -= 1
            failed.set()
            raise RuntimeError("a defect")
        return step()

    monkeypatch.setattr(cycle, "step", stumbling)
    server.enter("ann")
    assert failed.wait(PATIENCE)
    assert server.events.wait_for("automation.clientEndPath")


def test_stopping_ends_every_thread_and_releases_the_providers() -> None:
    before = set(threading.enumerate())
    server = Server()
    assert {thread.name for thread in set(threading.enumerate()) - before} >= {"intake", "cycle", "projector", "outbox"}
    server.enter("ann")
    server.worker.stop()
    assert set(threading.enumerate()) <= before
    assert server.sender.closed
    server.worker.stop()


def test_what_was_stored_before_the_end_goes_on_after_the_next_start() -> None:
    server = Server()
    server.enter("ann")
    server.worker.stop()
    engine = server.engine
    again = Worker(engine, Outbox(engine.store, engine.log, engine.clock, {"webhook": Answering()}, engine.work.set))
    again.start()
    assert server.events.wait_for("automation.clientEndPath")
    again.stop()
