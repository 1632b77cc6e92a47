"""Flow *Delay*: holds the path for a fixed time (D-3.2)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator

from milepost.kernel.duration import Duration
from milepost.kernel.node import NEXT, Behaviour, Decision, Family, Hold, Leave, NodeSettings, Step

_SHORTEST = 1_000


class Delay(NodeSettings):
    """Waits."""

    kind: ClassVar[str] = "delay"
    family: ClassVar[Family] = "flow"
    label: ClassVar[str] = "Delay"

    duration: Duration = Field(title="Wait for", description="At least one second")

    @field_validator("duration")
    @classmethod
    def at_least_a_second(cls, duration: Duration) -> Duration:
        """A shorter wait would be decided by the length of a batch."""
        if duration.milliseconds < _SHORTEST:
            message = "a delay is at least 1 second"
            raise ValueError(message)
        return duration

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour(self.duration.milliseconds)


class _Behaviour(Behaviour):
    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def arrive(self, step: Step) -> Decision:
        return Hold(step.now + self.milliseconds)

    def due(self, step: Step) -> Leave:
        return NEXT
