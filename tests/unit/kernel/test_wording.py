"""What people read when a field is wrong: a sentence with the field's title, and one that says what to do."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from milepost.analytics.question import Question
from milepost.kernel.issues import issues
from milepost.kernel.journey import Definition
from milepost.kernel.node import registry
from milepost.kernel.wording import Complaint, complaint
from tests.unit.kernel.trial import definition, node, trigger

Json = dict[str, Any]
PYDANTICS = re.compile(
    r"input|field required|(string|tuple|list|dict\w*|value) (should|error)|instance|extra|parse|fraction|"
    r"discriminator|not valid:|after validation|permitted|\bDuration\b|None|pattern|\^",
    re.IGNORECASE,
)
WRONG: tuple[Any, ...] = (
    None, "", " ", "a b\0", "x" * 300_000, "ftp://x", "automation.clientEndPath", 0, -1, 1.5, 10**12, 10**400,
    float("nan"), True, [], [""], ["a", "a"], ["a"] * 1_100, [None], [{}], {}, {"": ""}, {"a": {}}, {"value": 0},
    {"value": 1, "unit": "moon"}, {"value": 1, "unit": "millisecond"}, {"param": "a"}, {"op": "equal", "value": 1},
    {"op": "looks_like"},
    [{"param": "a", "op": "regex", "value": "("}], {"any": []}, {"all": "x"}, {"not": None},
)  # fmt: skip
SOUND: dict[str, Json] = {
    "ab_test": {"groups": [{"name": "a", "share": 50}, {"name": "b", "share": 50}]},
    "delay": {"duration": {"value": 1, "unit": "day"}},
    "end": {"ends_others": True},
    "event_filter": {"action": "a", "where": [{"param": "a", "op": "equal", "value": 1, "ignore_case": False}],
                     "limit": {"value": 1, "unit": "day"}},
    "generate_event": {"action": "a", "label": "b", "params": {"c": 1}},
    "profile_event": {"action": "a", "where": {"any": [{"attribute": "a", "op": "within_last",
                      "value": {"value": 1, "unit": "day"}}]}},
    "profile_filter": {"where": {"not": {"param": "a", "op": "in", "value": ["b"]}}},
    "send_email": {"to": "", "sender": "", "subject": "a", "body": "b", "html": "", "transactional": False},
    "split": {"outlets": ["1", "2"]},
    "update_profile": {"set": {"a": 1}, "clear": ["b"], "increment": {"c": 1}, "add_tags": ["d"], "remove_tags": []},
    "webhook": {"method": "POST", "url": "http://x", "headers": {"a": "b"}, "body": {}, "response_event": "a"},
}  # fmt: skip
RULE: Json = {"action": "a", "where": [{"param": "a", "op": "equal", "value": 1}]}
JOURNEY: Json = {
    "name": "x", "nodes": [],
    "settings": {"entry_key": "a", "path_limit": 1, "run_age": {"value": 1, "unit": "day"},
                 "late_event_limit": {"value": 1, "unit": "hour"}, "goal": RULE, "exit_rule": RULE},
}  # fmt: skip


def said(model: Any, value: Any) -> list[Complaint]:
    try:
        model.model_validate(value)
    except ValidationError as error:
        return [complaint(found, model, value) for found in error.errors()]
    return []


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    yield at
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield from places(part, (*at, key))


def changed(value: Any, at: tuple[Any, ...], put: Any) -> Any:
    if not at:
        return put
    result = copy.copy(value)
    result[at[0]] = changed(value[at[0]], at[1:], put)
    return result


def without(value: Any, at: tuple[Any, ...]) -> Any:
    result = copy.deepcopy(value)
    inside = result
    for part in at[:-1]:
        inside = inside[part]
    del inside[at[-1]]
    return result


def broken(sound: Json) -> Iterator[Any]:
    """The value with one thing missing, with one thing too many, or with something else in one place."""
    for at in places(sound):
        if at:
            yield without(sound, at)
            yield from (changed(sound, at, wrong) for wrong in WRONG)
    yield {**sound, "colour": "red"}


def test_every_node_type_is_tried() -> None:
    assert list(SOUND) == list(registry())
    assert [kind for kind in SOUND if said(registry()[kind], SOUND[kind])] == []


@pytest.mark.parametrize("kind", [*SOUND, "journey"])
def test_whatever_is_wrong_is_said_in_our_own_words(kind: str) -> None:
    model, sound = (Definition, JOURNEY) if kind == "journey" else (registry()[kind], SOUND[kind])
    found = {one for value in broken(sound) for one in said(model, value)}
    for one in found:
        for sentence in (one.text, one.fix):
            assert not PYDANTICS.search(sentence), one
            assert re.fullmatch(r"[“`A-Z].{5,400}[.]", sentence), one
    assert len(found) > 1


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        ("delay", {}, ("duration", "“Wait for” is missing.", "Say how long: a number and a unit.")),
        ("delay", {"duration": {"value": 0, "unit": "day"}},
         ("duration.value", "“Wait for” is too small.", "Enter more than 0.")),
        ("delay", {"duration": "1 day"},
         ("duration", "“Wait for” is not a length of time.", "Say how long: a number and a unit.")),
        ("profile_event", {"action": ""},
         ("action", "“Event” is missing.", "Fill it in, such as `cart.abandoned`.")),
        ("profile_event", {"action": "cart left"},
         ("action", "“Event” is not written as it has to be.",
          "Use letters, digits, `.`, `_` and `-`: 255 at most.")),
        ("profile_filter", {"where": [{"param": "total", "op": "greater", "value": None}]},
         ("where.0.value", "“Conditions 1, Value”: greater needs a number.", "Correct it.")),
        ("ab_test", {"groups": [{"name": "a", "share": 101}, {"name": "b", "share": 0}]},
         ("groups.0.share", "“Groups 1, Share” is too large.", "Enter 100 at most.")),
        ("split", {"outlets": ["1"]}, ("outlets", "“Outlets” has too few entries.", "Give at least 2.")),
        ("update_profile", {"increment": {"points": "many"}},
         ("increment.points", "“Add to, points” is not a whole number.", "Enter a whole number.")),
        ("webhook", {"url": "http://x", "method": "FETCH"},
         ("method", "“Method” is not one of the choices.",
          "Choose `POST`, `PUT`, `PATCH`, `GET` or `DELETE`.")),
        ("send_email", {"subject": "x" * 501, "body": "b"},
         ("subject", "“Subject” is too long.", "Write 500 characters at most.")),
        ("end", {"colour": 1}, ("colour", "There is no field `colour`.", "Leave it out.")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_field_is_called_by_its_title(kind: str, settings: Json, expected: tuple[str, str, str]) -> None:
    assert said(registry()[kind], settings)[0] == expected


def test_the_settings_of_a_journey_are_called_by_their_titles_too() -> None:
    [found] = said(Definition, {**JOURNEY, "settings": {"path_limit": 0}})
    assert found == ("settings.path_limit", "“Settings, Path limit” is too small.", "Enter 1 or more.")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"kind": "horoscope"}, ("kind", "`kind` is not one of the choices.", "Choose `funnel`, `trend`.")),
        ({}, ("kind", "`kind` is missing.", "Fill it in.")),
    ],
)
def test_an_alternative_that_there_is_not_is_about_the_field_that_names_it(
    question: Json, expected: tuple[str, str, str]
) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Question).validate_python(question)
    assert [complaint(found, Question, question) for found in refused.value.errors()] == [expected]


def test_issues_carry_the_words() -> None:
    drawn = definition(trigger("wait"), node("wait", "delay", {}, next="end"), node("end", "end"))
    [issue] = issues(Definition.model_validate(drawn))
    assert issue == (
        "invalid_settings", "wait", "“Wait for” is missing.", "Say how long: a number and a unit.", "duration",
    )  # fmt: skip


def test_an_insert_that_cannot_be_understood_is_named_with_its_field() -> None:
    drawn = definition(
        trigger("x"), node("x", "generate_event", {"action": "a", "label": "{{ y }}"}, next="end"), node("end", "end")
    )
    assert issues(Definition.model_validate(drawn))[0].text.startswith("“Label”: line 1: there is no variable `y`")
