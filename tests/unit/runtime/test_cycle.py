"""How a batch is chosen, so that the order of D-3.8 holds whatever its size (ARCH-5)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from milepost.ingest import native
from milepost.runtime.cycle import ROWS_AT_ONCE
from milepost.runtime.engine import Engine
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore, MemoryTransaction
from milepost.testing import FixedClock, World
from tests.unit.kernel.trial import ANN, definition, node, trigger

Json = dict[str, Any]
END = node("end", "end")
HOUR = {"value": 1, "unit": "hour"}
RACE = definition(
    trigger("wait"),
    node("wait", "event_filter", {"action": "x", "limit": HOUR}, matched="end", not_matched="end"), END,
)  # fmt: skip


class Real:
    """An engine over a real workspace with the journey `RACE`; its clock stands until it is moved."""

    def __init__(self, clock: FixedClock, *, store: MemoryStateStore | None = None) -> None:
        self.clock = clock
        self.store = MemoryStateStore() if store is None else store
        self.events = MemoryEventStore()
        self.engine = Engine(self.store, self.events, clock)
        self.workspace = self.engine.create_workspace("real", "real").key
        journey = self.engine.lifecycle.create(self.workspace, RACE, "ann").id
        self.engine.lifecycle.command(self.workspace, journey, "activate", "ann")
        self.engine.drain()

    def send(self, *actions: str) -> None:
        body = ",".join(f'{{"profile":{{"custom_id":"ann"}},"action":"{action}"}}' for action in actions)
        self.engine.intake.store_now([(self.workspace, native.parse(f"[{body}]".encode()))])

    def left(self) -> list[tuple[str, int]]:
        rows = self.events.activity(self.workspace, 1, limit=1_000)
        return [(row.params["outlet"], row.time) for row in rows[::-1] if row.params.get("fromNodeId") == "wait"]


# --- a real clock ----------------------------------------------------------------------------------------------------


def test_a_timer_is_taken_only_when_its_instant_has_passed() -> None:
    """At its very instant something may still be received."""
    real = Real(FixedClock(1_000))
    real.send("enter")
    real.engine.drain()
    real.clock.time = 1_000 + 3_600_000
    real.engine.drain()
    assert real.left() == []

    real.send("x")
    real.engine.drain()
    assert real.left() == [("matched", 3_601_000)]


def test_after_an_outage_inputs_are_taken_in_the_order_of_their_instants() -> None:
    """Nothing was taken while the deadline passed: the event that came before it still counts."""
    for received, outlet in ((3_600_999, "matched"), (3_601_000, "matched"), (3_601_001, "not_matched")):
        real = Real(FixedClock(1_000))
        real.send("enter")
        real.engine.drain()
        real.clock.time = received
        real.send("x")
        real.clock.time = 9_000_000
        real.engine.drain()
        assert real.left() == [(outlet, 9_000_000)]


class Holding(MemoryStateStore):
    """Holds one thread when it is about to commit."""

    held: threading.Thread | None = None

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.goes_on = threading.Event(), threading.Event()

    @contextlib.contextmanager
    def writing(self) -> Iterator[MemoryTransaction]:
        with super().writing() as tx:
            yield tx
            if threading.current_thread() is self.held:
                self.reached.set()
                assert self.goes_on.wait(10)


def test_a_timer_waits_for_what_has_its_instant_but_is_not_committed_yet() -> None:
    """D-3.8: a timer is taken only when everything received up to and including its due time has been taken."""
    real = Real(FixedClock(1_000), store=(store := Holding()))
    real.send("enter")
    real.engine.drain()
    real.clock.time = 3_600_000  # before the deadline
    intake = store.held = threading.Thread(target=lambda: real.send("x"))
    intake.start()
    assert store.reached.wait(10)
    real.clock.time = 5_000_000
    cycle = threading.Thread(target=real.engine.step)
    cycle.start()
    cycle.join(0.1)  # time enough to decide, were it not to wait
    store.goes_on.set()
    for thread in (intake, cycle):
        thread.join(10)
    real.engine.drain()
    assert [outlet for outlet, _ in real.left()] == ["matched"]


def test_the_clock_may_go_back_but_moves_do_not() -> None:
    real = Real(FixedClock(10_000))
    real.send("enter")
    real.engine.drain()
    real.clock.time = 4_000
    real.send("x")
    real.engine.drain()
    assert real.left() == [("matched", 10_000)]


def test_many_rows_are_taken_in_several_batches() -> None:
    real = Real(FixedClock(1_000))
    for _ in range(ROWS_AT_ONCE + 5):
        real.send("other")
    assert real.engine.step()
    with real.store.reading() as tx:
        assert len(tx.pending_inputs(real.workspace, limit=1_000)) == 5
    real.engine.drain()
    assert real.events.count(real.workspace, "activity") == ROWS_AT_ONCE + 5


@pytest.mark.parametrize("batch_size", [1, 2, 3, 1_000])
def test_the_size_of_a_batch_changes_no_move(batch_size: int) -> None:
    """An event that a node brings about goes behind those of its instant that are there already (D-3.8)."""
    world = World(batch_size=batch_size)
    chain = definition(
        trigger("say"),
        node("say", "generate_event", {"action": "x"}, next="wait"),
        node("wait", "event_filter", {"action": "x", "limit": HOUR}, matched="end", not_matched="end"), END,
    )  # fmt: skip
    world.activate(world.create_journey(chain))
    for at in (1_000, 2_000):
        world.send([{"profile": ANN, "action": action} for action in ("enter", "x", "enter")], at=at)
    world.run_to_end()

    # The request's own `x` matches for the first run; the one that the first run said, for the second.
    once = [("in", None), ("say", "next"), ("wait", "next"), ("end", "matched")]
    assert [(move["node"], move["outlet"]) for move in world.moves()] == once * 4
    assert [move["time"] for move in world.moves()] == [1_000] * 8 + [2_000] * 8
    said = [row for row in world.activity() if row["action"] == "x"]
    said.sort(key=lambda row: (row["time"], row["position"]))
    assert [row["source"] for row in said] == ["api", "automation", "automation"] * 2


def test_what_goes_wrong_in_one_workspace_keeps_no_other_from_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    other = world.engine.create_workspace("other", "virtual").key
    broken, whole = world.engine.cycles()
    taken = []

    def boom() -> bool:
        raise RuntimeError("a defect")

    monkeypatch.setattr(broken, "step", boom)
    monkeypatch.setattr(whole, "step", lambda: taken.append(other))
    with pytest.raises(RuntimeError, match="a defect"):
        world.engine.step()
    assert taken == [other]


# --- imports ---------------------------------------------------------------------------------------------------------


def test_what_was_imported_from_the_past_is_recorded_and_moves_nobody() -> None:
    """D-2.10."""
    world = World()
    journey = world.create_journey(RACE)
    world.activate(journey)
    world.send([{"profile": ANN, "action": "enter", "source": "import"}], at=1_000)
    world.send([{"profile": ANN, "action": "enter"}], at=2_000)
    world.send([{"profile": ANN, "action": "x", "source": "import"}], at=3_000)
    world.run_to(4_000)
    assert [move["node"] for move in world.moves()] == ["in", "wait"]
    assert [row["action"] for row in world.activity() if "Path" not in row["action"]] == ["enter", "enter", "x"]


# --- a virtual clock -------------------------------------------------------------------------------------------------


def clock_of(world: World) -> tuple[int, int | None]:
    with world.store.reading() as tx:
        [row] = tx.workspaces()
    return row.now, row.run_until


def test_nothing_is_taken_before_it_is_told_to_run() -> None:
    world = World()
    world.activate(world.create_journey(RACE))
    world.send([{"profile": ANN, "action": "enter"}], at=5_000)
    world.engine.drain()
    assert (world.moves(), clock_of(world)) == ([], (0, None))


def test_a_run_takes_what_lies_at_its_instant_and_stops_there() -> None:
    world = World()
    world.activate(world.create_journey(RACE))
    world.send([{"profile": ANN, "action": "enter"}], at=5_000)
    world.send([{"profile": ANN, "action": "x"}], at=5_001)
    world.run_to(5_000)
    assert [move["node"] for move in world.moves()] == ["in", "wait"]
    assert clock_of(world) == (5_000, None)


def test_the_clock_moves_to_where_it_was_told_or_to_the_last_input() -> None:
    world = World()
    world.activate(world.create_journey(RACE))
    world.run_to(7_000)
    assert clock_of(world) == (7_000, None)

    world.send([{"profile": ANN, "action": "enter"}], at=8_000)
    world.run_to_end()
    assert clock_of(world) == (8_000 + 3_600_000, None), "the last thing that happened was the deadline"


def test_a_restart_goes_on_with_a_run_that_was_going() -> None:
    world = World(batch_size=1)
    world.activate(world.create_journey(RACE))
    for at in (1_000, 2_000, 3_000):
        world.send([{"profile": ANN, "action": "enter"}, {"profile": ANN, "action": "x"}], at=at)
    world.engine.lifecycle.run_until(world.workspace, 10_000)
    assert world.engine.step()
    assert clock_of(world) == (1_000, 10_000)

    again = Engine(world.store, world.events, FixedClock(), batch_size=1)
    again.drain()
    assert clock_of(world) == (10_000, None)
    assert sum(move["node"] == "end" for move in world.moves()) == 3


@pytest.mark.parametrize("size", [1, 10_000])
def test_a_timer_of_a_batch_does_not_overtake_the_next(size: int) -> None:
    """The deadline lies between two inputs of other customers."""
    world = World(batch_size=size)
    world.activate(world.create_journey(RACE))
    order: list[tuple[str, int]] = [("ann", 1_000), ("bob", 1_000), ("ann", 3_601_000), ("bob", 3_601_001)]
    for profile, at in order:
        action = "enter" if at == 1_000 else "x"
        world.send([{"profile": {"custom_id": profile}, "action": action}], at=at)
    world.run_to_end()
    assert {(move["profile"], move["outlet"]) for move in world.moves() if move["node"] == "end"} == {
        ("ann", "matched"), ("bob", "not_matched"),
    }  # fmt: skip


def test_next_due_is_for_real_clocks_only() -> None:
    real = Real(FixedClock(1_000))
    due: Callable[[], int | None] = real.engine.cycles()[0].next_due
    assert due() is None
    real.send("enter")
    real.engine.drain()
    assert due() == 1_000 + 3_600_000

    world = World()
    world.activate(world.create_journey(RACE))
    world.send([{"profile": ANN, "action": "enter"}], at=1_000)
    world.run_to(1_000)
    assert world.engine.cycles()[0].next_due() is None


@pytest.mark.parametrize("between", ["_committer.commit", "_finish_run"])
def test_a_run_that_is_extended_at_any_moment_goes_on(monkeypatch: pytest.MonkeyPatch, between: str) -> None:
    """D-3.8: what the batch in hand has read of the workspace is older than what was said meanwhile."""
    world = World()
    world.activate(world.create_journey(RACE))
    world.send([{"profile": ANN, "action": "enter"}], at=1_000)
    (cycle,) = world.engine.cycles()
    owner, _, name = between.rpartition(".")
    part = getattr(cycle, owner) if owner else cycle
    done = getattr(part, name)

    def extended(*given: Any) -> None:
        world.engine.lifecycle.run_until(world.workspace, 5_000)
        done(*given)

    monkeypatch.setattr(part, name, extended)
    world.engine.lifecycle.run_until(world.workspace, 2_000)
    world.engine.drain()
    with world.store.reading() as tx:
        (row,) = tx.workspaces()
    assert (row.now, row.run_until) == (5_000, None)
