"""Date range, time zone and moment of a question: the fields that every question has.

Owns their JSON form and how naive times and whole intervals are understood (D-5). Must not know the present.
"""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from milepost.kernel import date
from milepost.kernel.condition import Condition, Where, inserts, subjects

Interval = Literal["minute", "hour", "day", "week", "month"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_INTERVALS: Final = 10_000
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_FIXED: Final = {"minute": 60_000, "hour": 3_600_000}


def iso(moment: int) -> str:
    """Milliseconds as ISO 8601 in UTC."""
    text = (_EPOCH + datetime.timedelta(milliseconds=moment)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        parsed = date.parse(value, datetime.UTC)
        if parsed is None:
            raise PydanticCustomError("question_moment", "not a moment such as 2026-03-01T10:00:00Z")
        return parsed
    return value


#: Milliseconds inside, ISO 8601 in JSON.
Moment = Annotated[
    int,
    BeforeValidator(_moment),
    PlainSerializer(iso, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Frozen(BaseModel):
    """Base of everything in questions and answers."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, validate_by_name=True)


class Asked(Frozen):
    """What every question says: which time, in which zone, about whom, and as of when."""

    from_: str = Field(alias="from", title="From", examples=["2026-03-01", "2026-03-01T10:00:00Z"])
    to: str = Field(title="To", description="Included; a day is included whole.")
    timezone: str = Field(default="UTC", title="Time zone", description="An IANA name.")
    profile_filter: Where = Field(default=None, title="Profile filter", description="A condition on attributes.")
    at: Moment | None = Field(
        default=None,
        title="At",
        description="The moment that the answer speaks of: now, unless an old answer is meant.",
    )
    as_of: int | None = Field(
        default=None, title="As of", ge=0, description="Only datapoints up to this place in the log are seen."
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise PydanticCustomError("question_timezone", "no such time zone: {zone}", {"zone": value}) from None
        return value

    @field_validator("from_", "to")
    @classmethod
    def _is_time(cls, value: str) -> str:
        _instant(value, datetime.UTC, last=False)
        return value

    @field_validator("profile_filter")
    @classmethod
    def _attributes_only(cls, value: Condition | None) -> Condition | None:
        return without(value, "param", "question_profile_filter", "a profile filter asks about attributes, not params")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise PydanticCustomError("question_range", "the range ends before it begins")
        return self

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The question's time zone."""
        return zoneinfo.ZoneInfo(self.timezone)

    @property
    def first(self) -> int:
        """The range's first millisecond."""
        return _instant(self.from_, self.zone, last=False)

    @property
    def last(self) -> int:
        """The range's last millisecond, included."""
        return _instant(self.to, self.zone, last=True)

    def pinned(self, at: int, as_of: int) -> Self:
        """The same question, tied to a moment and a place in the log where it is not tied yet."""
        return self.model_copy(
            update={
                "at": at if self.at is None else self.at,
                "as_of": as_of if self.as_of is None else self.as_of,
            }
        )


def without(condition: Condition | None, kind: str, code: str, message: str) -> Condition | None:
    """The condition, refused when it reads params where only attributes count (or the reverse), or holds an insert."""
    if any(subject == kind for subject, _ in subjects(condition)):
        raise PydanticCustomError(code, message)
    if inserts(condition):
        raise PydanticCustomError("question_insert", "a question has no inserts: nothing could fill them")
    return condition


def _instant(text: str, zone: datetime.tzinfo, *, last: bool) -> int:
    """A day, a local time or an instant, in milliseconds; of a day, or of a second, its first or last millisecond."""
    day = date.parse_day(text)
    if day is not None:
        return date.midnight(day + datetime.timedelta(days=1), zone) - 1 if last else date.midnight(day, zone)
    parsed = date.parse(text, zone)
    if parsed is not None:
        return parsed
    naive = date.parse(f"{text}Z", zone)
    if naive is None:
        raise PydanticCustomError(
            "question_time",
            "not a day such as 2026-03-01 or a time such as 2026-03-01T10:00:00, with or without a zone",
        )
    local = (_EPOCH + datetime.timedelta(milliseconds=naive)).replace(tzinfo=zone)
    return (local - _EPOCH) // datetime.timedelta(milliseconds=1)


def starts(first: int, last: int, interval: Interval, zone: datetime.tzinfo, week_start: Weekday) -> list[int]:
    """Begins of the calendar intervals that hold `first` to `last`, and the end of the last of them.

    Raises a pydantic error when there are more than 10,000.
    """
    found = [_floor(first, interval, zone, week_start)]
    while found[-1] <= last:
        found.append(_next(found[-1], interval, zone))
        if len(found) > MOST_INTERVALS + 1:
            raise PydanticCustomError(
                "trend_intervals", "more than {most} intervals: choose a longer one", {"most": MOST_INTERVALS}
            )
    return found


def _floor(moment: int, interval: Interval, zone: datetime.tzinfo, week_start: Weekday) -> int:
    if interval == "minute":
        return moment - (moment - date.calendar(moment, "hour", zone)[0]) % 60_000
    if interval == "hour":
        return date.calendar(moment, "hour", zone)[0]
    if interval == "month":
        return date.calendar(moment, "month", zone)[0]
    begin = date.calendar(moment, "day", zone)[0]
    if interval == "day":
        return begin
    day = (_EPOCH + datetime.timedelta(milliseconds=moment)).astimezone(zone).date()
    return date.midnight(day - datetime.timedelta(days=(day.weekday() - WEEKDAYS.index(week_start)) % 7), zone)


def _next(begin: int, interval: Interval, zone: datetime.tzinfo) -> int:
    if interval in _FIXED:
        return _floor(begin + _FIXED[interval], interval, zone, "monday")
    if interval == "month":
        return date.calendar(begin, "month", zone)[1]
    # From noon of the day, so that a day of 23 or 25 hours does not matter.
    day = (_EPOCH + datetime.timedelta(milliseconds=begin)).astimezone(zone).date()
    return date.midnight(day + datetime.timedelta(days=7 if interval == "week" else 1), zone)
