"""Flow *Delay*: holds the path for a fixed time (D-3.2)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from milepost.kernel.duration import Wait
from milepost.kernel.node import NEXT, Behaviour, Decision, Family, Hold, Leave, NodeSettings, Step


class Delay(NodeSettings):
    """Waits."""

    kind: ClassVar[str] = "delay"
    family: ClassVar[Family] = "flow"
    label: ClassVar[str] = "Delay"

    duration: Wait = Field(title="Wait for", description="At least one second")

    def holds(self) -> bool:
        return True

    def when_due(self) -> str:
        return "next"

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour(self.duration.milliseconds)


class _Behaviour(Behaviour):
    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def arrive(self, step: Step) -> Decision:
        return Hold(step.now + self.milliseconds)

    def due(self, step: Step) -> Leave:
        return NEXT
