"""Commands: the life of a journey and the turning of switches, as inputs with an instant (D-3.5, D-1.8)."""

from __future__ import annotations

from typing import Any

import pytest

from milepost.errors import Conflict, Invalid, JourneyHasIssues, MilepostError, NotFound
from milepost.ports.state_store import TrackingChange
from milepost.runtime.commands import TRANSITIONS, Answers
from milepost.runtime.engine import Engine
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock, World
from tests.unit.kernel.trial import definition, node, trigger

Json = dict[str, Any]
END = node("end", "end")
WAITING = definition(trigger("wait"), node("wait", "event_filter", {"action": "x"}, matched="end"), END)
STATES = ("draft", "active", "paused", "finishing", "finished")


def made(state: str, *, inside: int = 1, batch_size: int = 10_000) -> tuple[World, str]:
    """A world with a journey in that state and so many customers waiting in it, if any can."""
    world = World(batch_size=batch_size)
    journey = world.create_journey(WAITING)
    if state == "draft":
        return world, journey
    world.activate(journey, at=0)
    if inside:
        enter(world, inside, at=1_000)
    for command in {"paused": ["pause"], "finishing": ["finish"], "finished": ["exit"]}.get(state, []):
        world._command(journey, command, None)
    return world, journey


def enter(world: World, number: int, at: int) -> None:
    world.send([{"profile": {"custom_id": f"c{i}"}, "action": "enter"} for i in range(number)], at=at)
    world.run_to(at)


def exits(world: World, reason: str = "stopped") -> list[str]:
    return [move["profile"] for move in world.moves() if move["reason"] == reason]


def life(world: World, journey: str) -> list[tuple[str, str, str]]:
    key = world.engine.lifecycle.read(world.workspace, journey).key
    with world.store.reading() as tx:
        return [(row.action, row.before, row.after) for row in tx.life(key)]


# --- transitions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", TRANSITIONS)
def test_every_command_in_every_state_leads_on_or_is_refused(command: str, state: str) -> None:
    world, journey = made(state)
    if state in TRANSITIONS[command]:
        world._command(journey, command, None)
        assert world.state(journey) == TRANSITIONS[command][state]
        assert life(world, journey)[-1] == (command, state, TRANSITIONS[command][state])
    else:
        with pytest.raises(Conflict) as refusal:
            world._command(journey, command, None)
        assert f"The journey is {state}" in refusal.value.message
        assert world.state(journey) == state


def test_exactly_these_ways_lead_through_a_journeys_life() -> None:
    """D-3.5: Draft -> Active -> Paused -> Active; Active/Paused -> Finishing -> Finished."""
    assert {(before, after) for ways in TRANSITIONS.values() for before, after in ways.items()} == {
        ("draft", "active"), ("active", "paused"), ("paused", "active"), ("active", "finishing"),
        ("paused", "finishing"), ("active", "finished"), ("paused", "finished"), ("finishing", "finished"),
    }  # fmt: skip


def test_every_change_is_kept_with_who_when_and_why() -> None:
    world, journey = made("active")
    key = world.engine.lifecycle.read(world.workspace, journey).key
    _, outcome = world.engine.lifecycle.command(world.workspace, journey, "pause", "ann", why="a doubt", at=5_000)
    world.run_to(5_000)
    assert outcome.result(timeout=0) == {"state": "paused", "at": 5_000}
    with world.store.reading() as tx:
        last = tx.life(key)[-1]
    assert (last.who, last.at, last.why) == ("ann", 5_000, "a doubt")


def test_a_journey_with_issues_is_not_activated() -> None:
    world = World()
    journey = world.create_journey(definition(trigger("nowhere")))
    with pytest.raises(JourneyHasIssues) as refusal:
        world.activate(journey)
    assert {detail["code"] for detail in refusal.value.details} == {"unknown_target", "no_end"}
    assert world.state(journey) == "draft"


@pytest.mark.parametrize("journey", ["j-0", ""])
def test_an_unknown_journey_is_not_found(journey: str) -> None:
    with pytest.raises(NotFound):
        World().activate(journey)


def test_what_counts_is_the_state_at_the_commands_instant() -> None:
    world, journey = made("active")
    send = world.engine.lifecycle.command
    _, pause = send(world.workspace, journey, "pause", "ann", at=10_000)
    _, second = send(world.workspace, journey, "pause", "ann", at=20_000)
    _, resume = send(world.workspace, journey, "resume", "ann", at=30_000)
    world.run_to(40_000)

    assert pause.result(timeout=0)["state"] == "paused"
    assert isinstance(second.exception(timeout=0), Conflict)
    assert resume.result(timeout=0) == {"state": "active", "at": 30_000}


def test_a_command_before_the_clock_is_refused() -> None:
    world, journey = made("active")
    with pytest.raises(Invalid, match="The workspace's clock stands at 1000 already"):
        world.pause(journey, at=999)


def test_in_a_real_workspace_nobody_says_when() -> None:
    engine = Engine(MemoryStateStore(), MemoryEventStore(), FixedClock(5))
    workspace = engine.create_workspace("real", "real").key
    journey = engine.lifecycle.create(workspace, WAITING, "ann").id
    with pytest.raises(Invalid, match="a command is taken now"):
        engine.lifecycle.command(workspace, journey, "activate", "ann", at=10)


def test_a_command_comes_before_the_events_of_its_instant() -> None:
    """D-3.8, although it was stored after them."""
    world, journey = made("active", inside=0)
    world.send([{"profile": {"custom_id": "c0"}, "action": "enter"}], at=5_000)
    world.pause(journey, at=5_000)
    world.run_to(5_000)
    assert world.moves() == []


# --- stop: finish ----------------------------------------------------------------------------------------------------


def test_finish_lets_those_inside_go_on_and_nobody_in() -> None:
    world, journey = made("active", inside=2)
    world.stop(journey, "finish", at=2_000)
    enter(world, 3, at=3_000)
    assert (world.state(journey), len(world.moves())) == ("finishing", 4)

    for i in range(2):
        world.send([{"profile": {"custom_id": f"c{i}"}, "action": "x"}], at=4_000 + i)
        world.run_to(4_000 + i)
        assert world.state(journey) == ("finishing", "finished")[i]
    assert life(world, journey)[-1] == ("finished", "finishing", "finished")


def test_finish_with_nobody_inside_is_finished_at_once() -> None:
    world, journey = made("active", inside=0)
    world.stop(journey, "finish")
    assert world.state(journey) == "finished"


def test_finish_from_paused_first_takes_what_was_kept() -> None:
    world, journey = made("paused")
    world.send([{"profile": {"custom_id": "c0"}, "action": "x"}], at=2_000)
    world.run_to(3_000)
    world.stop(journey, "finish", at=4_000)
    world.run_to(4_000)
    assert [(move["node"], move["time"]) for move in world.moves()][-1] == ("end", 4_000)
    assert world.state(journey) == "finished"


# --- stop: exit now --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["active", "paused", "finishing"])
@pytest.mark.parametrize("batch_size", [1, 3, 10_000])
def test_exit_ends_every_run_at_once(state: str, batch_size: int) -> None:
    """Over several pages; what was kept is dropped."""
    world, journey = made(state, inside=7, batch_size=batch_size)
    world.send([{"profile": {"custom_id": "c0"}, "action": "other"}], at=2_000)
    world.stop(journey, "exit", at=3_000)
    world.run_to(4_000)

    assert world.state(journey) == "finished"
    assert sorted(exits(world)) == [f"c{i}" for i in range(7)]
    assert {(move["time"], move["cause_time"]) for move in world.moves() if move["reason"]} == {(3_000, 3_000)}
    numbers = world.counters(journey)["wait"]
    assert (numbers["waiting"], numbers["exited"]) == (0, {"stopped": 7})
    assert life(world, journey)[-1] == ("exit", state, "finished")


def test_exit_is_answered_where_the_last_run_ends_with_it() -> None:
    """Also while finishing, when the last path's end would finish the journey by itself."""
    world, journey = made("finishing", inside=2)
    _, outcome = world.engine.lifecycle.command(world.workspace, journey, "exit", "ann")
    world.engine.drain()
    assert outcome.result(timeout=0)["state"] == "finished"


class Interrupted(MemoryStateStore):
    """Its process dies in the middle: after so many more transactions that write."""

    left = 10**9

    def writing(self) -> Any:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().writing()


@pytest.mark.parametrize("after", range(8))
@pytest.mark.parametrize("state", ["active", "finishing"])
def test_a_restart_in_the_middle_of_an_exit_goes_on_with_it(state: str, after: int) -> None:
    store, events = Interrupted(), MemoryEventStore()
    engine = Engine(store, events, FixedClock(1_000), batch_size=2)
    workspace = engine.create_workspace("world", "real").key
    journey = started(engine, workspace, customers=7)
    if state == "finishing":
        engine.lifecycle.command(workspace, journey, "finish", "ann")
        engine.drain()
    engine.lifecycle.command(workspace, journey, "exit", "ann")
    store.left = after
    try:
        engine.drain()
    except KeyboardInterrupt:
        store.left = 10**9

    again = Engine(store, events, FixedClock(2_000), batch_size=2)
    again.drain()
    assert again.lifecycle.read(workspace, journey).state == "finished"
    with store.reading() as tx:
        row = tx.journey(workspace, journey)
        assert row is not None
        assert tx.runs_of_journey(row.key, limit=10) == []
        assert tx.pending_inputs(workspace, limit=10) == []
        counters = tx.counters([row.key])
        profiles = [profile.key for profile in tx.list_profiles(workspace, limit=100)]
    assert sum(number for key, number in counters.items() if key.kind == "exited:stopped") == 7
    ids = [row.id for key in profiles for row in events.activity(workspace, key, limit=100)]
    assert len(ids) == len(set(ids))
    assert sum(id.endswith(".exit") for id in ids) == 7


def started(engine: Engine, workspace: int, customers: int) -> str:
    """An active journey with so many customers waiting in it."""
    from milepost.ingest import native

    journey = engine.lifecycle.create(workspace, WAITING, "ann").id
    engine.lifecycle.command(workspace, journey, "activate", "ann")
    engine.drain()
    body = ",".join(f'{{"profile":{{"custom_id":"c{i}"}},"action":"enter"}}' for i in range(customers))
    engine.intake.store_now([(workspace, native.parse(f"[{body}]".encode()))])
    engine.drain()
    return journey


# --- switches --------------------------------------------------------------------------------------------------------


def changes(world: World) -> list[TrackingChange]:
    with world.store.reading() as tx:
        return tx.tracking_changes(world.workspace)


def test_a_toggle_is_later_than_the_time_of_every_move() -> None:
    """D-1.8: so that a move's time alone says whether it was tracked, whatever the order of processing."""
    world, journey = made("active")
    world.toggle(journey, "wait", True)
    assert [change.at for change in changes(world) if change.node == "wait"] == [1_001], "a move was made at 1,000"
    assert not world.moves()[-1]["tracked"]


def test_a_toggle_where_no_move_was_made_yet_acts_from_its_own_instant() -> None:
    world, journey = made("active")
    world.toggle(journey, "wait", True, at=5_000)
    world.send([{"profile": {"custom_id": "new"}, "action": "enter"}], at=5_000)
    world.run_to(5_000)
    assert [change.at for change in changes(world) if change.node == "wait"] == [5_000]
    assert world.moves()[-1]["tracked"]


def test_a_toggle_knows_moves_from_before_a_restart() -> None:
    world, journey = made("active")
    engine = Engine(world.store, world.events, FixedClock())
    _, outcome = engine.lifecycle.command(world.workspace, journey, "toggle", "ann", node="wait", on=True)
    engine.drain()
    assert outcome.result(timeout=0) == {"node": "wait", "on": True, "at": 1_001}


def test_moves_of_one_workspace_do_not_delay_the_switches_of_another() -> None:
    world, _ = made("active")
    enter(world, 1, at=10**12)
    other = world.engine.create_workspace("other", "virtual").key
    journey = world.engine.lifecycle.create(other, WAITING, "ann").id
    switch: Json = {"node": "wait", "on": True}
    for command, more in (("activate", {}), ("toggle", switch)):
        _, outcome = world.engine.lifecycle.command(other, journey, command, "ann", at=5, **more)
        world.engine.lifecycle.run_until(other, 5)
        world.engine.drain()
    assert outcome.result(timeout=0)["at"] <= 6


def test_in_a_real_workspace_moves_after_a_toggle_are_not_earlier_than_it() -> None:
    """The clock stands: the toggle goes a millisecond ahead of it, and so do the moves that follow."""
    clock = FixedClock(1_000)
    events = MemoryEventStore()
    engine = Engine(MemoryStateStore(), events, clock)
    workspace = engine.create_workspace("real", "real").key
    journey = started(engine, workspace, customers=1)
    _, outcome = engine.lifecycle.command(workspace, journey, "toggle", "ann", node="wait", on=True)
    engine.drain()
    at = outcome.result(timeout=0)["at"]
    assert at == 1_001

    from milepost.ingest import native

    engine.intake.store_now([(workspace, native.parse(b'{"profile":{"custom_id":"late"},"action":"enter"}'))])
    engine.drain()
    [move] = [row for row in events.activity(workspace, 2, limit=10) if row.node == "wait"]
    assert move.time >= at
    assert move.tracked


def test_switches_that_are_on_by_default_are_on_from_the_activation() -> None:
    """D-1.5: on triggers and Ends; a workspace may choose to track everything."""
    world, journey = made("active", inside=0)
    assert {change.node for change in changes(world)} == {"in", "end"}
    assert all((change.at, change.on) == (0, True) for change in changes(world))

    everything = world.engine.create_workspace("all", "virtual", track_by_default=True).key
    journey = world.engine.lifecycle.create(everything, WAITING, "ann").id
    world.engine.lifecycle.command(everything, journey, "activate", "ann")
    world.engine.drain()
    with world.store.reading() as tx:
        assert {change.node for change in tx.tracking_changes(everything)} == {"in", "wait", "end"}


def test_a_switch_turned_before_the_activation_stays_as_it_was_left() -> None:
    world, journey = made("draft")
    world.toggle(journey, "in", False)
    world.toggle(journey, "wait", True)
    world.activate(journey)
    enter(world, 1, at=1_000)
    assert [(move["node"], move["tracked"]) for move in world.moves()] == [("in", False), ("wait", True)]


def test_the_switch_of_an_unknown_node_is_not_found() -> None:
    world, journey = made("active")
    with pytest.raises(NotFound) as refusal:
        world.toggle(journey, "nowhere", True)
    assert refusal.value.field == "node"


@pytest.mark.parametrize("state", STATES)
def test_a_switch_can_be_turned_at_any_time(state: str) -> None:
    world, journey = made(state)
    world.toggle(journey, "wait", True)
    assert changes(world)[-1].on


# --- who waits -------------------------------------------------------------------------------------------------------


def test_an_answer_reaches_the_one_who_waits_and_nobody_else() -> None:
    answers = Answers()
    first, second, third = answers.expect(1), answers.expect(2), answers.expect(3)
    answers.forget(3)
    answers.give(2, {"state": "active"})
    answers.give(1, Conflict("no"))
    answers.give(3, {})
    answers.give(4, {})
    assert second.result(timeout=0) == {"state": "active"}
    assert isinstance(first.exception(timeout=0), MilepostError)
    assert not third.done()
