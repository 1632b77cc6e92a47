"""The language of `--map` and `--where`."""

from __future__ import annotations

from typing import Any

import pytest

from milepost.errors import Invalid
from milepost.ingest import mapping
from milepost.ingest.mapping import Rule, Where


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("action=event:slug", Rule(("action",), "event", converters=("slug",))),
        ("profile.custom_id=case", Rule(("profile", "custom_id"), "case")),
        ("time=ts", Rule(("time",), "ts", converters=("time",))),
        ("time=ts:utc", Rule(("time",), "ts", converters=("utc",))),
        ("params.a.b=x:trim:lower", Rule(("params", "a.b"), "x", converters=("trim", "lower"))),
        ("action:=order.placed", Rule(("action",), None, "order.placed")),
        ("label=a:b", Rule(("label",), "a:b")),
        ("label=a=b", Rule(("label",), "a=b")),
    ],
)
def test_a_mapping_is_read(text: str, rule: Rule) -> None:
    assert mapping.rule(text) == rule


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("action", "Write FIELD=COLUMN"),
        ("=event", "Write FIELD=COLUMN"),
        ("action=", "Write FIELD=COLUMN"),
        ("acton=event", "Did you mean `action`?"),
        ("profile.mail=m", "Did you mean `profile.email`?"),
        ("params.=m", "params.NAME"),
    ],
)
def test_a_bad_mapping_names_the_fix(text: str, fix: str) -> None:
    with pytest.raises(Invalid) as refusal:
        mapping.rule(text)
    assert refusal.value.field == "map"
    assert fix in str(refusal.value.fix)


def test_a_field_is_filled_once() -> None:
    with pytest.raises(Invalid, match="`action` is mapped twice"):
        mapping.rules(["action=a", "action:=b"])


def test_a_missing_column_and_a_misspelt_converter_name_the_fix() -> None:
    with pytest.raises(Invalid) as column:
        mapping.check_columns(mapping.rules(["action=evnt"]), (), ["event", "ts"])
    assert column.value.fix == "Did you mean `event`?"
    with pytest.raises(Invalid) as converter:
        mapping.check_columns(mapping.rules(["action=event:slugg"]), (), ["event", "ts"])
    assert converter.value.fix == "Did you mean `slug`?"
    with pytest.raises(Invalid) as condition:
        mapping.check_columns((), mapping.where(["life=x"]), ["event", "ts"])
    assert condition.value.field == "where"


def test_conditions_on_one_column_are_alternatives_and_on_several_all_hold() -> None:
    conditions = mapping.where(["a=1", "a=2", "b!=x", "c=d=e"])
    assert conditions == (
        Where("a", frozenset({"1", "2"})),
        Where("b", frozenset({"x"}), negated=True),
        Where("c", frozenset({"d=e"})),
    )
    assert [conditions[0].keeps(text) for text in ("1", "2", "3", "")] == [True, True, False, False]
    assert [conditions[1].keeps(text) for text in ("x", "y", "")] == [False, True, True]
    with pytest.raises(Invalid):
        mapping.where(["a"])


@pytest.mark.parametrize(
    ("converter", "value", "result"),
    [
        ("text", 12, "12"),
        ("text", True, "true"),
        ("slug", "W_Completeren aanvraag", "W_Completeren_aanvraag"),
        ("slug", "Café / crème", "Cafe_creme"),
        ("slug", "order.placed-2", "order.placed-2"),
        ("lower", "AbC", "abc"),
        ("upper", "AbC", "ABC"),
        ("trim", "  a ", "a"),
        ("number", "12", 12),
        ("number", " -1.50 ", -1.5),
        ("number", 7, 7),
        ("integer", "12.0", 12),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("boolean", False, False),
        ("time", "2011-10-01T00:38:44.546+02:00", "2011-09-30T22:38:44.546Z"),
        ("utc", "2011-10-01 00:38:44", "2011-10-01T00:38:44.000Z"),
        ("utc", "19970101", "1997-01-01T00:00:00.000Z"),
        ("utc", "2011-10-01T02:00:00+02:00", "2011-10-01T00:00:00.000Z"),
        ("unix", "1317422324.5", "2011-09-30T22:38:44.500Z"),
        ("milliseconds", 1317422324546, "2011-09-30T22:38:44.546Z"),
    ],
)
def test_converters(converter: str, value: Any, result: Any) -> None:
    converted, _ = mapping.convert(Rule(("label",), "x", converters=(converter,)), value)
    assert (converted, type(converted)) == (result, type(result))


@pytest.mark.parametrize(
    ("converter", "value", "reason"),
    [
        ("slug", "???", "nothing is left"),
        ("number", "1,5", "not a number"),
        ("number", "nan", "not a finite number"),
        ("integer", "1.5", "not a whole number"),
        ("boolean", "maybe", "none of true"),
        ("time", "2011-10-01T00:38:44", "no zone"),
        ("time", "yesterday", "not a time"),
        ("unix", "1e30", "not a time"),
        ("text", {"a": 1}, "not a single value"),
    ],
)
def test_converters_say_why_not(converter: str, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        mapping.convert(Rule(("label",), "x", converters=(converter,)), value)


def test_converters_are_taken_in_their_order_and_slug_says_whether_it_changed_something() -> None:
    rule = mapping.rule("action=x:trim:slug:lower")
    assert mapping.convert(rule, "  A b ") == ("a_b", True)
    assert mapping.convert(rule, "  Ab ") == ("ab", False)
