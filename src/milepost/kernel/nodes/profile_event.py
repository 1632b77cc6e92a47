"""Trigger *Profile event*: an action, with conditions that all hold on the same event (D-3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from milepost.kernel.condition import Where
from milepost.kernel.event import TriggerAction
from milepost.kernel.node import NEXT, Behaviour, Decision, Family, NodeSettings, Step, operands


class ProfileEvent(NodeSettings):
    """Starts a path when the profile does this."""

    kind: ClassVar[str] = "profile_event"
    family: ClassVar[Family] = "trigger"
    label: ClassVar[str] = "Profile event"

    action: TriggerAction = Field(
        title="Event", examples=["cart.abandoned"], description="Action of the event that starts the journey"
    )
    where: Where = Field(None, title="Conditions", description="All on the same event")

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour()

    def texts(self) -> Iterator[tuple[str, Any]]:
        yield "where", operands(self.where)


class _Behaviour(Behaviour):
    def arrive(self, step: Step) -> Decision:
        return NEXT
