"""Instants on the wire: ISO 8601 with milliseconds and Z outside, integer milliseconds inside.

Owns the type that every request and answer uses for a moment. Must not know the present.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from milepost.analytics import period
from milepost.kernel import date

LAST: Final = 253_402_300_799_999
"""31 December 9999: what ISO 8601 with four digits can say."""


def iso(moment: int) -> str:
    """Milliseconds as text; what lies beyond the year 9999 is shown as its end."""
    return period.iso(min(moment, LAST))


def parse(text: Any) -> int:
    """Milliseconds from ISO 8601 with a zone."""
    moment = date.parse(text, date.UTC) if isinstance(text, str) else None
    if moment is None or not 0 <= moment <= LAST:
        raise PydanticCustomError("instant", "not a moment from 1970 on such as 2026-03-01T10:00:00Z")
    return moment


_SCHEMA: Final = WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-01T10:00:00.000Z"]})

Instant = Annotated[int, PlainSerializer(iso, return_type=str, when_used="json"), _SCHEMA]
"""In an answer."""
AskedInstant = Annotated[int, BeforeValidator(parse), _SCHEMA]
"""In a request."""
