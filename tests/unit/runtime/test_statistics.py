"""Numbers on a journey and its nodes, from the counters (D-1.2, D-6)."""

from __future__ import annotations

from milepost.kernel.journey import Definition
from milepost.ports.state_store import CounterKey
from milepost.runtime.statistics import JourneyNumbers, NodeNumbers, journey_numbers, node_numbers, over_versions
from milepost.testing import World
from tests.unit.kernel.trial import ANN, DAY, HOUR, definition, node, trigger


def key(kind: str, node: str = "n", version: int = 1) -> CounterKey:
    return CounterKey(1, version, node, kind, 0)


COUNTERS = {
    key("entered"): 10, key("opened"): 2, key("left:matched"): 5, key("left:not_matched"): 3, key("finished"): 1,
    key("waiting"): 2, key("exited:goal"): 1, key("refused:late"): 4, key("entered", "m"): 7,
}  # fmt: skip


def test_the_numbers_of_a_node() -> None:
    numbers = node_numbers(COUNTERS)[1, "n"]
    assert numbers == NodeNumbers(10, 2, {"matched": 5, "not_matched": 3}, 1, 2, {"goal": 1}, {"late": 4})


def test_the_identity_shows_how_far_it_is_off() -> None:
    assert node_numbers(COUNTERS)[1, "n"].drift() == 0
    assert node_numbers({**COUNTERS, key("exited:goal"): 3})[1, "n"].drift() == -2
    assert node_numbers(COUNTERS)[1, "m"].drift() == 7
    assert node_numbers({key("refused:late"): 4})[1, "n"].drift() == 0, "who was refused never came"


def test_versions_are_added_up_and_every_node_and_outlet_is_there() -> None:
    drawn = definition(trigger("n"), node("n", "delay", {}, matched="end", other="end"), node("end", "end"))
    counters = {**COUNTERS, key("entered", version=2): 1, key("left:matched", version=2): 1, key("entered", "old"): 3}
    numbers = over_versions(node_numbers(counters), Definition.model_validate(drawn))

    assert numbers["n"].entered == 11
    assert numbers["n"].left == {"matched": 6, "other": 0, "not_matched": 3}
    assert numbers["end"] == NodeNumbers(0, 0, {}, 0, 0, {}, {})
    assert numbers["old"].entered == 3, "a node of an older version is not forgotten"


def test_the_numbers_of_a_journey_are_runs() -> None:
    own = {key("started", ""): 10, key("ended:finished", ""): 3, key("ended:goal", ""): 2, key("ended:expired", ""): 1}
    assert journey_numbers({**COUNTERS, **own}) == JourneyNumbers(10, 4, 3, {"goal": 2, "expired": 1})
    assert journey_numbers({}) == JourneyNumbers(0, 0, 0, {})


def test_a_run_counts_as_finished_when_one_of_its_paths_has_reached_an_end() -> None:
    world = World()
    drawn = definition(
        trigger("split"),
        {**node("split", "split"), "outlets": {"1": "end", "2": "wait"}},
        node("wait", "delay", {"duration": {"value": 1, "unit": "day"}}, next="end"),
        node("end", "end", {"ends_others": False}),
        run_age={"value": 1, "unit": "hour"},
    )
    journey = world.create_journey(drawn)
    world.activate(journey)
    world.send([{"profile": ANN, "action": "enter"}], at=1_000)
    world.run_to_end()

    row = world.engine.lifecycle.read(world.workspace, journey)
    with world.store.reading() as tx:
        assert journey_numbers(tx.counters([row.key])) == JourneyNumbers(1, 0, 1, {})


def test_counters_are_kept_by_the_hour_of_the_moves() -> None:
    world = World()
    drawn = definition(
        trigger("wait"),
        node("wait", "delay", {"duration": {"value": 1, "unit": "day"}}, next="end"),
        node("end", "end"),
    )
    journey = world.create_journey(drawn)
    world.activate(journey)
    world.send([{"profile": ANN, "action": "enter"}], at=HOUR + 1)
    world.run_to_end()
    row = world.engine.lifecycle.read(world.workspace, journey)
    with world.store.reading() as tx:
        first = node_numbers(tx.counters([row.key], since=1, until=2))
        later = node_numbers(tx.counters([row.key], since=2))
        assert tx.counters([row.key], until=1) == {}
    assert (first[1, "wait"].entered, first[1, "wait"].waiting, first[1, "wait"].left) == (1, 1, {})
    assert (later[1, "wait"].waiting, later[1, "wait"].left) == (-1, {"next": 1})
    assert later[1, "end"].finished == 1
    assert world.moves()[-1]["time"] == HOUR + 1 + DAY
