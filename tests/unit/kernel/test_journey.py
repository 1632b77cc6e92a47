"""What a compiled version remembers for its inserts (D-3.7), and what a definition may say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from milepost.kernel.journey import Definition
from tests.unit.kernel.trial import Trial, definition, node, trigger

Json = dict[str, Any]
END = node("end", "end")


def waits(to: str, **settings: Any) -> Json:
    return node("wait", "event_filter", {"action": "x", **settings}, matched=to)


def says(text: str) -> Json:
    return node("say", "generate_event", {"action": "said", "params": {"text": text}}, next="end")


def test_an_insert_sees_the_triggers_event_until_an_event_filter_matches() -> None:
    for middle, expected in (([], 1), ([waits("say")], 2)):
        trial = Trial(definition(trigger("wait" if middle else "say"), *middle, says("{{ event.params.n }}"), END))
        trial.enter(1_000, n=1)
        trial.see("x", 2_000, n=2)
        assert trial.produced() == [("said", {"text": expected})]


@pytest.mark.parametrize("title", ["Cart abandoned", ""])
def test_a_step_keeps_the_event_that_was_known_there(title: str) -> None:
    """Also where no insert reads `event`, and where the node is named by its type for want of a title."""
    start = {**trigger("wait"), "title": title}
    text = f"{{{{ steps['{title or 'Profile event'}'].event.params.n }}}}"
    trial = Trial(definition(start, waits("say"), says(text), END))
    trial.enter(1_000, n=1)
    trial.see("x", 2_000, n=2)
    assert trial.produced() == [("said", {"text": 1})]


def test_at_an_event_filter_a_step_keeps_the_event_that_matched() -> None:
    trial = Trial(definition(trigger("wait"), waits("say"), says("{{ steps.wait.event.params.n }}"), END))
    trial.enter(1_000, n=1)
    trial.see("x", 2_000, n=2)
    assert trial.produced() == [("said", {"text": 2})]


def test_a_node_that_was_not_passed_has_no_step() -> None:
    drawn = definition(
        trigger("say"), trigger("wait", "other", id="in2"), waits("say"), says("{{ steps.wait.event.params.n }}"), END
    )
    trial = Trial(drawn)
    trial.enter(1_000, n=1)
    assert trial.produced() == [("said", {})]


@pytest.mark.parametrize("rule", ["goal", "exit_rule"])
@pytest.mark.parametrize("read", ["event.params.order", "steps['in'].event.params.order"])
def test_a_rule_may_compare_its_event_with_the_one_that_the_run_knows(rule: str, read: str) -> None:
    where = [{"param": "order", "op": "equal", "value": f"{{{{ {read} }}}}"}]
    trial = Trial(
        definition(trigger("wait"), waits("end", where=None), END, **{rule: {"action": "paid", "where": where}})
    )
    trial.enter(1_000, order=7)
    trial.see("paid", 2_000, order=8)
    assert trial.way() == ["in", "wait"]
    trial.see("paid", 3_000, order=7)
    assert trial.way() == ["in", "wait", f"!{rule}"]


def test_what_is_remembered_survives_the_store() -> None:
    """Each batch of one input reads the run anew."""
    text = "{{ steps['in'].event.params.n }} {{ event.params.n }} {{ event.label }} {{ event.action }}"
    trial = Trial(definition(trigger("wait"), waits("say"), says(text), END), batch_size=1)
    trial.enter(1_000, n=1)
    trial.see("x", 2_000, n=2)
    assert trial.produced() == [("said", {"text": "1 2  x"})]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"colour": "red"}, "colour"),
        ({"nodes": [{"id": "a b", "type": "end"}]}, "nodes.0.id"),
        ({"nodes": [{"id": "a"}]}, "nodes.0.type"),
        ({"nodes": [{"id": "a", "type": "end", "outlets": {"next": 5}}]}, "nodes.0.outlets.next"),
        ({"nodes": [{"id": "a", "type": "end", "position": {"x": 1}}]}, "nodes.0.position.y"),
        ({"nodes": [{"id": f"n{i}", "type": "end"} for i in range(501)]}, "nodes"),
        ({"settings": {"path_limit": 0}}, "settings.path_limit"),
        ({"settings": {"run_age": {"value": 0, "unit": "day"}}}, "settings.run_age.value"),
        ({"settings": {"goal": {"action": "automation.clientEndPath"}}}, "settings.goal.action"),
        ({"settings": {"goal": {"where": None}}}, "settings.goal.action"),
    ],
)
def test_what_is_no_definition(wrong: Json, field: str) -> None:
    """A draft may be incomplete, but not of another form."""
    with pytest.raises(ValidationError) as refusal:
        Definition.model_validate({"name": "Trial", **wrong})
    assert [".".join(map(str, error["loc"])) for error in refusal.value.errors()] == [field]


def test_a_definition_with_unknown_types_and_loose_ends_is_a_draft() -> None:
    Definition.model_validate({"name": "Trial", "nodes": [{"id": "a", "type": "teleport", "settings": {"x": 1}}]})
