"""Condition *Event filter*: waits for an event after the arrival, for a time if there is a limit (D-3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from milepost.kernel.condition import Where
from milepost.kernel.duration import Wait
from milepost.kernel.event import Event, TriggerAction
from milepost.kernel.node import Behaviour, Check, Decision, Family, Hold, Leave, NodeSettings, Step, compiled, operands


class EventFilter(NodeSettings):
    """Waits until the profile does this."""

    kind: ClassVar[str] = "event_filter"
    family: ClassVar[Family] = "condition"
    label: ClassVar[str] = "Event filter"

    action: TriggerAction = Field(
        title="Event", examples=["order.completed"], description="Action of the event to wait for"
    )
    where: Where = Field(None, title="Conditions", description="All on the same event")
    limit: Wait | None = Field(None, title="Wait at most", description="Left empty: as long as it takes")

    def outlets(self) -> tuple[str, ...]:
        return ("matched",) if self.limit is None else ("matched", "not_matched")

    def holds(self) -> bool:
        return True

    def when_due(self) -> str | None:
        return None if self.limit is None else "not_matched"

    def behaviour(self, node_id: str) -> Behaviour:
        limit = None if self.limit is None else self.limit.milliseconds
        return _Behaviour(self.action, compiled(self.where), limit)

    def texts(self) -> Iterator[tuple[str, Any]]:
        yield "where", operands(self.where)


class _Behaviour(Behaviour):
    def __init__(self, action: str, test: Check, limit: int | None) -> None:
        self.listens_to = frozenset({action})
        self.test = test
        self.limit = limit

    def arrive(self, step: Step) -> Decision:
        return Hold(None if self.limit is None else step.now + self.limit)

    def due(self, step: Step) -> Leave:
        return Leave("not_matched", {"deadline": step.path.due})

    def seen(self, step: Step, event: Event) -> Leave | None:
        # One whose own time is before the arrival's cause is history, however late it came in.
        if event.time < step.path.arrived:
            return None
        if not self.test(event.params, step.profile, step.scope, step.now):
            return None
        return Leave("matched", {"event": event.id})
