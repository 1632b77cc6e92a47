"""Funnel: its rules, and the reference answer against an even plainer one (D-5)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from milepost.analytics.datapoint import Datapoint
from milepost.analytics.funnel import Funnel, answer, attempt

RANGE = {"from": "1970-01-01", "to": "1970-01-01"}


def funnel(depth: int = 2, **fields: Any) -> Funnel:
    return Funnel.model_validate({**RANGE, "steps": [{"action": f"s{step}"} for step in range(depth)], **fields})


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"steps": []}, "funnel_steps"),
        ({"steps": [{"action": "a"}] * 21}, "funnel_steps"),
        ({"window": {"value": 0, "unit": "day"}}, "greater_than"),
        ({"window": {"value": -1, "unit": "day"}}, "greater_than"),
        ({"order": "strict"}, "literal_error"),
        ({"hold": ["a", "a"]}, "funnel_hold"),
        ({"hold": ["a..b"]}, "funnel_hold"),
        ({"count": "held_values"}, "funnel_count"),
        ({"steps": [{"action": "a", "where": {"attribute": "x", "op": "exists"}}]}, "step_where"),
        ({"steps": [{"action": "a", "where": {"param": "x", "op": "equal", "value": "{{ y }}"}}]}, "question_insert"),
    ],
)
def test_refused(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        funnel(**fields)
    assert [error["type"] for error in refused.value.errors()] == [code]


Events = list[tuple[int, frozenset[int]]]


def plainest(events: Events, begin: int, end: int, steps: int) -> int:
    """The deepest that any choice of events for the steps gets: all choices are tried."""
    usable = [event for event in events if begin <= event[0] <= end]
    for depth in range(min(steps, len(usable)), 0, -1):
        for chosen in itertools.permutations(usable, depth):
            times = [time for time, _ in chosen]
            if times[0] == begin and times == sorted(times) and all(s in fits for s, (_, fits) in enumerate(chosen)):
                return depth
    return 0


@given(
    events=st.lists(
        st.tuples(st.integers(0, 3), st.frozensets(st.integers(0, 3), min_size=1, max_size=3)), min_size=1, max_size=6
    ),
    begin=st.integers(0, 3),
    window=st.integers(1, 3),
)
def test_an_attempt_is_as_deep_as_any_choice_of_events(events: Events, begin: int, window: int) -> None:
    """Ties convert whatever the order of arrival, and one event fills one step."""
    if any(time == begin and 0 in fits for time, fits in events):
        asked = funnel(4, window={"value": window, "unit": "millisecond"})
        assert len(attempt(asked, events, begin)) == plainest(events, begin, begin + window, 4)


def points(*events: tuple[int, str, dict[str, Any]]) -> list[Datapoint]:
    return [Datapoint(1, time, position, action, params) for position, (time, action, params) in enumerate(events)]


def counts(asked: Funnel, *events: tuple[int, str, dict[str, Any]]) -> list[int]:
    return [step.count for step in answer(asked, points(*events), {}, 0).steps]


def test_an_event_without_the_held_param_takes_part_in_no_attempt() -> None:
    asked = funnel(hold=["k"])
    assert counts(asked, (1, "s0", {}), (2, "s1", {})) == [0, 0]
    assert counts(asked, (1, "s0", {"k": None}), (2, "s1", {"k": None})) == [0, 0]
    assert counts(asked, (1, "s0", {"k": 1}), (2, "s1", {"k": 1.0})) == [1, 1]
    assert counts(asked, (1, "s0", {"k": 1}), (2, "s1", {"k": True})) == [1, 0]
    assert counts(asked, (1, "s0", {"k": "1"}), (2, "s1", {"k": 1})) == [1, 0]


def test_times_are_of_the_deepest_then_the_earliest_attempt() -> None:
    taken = answer(funnel(), points((0, "s0", {}), (3_000, "s0", {}), (4_000, "s1", {})), {}, 0).steps[1]
    assert taken.seconds_from_start.mean == 4.0
    short = funnel(window={"value": 2, "unit": "second"})
    taken = answer(short, points((0, "s0", {}), (3_000, "s0", {}), (4_000, "s1", {})), {}, 0).steps[1]
    assert taken.seconds_from_start.mean == 1.0


def test_shares_without_a_base_have_no_value() -> None:
    empty = answer(funnel(), [], {}, 0)
    assert [(step.count, step.from_start, step.from_previous) for step in empty.steps] == [(0, None, None)] * 2
    assert empty.question.at == 0


def test_the_answer_is_json_and_its_question_comes_back() -> None:
    made = answer(funnel(), points((0, "s0", {})), {}, 1_500)
    dumped = made.model_dump(mode="json", by_alias=True)
    assert dumped["question"]["at"] == "1970-01-01T00:00:01.500Z"
    assert Funnel.model_validate(dumped["question"]) == made.question
