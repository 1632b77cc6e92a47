"""Action *Generate event*: an event of the profile, taken at this instant after those already there (D-3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from milepost.kernel import insert
from milepost.kernel.event import OpenAction
from milepost.kernel.node import NEXT, Behaviour, Decision, Family, NodeSettings, Step


class GenerateEvent(NodeSettings):
    """Adds an event to the profile; it may move or start any journey, also this one."""

    kind: ClassVar[str] = "generate_event"
    family: ClassVar[Family] = "action"
    label: ClassVar[str] = "Generate event"

    action: OpenAction = Field(title="Event", examples=["order.completed"])
    event_label: str = Field("", alias="label", title="Label", max_length=255)
    params: dict[str, Any] = Field({}, title="Params", description="Inserts keep their type")

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour(self.action, self.event_label, self.params)

    def texts(self) -> Iterator[tuple[str, Any]]:
        yield "label", self.event_label
        yield "params", self.params

    def produced(self) -> tuple[str, ...]:
        return (self.action,)


class _Behaviour(Behaviour):
    def __init__(self, action: str, label: str, params: dict[str, Any]) -> None:
        self.action = action
        self.label = insert.text(label)
        self.params = {name: insert.bind(value) for name, value in params.items()}

    def arrive(self, step: Step) -> Decision:
        scope = step.scope()
        try:
            values = {name: render(scope) for name, render in self.params.items()}
            label = self.label(scope)
        except insert.MissingAttribute as missing:
            step.skip("missing_attribute", attribute=missing.name)
            return NEXT
        step.emit(self.action, insert.without_missing(values), label)
        return NEXT
