"""What keeps a journey from being activated: each code with its place, and graphs of every shape (D-3.1)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from milepost.kernel.issues import CODES, Issue, issues
from milepost.kernel.journey import Definition
from tests.unit.kernel.trial import definition, node, trigger

Json = dict[str, Any]
END = node("end", "end")
DAY: Json = {"duration": {"value": 1, "unit": "day"}}


def found(drawn: Json) -> list[Issue]:
    return issues(Definition.model_validate(drawn))


def said(drawn: Json) -> list[tuple[str, str | None]]:
    return [(issue.code, issue.node) for issue in found(drawn)]


def delay(id: str, to: str, **more: str) -> Json:
    return node(id, "delay", DAY, next=to, **more)


ONE_OF_EACH: dict[str, tuple[Json, list[tuple[str, str | None]]]] = {
    "no_trigger": (definition(END), [("no_trigger", None), ("unreachable", "end")]),
    "no_end": (definition(trigger("in2"), trigger("in", id="in2")), [("into_trigger", "in"), ("into_trigger", "in2"),
               ("no_end", None), ("cycle", "in")]),
    "duplicate_id": (definition(trigger("end"), END, node("end", "end")), [("duplicate_id", "end")]),
    "duplicate_title": (definition(trigger("end"), {**END, "title": "in"}), [("duplicate_title", "end")]),
    "unknown_type": (definition(trigger("x"), node("x", "teleport", next="end"), END), [("unknown_type", "x")]),
    "invalid_settings": (definition(trigger("x"), node("x", "delay", {}, next="end"), END), [("invalid_settings",
    "x")]),
    "invalid_insert": (
        definition(trigger("x"), node("x", "generate_event", {"action": "a", "label": "{{ y }}"}, next="end"), END),
        [("invalid_insert", "x")],
    ),
    "unknown_step": (
        definition(trigger("x"), node("x", "generate_event", {"action": "a", "label": "{{ steps.Y.event.id }}"},
                                      next="end"), END),
        [("unknown_step", "x")],
    ),
    "unknown_outlet": (definition(trigger("x"), delay("x", "end", other="end"), END), [("unknown_outlet", "x")]),
    "loose_outlet": (definition(trigger("x"), node("x", "delay", DAY), END), [("loose_outlet", "x"),
                     ("unreachable", "end")]),
    "unknown_target": (definition(trigger("x"), trigger("end", id="in2"), END), [("unknown_target", "in")]),
    "into_trigger": (definition(trigger("in2"), trigger("end", id="in2"), END), [("into_trigger", "in")]),
    "cycle": (definition(trigger("a"), delay("a", "b"), delay("b", "a"), END),
              [("unreachable", "end"), ("cycle", "a")]),
    "unreachable": (definition(trigger("end"), delay("x", "end"), END), [("unreachable", "x")]),
}  # fmt: skip


def test_there_is_an_example_of_every_code() -> None:
    assert ONE_OF_EACH.keys() == CODES.keys()


@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_each_issue_is_found_once_and_at_its_place(code: str) -> None:
    drawn, expected = ONE_OF_EACH[code]
    assert said(drawn) == expected


@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_each_issue_says_what_and_how_to_put_it_right(code: str) -> None:
    for issue in found(ONE_OF_EACH[code][0]):
        assert issue.text.endswith((".", "”", "required")) or ": " in issue.text
        assert issue.fix.endswith((".", "enter.")) or issue.fix.startswith(("Use one of", "The outlets are"))


def test_a_journey_without_issues_has_none() -> None:
    assert found(definition(trigger("a"), delay("a", "end"), END)) == []


def test_an_empty_draft_has_two() -> None:
    assert said(definition()) == [("no_trigger", None), ("no_end", None)]


def test_every_wrong_setting_is_named() -> None:
    drawn = definition(
        trigger("x"), node("x", "delay", {"duration": {"value": 0, "unit": "moon"}, "y": 1}, next="end"), END
    )
    assert [issue.field for issue in found(drawn)] == ["duration.value", "duration.unit", "y"]


def test_rules_of_the_journey_are_checked_too() -> None:
    for name in ("goal", "exit_rule"):
        for value, code in (("{{ y }}", "invalid_insert"), ("{{ steps.Y.event.id }}", "unknown_step")):
            rule = {"action": "a", "where": [{"param": "p", "op": "equal", "value": value}]}
            [issue] = found(definition(trigger("end"), END, **{name: rule}))
            assert (issue.code, issue.node, issue.field) == (code, None, f"settings.{name}.where")


def test_steps_are_named_by_title_and_an_untitled_node_by_its_type() -> None:
    reading = {"action": "a", "label": "{{ steps['Delay'].event.id }}"}
    untitled = {**delay("wait", "say"), "title": ""}
    drawn = definition(trigger("wait"), untitled, node("say", "generate_event", reading, next="end"), END)
    assert found(drawn) == []
    rule = {"action": "a", "where": [{"param": "p", "op": "equal", "value": "{{ steps['Delay'].event.id }}"}]}
    assert found({**drawn, "settings": {"goal": rule}}) == []


# --- circles ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "circles"),
    [
        ([delay("a", "a")], 1),
        ([delay("a", "b"), delay("b", "a")], 1),
        ([delay("a", "b"), delay("b", "c"), delay("c", "d"), delay("d", "b")], 1),
        ([node("a", "split", None, **{"1": "b", "2": "c"}), delay("b", "b"), delay("c", "c")], 2),
        ([node("a", "split", None, **{"1": "b", "2": "b"}), delay("b", "a")], 1),
        # Ways that part and meet again are no circle.
        ([node("a", "split", None, **{"1": "b", "2": "c"}), delay("b", "d"), delay("c", "d"), delay("d", "end")], 0),
        ([node("a", "split", None, **{"1": "b", "2": "end"}), delay("b", "end")], 0),
        ([node("a", "split", None, **{"1": "b", "2": "b"}), node("b", "split", None, **{"1": "end", "2": "end"})], 0),
    ],
    ids=["self loop", "two", "three, not entered at its head", "two circles", "twice to the same", "diamond",
         "shortcut", "double edges"],
)  # fmt: skip
def test_each_circle_is_found_once(nodes: list[Json], circles: int) -> None:
    assert [code for code, _ in said(definition(trigger("a"), *nodes, END))].count("cycle") == circles


def test_a_circle_that_no_trigger_reaches_is_found_too() -> None:
    drawn = definition(trigger("end"), END, delay("a", "b"), delay("b", "a"))
    assert [issue.text for issue in found(drawn)][-1] == "From `b` the journey comes back to `a`, where it has been."
    assert sorted(said(drawn)) == [("cycle", "a"), ("unreachable", "a"), ("unreachable", "b")]


def test_what_stands_behind_a_node_with_wrong_settings_is_still_reached() -> None:
    drawn = definition(trigger("x"), node("x", "delay", {}, next="b"), delay("b", "end"), END)
    assert said(drawn) == [("invalid_settings", "x")]


# --- size ------------------------------------------------------------------------------------------------------------


def ladder(size: int, *, back: bool) -> Json:
    """A trigger and Splits, each leading to the next by both outlets: 2^size ways; at the end an End, or back again."""
    last = size - 3
    splits = [node(f"s{i}", "split", None, **{"1": f"s{i + 1}", "2": f"s{i + 1}"}) for i in range(last)]
    ends = {"1": "s0", "2": "s0"} if back else {"1": "end", "2": "end"}
    return definition(trigger("s0"), *splits, node(f"s{last}", "split", None, **ends), END)


@pytest.mark.parametrize(("back", "codes"), [(False, []), (True, ["unreachable", "cycle"])])
def test_500_nodes_are_checked_fast(back: bool, codes: list[str]) -> None:
    drawn = Definition.model_validate(ladder(500, back=back))
    started = time.process_time()
    answer = issues(drawn)

    assert [issue.code for issue in answer] == codes
    assert time.process_time() - started < 1, "CPU seconds; measured 0.02"
