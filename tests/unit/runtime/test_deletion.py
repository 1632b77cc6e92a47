"""A workspace that is deleted while the threads are at work: nothing of it stays, comes back, or stops the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from milepost.errors import Conflict, StorageUnavailable, WorkspaceGone
from milepost.ingest import native
from milepost.ports.sender import Intent, Receipt
from milepost.ports.state_store import Transaction
from milepost.runtime.engine import Engine
from milepost.runtime.outbox import Outbox
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock
from tests.unit.kernel.trial import ANN, definition, node, trigger

CALL = node("call", "webhook", {"url": "https://example.com", "response_event": "answered"}, next="wait")
WAIT = node("wait", "delay", {"duration": {"value": 1, "unit": "hour"}}, next="end")
DRAWN = definition(trigger("call"), CALL, WAIT, node("end", "end"))
ENTER = native.parse(json.dumps([{"profile": ANN, "action": "enter"}]).encode())


class Interrupted(MemoryStateStore):
    """Something else happens just before a transaction that writes."""

    def __init__(self) -> None:
        super().__init__()
        self.interruptions: list[Callable[[], None] | None] = []

    def writing(self) -> Any:
        interruption = self.interruptions.pop(0) if self.interruptions else None
        if interruption is not None:
            interruption()
        return super().writing()


class Unwilling(MemoryEventStore):
    """Cannot delete, as long as it is told so."""

    unwilling = False

    def delete_workspace(self, workspace: int) -> None:
        if self.unwilling:
            raise StorageUnavailable
        super().delete_workspace(workspace)


class Answering:
    """A provider that answers when it is told."""

    channel = name = "webhook"

    def __init__(self) -> None:
        self.answer: Future[Receipt] = Future()

    def send(self, intent: Intent) -> Receipt:
        return self.answer.result(10)

    def close(self) -> None:
        pass


class Shops:
    """One's own workspace and a demo, both with a journey that Ann has entered."""

    def __init__(self) -> None:
        self.store, self.events, self.clock = Interrupted(), Unwilling(), FixedClock(1_000_000)
        self.engine = Engine(self.store, self.events, self.clock)
        self.own = self.engine.create_workspace("own", "real").key
        self.demo = self.engine.create_workspace("Demo", "real", demo=True).key
        for workspace in (self.own, self.demo):
            journey = self.engine.lifecycle.create(workspace, DRAWN, "ann").id
            self.engine.lifecycle.command(workspace, journey, "activate", "ann")
        self.engine.drain()
        for workspace in (self.own, self.demo):
            self.engine.intake.store_now([(workspace, ENTER)])

    def delete(self) -> None:
        self.engine.delete_workspace(self.demo)

    def left(self) -> int:
        """How many rows there are of the demo, in both stores."""
        with self.store.reading() as tx:
            tables: list[list[Any]] = [
                tx.pending_inputs(self.demo, limit=9),
                tx.list_profiles(self.demo, limit=9),
                tx.intents(self.demo, limit=9),
            ]
            tables += [tx.runs_of_profiles(self.demo, range(1, 9)), tx.journeys(self.demo), tx.api_keys(self.demo)]
            tables += [[row for row in tx.unprojected(limit=99) if row.workspace == self.demo]]
            tables += [[row for row in tx.workspaces() if row.key == self.demo]]
        return sum(map(len, tables)) + self.events.count(self.demo, "activity")

    def entered(self) -> int:
        """How many moves there are on the own workspace's card."""
        return self.events.count(self.own, "activity")


def test_a_demo_is_deleted_and_the_rest_goes_on() -> None:
    shops = Shops()
    shops.engine.drain()
    entered = shops.entered()
    assert shops.left() > 5
    shops.delete()
    assert shops.left() == 0
    shops.engine.intake.store_now([(shops.own, ENTER)])
    shops.engine.drain()
    assert shops.entered() > entered
    with pytest.raises(WorkspaceGone):
        shops.delete()


def test_only_a_demo_is_deleted_and_never_the_last_workspace() -> None:
    shops = Shops()
    with pytest.raises(Conflict, match="not a demo"):
        shops.engine.delete_workspace(shops.own)
    alone = Engine(MemoryStateStore(), MemoryEventStore(), FixedClock())
    with pytest.raises(Conflict, match="only workspace"):
        alone.delete_workspace(alone.create_workspace("Demo", "real", demo=True).key)


def test_what_was_committed_and_not_handed_over_is_never_handed_over() -> None:
    shops = Shops()
    while shops.engine.step():
        pass
    shops.delete()
    assert shops.left() == 0
    shops.engine.drain()
    assert shops.left() == 0
    assert shops.entered() > 0


@pytest.mark.parametrize("write", range(1, 12))
def test_a_batch_or_a_command_in_hand_leaves_nothing_behind(write: int) -> None:
    """Whichever transaction of the cycle it comes before."""
    shops = Shops()
    with shops.store.reading() as tx:
        [journey] = tx.journeys(shops.demo)
    shops.engine.lifecycle.command(shops.demo, journey.id, "exit", "ann")
    shops.store.interruptions = [*[None] * (write - 1), shops.delete]
    while shops.engine.step():
        pass
    if shops.store.interruptions:
        shops.store.interruptions.clear()
        shops.delete()
    assert shops.left() == 0
    shops.engine.drain()
    assert shops.left() == 0
    assert shops.entered() > 0


def test_a_virtual_run_in_hand_does_not_bring_the_workspace_back() -> None:
    shops = Shops()
    shops.demo = shops.engine.create_workspace("Demo 2", "virtual", demo=True).key
    shops.engine.drain()
    shops.engine.lifecycle.run_until(shops.demo, 5_000)
    # One for the look at the clock of each workspace; the next ends the run.
    shops.store.interruptions = [None, None, None, shops.delete]
    shops.engine.drain()
    assert not shops.store.interruptions
    assert shops.left() == 0


def test_events_for_a_workspace_that_is_gone_are_refused_and_others_are_not() -> None:
    shops = Shops()
    shops.engine.drain()
    shops.delete()
    shops.engine.intake.start()
    answers = [shops.engine.intake.submit(workspace, ENTER) for workspace in (shops.demo, shops.own, shops.demo)]
    shops.engine.intake.stop()
    assert [type(answer.exception(10)) for answer in answers] == [WorkspaceGone, type(None), WorkspaceGone]
    with pytest.raises(WorkspaceGone):
        shops.engine.intake.store_now([(shops.own, ENTER), (shops.demo, ENTER)])
    assert shops.left() == 0


def test_an_answer_that_comes_for_a_workspace_that_is_gone_is_dropped() -> None:
    shops, sender = Shops(), Answering()
    outbox = Outbox(shops.store, shops.engine.log, shops.clock, {"webhook": sender})
    shops.engine.drain()
    assert outbox.step(0)
    shops.delete()
    sender.answer.set_result(Receipt("sent", response={"status": 200}, provider="http"))
    while outbox.step(10):
        pass
    outbox.close()
    assert shops.left() == 0

    def states(tx: Transaction) -> list[str]:
        return [row.state for row in tx.intents(shops.own, limit=9)]

    with shops.store.reading() as tx:
        assert states(tx) == ["sent"]


def test_a_deletion_that_was_cut_short_is_made_again() -> None:
    shops = Shops()
    shops.engine.drain()
    shops.events.unwilling = True
    with pytest.raises(StorageUnavailable):
        shops.delete()
    with shops.store.reading() as tx:
        assert shops.demo in {row.key for row in tx.workspaces()}
    shops.events.unwilling = False
    shops.engine.drain()
    shops.delete()
    assert shops.left() == 0


def test_nobody_waits_for_the_timers_of_a_workspace_that_is_gone() -> None:
    shops = Shops()
    shops.engine.drain()
    due = shops.engine.next_due()
    assert due == shops.clock.time + 3_600_000
    shops.delete()
    assert shops.engine.next_due() == due
