"""Event filter: waits for an event after the arrival, for a time if there is a limit (D-3.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.kernel.trial import HOUR, Trial, around, definition, node, refused, trigger

Json = dict[str, Any]
BOUGHT: Json = {"action": "bought"}
LIMITED: Json = {"action": "bought", "limit": {"value": 1, "unit": "hour"}}


def test_without_a_limit_there_is_one_way_out_and_no_deadline() -> None:
    trial = Trial(around("event_filter", BOUGHT))
    trial.enter(1_000)
    trial.see("other", 2_000)
    trial.world.run_to(50 * 24 * HOUR)
    assert trial.left() == []

    trial.see("bought", 51 * 24 * HOUR)
    assert trial.left() == [("matched", 51 * 24 * HOUR)]


@pytest.mark.parametrize(("after", "outlet"), [(HOUR - 1, "matched"), (HOUR, "matched"), (HOUR + 1, "not_matched")])
def test_an_event_taken_exactly_at_the_deadline_is_matched(after: int, outlet: str) -> None:
    trial = Trial(around("event_filter", LIMITED))
    trial.enter(1_000)
    trial.see("bought", 1_000 + after)

    assert trial.left() == [(outlet, 1_000 + min(after, HOUR))]


def test_the_decision_is_recorded() -> None:
    trial = Trial(around("event_filter", LIMITED))
    trial.enter(1_000)
    trial.world.run_to_end()
    assert trial.why() == [{"deadline": 1_000 + HOUR}]

    trial = Trial(around("event_filter", LIMITED))
    trial.enter(1_000)
    trial.see("bought", 2_000)
    [event] = [row for row in trial.world.activity() if row["action"] == "bought"]
    assert trial.why() == [{"event": event["id"]}]


def test_the_event_that_brought_the_path_here_never_counts() -> None:
    trial = Trial(around("event_filter", {"action": "enter"}))
    trial.enter(1_000)
    assert trial.left() == []

    trial.enter(2_000)
    assert trial.left() == [("matched", 2_000)]


def test_one_event_moves_a_path_through_one_waiting_node_only() -> None:
    trial = Trial(
        definition(
            trigger("first"),
            node("first", "event_filter", BOUGHT, matched="second"),
            node("second", "event_filter", BOUGHT, matched="end"),
            node("end", "end"),
        )
    )
    trial.enter(1_000)
    trial.see("bought", 2_000)
    assert trial.way() == ["in", "first", "second"]

    trial.see("bought", 2_000)
    assert trial.way() == ["in", "first", "second", "end"]


def test_an_event_whose_own_time_is_before_the_arrivals_cause_is_history() -> None:
    trial = Trial(around("event_filter", BOUGHT))
    trial.enter(10_000)
    trial.see("bought", 11_000, time=9_999)
    assert trial.left() == []

    trial.see("bought", 12_000, time=10_000)
    assert trial.left() == [("matched", 12_000)]


def test_the_cause_of_an_arrival_is_the_events_own_time() -> None:
    """D-3.2: not before the arrival's `causeTime`, even where the trigger itself came in late."""
    trial = Trial(around("event_filter", BOUGHT))
    trial.see("enter", 10_000, time=5_000)
    trial.see("bought", 11_000, time=6_000)
    assert trial.left() == [("matched", 11_000)]


def test_all_conditions_hold_on_the_same_event_and_may_compare_it_with_the_one_before() -> None:
    where = [{"param": "order", "op": "equal", "value": "{{ event.params.order }}"}]
    trial = Trial(around("event_filter", {**BOUGHT, "where": where}))
    trial.enter(1_000, order=7)
    trial.see("bought", 2_000, order=8)
    trial.see("bought", 3_000, order="7")
    assert trial.left() == []

    trial.see("bought", 4_000, order=7)
    assert trial.left() == [("matched", 4_000)]


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "action"),
        ({"action": "automation.clientPathStep"}, "action"),
        ({**BOUGHT, "limit": {"value": 0, "unit": "hour"}}, "limit.value"),
        ({**BOUGHT, "limit": {"value": 1, "unit": "moon"}}, "limit.unit"),
        ({**BOUGHT, "limit": {"value": 1.5, "unit": "hour"}}, "limit.value"),
        ({**BOUGHT, "limit": {"value": 999, "unit": "millisecond"}}, "limit"),
    ],
)
def test_what_is_refused(settings: Json, field: str) -> None:
    """A limit, like a delay, is at least a second (D-3.2)."""
    assert [name for name, _ in refused("event_filter", settings)] == [field]
