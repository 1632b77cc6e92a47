"""Funnel and Trend against worked cases and a real log (D-5). Agreement on random data is tested in `property`."""

from __future__ import annotations

import csv
import datetime
import gzip
import json
import os
import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from milepost.analytics.funnel import Funnel, FunnelAnswer, FunnelMembers
from milepost.analytics.trend import Group, Trend, TrendAnswer, TrendMembers
from milepost.ports.event_store import EventStore
from tests.reference.rows import lines

DATA = pathlib.Path(os.environ.get("MILEPOST_TEST_DATA", pathlib.Path(__file__).parents[4] / "shared" / "data"))
CASES_FILE, LOG_FILE = DATA / "analytics_cases.json", DATA / "bpi2012_events.csv.gz"
ALL_CASES = json.loads(CASES_FILE.read_text(encoding="utf-8"))["cases"] if CASES_FILE.exists() else []
LATER = 4_000_000_000_000
"""A moment at which every window has closed."""


KNOWN = {"steps", "order", "window", "from", "to", "attempt", "hold", "timezone"}


def ordered(case: dict[str, Any]) -> bool:
    """What this release answers: ordered funnels without exclusions, optional steps or breakdown."""
    query = case["query"]
    return case["kind"] == "funnel" and query["order"] == "ordered" and set(query) <= KNOWN


CASES = [pytest.param(case, id=case["id"]) for case in ALL_CASES if ordered(case)] or [
    pytest.param({}, id="absent", marks=pytest.mark.skip(reason=f"the worked cases are not here: {CASES_FILE.name}"))
]
REFUSED = [
    pytest.param(case, id=case["id"])
    for case in ALL_CASES
    if case["kind"] == "funnel_error" and set(case["query"]) <= KNOWN
] or [pytest.param({}, id="absent", marks=pytest.mark.skip(reason=f"the worked cases are not here: {CASES_FILE.name}"))]
OPS = {"eq": "equal", "is_not": "not_equal", "gt": "greater", "lt": "less"}


def milliseconds(text: str) -> int:
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1_000)


def funnel_of(query: dict[str, Any]) -> Funnel:
    """The case's query in the words of the product."""
    steps = []
    for step in query["steps"]:
        where = [
            {"param": test["prop"], "op": OPS[test["op"]], "value": test["value"]} for test in step.get("where", [])
        ]
        steps.append({"action": step["event"], "where": where or None})
    same = {name: query[name] for name in query if name not in {"steps", "exclusions"}}
    extra = {"exclusions": query["exclusions"]} if "exclusions" in query else {}
    return Funnel.model_validate({"from": "2000-01-01", "to": "2100-01-01", **same, **extra, "steps": steps})


@pytest.mark.parametrize("case", CASES)
def test_worked_case(store: EventStore, workspace: int, case: dict[str, Any]) -> None:
    persons = sorted({event["person"] for event in case["events"]})
    merged = {name: group[0] for group in case.get("same_person", []) for name in group}
    key = {name: persons.index(merged.get(name, name)) + 1 for name in persons}
    rows = [
        {
            "workspace": workspace,
            "profile": key[event["person"]],
            "time": milliseconds(event["ts"]),
            "position": position,
            "action": event["event"],
            "params": event["props"],
        }
        for position, event in enumerate(case["events"])
    ]
    store.append("datapoints", 1, lines("datapoints", rows))

    answer = store.answer(workspace, funnel_of(case["query"]), LATER)
    assert isinstance(answer, FunnelAnswer)
    expect = case["expect"]
    assert [step.count for step in answer.steps] == expect["counts"]
    for index, names in enumerate(expect.get("persons", [])):
        reached = store.members(workspace, answer.question, FunnelMembers(step=index + 1), LATER)
        assert reached == sorted(key[name] for name in names)
    for step, seconds in zip(answer.steps, expect.get("avg_seconds", []), strict=False):
        assert step.seconds_from_previous.mean == pytest.approx(seconds)
    for step, seconds in zip(answer.steps, expect.get("median_seconds", []), strict=False):
        assert step.seconds_from_previous.median == pytest.approx(seconds)


@pytest.mark.parametrize("case", REFUSED)
def test_refused_case(case: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        funnel_of(case["query"])


WINDOWS = {"none": None, "7": 7, "14": 14, "30": 30}


@pytest.fixture(scope="module")
def loans() -> tuple[bytes, dict[str, Any]]:
    """The completed events of 13,087 loan applications as rows, and what was counted from the file by other means."""
    if not LOG_FILE.exists():
        pytest.skip(f"the log is not here: {LOG_FILE.name}")
    known = json.loads((DATA / "reference_numbers.json").read_text(encoding="utf-8"))["bpi2012"]
    with gzip.open(LOG_FILE, "rt", encoding="utf-8") as file:
        rows = [
            {
                "workspace": 4_000_000,
                "profile": int(row["case"]),
                "time": milliseconds(row["ts"]),
                "position": position,
                "action": row["event"].replace(" ", "_"),
                "params": {"amount": int(row["amount"])},
            }
            for position, row in enumerate(csv.DictReader(file))
            if row["lifecycle"] == "COMPLETE"
        ]
    return lines("datapoints", rows), known


@pytest.mark.slow
@pytest.mark.parametrize("adapter", ["memory", "clickhouse"])
def test_loan_applications_under_four_windows(
    open_stores: Callable[[str], EventStore], loans: tuple[bytes, dict[str, Any]], adapter: str
) -> None:
    rows, known = loans
    store = open_stores(adapter)
    store.append("datapoints", 1, rows)
    steps = [{"action": action} for action in known["ordered_funnel_steps"]]

    for name, days in WINDOWS.items():
        window = None if days is None else {"value": days, "unit": "day"}
        funnel = Funnel.model_validate({"from": "2011-01-01", "to": "2012-12-31", "steps": steps, "window": window})
        answer = store.answer(4_000_000, funnel, LATER)
        assert isinstance(answer, FunnelAnswer)
        expected = known["ordered_funnel_complete_events_only"][f"window_{name}_days"]
        assert [step.count for step in answer.steps] == expected["counts"]
        took = answer.steps[-1].seconds_from_start
        assert [took.mean, took.median] == pytest.approx(expected["total_seconds_mean_median"], abs=0.001)

    months = Trend.model_validate(
        {"from": "2011-01-01", "to": "2012-12-31", "interval": "month", "series": [{"action": "A_SUBMITTED"}]}
    )
    counted = store.answer(4_000_000, months, LATER)
    assert isinstance(counted, TrendAnswer)
    begins = [datetime.datetime.fromtimestamp(at / 1_000, datetime.UTC).strftime("%Y-%m") for at in counted.intervals]
    by_month = {month: value for month, value in zip(begins, counted.lines[0].values, strict=True) if value}
    assert by_month == known["submitted_by_month_utc"]


def test_in_progress_is_a_third_state(store: EventStore, workspace: int) -> None:
    """D-5: the window's edge still converts, so at the edge the attempt is still open."""
    begin, day = milliseconds("2026-03-01T10:00:00Z"), 86_400_000
    rows = [
        {"workspace": workspace, "profile": 1, "time": begin, "position": 1, "action": "start"},
        {"workspace": workspace, "profile": 2, "time": begin + 1, "position": 2, "action": "start"},
        {"workspace": workspace, "profile": 3, "time": begin, "position": 3, "action": "start"},
        {"workspace": workspace, "profile": 3, "time": begin + day, "position": 4, "action": "end"},
    ]
    store.append("datapoints", 1, lines("datapoints", rows))
    question = {"from": "2026-03-01", "to": "2026-03-01", "steps": [{"action": "start"}, {"action": "end"}]}
    funnel = Funnel.model_validate({**question, "window": {"value": 1, "unit": "day"}})

    def states(now: int) -> tuple[list[int], list[int]]:
        return (
            store.members(workspace, funnel, FunnelMembers(step=1, state="in_progress"), now),
            store.members(workspace, funnel, FunnelMembers(step=1, state="dropped"), now),
        )

    assert states(begin + day) == ([1, 2], [])
    assert states(begin + day + 1) == ([2], [1])
    unlimited = Funnel.model_validate(question)
    answer = store.answer(workspace, unlimited, LATER)
    assert isinstance(answer, FunnelAnswer)
    assert [(step.count, step.dropped, step.in_progress) for step in answer.steps] == [(3, 0, 2), (1, 0, 0)]


def test_click_through_repeats_the_answer_after_new_events(store: EventStore, workspace: int) -> None:
    """D-5: click-through asks the same question as of the moment the number was computed."""
    begin = milliseconds("2026-03-01T10:00:00Z")
    first = {"workspace": workspace, "profile": 1, "time": begin, "position": 1, "action": "start"}
    store.append("datapoints", 1, lines("datapoints", [first]))
    funnel = Funnel.model_validate({"from": "2026-03-01", "to": "2026-03-31", "steps": [{"action": "start"}]})
    trend = Trend.model_validate({"from": "2026-03-01", "to": "2026-03-31", "series": [{"action": "start"}]})
    answers = [store.answer(workspace, question, begin) for question in (funnel, trend)]
    store.append("datapoints", 2, lines("datapoints", [{**first, "profile": 2, "position": 2}]))

    assert store.members(workspace, answers[0].question, FunnelMembers(step=1), begin) == [1]
    assert store.members(workspace, answers[1].question, TrendMembers(), begin) == [1]
    assert store.members(workspace, funnel, FunnelMembers(step=1), begin) == [1, 2]


def test_runs_are_counted_by_what_they_hold(store: EventStore, workspace: int) -> None:
    """The journey funnel (D-5): one profile, two runs; the counters of the nodes count both."""
    rows = [
        {"profile": 1, "action": "automation.clientStartPath", "params": {"runId": "r1", "nodeId": "n1"}},
        {"profile": 1, "action": "automation.clientPathStep", "params": {"runId": "r1", "nodeId": "n2"}},
        {"profile": 1, "action": "automation.clientStartPath", "params": {"runId": "r2", "nodeId": "n1"}},
        {"profile": 2, "action": "automation.clientStartPath", "params": {"runId": "r3", "nodeId": "n1"}},
        {"profile": 2, "action": "automation.clientPathStep", "params": {"runId": "r3", "nodeId": "n2"}},
    ]
    places = [{**row, "workspace": workspace, "time": 1_000, "position": place} for place, row in enumerate(rows)]
    store.append("datapoints", 1, lines("datapoints", places))
    steps = [
        {"action": "automation.clientStartPath", "where": {"param": "nodeId", "op": "equal", "value": "n1"}},
        {"action": "automation.clientPathStep", "where": {"param": "nodeId", "op": "equal", "value": "n2"}},
    ]
    question = {"from": "1970-01-01", "to": "1970-01-01", "steps": steps, "hold": ["runId"]}

    for count, expected in (("profiles", [2, 2]), ("held_values", [3, 2])):
        answer = store.answer(workspace, Funnel.model_validate({**question, "count": count}), LATER)
        assert isinstance(answer, FunnelAnswer)
        assert [step.count for step in answer.steps] == expected


def test_trend_by_a_param_names_none_and_other(store: EventStore, workspace: int) -> None:
    """Text and number are two groups; a list, an object and null are "(none)"; the rest is "other"."""
    day = milliseconds("2026-03-02T00:00:00Z")
    values = ["a", "a", "a", "5", "5", 5, 5.0, "b", None, ["a"], {"x": 1}, "c", "c"]
    rows = [
        {
            "workspace": workspace,
            "profile": place % 2 + 1,
            "time": day + (place == 12) * 86_400_000,
            "position": place,
            "action": "buy",
            "params": {"k": value},
        }
        for place, value in enumerate(values)
    ]
    store.append("datapoints", 1, lines("datapoints", rows))
    question = {"from": "2026-03-02", "to": "2026-03-03", "breakdown": {"param": "k", "top": 3}}
    trend = Trend.model_validate({**question, "series": [{"action": "buy"}, {"action": "buy", "measure": "profiles"}]})

    answer = store.answer(workspace, trend, LATER)
    assert isinstance(answer, TrendAnswer)
    lines_of_events = [
        (line.group.kind, line.group.value, line.values, line.total) for line in answer.lines if line.series == 0
    ]
    assert lines_of_events == [
        ("value", "a", (3, 0), 3),
        ("value", "5", (2, 0), 2),
        ("value", 5, (2, 0), 2),
        ("none", None, (3, 0), 3),
        ("other", None, (2, 1), 3),
    ]
    assert store.members(workspace, answer.question, TrendMembers(group=Group(kind="other")), LATER) == [1, 2]
    assert store.members(
        workspace, answer.question, TrendMembers(group=Group(kind="other"), interval=answer.intervals[1]), LATER
    ) == [1]


def test_trend_follows_the_calendar_of_the_zone(store: EventStore, workspace: int) -> None:
    """A day in which the clocks change has 23 hours; the range's end is rounded up to a whole interval."""
    texts = ["2026-03-28T22:59:59.999Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999Z", "2026-03-29T22:00:00Z"]
    rows = [
        {"workspace": workspace, "time": milliseconds(text), "position": place, "action": "visit"}
        for place, text in enumerate(texts)
    ]
    store.append("datapoints", 1, lines("datapoints", rows))
    question = {"from": "2026-03-28", "to": "2026-03-29T01:00:00", "timezone": "Europe/Warsaw"}

    answer = store.answer(workspace, Trend.model_validate({**question, "series": [{"action": "visit"}]}), LATER)
    assert isinstance(answer, TrendAnswer)
    assert list(answer.intervals) == [milliseconds("2026-03-27T23:00:00Z"), milliseconds("2026-03-28T23:00:00Z")]
    assert answer.lines[0].values == (1, 2)


def test_profile_filter_reads_the_newest_attributes(store: EventStore, workspace: int) -> None:
    """A profile without a row has no attributes: it matches a negation (D-4)."""
    rows = [
        {"workspace": workspace, "profile": profile, "time": 1_000, "position": profile, "action": "visit"}
        for profile in (1, 2, 3)
    ]
    store.append("datapoints", 1, lines("datapoints", rows))
    for version, profile, tier in ((1, 1, "silver"), (2, 2, "gold"), (3, 1, "gold")):
        row = {"workspace": workspace, "profile": profile, "version": version, "attributes": {"tier": tier}}
        store.append("profiles", version, lines("profiles", [row]))
    store.append(
        "profiles", 4, lines("profiles", [{"workspace": workspace, "profile": 2, "version": 1, "attributes": {}}])
    )

    def members(op: str) -> list[int]:
        condition = {"attribute": "tier", "op": op, "value": "gold"}
        question = {"from": "1970-01-01", "to": "1970-01-02", "profile_filter": condition}
        funnel = Funnel.model_validate({**question, "steps": [{"action": "visit"}]})
        return store.members(workspace, funnel, FunnelMembers(step=1), LATER)

    assert members("equal") == [1, 2]
    assert members("not_equal") == [3]
