"""Two evaluators, one meaning: SQL says of every value what the pure evaluator says (D-4)."""

from __future__ import annotations

import itertools
import zoneinfo
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from milepost.kernel.condition import Condition, Where, compile_condition
from milepost.stores.clickhouse.condition import Translator
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.clickhouse.sql import Arguments
from tests.reference.rows import lines

NOW = 1_774_778_400_000  # 2026-03-29T10:00:00Z, the day on which the clocks of Europe change
WORKSPACES = itertools.count(1)

TEXTS = st.sampled_from(
    ["", "x", "X", "xy", "é", "É", "ß", "ẞ", "ſ", "K", "\u212a", "5", "1", "true", "null", "a\tb\n\\'\"", "x\ny", "."]
)
DATES = st.sampled_from(
    ["2026-03-29", "2026-03-28", "2026-03-30", "2026-02-30", "2024-02-29", "2026-03-29T00:00:00+01:00", "1899-12-31",
     "2026-03-28T23:00:00Z", "2026-03-29T10:00:00.0005Z", "2026-03-29T12:00+02:00", "2026-03-29 10:00:00.001Z",
     "2026-03-29T10:00:00", "2026-03-29T25:00:00Z", "1950-07-01", "2299-12-31", "2026-03-29T09:59:59.999-00:00"]
)  # fmt: skip
NUMBERS = st.sampled_from(
    [0, 1, 1.0, -1, 2, 1.5, 0.1, -0.0, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, -(2**63), 1e20, 1e300]
)
SMALL = st.sampled_from([0, 1, 1.0, 1.5, -1])
SCALARS = TEXTS | DATES | NUMBERS | st.booleans()
LISTS = st.lists(TEXTS | SMALL | st.booleans() | st.none() | st.just([1]) | st.just({"a": 1}), max_size=3)
KEYS = st.sampled_from(["a", "b", "c", "a.b", "b.c", "a b", "^a", "a`b", "{a:b}"])
OBJECTS = st.recursive(
    st.dictionaries(KEYS, SCALARS | LISTS | st.none(), max_size=3),
    lambda inner: st.dictionaries(KEYS, SCALARS | LISTS | st.none() | inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["a", "b", "a.b", "b.c", "a.b.c", "a b", "^a", "a`b", "{a:b}"])
EVERY_PATTERN = ["^x", "x$", "x.y", "(?i)É", "[0-9]+", "", "^$", r"\bx\b", "(?:x|y)+", r"\.", "ß", "(?i)k", "x|^5$"]
EVERY_PATTERN += [r"\pL", "(?m)^y", "(?s)x.y"]
PATTERNS = st.sampled_from(EVERY_PATTERN)


def comparisons(kind: str, names: st.SearchStrategy[str] = NAMES) -> st.SearchStrategy[dict[str, Any]]:
    def test(ops: list[str], value: st.SearchStrategy[Any] | None, case: bool = False) -> Any:
        parts: dict[str, Any] = {kind: names, "op": st.sampled_from(ops)}
        if value is not None:
            parts["value"] = value
        if case:
            parts["ignore_case"] = st.booleans()
        return st.fixed_dictionaries(parts)

    number = SMALL | NUMBERS
    duration = st.fixed_dictionaries({"value": st.integers(1, 40), "unit": st.sampled_from(["hour", "day", "year"])})
    return st.one_of(
        test(["exists", "not_exists", "is_true", "is_false", "is_empty"], None),
        test(["equal", "not_equal", "contains", "not_contains"], SCALARS, case=True),
        test(["in", "not_in", "contains_any", "contains_all"], st.lists(SCALARS, min_size=1, max_size=3), case=True),
        test(["starts_with", "ends_with"], TEXTS, case=True),
        test(["regex"], PATTERNS, case=True),
        test(["less", "less_or_equal", "greater", "greater_or_equal"], number),
        test(["between"], st.tuples(number, number).map(list)),
        test(["before", "after", "on"], DATES.filter(lambda text: text not in NO_DATES)),
        test(["within_last", "within_next"], duration),
        test(["in_current"], st.sampled_from(["hour", "day", "month", "year"])),
    )


NO_DATES = {"2026-02-30", "1899-12-31", "2026-03-29T10:00:00", "2026-03-29T25:00:00Z"}


def conditions(kind: str) -> st.SearchStrategy[Any]:
    return st.recursive(
        comparisons(kind),
        lambda inner: st.one_of(
            st.fixed_dictionaries({"all": st.lists(inner, max_size=3)}),
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
            st.fixed_dictionaries({"not": inner}),
        ),
        max_leaves=4,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseEventStore]:
    """One folder of chDB for the module: every example has a workspace of its own."""
    opened = ClickHouseEventStore.open(tmp_path_factory.mktemp("events"))
    yield opened
    opened.close()


ZONES = st.sampled_from(["UTC", "Europe/Warsaw", "America/Sao_Paulo", "Asia/Kathmandu"])


EVERY_TEXT = ["", "x", "X", "xy", "yx", "x\ny", "é", "É", "ß", "ẞ", "ſ", "K", "\u212a", "5", "true", "null", ".", "\0"]
EVERY_TEXT += ["a\tb\n\\'\""]
EVERY_DATE = [
    "2026-03-29", "2026-03-28", "2026-03-30", "2026-02-30", "2024-02-29", "1899-12-31", "1900-01-01", "2299-12-31",
    "2026-03-28T23:00:00Z", "2026-03-28T22:59:59.999Z", "2026-03-29T00:00:00+01:00", "2026-03-29T21:59:59.999Z",
    "2026-03-29T22:00Z", "2026-03-29T10:00:00Z", "2026-03-29T10:00:00.0005Z", "2026-03-29T12:00+02:00", "1950-07-01",
    "2026-03-29 10:00:00.001Z", "2026-03-29T10:00:00", "2026-03-29T24:00:00Z", "2026-03-29T09:59:59.999-00:00",
    "2025-03-29",
]  # fmt: skip
EVERY_NUMBER = [
    0,
    1,
    1.0,
    -1,
    5,
    1.5,
    0.1,
    -0.0,
    2**53,
    2**53 + 1,
    2.0**53,
    2**63 - 1,
    2**63,
    2**64 - 1,
    -(2**63),
    1e20,
]
EVERY_NUMBER += [1e300]
EVERY_LIST: list[list[Any]] = [
    [], [""], ["x"], ["X", "y"], [1], [1.0], [1, 1.5], ["1"], [True], [True, 1], [False, "x"], [None], [None, "x"],
    [[]],
    [["x"]], [{"x": 1}], [2**53], ["a\tb\n\\'\""], ["é"], ["x", "y", 1, 1.5, True],
]  # fmt: skip
EVERY_VALUE: list[Any] = [
    *EVERY_TEXT,
    *EVERY_DATE,
    *EVERY_NUMBER,
    *EVERY_LIST,
    True,
    False,
    None,
    {},
    {"b": 1},
    {"b": {}},
]
A_DATE = [text for text in EVERY_DATE if text not in NO_DATES and text != "2026-03-29T24:00:00Z"]
SOME_LIST = [["x"], ["x", "X"], [1, "1"], [True], ["", 0], [1, 1.5], ["é", "ß"], [2**53 + 1]]


def every_test() -> Iterator[dict[str, Any]]:
    """Each operator with each operand."""
    for op in ("exists", "not_exists", "is_true", "is_false", "is_empty"):
        yield {"op": op}
    for op in ("equal", "not_equal", "contains", "not_contains"):
        for value in [*EVERY_TEXT, *EVERY_NUMBER, True, False]:
            yield from ({"op": op, "value": value, "ignore_case": case} for case in (False, True))
    for op, values in (
        ("starts_with", EVERY_TEXT),
        ("ends_with", EVERY_TEXT),
        ("regex", EVERY_PATTERN),
        ("in", SOME_LIST),
    ):
        for value in values:
            yield from ({"op": op, "value": value, "ignore_case": case} for case in (False, True))
    for op in ("contains_any", "contains_all", "not_in"):
        for value in SOME_LIST:
            yield from ({"op": op, "value": value, "ignore_case": case} for case in (False, True))
    for op in ("less", "less_or_equal", "greater", "greater_or_equal"):
        yield from ({"op": op, "value": value} for value in EVERY_NUMBER)
    yield from ({"op": "between", "value": ends} for ends in ([0, 1], [1, 1], [2, 1], [0.1, 2**63], [-(2**63), 1e300]))
    for op in ("before", "after", "on"):
        yield from ({"op": op, "value": value} for value in A_DATE)
    for op in ("within_last", "within_next"):
        for value, unit in ((1, "hour"), (1, "day"), (1, "year"), (1_000_000_000, "year"), (1, "millisecond")):
            yield {"op": op, "value": {"value": value, "unit": unit}}
    yield from ({"op": "in_current", "value": unit} for unit in ("hour", "day", "month", "year"))


def check_agreement(
    store: ClickHouseEventStore, subjects: list[dict[str, Any]], asked: list[Any], zone: zoneinfo.ZoneInfo
) -> None:
    workspace = next(WORKSPACES)
    rows = [{"workspace": workspace, "position": index, "params": params} for index, params in enumerate(subjects)]
    store.append("datapoints", 1, lines("datapoints", rows))
    for some in (asked[begin : begin + 100] for begin in range(0, len(asked), 100)):
        compiled: list[Condition | None] = [TypeAdapter[Any](Where).validate_python(one) for one in some]
        arguments = Arguments(workspace=workspace)
        translator = Translator(arguments, zone, NOW)
        columns = ", ".join(f"toUInt8({translator.translate(condition, 'params')})" for condition in compiled)
        found = store._driver.query(
            f"SELECT {columns} FROM datapoints WHERE workspace = {{workspace:UInt32}} ORDER BY position",
            arguments.values,
        )
        checks = [compile_condition(condition, zone=zone) for condition in compiled]
        disagreeing = [
            (test, params, expected)
            for params, row in zip(subjects, found, strict=True)
            for test, check, holds in zip(some, checks, row, strict=True)
            if (expected := check(params, {}, None, NOW)) is not bool(holds)
        ]
        assert not disagreeing


@pytest.mark.parametrize("zone_name", ["UTC", "Europe/Warsaw", "America/Sao_Paulo"])
def test_every_operator_agrees_on_every_value(store: ClickHouseEventStore, zone_name: str) -> None:
    tests = [{"param": "a", **test} for test in every_test()]
    check_agreement(store, [{"a": value} for value in EVERY_VALUE] + [{}], tests, zoneinfo.ZoneInfo(zone_name))


def test_long_lists_and_many_comparisons_agree(store: ClickHouseEventStore) -> None:
    numbers = [*range(497), 2**53 + 1, 0.5, 2.0**53]
    mixed = [*numbers, *(f"t{number}" for number in range(499)), True]
    asked = [
        {"param": "a", "op": op, "value": mixed, "ignore_case": case}
        for op in ("in", "not_in")
        for case in (False, True)
    ]
    asked.append({"any": [{"all": [{"param": "a", "op": "equal", "value": value} for value in mixed[:200]]}] * 20})
    values = [3, 3.0, 0.5, 2**53, 2**53 + 1, 2.0**53, "t4", "T4", "t499", True, False, 500, None, "3"]
    check_agreement(store, [{"a": value} for value in values], asked, zoneinfo.ZoneInfo("UTC"))


@settings(max_examples=20)
@given(
    subjects=st.lists(OBJECTS, min_size=15, max_size=40),
    asked=st.lists(conditions("param"), min_size=15, max_size=40),
    zone_name=ZONES,
)
def test_sql_and_python_agree_on_every_condition(
    store: ClickHouseEventStore, subjects: list[dict[str, Any]], asked: list[Any], zone_name: str
) -> None:
    check_agreement(store, subjects, asked, zoneinfo.ZoneInfo(zone_name))
