"""Trend: how often, or by how many profiles, events happen, by calendar interval (D-5).

Owns the question, its rules, its answer, and the reference answer that every store must equal. Must not know any store.

What is meant, exactly: the range includes both ends, and its end is rounded up to a whole interval; intervals follow
the calendar of the zone. Groups of a breakdown are texts, numbers and booleans, told apart by type; everything else is
"(none)". The largest groups by the measure over the whole range are shown, of equal ones the one whose first datapoint
stands earlier in the log; the rest is "other". An attribute counts by its value now.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from milepost.analytics.datapoint import Attributes, Datapoint, Scalar, typed
from milepost.analytics.period import Asked, Frozen, Interval, Moment, Weekday, starts, without
from milepost.kernel.check import leaf
from milepost.kernel.condition import NAME, Condition, Where, compile_condition

Measure = Literal["events", "profiles"]


class Series(Frozen):
    """One line of the chart: an event that fits, and what is counted of it."""

    action: str = Field(title="Event", min_length=1, max_length=256)
    where: Where = Field(default=None, title="Condition on its params")
    measure: Measure = Field(default="events", title="Count", description="Events, or unique profiles.")
    label: str | None = Field(default=None, title="Label", max_length=256)

    @field_validator("where")
    @classmethod
    def _params_only(cls, value: Condition | None) -> Condition | None:
        return without(
            value, "attribute", "step_where", "a series asks about params: attributes belong to the profile filter"
        )


class Breakdown(Frozen):
    """One line per value of a param of the event, or of an attribute as it is now."""

    param: str | None = Field(default=None, title="Event param", max_length=256, pattern=NAME)
    attribute: str | None = Field(default=None, title="Attribute", max_length=256, pattern=NAME)
    top: int = Field(default=10, title="Groups shown", ge=1, le=100)

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.param is None) == (self.attribute is None):
            raise PydanticCustomError("trend_breakdown", "break down by either a param or an attribute")
        return self


class Trend(Asked):
    """The question."""

    kind: Literal["trend"] = "trend"
    series: tuple[Series, ...] = Field(title="Series")
    interval: Interval = Field(default="day", title="Interval")
    week_start: Weekday = Field(default="monday", title="Weeks start on")
    breakdown: Breakdown | None = Field(default=None, title="Breakdown")

    @field_validator("series")
    @classmethod
    def _some_series(cls, value: tuple[Series, ...]) -> tuple[Series, ...]:
        if not 1 <= len(value) <= 10:
            raise PydanticCustomError("trend_series", "a trend has 1 to 10 series")
        return value

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        self.intervals  # noqa: B018 - raises when there are too many
        return self

    @property
    def intervals(self) -> list[int]:
        """Begins of the intervals, and the end of the last."""
        return starts(self.first, self.last, self.interval, self.zone, self.week_start)


class Group(Frozen):
    """What a line stands for: everything, one value, those without a value, or the values not shown."""

    kind: Literal["all", "value", "none", "other"] = "all"
    value: Scalar | None = None


class SeriesAnswer(Frozen):
    """One line. `total` counts over the whole range: a profile in two intervals once."""

    series: int
    label: str
    group: Group
    values: tuple[int, ...]
    total: int


class TrendAnswer(Frozen):
    """The answer, with the question tied to its moment: click-through asks exactly that."""

    kind: Literal["trend"] = "trend"
    question: Trend
    intervals: tuple[Moment, ...]
    """Begins."""
    lines: tuple[SeriesAnswer, ...]


class TrendMembers(Frozen):
    """Whom to list: those behind one number. Series count from 0; without an interval, the whole range is meant."""

    kind: Literal["trend"] = "trend"
    series: int = Field(default=0, title="Series", ge=0, le=9)
    interval: Moment | None = Field(default=None, title="Begin of the interval")
    group: Group = Field(default=Group(), title="Group")


class Point(NamedTuple):
    """A datapoint that counts: its interval, its profile, its group (None is "(none)") and its place in the log."""

    interval: int
    profile: int
    group: tuple[str, Scalar] | None
    position: int


def answer(trend: Trend, datapoints: Iterable[Datapoint], attributes: Attributes, now: int) -> TrendAnswer:
    """The reference answer."""
    datapoints = list(datapoints)
    asked = _pinned(trend, datapoints, now)
    begins = asked.intervals[:-1]
    lines = []
    for index, series in enumerate(asked.series):
        points = list(_points(asked, series, datapoints, attributes, now))
        top = _top(asked, series, points)
        for group in _groups(asked, top, points):
            these = [point for point in points if _belongs(point, group, top)]
            values = [_measure(series, [point for point in these if point.interval == begin]) for begin in begins]
            lines.append(line(index, series, group, values, _measure(series, these)))
    return TrendAnswer(question=asked, intervals=tuple(begins), lines=tuple(lines))


def members(
    trend: Trend, datapoints: Iterable[Datapoint], attributes: Attributes, whom: TrendMembers, now: int
) -> list[int]:
    """The reference list: keys of the profiles behind one number, in order."""
    datapoints = list(datapoints)
    asked = _pinned(trend, datapoints, now)
    if whom.series >= len(asked.series):
        return []
    series = asked.series[whom.series]
    points = list(_points(asked, series, datapoints, attributes, now))
    top = _top(asked, series, points)
    return sorted(
        {
            point.profile
            for point in points
            if whom.interval in {None, point.interval} and _belongs(point, whom.group, top)
        }
    )


def line(index: int, series: Series, group: Group, values: Iterable[int], total: int) -> SeriesAnswer:
    """One line of the answer."""
    return SeriesAnswer(
        series=index, label=series.label or series.action, group=group, values=tuple(values), total=total
    )


def _pinned(trend: Trend, datapoints: list[Datapoint], now: int) -> Trend:
    return trend.pinned(now, max((point.position for point in datapoints), default=0))


def _points(
    asked: Trend, series: Series, datapoints: list[Datapoint], attributes: Attributes, now: int
) -> Iterable[Point]:
    at = now if asked.at is None else asked.at
    *begins, end = asked.intervals
    fits = compile_condition(series.where, zone=asked.zone)
    belongs = compile_condition(asked.profile_filter, zone=asked.zone)
    for point in datapoints:
        known = attributes.get(point.profile, {})
        if (
            point.action == series.action
            and asked.first <= point.time < end
            and (asked.as_of is None or point.position <= asked.as_of)
            and fits(point.params, {}, None, at)
            and belongs({}, known, None, at)
        ):
            yield Point(
                begins[bisect.bisect_right(begins, point.time) - 1],
                point.profile,
                _group_of(asked.breakdown, point, known),
                point.position,
            )


def _group_of(breakdown: Breakdown | None, point: Datapoint, known: object) -> tuple[str, Scalar] | None:
    if breakdown is None:
        return None
    if breakdown.param is not None:
        return typed(leaf(point.params, breakdown.param))
    return typed(leaf(known, breakdown.attribute or "")) if isinstance(known, dict) else None


def _measure(series: Series, points: list[Point]) -> int:
    return len(points) if series.measure == "events" else len({point.profile for point in points})


def _top(asked: Trend, series: Series, points: list[Point]) -> list[tuple[str, Scalar]]:
    by_group: dict[tuple[str, Scalar], list[Point]] = defaultdict(list)
    for point in points:
        if point.group is not None:
            by_group[point.group].append(point)

    def rank(group: tuple[str, Scalar]) -> tuple[int, int]:
        return -_measure(series, by_group[group]), min(point.position for point in by_group[group])

    return sorted(by_group, key=rank)[: asked.breakdown.top if asked.breakdown else 0]


def _groups(asked: Trend, top: list[tuple[str, Scalar]], points: list[Point]) -> list[Group]:
    if asked.breakdown is None:
        return [Group()]
    groups = [Group(kind="value", value=value) for _, value in top]
    if any(point.group is None for point in points):
        groups.append(Group(kind="none"))
    if any(point.group is not None and point.group not in top for point in points):
        groups.append(Group(kind="other"))
    return groups


def _belongs(point: Point, group: Group, top: list[tuple[str, Scalar]]) -> bool:
    match group.kind:
        case "all":
            return True
        case "none":
            return point.group is None
        case "value":
            return point.group is not None and point.group == typed(group.value)
        case "other":
            return point.group is not None and point.group not in top
