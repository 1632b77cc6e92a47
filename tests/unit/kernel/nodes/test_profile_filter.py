"""Profile filter: decides at once, on the profile and on the event that the path knows (D-3.2, D-3.7)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.kernel.trial import Trial, around, definition, node, refused, trigger

Json = dict[str, Any]
GOLD: Json = {"where": {"attribute": "tier", "op": "equal", "value": "gold"}}


@pytest.mark.parametrize(
    ("tier", "outlet"), [("gold", "matched"), ("silver", "not_matched"), (None, "not_matched"), (5, "not_matched")]
)
def test_it_divides_at_once(tier: object, outlet: str) -> None:
    """D-4: a missing value, or one of another type, makes a positive operator false."""
    trial = Trial(around("profile_filter", GOLD), attributes={} if tier is None else {"tier": tier})
    trial.enter(1_000)

    assert trial.left() == [(outlet, 1_000)]
    assert trial.why() == [{"attribute.tier": tier}]


def test_params_are_those_of_the_event_that_the_path_knows() -> None:
    """D-3.7: the trigger's event, and behind an Event filter the one that matched."""
    test = {"where": [{"param": "n", "op": "equal", "value": 2}]}
    trial = Trial(
        definition(
            trigger("first"),
            node("first", "profile_filter", test, matched="end", not_matched="wait"),
            node("wait", "event_filter", {"action": "next"}, matched="second"),
            node("second", "profile_filter", test, matched="end", not_matched="end"),
            node("end", "end"),
        )
    )
    trial.enter(1_000, n=1)
    trial.see("next", 2_000, n=2)

    assert trial.left("first") == [("not_matched", 1_000)]
    assert trial.left("second") == [("matched", 2_000)]
    assert trial.why("second") == [{"param.n": 2}]


def test_it_sees_what_the_same_wake_has_written() -> None:
    """D-3.8: nothing later than its input, except what this wake has written to the profile."""
    trial = Trial(
        definition(
            trigger("write"),
            node("write", "update_profile", {"set": {"tier": "gold"}}, next="n"),
            node("n", "profile_filter", GOLD, matched="end", not_matched="end"),
            node("end", "end"),
        )
    )
    trial.enter(1_000)
    assert trial.left() == [("matched", 1_000)]


def test_a_value_may_be_an_insert_and_keeps_its_type() -> None:
    where = {"where": {"attribute": "last", "op": "equal", "value": "{{ event.params.order }}"}}
    for order, outlet in ((7, "matched"), ("7", "not_matched"), (8, "not_matched")):
        trial = Trial(around("profile_filter", where), attributes={"last": 7})
        trial.enter(1_000, order=order)
        assert trial.left() == [(outlet, 1_000)]


@pytest.mark.parametrize("value", ["{{ event.params.x }}", "{% customer x %}", "a{% customer x %}"])
def test_an_insert_that_finds_nothing_counts_as_missing(value: str) -> None:
    """D-3.7. There is no action here to be skipped, so `{% customer x %}` is missing like any other."""
    where = {"attribute": "last", "op": "equal", "value": value}
    for test, outlet in ((where, "not_matched"), ({"not": where}, "matched")):
        trial = Trial(around("profile_filter", {"where": test}), attributes={"last": "a"})
        trial.enter(1_000)
        assert trial.left() == [(outlet, 1_000)]
        assert trial.world.dead_letters() == []


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({}, "where"),
        ({"where": {"attribute": "a", "op": "regex", "value": "("}}, "where"),
        ({"where": {"attribute": "a", "op": "less", "value": "x"}}, "where"),
        ({"where": {"attribute": "a", "op": "equal", "value": "{{ nobody }}"}}, "where"),
        ({"where": {"attribute": "a", "op": "equal", "value": "{{ steps['nowhere'].event.id }}"}}, "where"),
    ],
)
def test_what_is_refused(settings: Json, where: str) -> None:
    [(field, _)] = refused("profile_filter", settings)
    assert field is not None
    assert field.startswith(where)
