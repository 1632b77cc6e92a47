"""An examination finds what does not agree, names it, and is content with everything that is in order."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from milepost.ports.state_store import CounterKey, DeadLetterRow, TrackingChange
from milepost.runtime.examination import MOST_BATCHES, Check, Report, logical
from milepost.testing import FixedClock, World
from tests.acceptance.conftest import CART, Json
from tests.reference.rows import lines

SPLIT: Json = {
    "name": "Both ways",
    "nodes": [
        {"id": "start", "type": "profile_event", "settings": {"action": "a"}, "outlets": {"next": "fork"}},
        {"id": "fork", "type": "split", "settings": {"outlets": ["x", "y"]}, "outlets": {"x": "wait", "y": "end"}},
        {"id": "wait", "type": "delay", "settings": {"duration": {"value": 1, "unit": "hour"}},
         "outlets": {"next": "end"}},
        {"id": "end", "type": "end", "settings": {"ends_others": False}},
    ],
}  # fmt: skip


@pytest.fixture
def world() -> World:
    """Some have reached an End, some left early, some stand in the middle."""
    made = World()
    for definition in (CART, SPLIT):
        made.activate(made.create_journey(definition))
    for number in range(6):
        customer = {"custom_id": f"c{number}"}
        made.send([{"profile": customer, "action": "cart.abandoned", "params": {"total": 60}}], at=1_000)
        if number % 2:
            made.send([{"profile": customer, "action": "order.completed"}], at=2_000)
        made.send([{"profile": customer, "action": "a"}], at=3_000)
    made.run_to(5_000)
    return made


def found(world: World, now: int = 5_000) -> dict[str, list[str]]:
    """What was found, by check; checks that found nothing are left out."""
    checks = logical(world.store, world.events, FixedClock(now))
    return {check.name: [f"{one.where}: {one.text}" for one in check.findings] for check in checks if check.findings}


def rows(world: World, table: str) -> list[dict[str, Any]]:
    return world.events._rows[table]  # type: ignore[attr-defined, no-any-return] # the store in memory


def test_what_is_in_order_is_found_in_order(world: World) -> None:
    assert found(world) == {}
    world.run_to_end()
    assert found(world, now=10**13) == {}


def test_batches_that_are_on_their_way_count(world: World) -> None:
    for number in range(6):
        world.send([{"profile": {"custom_id": f"c{number}"}, "action": "order.completed"}], at=6_000)
    world.engine.lifecycle.run_until(world.workspace, 2**61)
    while world.engine.step():
        pass
    with world.store.reading() as tx:
        assert tx.unprojected(limit=1)
    assert found(world, now=0) == {}
    world.engine.projector.step()
    assert found(world, now=0) == {}


def test_a_batch_that_is_there_and_not_marked_counts_once(world: World) -> None:
    with world.store.writing() as tx:
        tx.mark_projected(list(tx.kept_batches()), None)
    assert found(world, now=0) == {}


def test_a_deleted_move_is_found_where_it_was(world: World) -> None:
    kept = rows(world, "activity")
    lost = next(row for row in kept if row["node"] == "bought" and row["action"] == "automation.clientEndPath")
    kept.remove(lost)
    with world.store.writing() as tx:
        tx.delete_batches(2**62)
    said = found(world)["conservation"]
    assert any("node bought: entered: the counter says 3, the log of moves 2" in text for text in said)
    assert any("node bought: finished: the counter says 3, the log of moves 2" in text for text in said)
    assert any("node wait: left by matched: the counter says 3, the log of moves 2" in text for text in said)
    assert len(said) == 3


def test_a_doubled_counter_is_found(world: World) -> None:
    with world.store.writing() as tx:
        keys = [row.key for row in tx.journeys(world.workspace)]
        key, number = next(
            (key, number) for key, number in tx.counters(keys).items() if (key.node, key.kind) == ("wait", "entered")
        )
        tx.add_counters({key._replace(hour=0): number})
    said = found(world)["conservation"]
    assert any("the counter says" in text and "node wait: entered" in text for text in said)
    assert any("entered + opened is off by" in text for text in said)


def test_a_move_that_is_there_twice_is_found(world: World) -> None:
    twice = next(row for row in rows(world, "activity") if row["action"] == "automation.clientStartPath")
    rows(world, "activity").append(dict(twice))
    assert "1 moves `automation.clientStartPath` are in the log more than once" in found(world)["repetition"][0]


@pytest.mark.parametrize("loss", ["run", "path"])
def test_a_run_without_position_is_found(world: World, loss: str) -> None:
    with world.store.writing() as tx:
        journey = next(row for row in tx.journeys(world.workspace) if row.name == "Both ways")
        run = tx.runs_of_journey(journey.key, limit=1)[0]
        state = msgspec.msgpack.decode(run.state)
        if loss == "run":
            tx.delete_runs([run.key])
        else:
            tx.put_runs([run._replace(state=msgspec.msgpack.encode([*state[:-1], []]))])
    said = found(world)
    assert any("node wait: waiting: the counter says 6, and 5 paths stand there" in one for one in said["conservation"])
    if loss == "run":
        assert any("6 runs are going, and there are 5" in text for text in said["conservation"])
    else:
        assert said["runs"] == [f"journey {journey.id} (world): run {state[0]} has no path"]


def test_a_datapoint_outside_of_every_interval_is_found(world: World) -> None:
    step = next(row for row in rows(world, "activity") if row["node"] == "fork")
    assert not step["tracked"]
    point = {**step, "params": {}}
    world.events.append("datapoints", 1, lines("datapoints", [point]))
    (text,) = found(world)["tracking"]
    assert "node fork: 1 moves are datapoints" in text
    with world.store.writing() as tx:
        key = next(row.key for row in tx.journeys(world.workspace) if row.id == step["journey"])
        tx.add_tracking_changes([TrackingChange(world.workspace, key, "fork", 0, True, "ada")])
    assert found(world) == {}


def test_a_counter_of_a_node_that_was_never_moved_to_is_found(world: World) -> None:
    with world.store.writing() as tx:
        key = tx.journeys(world.workspace)[0].key
        tx.add_counters({CounterKey(key, 7, "ghost", "exited:goal", 1): 2})
    text = " ".join(found(world)["conservation"])
    assert "version 7, node ghost: exited (goal): the counter says 2, the log of moves 0" in text


def test_what_is_late_or_given_up_is_a_note(world: World) -> None:
    with world.store.writing() as tx:
        tx.mark_projected(list(tx.kept_batches()), None)
        tx.add_dead_letters([DeadLetterRow(world.workspace, 1, 1, "r", 1, "KeyError", b"")])
    checks = logical(world.store, world.events, FixedClock(120_000))
    notes = [check for check in checks if check.findings]
    assert {check.name for check in notes} == {"handover", "dead letters"}
    assert "wait, the first for 120 s" in notes[0].findings[0].text
    assert Report(checks).ok()


def test_a_clock_that_is_behind_is_found() -> None:
    world = World()
    with world.store.writing() as tx:
        row = tx.workspaces()[0]
        tx.put_workspace(row._replace(clock="real", now=10_000_000))
    assert found(world, now=9_990_000) == {}
    assert found(world, now=9_000_000)["clock"] == [
        "world: the clock is 1,000 s behind the latest instant: until it has caught up, waits stand still"
    ]


def test_too_far_behind_nothing_is_compared_and_that_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("milepost.runtime.examination.MOST_BATCHES", 0)
    assert MOST_BATCHES > 0
    with world.store.writing() as tx:
        tx.mark_projected(list(tx.kept_batches()), None)
    (text,) = found(world, now=0)["conservation"]
    assert "nothing was compared" in text


def test_something_wrong_is_not_ok() -> None:
    assert Report([Check("a", "b")]).ok()
    assert not Report([Check("a", "b", [("x", "y")])]).ok()  # type: ignore[list-item] # any finding
