"""The numbers of timers are what a look at every run would count, whatever has happened to the runs."""

from __future__ import annotations

import contextlib
import pathlib
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.kernel.dispatch import HOUR
from milepost.ports.state_store import TimerKey
from milepost.runtime import codec
from milepost.runtime.calendar import count_timers
from milepost.stores.sqlite import SqliteStore
from milepost.testing import World
from tests.unit.kernel.trial import definition, node, trigger

FOREVER = 10**9
ANSWER = {"action": "reply", "limit": {"value": 2, "unit": "hour"}}
DRAWN = definition(
    trigger("split"),
    node("split", "split", {"outlets": ["a", "b"]}, a="wait", b="answer"),
    node("wait", "delay", {"duration": {"value": 3, "unit": "hour"}}, next="again"),
    node("answer", "event_filter", ANSWER, matched="end", not_matched="again"),
    node("again", "delay", {"duration": {"value": 30, "unit": "hour"}}, next="stay"),
    node("stay", "end", {"ends_others": False}),
    node("end", "end"),
    goal={"action": "bought"},
    path_limit=3,
)


def kept(world: World) -> dict[TimerKey, int]:
    with world.store.reading() as tx:
        return tx.timers([row.key for row in tx.journeys(world.workspace)], FOREVER)


def counted(world: World) -> Counter[TimerKey]:
    """By a look at every run."""
    timers: Counter[TimerKey] = Counter()
    with world.store.reading() as tx:
        for journey in tx.journeys(world.workspace):
            for row in tx.runs_of_journey(journey.key, limit=1_000):
                run = codec.decode_run(row.key, row.journey, row.state)
                for path in run.paths:
                    if path.due is not None:
                        timers[TimerKey(journey.key, run.version, path.node, path.due // HOUR)] += 1
    return timers


acts = st.lists(
    st.tuples(st.sampled_from(["enter", "reply", "bought", "wait"]), st.integers(0, 2), st.integers(0, 3)), max_size=25
)


@settings(max_examples=60)
@given(acts=acts, ending=st.sampled_from(["none", "pause", "exit"]))
def test_the_numbers_are_those_of_the_runs(acts: list[tuple[str, int, int]], ending: str) -> None:
    world = World(batch_size=3)
    journey = world.create_journey(DRAWN)
    world.activate(journey)
    now = 0
    for action, who, hours in acts:
        now += hours * HOUR // 2
        if action == "wait":
            world.run_to(now)
        else:
            world.send([{"profile": {"custom_id": f"c{who}"}, "action": action}], at=now)
    world.run_to(now)
    assert kept(world) == counted(world)
    if ending == "pause":
        world.pause(journey)
        world.run_to(now + 100 * HOUR)
        assert kept(world) == counted(world)
    elif ending == "exit":
        world.stop(journey, "exit")
        assert kept(world) == counted(world) == {}


def test_a_store_that_is_older_than_the_numbers_counts_them_once(tmp_path: pathlib.Path) -> None:
    with contextlib.closing(SqliteStore(tmp_path / "state.db")) as store:
        world = World(store=store)
        world.activate(world.create_journey(DRAWN))
        world.send([{"profile": {"custom_id": f"c{number}"}, "action": "enter"} for number in range(5)], at=0)
        world.run_to(HOUR)
        right = kept(world)
        assert sum(right.values()) == 10
        # As the migration leaves a database that has runs already.
        store._writer.execute("DELETE FROM timers")
        store._writer.execute("UPDATE numbers SET value = 0 WHERE name = 'timers'")
        count_timers(store)
        assert kept(world) == right
        count_timers(store)
        assert kept(world) == right
