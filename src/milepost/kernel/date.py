"""Dates in event params and attributes: what counts as one, and the stretch of time that a condition names.

Owns the grammar of a date, which the SQL evaluator repeats word for word. Must not know the present: `now` is passed.
A date is text: a day, `2026-03-29`, or an instant with its zone, `2026-03-29T10:15:00.5+01:00`, in the years 1900 to
2299. A day begins at midnight in the workspace's zone; anything else is not a date (nothing is coerced, D-4).
"""

from __future__ import annotations

import datetime
import re
from typing import Final, Literal

UTC: Final = datetime.UTC
Zone = datetime.tzinfo
Calendar = Literal["hour", "day", "month", "year"]

#: From this millisecond on, up to the one before the second.
RANGE: Final = (-2_208_988_800_000, 10_413_792_000_000)
DAY: Final = r"(?:19|20|21|22)[0-9][0-9]-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
#: Groups: day, hour, minute, second, fraction, offset. Digits of the fraction after the third are dropped.
INSTANT: Final = (
    rf"({DAY})[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{{1,9}}))?)?"
    r"(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_DAY: Final = re.compile(DAY)
_INSTANT: Final = re.compile(INSTANT)
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MILLISECOND: Final = datetime.timedelta(milliseconds=1)


def parse_day(value: str) -> datetime.date | None:
    """The day that `value` names, or None; an instant is not a day."""
    if _DAY.fullmatch(value) is None:
        return None
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        return None


def parse(value: object, zone: Zone) -> int | None:
    """The moment in milliseconds: an instant as it is, a day as its midnight in `zone`; None if it is not a date."""
    if not isinstance(value, str):
        return None
    if len(value) == 10:
        day = parse_day(value)
        return None if day is None else midnight(day, zone)
    match = _INSTANT.fullmatch(value)
    if match is None:
        return None
    date, hour, minute, second, fraction, offset = match.groups()
    day = parse_day(date)
    if day is None:
        return None
    minutes = int(hour) * 60 + int(minute)
    if offset != "Z":
        shift = int(offset[1:3]) * 60 + int(offset[4:6])
        minutes += shift if offset[0] == "-" else -shift
    milliseconds = int(((fraction or "") + "000")[:3])
    return (day.toordinal() - 719_163) * 86_400_000 + minutes * 60_000 + int(second or 0) * 1_000 + milliseconds


def midnight(day: datetime.date, zone: Zone) -> int:
    """When `day` begins in `zone`: where midnight does not exist, the next moment that does; if twice, the first."""
    return _milliseconds(datetime.datetime.combine(day, datetime.time(), zone))


def first_day(moment: int, zone: Zone) -> datetime.date:
    """The first day that begins at `moment` or later."""
    day = _local(moment, zone).date()
    return day if midnight(day, zone) >= moment else day + datetime.timedelta(days=1)


def calendar(moment: int, unit: Calendar, zone: Zone) -> tuple[int, int]:
    """Begin and end (not included) of the calendar hour, day, month or year of `moment` in `zone`."""
    local = _local(moment, zone)
    match unit:
        case "hour":
            # An hour that a change of the clocks repeats is two hours; its parts share no instant.
            begin = moment - (local.minute * 60_000 + local.second * 1_000 + local.microsecond // 1_000)
            return begin, begin + 3_600_000
        case "day":
            day = local.date()
            return midnight(day, zone), midnight(day + datetime.timedelta(days=1), zone)
        case "month":
            first = local.date().replace(day=1)
            after = (first + datetime.timedelta(days=32)).replace(day=1)
            return midnight(first, zone), midnight(after, zone)
        case "year":
            year = local.year
            return midnight(datetime.date(year, 1, 1), zone), midnight(datetime.date(year + 1, 1, 1), zone)


def clamp(moment: int) -> int:
    """The moment, or the nearest end of the years in which dates can lie."""
    return min(max(moment, RANGE[0]), RANGE[1])


def _local(moment: int, zone: Zone) -> datetime.datetime:
    return (_EPOCH + datetime.timedelta(milliseconds=moment)).astimezone(zone)


def _milliseconds(moment: datetime.datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND
