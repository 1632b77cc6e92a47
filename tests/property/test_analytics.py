"""Whatever the data, SQL answers a question as the plain reference does (D-5)."""

from __future__ import annotations

import datetime
import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.analytics.funnel import Funnel, FunnelAnswer, FunnelMembers
from milepost.analytics.question import Members, Question
from milepost.analytics.trend import Trend, TrendAnswer, TrendMembers
from milepost.ports.event_store import EventStore
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.memory.event_store import MemoryEventStore
from tests.reference.rows import lines

NOW = 1_774_778_400_000  # 2026-03-29T10:00:00Z, the day on which the clocks of Europe change
WORKSPACES = itertools.count(1)
LATER = NOW + 5 * 60_000
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseEventStore]:
    """One folder of chDB for the module: every example has a workspace of its own."""
    opened = ClickHouseEventStore.open(tmp_path_factory.mktemp("events"))
    yield opened
    opened.close()


Json = dict[str, Any]
ACTIONS = ["view", "view", "cart", "pay"]
MINUTE = 60_000
WHERES: list[Any] = [
    None,
    None,
    {"param": "u", "op": "equal", "value": "a"},
    {"param": "u", "op": "equal", "value": "b"},
    {"param": "k", "op": "exists"},
    {"param": "k", "op": "equal", "value": 1},
    {"param": "k", "op": "equal", "value": True},
    {"not": {"param": "u", "op": "equal", "value": "a"}},
]
FILTERS: list[Any] = [
    None,
    None,
    None,
    {"attribute": "tier", "op": "equal", "value": "gold"},
    {"attribute": "tier", "op": "not_equal", "value": "gold"},
    {"attribute": "tier", "op": "not_exists"},
]


class Draw:
    """Worlds and questions from a seed: hypothesis by itself repeats values until hardly anybody gets past step 1."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def one(self, values: Sequence[Any]) -> Any:
        return self._random.choice(values)

    def few(self, values: Sequence[Any]) -> list[Any]:
        return self._random.sample(values, min(len(values), 3))

    def some(self, fields: dict[str, list[Any]]) -> Json:
        return {name: self.one(values) for name, values in fields.items() if self._random.random() < 0.7}

    def events(self) -> list[Json]:
        """Datapoints with many ties."""
        return [
            {
                "profile": self.one(range(1, 5)),
                "time": NOW + self.one(range(7)) * MINUTE,
                "action": self.one(ACTIONS),
                "params": self.some({"k": ["x", "1", 1, 1.0, True, 1.5, None, [1]], "u": ["a", "b"]}),
            }
            for _ in range(self.one(range(15, 60)))
        ]

    def profiles(self) -> list[Json]:
        """Rows of profiles, some in several versions."""
        tiers = ["gold", "gold", "silver", 1, 1.5, 2.0, True, None, ["x"]]
        return [
            {"profile": self.one(range(1, 5)), "attributes": self.some({"tier": tiers})}
            for _ in range(self.one(range(8)))
        ]

    def range(self) -> Json:
        return {
            "from": moment(self.one(range(-1, 3))),
            "to": moment(self.one(range(3, 8))),
            "profile_filter": self.one(FILTERS),
            "as_of": self.one([None, None, self.one(range(5, 50))]),
        }

    def funnel(self) -> Funnel:
        hold = self.one([[], [], [], ["k"], ["u"], ["k", "u"]])
        steps = [{"action": self.one(ACTIONS), "where": self.one(WHERES)} for _ in range(self.one(range(1, 6)))]
        window = self.one([None, 1, 2, 3, 4])
        return Funnel.model_validate(
            {
                **self.range(),
                "steps": steps,
                "window": window and {"value": window, "unit": "minute"},
                "attempt": self.one(["best", "best", "first"]),
                "hold": hold,
                "count": self.one(["profiles", "held_values"]) if hold else "profiles",
            }
        )

    def trend(self) -> Trend:
        groups = self.one([None, {"param": "k"}, {"param": "k"}, {"param": "u"}, {"attribute": "tier"}])
        series = [
            {"action": self.one(ACTIONS), "where": self.one(WHERES), "measure": self.one(["events", "profiles"])}
            for _ in range(self.one([1, 2]))
        ]
        return Trend.model_validate(
            {
                **self.range(),
                "series": series,
                "interval": self.one(["minute", "minute", "hour", "day", "week", "month"]),
                "timezone": self.one(["UTC", "Europe/Warsaw", "America/Sao_Paulo", "Asia/Kathmandu"]),
                "week_start": self.one(["monday", "sunday"]),
                "breakdown": groups and {**groups, "top": self.one([1, 2, 3, 10])},
            }
        )


def moment(minute: int) -> str:
    return datetime.datetime.fromtimestamp((NOW + minute * MINUTE) / 1_000, datetime.UTC).isoformat()


def both(store: ClickHouseEventStore, draw: Draw) -> tuple[int, list[EventStore]]:
    """The same world in two stores: the reference, then the one under test."""
    workspace = next(WORKSPACES)
    stores: list[EventStore] = [MemoryEventStore(), store]
    events = [{**event, "workspace": workspace, "position": place} for place, event in enumerate(draw.events())]
    profiles = [{**row, "workspace": workspace, "version": version} for version, row in enumerate(draw.profiles())]
    for each in stores:
        each.append("datapoints", 1, lines("datapoints", events))
        if profiles:
            each.append("profiles", 1, lines("profiles", profiles))
    return workspace, stores


def assert_same_members(workspace: int, stores: list[EventStore], asked: Question, whom: Members) -> None:
    """Click-through passes the question of the answer, which is tied to its moment."""
    expected, found = (store.members(workspace, asked, whom, LATER + MINUTE) for store in stores)
    assert found == expected


@settings(max_examples=150)
@given(seed=SEEDS)
def test_sql_and_reference_agree_on_every_funnel(store: ClickHouseEventStore, seed: int) -> None:
    draw = Draw(seed)
    workspace, stores = both(store, draw)
    funnel = draw.funnel()

    expected, found = (store.answer(workspace, funnel, LATER) for store in stores)
    assert found == expected
    assert isinstance(expected, FunnelAnswer)
    counts = [step.count for step in expected.steps]
    assert counts == sorted(counts, reverse=True)
    for state in ("reached", "dropped", "in_progress"):
        whom = FunnelMembers(step=draw.one(range(1, len(funnel.steps) + 1)), state=state)
        assert_same_members(workspace, stores, expected.question, whom)


@settings(max_examples=100)
@given(seed=SEEDS)
def test_sql_and_reference_agree_on_every_trend(store: ClickHouseEventStore, seed: int) -> None:
    draw = Draw(seed)
    workspace, stores = both(store, draw)

    trend = draw.trend()

    expected, found = (store.answer(workspace, trend, LATER) for store in stores)
    assert found == expected
    assert isinstance(expected, TrendAnswer)
    for line in draw.few(expected.lines):
        interval = draw.one([None, *expected.intervals])
        whom = TrendMembers(series=line.series, interval=interval, group=line.group)
        assert_same_members(workspace, stores, expected.question, whom)
