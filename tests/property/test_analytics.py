"""Whatever the data, SQL answers a question as the plain reference does (D-5)."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.analytics.funnel import Funnel, FunnelMembers
from milepost.analytics.question import Answer, Members, Question
from milepost.analytics.trend import Trend, TrendMembers
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.memory.event_store import MemoryEventStore
from tests.reference.rows import lines

NOW = 1_774_778_400_000  # 2026-03-29T10:00:00Z, the day on which the clocks of Europe change
WORKSPACES = itertools.count(1)
ZONES = st.sampled_from(["UTC", "Europe/Warsaw", "America/Sao_Paulo", "Asia/Kathmandu"])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseEventStore]:
    """One folder of chDB for the module: every example has a workspace of its own."""
    opened = ClickHouseEventStore.open(tmp_path_factory.mktemp("events"))
    yield opened
    opened.close()


ACTIONS = ["view", "cart", "pay"]
PARAMS = st.fixed_dictionaries(
    {}, optional={"k": st.sampled_from(["x", "y", "1", 1, 1.0, True, None, [1]]), "u": st.sampled_from(["a", "b"])}
)
WHERES = st.none() | st.sampled_from(
    [
        {"param": "u", "op": "equal", "value": "a"},
        {"param": "u", "op": "equal", "value": "b"},
        {"param": "k", "op": "exists"},
        {"param": "k", "op": "equal", "value": 1},
        {"param": "k", "op": "equal", "value": True},
        {"not": {"param": "u", "op": "equal", "value": "a"}},
    ]
)
ATTRIBUTES = st.fixed_dictionaries(
    {}, optional={"tier": st.sampled_from(["gold", "silver", 1, 1.5, 2.0, True, None, ["x"]])}
)
FILTERS = st.none() | st.sampled_from(
    [
        {"attribute": "tier", "op": "equal", "value": "gold"},
        {"attribute": "tier", "op": "not_equal", "value": "gold"},
        {"attribute": "tier", "op": "not_exists"},
    ]
)
MINUTE = 60_000


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Datapoints with many ties, and rows of profiles, some in several versions."""
    events = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "profile": st.integers(1, 4),
                    "time": st.integers(0, 6).map(lambda minute: NOW + minute * MINUTE),
                    "action": st.sampled_from(ACTIONS),
                    "params": PARAMS,
                }
            ),
            min_size=25,
            max_size=50,
        )
    )
    profiles = draw(
        st.lists(st.fixed_dictionaries({"profile": st.integers(1, 4), "attributes": ATTRIBUTES}), max_size=8)
    )
    return events, profiles


def moment(minute: int) -> str:
    return datetime.datetime.fromtimestamp((NOW + minute * MINUTE) / 1_000, datetime.UTC).isoformat()


@st.composite
def ranges(draw: st.DrawFn) -> dict[str, Any]:
    first, last = draw(st.integers(-1, 3)), draw(st.integers(3, 7))
    return {
        "from": moment(first),
        "to": moment(last),
        "profile_filter": draw(st.none() | FILTERS),
        "as_of": draw(st.none() | st.none() | st.integers(10, 50)),
    }


@st.composite
def funnels(draw: st.DrawFn) -> Funnel:
    step = st.fixed_dictionaries({"action": st.sampled_from(ACTIONS), "where": WHERES})
    hold = draw(st.sampled_from([[], [], ["k"], ["u"], ["k", "u"]]))
    return Funnel.model_validate(
        {
            **draw(ranges()),
            "steps": draw(st.lists(step, min_size=1, max_size=5)),
            "window": draw(st.none() | st.integers(1, 4).map(lambda value: {"value": value, "unit": "minute"})),
            "attempt": draw(st.sampled_from(["best", "first"])),
            "hold": hold,
            "count": draw(st.sampled_from(["profiles", "held_values"])) if hold else "profiles",
        }
    )


@st.composite
def trends(draw: st.DrawFn) -> Trend:
    breakdown = st.sampled_from([{"param": "k"}, {"param": "u"}, {"attribute": "tier"}])
    series = st.fixed_dictionaries(
        {"action": st.sampled_from(ACTIONS), "where": WHERES, "measure": st.sampled_from(["events", "profiles"])}
    )
    groups = draw(st.none() | breakdown)
    return Trend.model_validate(
        {
            **draw(ranges()),
            "series": draw(st.lists(series, min_size=1, max_size=2)),
            "interval": draw(st.sampled_from(["minute", "hour", "day", "week", "month"])),
            "timezone": draw(ZONES),
            "week_start": draw(st.sampled_from(["monday", "sunday"])),
            "breakdown": groups and {**groups, "top": draw(st.integers(1, 3))},
        }
    )


def both(
    store: ClickHouseEventStore, world: tuple[list[dict[str, Any]], list[dict[str, Any]]]
) -> tuple[int, list[ClickHouseEventStore | MemoryEventStore]]:
    workspace = next(WORKSPACES)
    stores = [MemoryEventStore(), store]
    events = [{**event, "workspace": workspace, "position": place} for place, event in enumerate(world[0])]
    profiles = [{**row, "workspace": workspace, "version": version} for version, row in enumerate(world[1])]
    for each in stores:
        each.append("datapoints", 1, lines("datapoints", events))
        if profiles:
            each.append("profiles", 1, lines("profiles", profiles))
    return workspace, stores


def assert_equal(
    question: Question, workspace: int, stores: list[Any], whom: list[Members], now: int = NOW + 5 * MINUTE
) -> Answer:
    expected, found = (store.answer(workspace, question, now) for store in stores)
    assert found == expected
    for members in whom:
        # What click-through asks: the question of the answer, which is tied to its moment.
        listed, also = (store.members(workspace, expected.question, members, now + MINUTE) for store in stores)
        assert also == listed
    return expected


@settings(max_examples=100)
@given(world=worlds(), funnel=funnels(), numbers=st.data())
def test_sql_and_reference_agree_on_every_funnel(
    store: ClickHouseEventStore,
    world: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    funnel: Funnel,
    numbers: st.DataObject,
) -> None:
    workspace, stores = both(store, world)
    whom: list[Members] = [
        FunnelMembers(step=numbers.draw(st.integers(1, len(funnel.steps))), state=state)
        for state in ("reached", "dropped", "in_progress")
    ]
    answer = assert_equal(funnel, workspace, stores, whom)

    counts = [step.count for step in answer.steps]  # type: ignore[union-attr]
    assert counts == sorted(counts, reverse=True)


@settings(max_examples=50)
@given(world=worlds(), trend=trends())
def test_sql_and_reference_agree_on_every_trend(
    store: ClickHouseEventStore, world: tuple[list[dict[str, Any]], list[dict[str, Any]]], trend: Trend
) -> None:
    workspace, stores = both(store, world)
    answer = stores[0].answer(workspace, trend, NOW)
    whom: list[Members] = [
        TrendMembers(series=line.series, interval=interval, group=line.group)
        for line in answer.lines  # type: ignore[union-attr]
        for interval in (None, answer.intervals[0])  # type: ignore[union-attr]
    ]
    assert_equal(trend, workspace, stores, whom)
