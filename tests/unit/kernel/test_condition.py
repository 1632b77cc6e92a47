"""Conditions: their form, what is refused and where, and what each operator says (D-4)."""

from __future__ import annotations

import zoneinfo
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from milepost.kernel.condition import Where, compile_condition, inserts, subjects
from milepost.kernel.wording import complaint

NOW = 1_774_778_400_000  # 2026-03-29T10:00:00Z
WARSAW = zoneinfo.ZoneInfo("Europe/Warsaw")
WHERE: TypeAdapter[Any] = TypeAdapter(Where)


def holds(condition: Any, params: dict[str, Any] | None = None, attributes: dict[str, Any] | None = None) -> bool:
    return compile_condition(WHERE.validate_python(condition), zone=WARSAW)(params or {}, attributes or {}, None, NOW)


def on_a(op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"param": "a", "op": op, **({} if value is None else {"value": value}), **more}


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        (on_a("equal", "Gold"), ["Gold"], ["gold", "Golden", 5]),
        (on_a("equal", "Gold", ignore_case=True), ["gold", "GOLD"], ["golden"]),
        (on_a("equal", 1), [1, 1.0], [True, "1", 2]),
        (on_a("equal", True), [True], [1, "true", False]),
        (on_a("in", ["a", 1]), ["a", 1.0], ["A", True, "1"]),
        (on_a("contains", "ol"), ["Gold", ["ol"]], ["GOLD", ["Gold"], 5]),
        (on_a("contains", 5), [[5], [1, 5.0]], ["5", 5, ["5"], [True]]),
        (on_a("starts_with", "Go"), ["Gold"], ["gold", "aGo"]),
        (on_a("ends_with", "LD", ignore_case=True), ["Gold"], ["ldx"]),
        (on_a("regex", "^G.*d$"), ["Gold"], ["gold", "G\nd"]),
        (on_a("less", 5), [4, 4.9, -1], [5, "4", None, True]),
        (on_a("less_or_equal", 5), [5, 5.0], [5.1]),
        (on_a("greater", 5), [6], [5, "6"]),
        (on_a("greater_or_equal", 5), [5], [4]),
        (on_a("between", [1, 5]), [1, 5, 2.5], [0, 5.1, "3"]),
        (on_a("is_true"), [True], [1, "true", False]),
        (on_a("is_false"), [False], [0, None, ""]),
        (on_a("is_empty"), [[]], ["", {}, None, [None]]),
        (on_a("contains_any", ["x", 1]), [["x"], [1.0, "z"]], [[], "x", ["X"], [True]]),
        (on_a("contains_all", ["x", 1]), [["x", 1, 2]], [["x"], [], [1, "X"]]),
        (on_a("exists"), ["", 0, False, [], {"b": 0}], [None, {}, {"b": None}, {"b": {}}]),
        (
            on_a("before", "2026-03-29"),
            ["2026-03-28", "2026-03-28T22:59:59.999Z"],
            ["2026-03-29", "2026-03-28T23:00:00Z"],
        ),
        (on_a("after", "2026-03-29"), ["2026-03-30", "2026-03-29T22:00:00Z"], ["2026-03-29", "2026-03-29T21:59:59Z"]),
        (on_a("on", "2026-03-29"), ["2026-03-29", "2026-03-28T23:00:00Z"], ["2026-03-30", "2026-03-29T22:00:00Z"]),
        (on_a("before", "2026-03-29T10:00:00Z"), ["2026-03-29T11:59:59+02:00"], ["2026-03-29T10:00:00Z", "2026-02-30"]),
        (
            on_a("within_last", {"value": 1, "unit": "day"}),
            ["2026-03-28T10:00:00Z", "2026-03-29T10:00:00Z", "2026-03-29"],
            ["2026-03-28T09:59:59.999Z", "2026-03-29T10:00:00.001Z", "2026-03-29T10:00:00", NOW],
        ),
        (on_a("within_next", {"value": 1, "unit": "hour"}), ["2026-03-29T11:00:00Z"], ["2026-03-29T11:00:00.001Z"]),
        (on_a("in_current", "hour"), ["2026-03-29T10:59:59.999Z"], ["2026-03-29T11:00:00Z", "2026-03-29"]),
        (on_a("in_current", "month"), ["2026-03-01", "2026-03-31T21:59:59Z"], ["2026-02-28", "2026-03-31T22:00:00Z"]),
    ],
    ids=lambda value: f"{value['op']}-{value.get('value')}" if isinstance(value, dict) and "op" in value else "",
)
def test_operator(test: dict[str, Any], yes: list[Any], no: list[Any]) -> None:
    assert [value for value in yes if not holds(test, {"a": value})] == []
    assert [value for value in no if holds(test, {"a": value})] == []
    assert not holds(test, {}), "a missing value makes every positive operator false"


@pytest.mark.parametrize(
    ("positive", "value"),
    [("equal", "x"), ("in", ["x"]), ("contains", "x"), ("exists", None)],
    ids=str,
)
def test_a_negation_is_exact(positive: str, value: Any) -> None:
    """So a matcher and its negation partition all profiles."""
    for found in ["x", "y", 5, None, ["x"], {"x": 1}, True]:
        params = {"a": found}
        assert holds(on_a(f"not_{positive}", value), params) is not holds(on_a(positive, value), params)
    assert holds(on_a(f"not_{positive}", value), {})


def test_names_walk_into_objects_and_a_dotted_key_is_the_same_name() -> None:
    total = {"param": "cart.total", "op": "equal", "value": 5}
    assert holds(total, {"cart": {"total": 5}})
    assert holds(total, {"cart.total": 5})
    assert holds(total, {"cart.total": 5, "cart": {"total": 6}}), "of two spellings the first counts"
    assert holds(total, {"cart.total": None, "cart": {"total": 5}}), "null is no value"
    assert holds({"param": "cart", "op": "exists"}, {"cart.total": 5})
    assert not holds({"param": "cart.total", "op": "exists"}, {"cart": [{"total": 5}]}), "lists are not walked"


def test_groups() -> None:
    yes, no = {"param": "a", "op": "exists"}, {"param": "b", "op": "exists"}
    params = {"a": 1}
    assert holds([yes], params)
    assert holds([], params)
    assert holds(None, params)
    assert not holds([yes, no], params)
    assert holds({"any": [no, yes]}, params)
    assert holds({"not": no}, params)
    assert holds({"all": [yes, {"not": {"any": [no]}}]}, params)
    assert holds({"attribute": "tier", "op": "equal", "value": "gold"}, {}, {"tier": "gold"})


@pytest.mark.parametrize(
    ("condition", "code", "where"),
    [
        (on_a("regex", "("), "condition_regex", ("value",)),
        ({"all": [{"not": on_a("less", "5")}]}, "condition_value", ("all", 0, "not", "value")),
        (on_a("between", [1]), "condition_value", ("value",)),
        (on_a("equal"), "condition_value", ("value",)),
        (on_a("exists", 5), "condition_value", ("value",)),
        (on_a("before", "2026-02-30"), "condition_value", ("value",)),
        (on_a("before", "2026-03-01T10:00:00"), "condition_value", ("value",)),
        (on_a("in", []), "condition_value", ("value",)),
        (on_a("in", [None]), "condition_value", ("value",)),
        (on_a("equal", float("nan")), "condition_value", ("value",)),
        (on_a("within_last", {"value": 0, "unit": "day"}), "greater_than", ("value", "value")),
        (on_a("in_current", "week"), "condition_value", ("value",)),
        (on_a("less", 5, ignore_case=True), "condition_case", ("ignore_case",)),
        (on_a("looks_like", "x"), "literal_error", ("op",)),
        ({"op": "exists"}, "condition_subject", ()),
        ({"param": "a", "attribute": "b", "op": "exists"}, "condition_subject", ()),
        ({"param": "a..b", "op": "exists"}, "string_pattern_mismatch", ("param",)),
        ({"any": []}, "too_short", ("any",)),
        ({**on_a("exists"), "colour": 1}, "extra_forbidden", ("colour",)),
    ],
)
def test_refused_with_its_place(condition: Any, code: str, where: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        WHERE.validate_python(condition)
    found = [(error["type"], complaint(error, None, condition).place) for error in refused.value.errors()]
    assert found == [(code, ".".join(map(str, where)))]


def test_nesting_has_a_limit() -> None:
    condition: Any = on_a("exists")
    for _ in range(1_000):
        condition = {"not": condition}
    with pytest.raises(ValidationError, match="nested more than 16 deep"):
        WHERE.validate_python(condition)


def test_json_comes_back_as_it_went_in() -> None:
    condition = {"all": [{"param": "a", "op": "equal", "value": 1.0}, {"not": {"attribute": "b", "op": "exists"}}]}
    assert (
        WHERE.dump_python(WHERE.validate_python(condition), by_alias=True, exclude_defaults=True, mode="json")
        == condition
    )


def test_subjects_and_inserts_are_listed() -> None:
    condition = WHERE.validate_python(
        [
            {"param": "a", "op": "in", "value": ["x", "{{ event.params.k }}"]},
            {"not": {"attribute": "b", "op": "less", "value": "{{ n }}"}},
        ]
    )
    assert subjects(condition) == {("param", "a"), ("attribute", "b")}
    assert inserts(condition) == [
        (("all", 0, "value", 1), "{{ event.params.k }}"),
        (("all", 1, "not", "value"), "{{ n }}"),
    ]


@pytest.mark.parametrize(
    ("test", "bound", "expected"),
    [
        (on_a("equal", "{{ x }}"), 5, True),
        (on_a("equal", "{{ x }}"), "5", False),
        (on_a("equal", "{{ x }}"), None, False),
        (on_a("not_equal", "{{ x }}"), None, True),
        (on_a("less", "{{ x }}"), 6, True),
        (on_a("less", "{{ x }}"), "6", False),
        (on_a("in", ["{{ x }}", 5]), None, True),
        (on_a("in", "{{ x }}"), [4, 5], True),
        (on_a("between", [1, "{{ x }}"]), 5, True),
        (on_a("between", [1, "{{ x }}"]), None, False),
        (on_a("regex", "{{ x }}"), "(", False),
    ],
)
def test_inserts_keep_their_type_and_a_missing_one_is_missing(test: Any, bound: Any, expected: bool) -> None:
    """D-3.7: a value that is exactly one insert keeps its type; the condition does not render."""
    check = compile_condition(WHERE.validate_python(test), lambda value: lambda scope: scope[value])
    assert check({"a": 5}, {}, {"{{ x }}": bound}, NOW) is expected
