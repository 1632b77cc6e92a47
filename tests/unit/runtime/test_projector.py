"""Hand-over: each committed batch reaches the event store exactly once, whatever breaks in between (ARCH-2)."""

from __future__ import annotations

from typing import Any

import pytest

from milepost.ports.event_store import Table
from milepost.runtime import projector
from milepost.runtime.projector import BATCHES_AT_ONCE, ENOUGH_BYTES, MARGIN, MOST_FORGOTTEN, TABLES, Projector
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock, World
from tests.unit.kernel.trial import ANN, definition, node, trigger

END = node("end", "end")
CHANGES = definition(trigger("set"), node("set", "update_profile", {"set": {"n": "{{ now }}"}}, next="end"), END)


class Breaking(MemoryEventStore):
    """Fails at the n-th insert, before it or just after it, and counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.fails_in = -1
        self.after_it = False
        self.questions = 0
        self.inserts: list[tuple[Table, int]] = []

    def append(self, table: Table, batch: int, rows: bytes) -> None:
        self.fails_in -= 1
        if self.fails_in == 0 and not self.after_it:
            raise OSError("no space left")
        super().append(table, batch, rows)
        # The batch is the last column of every table.
        numbers = dict.fromkeys(int(line.rpartition("\t")[2]) for line in rows.decode().splitlines())
        assert next(iter(numbers)) == batch
        self.inserts.extend((table, number) for number in numbers)
        if self.fails_in == 0:
            raise OSError("the connection broke")

    def batches(self, table: Table, first: int) -> set[int]:
        self.questions += 1
        return super().batches(table, first)


class Forgetful(MemoryStateStore):
    """Loses the next transaction that writes, once."""

    loses = False

    def writing(self) -> Any:
        if self.loses:
            self.loses = False
            raise OSError("the disk is gone")
        return super().writing()


def made(number: int = 1) -> tuple[World, Breaking, Forgetful]:
    """A world with so many committed batches that nobody has handed over."""
    events, store = Breaking(), Forgetful()
    world = World(store=store, events=events)
    world.activate(world.create_journey(CHANGES))
    for at in range(1_000, 1_000 + number):
        world.send([{"profile": ANN, "action": "enter"}], at=at)
        world.engine.lifecycle.run_until(world.workspace, at)
        while world.engine.step():
            pass
    return world, events, store


def drained(world: World) -> bool:
    while world.engine.projector.step():
        pass
    with world.store.reading() as tx:
        return tx.unprojected(limit=1) == []


def complete(world: World, events: Breaking, number: int) -> bool:
    """Every batch is in every table, once."""
    return sorted(events.inserts) == sorted((table, batch) for table in TABLES for batch in range(1, number + 1))


def test_a_batch_goes_into_every_table_that_has_rows_in_it() -> None:
    world, events, _ = made(3)
    assert drained(world)
    assert complete(world, events, 3)
    assert [row["action"] for row in world.activity()][:5] == [
        "enter", "automation.clientStartPath", "automation.clientPathStep", "profile.updated",
        "automation.clientEndPath",
    ]  # fmt: skip
    assert events.count(world.workspace, "profiles") == 1
    assert not world.engine.projector.step(), "nothing is left to do"


TOGETHER = [(ENOUGH_BYTES, at) for at in range(1, 4)]
APART = [(1, at) for at in range(1, 10)]


@pytest.mark.parametrize("after_it", [False, True], ids=["before the insert", "after it"])
@pytest.mark.parametrize(("enough", "at"), TOGETHER + APART)
def test_an_insert_that_fails_is_made_good_and_nothing_is_doubled(
    enough: int, at: int, after_it: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "ENOUGH_BYTES", enough)
    world, events, _ = made(3)
    events.fails_in, events.after_it = at, after_it
    with pytest.raises(OSError, match=r"no space left|the connection broke"):
        drained(world)
    assert drained(world)
    assert complete(world, events, 3)


def test_a_crash_between_insert_and_mark_is_made_good() -> None:
    world, events, store = made(3)
    store.loses = True
    with pytest.raises(OSError, match="the disk is gone"):
        world.engine.projector.step()
    assert drained(world)
    assert complete(world, events, 3)


def test_a_restart_asks_first() -> None:
    world, events, store = made(3)
    store.loses = True
    with pytest.raises(OSError, match="the disk is gone"):
        world.engine.projector.step()
    again = Projector(store, events, FixedClock())
    while again.step():
        pass
    assert complete(world, events, 3)


def test_it_asks_once_after_a_start_and_again_only_after_an_error() -> None:
    world, events, _ = made(BATCHES_AT_ONCE + 1)
    assert drained(world)
    assert events.questions == len(TABLES)

    world.send([{"profile": ANN, "action": "enter"}], at=5_000)
    events.fails_in = 1
    with pytest.raises(OSError, match="no space left"):
        world.run_to(5_000)
    assert events.questions == len(TABLES)
    assert drained(world)
    assert events.questions == 2 * len(TABLES)
    assert complete(world, events, BATCHES_AT_ONCE + 2)


def test_old_ids_are_forgotten_however_many_there_are() -> None:
    world, _, store = made(1)
    clock: Any = world.engine.clock
    with store.writing() as tx:
        tx.remember_ids(world.workspace, [f"i{number}" for number in range(2 * MOST_FORGOTTEN + 5)], 500)
        tx.remember_ids(world.workspace, ["later"], MARGIN + 1)
        tx.add_cause_starts(world.workspace, {"root": 1}, 500)
    clock.time = MARGIN
    assert world.engine.projector.step(), "although there is something to hand over"
    with store.reading() as tx:
        assert tx.known_ids(world.workspace, ["i0", f"i{2 * MOST_FORGOTTEN}", "later"]) == {"later"}
        assert tx.cause_starts(world.workspace, ["root"]) == {}


def test_batches_are_kept_for_a_margin_and_then_deleted() -> None:
    """So that a power cut of the event store loses nothing."""
    world, _, store = made(2)
    clock: Any = world.engine.clock
    assert drained(world)
    for passed, kept in ((MARGIN, 2), (MARGIN + MARGIN // 10 + 1, 0)):
        clock.time = passed
        assert drained(world)
        assert len(store._tables.batches) == kept
