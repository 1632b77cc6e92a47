"""Date range, zone and intervals (D-5)."""

from __future__ import annotations

import datetime
import itertools
import zoneinfo
from typing import Any

import pytest
from pydantic import ValidationError

from milepost.analytics.period import Asked, starts


def asked(**fields: Any) -> Asked:
    return Asked.model_validate({"from": "2026-03-01", "to": "2026-03-31", **fields})


def milliseconds(text: str) -> int:
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1_000)


def test_a_day_is_included_whole_in_the_zone() -> None:
    question = asked(timezone="Europe/Warsaw")
    assert question.first == milliseconds("2026-03-01T00:00:00+01:00")
    assert question.last == milliseconds("2026-04-01T00:00:00+02:00") - 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-29T02:30:00", "2026-03-29T03:30:00+02:00"),
        ("2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00"),
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01 10:00", "2026-03-01T10:00:00+01:00"),
    ],
    ids=["does not exist", "exists twice", "with zone", "local"],
)
def test_times_without_zone_are_local(text: str, expected: str) -> None:
    assert asked(**{"from": text, "to": "2027-01-01", "timezone": "Europe/Warsaw"}).first == milliseconds(expected)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "2026-02-28"}, "question_range"),
        ({"to": "yesterday"}, "question_time"),
        ({"timezone": "Mars/Olympus"}, "question_timezone"),
        ({"at": "now"}, "question_moment"),
        ({"profile_filter": {"param": "a", "op": "exists"}}, "question_profile_filter"),
        ({"profile_filter": {"attribute": "a", "op": "equal", "value": "{{ x }}"}}, "question_insert"),
        ({"colour": "red"}, "extra_forbidden"),
    ],
)
def test_refused(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        asked(**fields)
    assert [error["type"] for error in refused.value.errors()] == [code]


def texts(moments: list[int]) -> list[str]:
    return [datetime.datetime.fromtimestamp(at / 1_000, datetime.UTC).strftime("%m-%d %H:%M") for at in moments]


def test_intervals_follow_the_calendar_and_end_with_a_whole_one() -> None:
    warsaw = zoneinfo.ZoneInfo("Europe/Warsaw")
    first, last = milliseconds("2026-03-28T12:00:00Z"), milliseconds("2026-03-30T12:00:00Z")
    assert texts(starts(first, last, "day", warsaw, "monday")) == [
        "03-27 23:00", "03-28 23:00", "03-29 22:00", "03-30 22:00",
    ]  # fmt: skip
    assert texts(starts(first, last, "week", warsaw, "monday")) == ["03-22 23:00", "03-29 22:00", "04-05 22:00"]
    assert texts(starts(first, last, "week", warsaw, "sunday")) == ["03-21 23:00", "03-28 23:00", "04-04 22:00"]
    assert texts(starts(first, last, "month", warsaw, "monday")) == ["02-28 23:00", "03-31 22:00"]
    hours = starts(milliseconds("2026-03-29T00:30:00Z"), milliseconds("2026-03-29T02:00:00Z"), "hour", warsaw, "monday")
    assert texts(hours) == ["03-29 00:00", "03-29 01:00", "03-29 02:00", "03-29 03:00"]


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia"])
@pytest.mark.parametrize("interval", ["hour", "day", "week", "month"])
def test_intervals_never_stand_still_nor_leave_a_gap(zone: str, interval: Any) -> None:
    first, last = milliseconds("2011-12-25T00:00:00Z"), milliseconds("2012-01-05T00:00:00Z")
    found = starts(first, last, interval, zoneinfo.ZoneInfo(zone), "monday")
    assert found[0] <= first
    assert found[-1] > last
    assert all(begin < end for begin, end in itertools.pairwise(found))
