"""End: ends the path, and by default the other paths of the run at once (D-3.2)."""

from __future__ import annotations

import pytest

from milepost.kernel.nodes.end import End
from tests.unit.kernel.trial import Trial, definition, node, refused, trigger

DAY = {"duration": {"value": 1, "unit": "day"}}


def race(*, ends_others: bool) -> Trial:
    """Three paths: two wait for a day, the third ends when Ann buys."""
    drawn = definition(
        trigger("split"),
        {**node("split", "split", {"outlets": ["1", "2", "3"]}), "outlets": {"1": "w1", "2": "wait", "3": "w3"}},
        node("w1", "delay", DAY, next="end"),
        node("wait", "event_filter", {"action": "bought"}, matched="end"),
        node("w3", "delay", DAY, next="end"),
        node("end", "end", {"ends_others": ends_others}),
    )
    trial = Trial(drawn)
    trial.enter(1_000)
    trial.see("bought", 2_000)
    return trial


def test_the_others_end_at_once_in_order_of_opening_and_after_the_ends_own_move() -> None:
    trial = race(ends_others=True)
    *_, end, first, third = trial.world.moves()

    assert end["action"] == "automation.clientEndPath"
    assert [(move["node"], move["reason"], move["time"]) for move in (first, third)] == [
        ("w1", "other_end", 2_000), ("w3", "other_end", 2_000)
    ]  # fmt: skip
    assert [row["why"] for row in trial.world.activity()[-2:]] == [{"path": end["path_id"]}] * 2
    trial.world.run_to_end()
    assert len(trial.world.moves()) == 8, "their timers are gone"


def test_they_go_on_where_the_end_lets_them() -> None:
    trial = race(ends_others=False)
    assert trial.way()[-1] == "end"
    trial.world.run_to_end()

    assert trial.way()[-3:] == ["end", "end", "end"]
    assert trial.world.counters(trial.journey)["end"]["finished"] == 3


@pytest.mark.parametrize("ends_others", [True, False])
def test_nothing_leaves_an_end(ends_others: bool) -> None:
    """D-1.2: entered = finished."""
    trial = race(ends_others=ends_others)
    trial.world.run_to_end()
    numbers = trial.world.counters(trial.journey)["end"]
    assert numbers["entered"] == numbers["finished"]
    assert (numbers["left"], numbers["waiting"], numbers["exited"]) == ({}, 0, {})


def test_the_next_event_starts_a_new_run() -> None:
    trial = Trial(definition(trigger("end"), node("end", "end")))
    trial.enter(1_000)
    trial.enter(2_000)
    assert trial.way() == ["in", "end", "in", "end"]
    assert len({move["run_id"] for move in trial.world.moves()}) == 2


def test_it_has_no_way_out_and_ends_others_by_default() -> None:
    assert End().outlets() == ()
    assert End().ends_others


@pytest.mark.parametrize("settings", [{"ends_others": "perhaps"}, {"x": 1}])
def test_what_is_refused(settings: dict[str, object]) -> None:
    assert [field for field, _ in refused("end", settings)] == list(settings)
