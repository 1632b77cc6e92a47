"""Update profile: set, clear, increment, tags; inserts allowed (D-2.5, D-3.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.kernel.trial import Trial, around, definition, node, refused, trigger

Json = dict[str, Any]


def updated(settings: Json, attributes: Json | None = None, **params: Any) -> Trial:
    """Ann after her path has passed the node."""
    trial = Trial(around("update_profile", settings), attributes=attributes)
    trial.enter(1_000, **params)
    assert trial.left() == [("next", 1_000)], "whatever becomes of the action, the path goes on"
    return trial


def test_each_thing_that_really_changed_produces_one_event() -> None:
    settings = {"set": {"a": 2, "same": 1}, "clear": ["b", "never"], "increment": {"n": 3}, "add_tags": ["vip"]}
    trial = updated(settings, {"a": 1, "same": 1.0, "b": "x", "n": 4})

    assert trial.attributes() == {"a": 2, "same": 1, "n": 7}
    assert trial.produced() == [
        ("profile.updated", {"attribute": "b", "old": "x", "new": None}),
        ("profile.updated", {"attribute": "a", "old": 1, "new": 2}),
        ("profile.updated", {"attribute": "n", "old": 4, "new": 7}),
        ("profile.tagAdded", {"tag": "vip"}),
    ]


def test_what_it_produces_says_where_it_comes_from() -> None:
    """D-7, D-3.2: every event that a node produces; one deeper than the event that started the run."""
    trial = updated({"set": {"a": 1}})
    [event] = trial.world.produced()
    start = trial.world.moves()[0]
    assert event["params"] == {
        "attribute": "a", "old": None, "new": 1, "journeyId": trial.journey, "journeyVersion": 1,
        "runId": start["run_id"], "pathId": start["path_id"], "nodeId": "n", "causeRunId": start["run_id"], "depth": 1,
    }  # fmt: skip


def test_later_nodes_of_the_wake_see_the_new_value() -> None:
    trial = Trial(
        definition(
            trigger("one"),
            node("one", "update_profile", {"increment": {"n": 1}}, next="two"),
            node("two", "update_profile", {"set": {"copy": "{{ customer.n }}"}}, next="end"),
            node("end", "end"),
        )
    )
    trial.enter(1_000)
    assert trial.attributes() == {"n": 1, "copy": 1}


def test_an_insert_keeps_its_type_and_sets_nothing_if_it_finds_nothing() -> None:
    settings = {"set": {"total": "{{ event.params.total }}", "text": "{{ event.params.total }} CHF", "x": "{{ now }}"}}
    trial = updated(settings, {"total": 1, "text": "", "x": ""}, total=12.5)
    assert trial.attributes() == {"total": 12.5, "text": "12.5 CHF", "x": "1970-01-01T00:00:01.000Z"}

    trial = updated({"set": {"list": ["{{ event.params.x }}", {"a": "{{ event.params.x }}"}]}})
    assert trial.attributes() == {"list": [None, {}]}

    trial = updated({"set": {"total": "{{ event.params.total }}"}}, {"total": 1})
    assert trial.attributes() == {"total": 1}
    assert trial.produced() == []


def test_a_whole_number_stays_whole() -> None:
    trial = updated({"increment": {"n": 1, "fresh": -2, "half": 0.5}}, {"n": 41})
    found = trial.attributes()
    assert found == {"n": 42, "fresh": -2, "half": 0.5}
    assert [type(found[name]) for name in ("n", "fresh", "half")] == [int, int, float]


@pytest.mark.parametrize(("value", "amount"), [(2**64 - 1, 1), (-(2**63), -1), (1e308, 1e308), (2**64 - 1, 2**64 - 1)])
def test_a_sum_that_cannot_be_stored_whole_does_no_harm(value: float, amount: float) -> None:
    trial = updated({"increment": {"n": amount}}, {"n": value})
    found = trial.attributes()["n"]
    assert found == value or (isinstance(found, float) and abs(found) < float("inf"))


@pytest.mark.parametrize("value", ["5", True, [1]])
def test_what_is_no_number_cannot_be_added_to(value: object) -> None:
    """D-3.3: an action stopped by an error produces `automation.actionSkipped`; nothing of it is done."""
    trial = updated({"increment": {"m": 1, "n": 1}, "add_tags": ["vip"]}, {"n": value})
    assert trial.attributes() == {"n": value}
    assert trial.produced() == [("automation.actionSkipped", {"reason": "not_a_number", "attribute": "n"})]


def test_what_is_set_or_cleared_first_can_be_added_to() -> None:
    trial = updated({"set": {"n": 5}, "clear": ["m"], "increment": {"n": 1, "m": 1}}, {"n": "five", "m": "x"})
    assert trial.attributes() == {"n": 6, "m": 1}


def test_a_required_attribute_that_is_missing_skips_the_whole_action() -> None:
    trial = updated({"set": {"a": "{% customer name %}", "b": 1}})
    assert trial.attributes() == {}
    assert trial.produced() == [("automation.actionSkipped", {"reason": "missing_attribute", "attribute": "name"})]


def test_tags_may_be_inserts_and_an_empty_one_is_none() -> None:
    settings = {"add_tags": ["shop-{{ event.params.shop }}", "{{ event.params.x }}"], "remove_tags": ["{{ now }}"]}
    assert updated(settings, shop="a").produced() == [("profile.tagAdded", {"tag": "shop-a"})]


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, None),
        ({"set": {}, "add_tags": []}, None),
        ({"set": {"a": "{{ nobody }}"}}, "set"),
        ({"set": {"a": ["{{ x"]}}, "set"),
        ({"add_tags": ["{{ nobody }}"]}, "add_tags"),
        ({"remove_tags": ["{{ nobody }}"]}, "remove_tags"),
        ({"increment": {"a": "x"}}, "increment.a"),
        ({"increment": {"a": float("inf")}}, "increment.a"),
        ({"set": {"": 1}}, "set"),
        ({"clear": [""]}, "clear.0"),
        ({"set": {"a" * 256: 1}}, "set"),
    ],
)
def test_what_is_refused(settings: Json, field: str | None) -> None:
    found = refused("update_profile", settings)
    assert found
    assert all(name == field or (field is not None and (name or "").startswith(field)) for name, _ in found)
