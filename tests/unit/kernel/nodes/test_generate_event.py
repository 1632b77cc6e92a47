"""Generate event: an event of the profile, taken at this instant after those already there (D-3.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.kernel.trial import Trial, around, definition, node, refused, trigger

Json = dict[str, Any]


def test_the_event_is_on_the_card_with_where_it_comes_from() -> None:
    trial = Trial(around("generate_event", {"action": "said", "label": "hi {{ event.params.n }}", "params": {"a": 1}}))
    trial.enter(1_000, n=5)

    [event] = [row for row in trial.world.activity() if row["action"] == "said"]
    start = trial.world.moves()[0]
    assert (event["time"], event["received_at"], event["label"], event["source"]) == (
        1_000,
        1_000,
        "hi 5",
        "automation",
    )
    assert (event["journey"], event["node"], event["run"]) == (trial.journey, "n", start["run_id"])
    assert event["id"] == f"{start['path_id']}.n.1.1"
    assert event["params"] == {
        "a": 1, "journeyId": trial.journey, "journeyVersion": 1, "runId": start["run_id"],
        "pathId": start["path_id"], "nodeId": "n", "causeRunId": start["run_id"], "depth": 1,
    }  # fmt: skip
    assert trial.left() == [("next", 1_000)]


def test_params_keep_their_types_and_leave_out_what_is_missing() -> None:
    params = {"n": "{{ event.params.n }}", "x": "{{ event.params.x }}", "list": ["{{ event.params.x }}", 1], "no": None}
    trial = Trial(around("generate_event", {"action": "said", "params": params}))
    trial.enter(1_000, n=2.5)
    assert trial.produced() == [("said", {"n": 2.5, "list": [None, 1], "no": None})]


def test_it_satisfies_an_event_filter_right_behind() -> None:
    trial = Trial(
        definition(
            trigger("n"),
            node("n", "generate_event", {"action": "said"}, next="wait"),
            node("wait", "event_filter", {"action": "said"}, matched="end"),
            node("end", "end"),
        )
    )
    trial.enter(1_000)
    assert trial.way() == ["in", "n", "wait", "end"]


def test_it_is_taken_after_the_events_that_are_there_already() -> None:
    """Of two events in one request the second comes before what the first brings about."""
    trial = Trial(
        definition(
            trigger("n"),
            node("n", "generate_event", {"action": "said"}, next="wait"),
            node("wait", "event_filter", {"action": "said", "where": {"param": "by", "op": "exists"}}, matched="end"),
            node("end", "end"),
        )
    )
    events = [
        {"profile": {"custom_id": "ann"}, "action": action, "params": {"by": "ann"}} for action in ("enter", "said")
    ]
    trial.world.send(events, at=1_000)
    trial.world.run_to(1_000)

    assert [row["action"] for row in trial.world.activity() if "Path" not in row["action"]] == ["enter", "said", "said"]
    assert trial.why("wait") == [{"event": trial.world.activity()[4]["id"]}] or trial.way()[-1] == "end"


def test_it_may_start_any_journey_also_this_one() -> None:
    """It starts this one only until the chain is ten long (D-3.2)."""
    trial = Trial(
        definition(
            trigger("n"),
            trigger("n", action="said", id="again"),
            node("n", "generate_event", {"action": "said"}, next="end"),
            node("end", "end"),
        )
    )
    other = trial.world.create_journey(definition(trigger("end", action="said"), node("end", "end")))
    trial.world.activate(other)
    trial.enter(1_000)

    starts = [move for move in trial.world.moves() if move["action"] == "automation.clientStartPath"]
    assert sum(move["journey_id"] == trial.journey for move in starts) == 10
    assert sum(move["journey_id"] == other for move in starts) == 9


def test_a_required_attribute_that_is_missing_skips_it() -> None:
    trial = Trial(around("generate_event", {"action": "said", "params": {"a": "{% customer name %}"}}))
    trial.enter(1_000)
    assert trial.produced() == [("automation.actionSkipped", {"reason": "missing_attribute", "attribute": "name"})]
    assert trial.left() == [("next", 1_000)]


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "action"),
        ({"action": "automation.mine"}, "action"),
        ({"action": "a b"}, "action"),
        ({"action": "a", "params": [1]}, "params"),
        ({"action": "a", "params": {"x": "{{ nobody }}"}}, "params"),
        ({"action": "a", "label": "{{ nobody }}"}, "label"),
        ({"action": "a", "label": "x" * 256}, "label"),
        ({"action": "a", "event_label": "x"}, "event_label"),
    ],
)
def test_what_is_refused(settings: Json, field: str) -> None:
    """D-1.4: actions that begin with `automation.` are written by the product alone."""
    assert [name for name, _ in refused("generate_event", settings)] == [field]
