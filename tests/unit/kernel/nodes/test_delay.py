"""Delay: holds the path for a fixed time, counted from the move's time (D-3.2, D-3.8)."""

from __future__ import annotations

from typing import Any

import pytest

from milepost.kernel.duration import MILLISECONDS
from tests.unit.kernel.trial import DAY, HOUR, Trial, around, refused

LONG_AGE = {"run_age": {"value": 10, "unit": "year"}}


@pytest.mark.parametrize("unit", ["second", "minute", "hour", "day", "week", "month", "year"])
def test_it_holds_the_path_to_the_millisecond(unit: str) -> None:
    trial = Trial(around("delay", {"duration": {"value": 2, "unit": unit}}, **LONG_AGE))
    trial.enter(1_500)
    due = 1_500 + 2 * MILLISECONDS[unit]
    trial.world.run_to(due - 1)
    assert trial.left() == []
    assert trial.world.counters(trial.journey)["n"]["waiting"] == 1

    trial.world.run_to(due)
    assert trial.left() == [("next", due)]


def test_the_move_behind_it_is_caused_by_the_timer() -> None:
    trial = Trial(around("delay", {"duration": {"value": 1, "unit": "hour"}}))
    trial.see("enter", 5_000, time=1_000)
    trial.world.run_to_end()

    start, arrival, end = trial.world.moves()
    assert (start["cause_time"], arrival["cause_time"]) == (1_000, 1_000)
    assert (end["time"], end["cause_time"]) == (5_000 + HOUR, 5_000 + HOUR)


def test_no_event_shortens_it() -> None:
    trial = Trial(around("delay", {"duration": {"value": 1, "unit": "day"}}))
    trial.enter(1_000)
    trial.enter(2_000)
    trial.see("other", 3_000)
    trial.world.run_to_end()
    assert trial.left() == [("next", 1_000 + DAY)]


def test_a_delay_of_the_runs_whole_age_still_goes_first() -> None:
    """D-3.3: a node's own timer at the same instant goes before the age."""
    hour = {"value": 1, "unit": "hour"}
    trial = Trial(around("delay", {"duration": hour}, run_age=hour))
    trial.enter(0)
    trial.world.run_to_end()
    assert trial.way() == ["in", "n", "end-next"]


@pytest.mark.parametrize(
    ("duration", "field"),
    [
        (None, "duration"),
        ({"value": 999, "unit": "millisecond"}, "duration"),
        ({"value": 0, "unit": "day"}, "duration.value"),
        ({"value": -1, "unit": "day"}, "duration.value"),
        ({"value": 1, "unit": "days"}, "duration.unit"),
        ({"value": 1}, "duration.unit"),
        ({"value": 1, "unit": "day", "x": 1}, "duration.x"),
        (60, "duration"),
    ],
)
def test_what_is_refused(duration: Any, field: str) -> None:
    """D-3.2: at least a second."""
    assert [name for name, _ in refused("delay", {"duration": duration})] == [field]


def test_a_second_is_long_enough() -> None:
    assert refused("delay", {"duration": {"value": 1_000, "unit": "millisecond"}}) == []
