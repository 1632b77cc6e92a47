"""Trend as SQL, equal to the reference answer in `analytics.trend`.

Owns the queries of one series: its largest groups, its numbers, its members. Must not know other questions.
"""

from __future__ import annotations

from typing import Any

from milepost.analytics.datapoint import typed
from milepost.analytics.trend import Group, Series, SeriesAnswer, Trend, TrendMembers, line
from milepost.stores.clickhouse.scope import Scope
from milepost.stores.clickhouse.sql import Built
from milepost.stores.clickhouse.values import key, value

OTHER = "*"
"""Stands for all groups that are not shown; keys begin with a letter."""


def top_query(trend: Trend, workspace: int, series: Series) -> Built | None:
    """The keys of the groups to show, the largest first; None without a breakdown."""
    if trend.breakdown is None:
        return None
    scope = Scope(workspace, trend)
    rows = _rows(trend, scope, series)
    sql = (
        f"SELECT group FROM ({rows}) WHERE group != '' GROUP BY group"
        f" ORDER BY {_measure(series)} DESC, min(position) LIMIT {trend.breakdown.top}"
    )
    return Built(sql, scope.arguments.values)


def answer_query(trend: Trend, workspace: int, series: Series, top: list[str]) -> Built:
    """Rows of (group, whether it is the total, interval, number)."""
    scope = Scope(workspace, trend)
    rows = _rows(trend, scope, series)
    shown = scope.arguments.add(top, "Array(String)")
    grouped = f"SELECT profile, bucket, if(group = '' OR has({shown}, group), group, '{OTHER}') AS line FROM ({rows})"
    return Built(
        f"SELECT line, grouping(bucket), bucket, {_measure(series)} FROM ({grouped})"
        " GROUP BY GROUPING SETS ((line, bucket), (line))",
        scope.arguments.values,
    )


def read_answer(trend: Trend, index: int, top: list[str], rows: list[tuple[Any, ...]]) -> list[SeriesAnswer]:
    """The lines of one series from those rows."""
    begins = trend.intervals[:-1]
    totals = {group: number for group, is_total, _, number in rows if is_total}
    values = {(group, bucket): number for group, is_total, bucket, number in rows if not is_total}
    if trend.breakdown is None:
        order = {"": Group()}
    else:
        order = {text: Group(kind="value", value=value(text)) for text in top}
        order |= {"": Group(kind="none"), OTHER: Group(kind="other")}
    return [
        line(index, trend.series[index], group, [values.get((text, begin), 0) for begin in begins], totals.get(text, 0))
        for text, group in order.items()
        if text in totals or trend.breakdown is None
    ]


def members_query(trend: Trend, workspace: int, whom: TrendMembers, top: list[str]) -> Built:
    """The profiles behind one number, in order."""
    scope = Scope(workspace, trend)
    rows = _rows(trend, scope, trend.series[whom.series])
    parts = [_in_group(whom.group, scope, top)]
    if whom.interval is not None:
        parts.append(f"bucket = {scope.arguments.add(whom.interval, 'Int64')}")
    return Built(
        f"SELECT DISTINCT profile FROM ({rows}) WHERE {' AND '.join(parts)} ORDER BY profile", scope.arguments.values
    )


def _measure(series: Series) -> str:
    return "count()" if series.measure == "events" else "uniqExact(profile)"


def _in_group(group: Group, scope: Scope, top: list[str]) -> str:
    match group.kind:
        case "all":
            return "1"
        case "none":
            return "group = ''"
        case "other":
            return f"group != '' AND NOT has({scope.arguments.add(top, 'Array(String)')}, group)"
        case "value":
            found = typed(group.value)
            if found is None:
                return "0"
            kind, wanted = found
            if isinstance(wanted, float):
                # Python and ClickHouse write broken numbers differently, so they are compared as numbers.
                number = scope.arguments.add(wanted, "Float64")
                return f"startsWith(group, 'n') AND toFloat64OrNull(substring(group, 2)) = {number}"
            text = f"{kind}{int(wanted)}" if kind == "b" else f"{kind}{wanted}"
            return f"group = {scope.arguments.add(text, 'String')}"


def _rows(trend: Trend, scope: Scope, series: Series) -> str:
    """One row per datapoint that counts: profile, position, bucket (begin of its interval), group (a key)."""
    *begins, end = trend.intervals
    bucket = f"roundDown(toInt64(time), {scope.arguments.add(begins, 'Array(Int64)')})"
    source = scope.datapoints({series.action}, trend.first, end - 1)
    where = scope.conditions.translate(series.where, "params")
    breakdown = trend.breakdown
    group = key("params", breakdown.param) if breakdown is not None and breakdown.param is not None else "''"
    rows = f"SELECT profile, position, {bucket} AS bucket, {group} AS group FROM {source} AND {where}"
    if breakdown is None or breakdown.attribute is None:
        return rows
    known = (
        f"SELECT profile, {key('attributes', breakdown.attribute)} AS group"
        " FROM profiles FINAL WHERE workspace = {workspace:UInt32}"
    )
    return (
        f"SELECT profile, position, bucket, k.group AS group FROM ({rows}) AS d LEFT JOIN ({known}) AS k USING profile"
    )
