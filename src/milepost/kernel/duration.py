"""Lengths of time as people write them: `{"value": 7, "unit": "day"}`.

Owns the units and their lengths (D-5: day = 24 h, month = 30 d, year = 365 d). Must not know calendars or zones.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Unit = Literal["millisecond", "second", "minute", "hour", "day", "week", "month", "year"]

MILLISECONDS: Final[dict[str, int]] = {
    "millisecond": 1,
    "second": 1_000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
    "week": 7 * 86_400_000,
    "month": 30 * 86_400_000,
    "year": 365 * 86_400_000,
}


class Duration(BaseModel):
    """A length of time, greater than zero."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: int = Field(title="Length", gt=0, le=1_000_000_000)
    unit: Unit = Field(title="Unit")

    @property
    def milliseconds(self) -> int:
        """The length in milliseconds."""
        return self.value * MILLISECONDS[self.unit]

    def __str__(self) -> str:
        return f"{self.value} {self.unit}{'' if self.value == 1 else 's'}"


def _at_least_a_second(duration: Duration) -> Duration:
    if duration.milliseconds < MILLISECONDS["second"]:
        # A shorter wait would be decided by the length of a batch.
        message = "a wait is at least 1 second"
        raise ValueError(message)
    return duration


Wait = Annotated[Duration, AfterValidator(_at_least_a_second)]
"""How long a node holds a path: at least a second (D-3.2)."""
