"""Condition *Profile filter*: attributes of the profile and params of the context's event; decides at once (D-3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from milepost.kernel.check import leaf
from milepost.kernel.condition import Where, subjects
from milepost.kernel.node import Behaviour, Check, Decision, Family, Leave, NodeSettings, Step, compiled, operands


class ProfileFilter(NodeSettings):
    """Divides profiles by a condition."""

    kind: ClassVar[str] = "profile_filter"
    family: ClassVar[Family] = "condition"
    label: ClassVar[str] = "Profile filter"

    where: Where = Field(title="Conditions")

    def outlets(self) -> tuple[str, ...]:
        return ("matched", "not_matched")

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour(compiled(self.where), sorted(subjects(self.where)))

    def texts(self) -> Iterator[tuple[str, Any]]:
        yield "where", operands(self.where)

    def reads_event(self) -> bool:
        return super().reads_event() or any(kind == "param" for kind, _ in subjects(self.where))


class _Behaviour(Behaviour):
    def __init__(self, test: Check, subjects: list[tuple[str, str]]) -> None:
        self.test = test
        self.subjects = subjects

    def arrive(self, step: Step) -> Decision:
        owners = {"param": step.params(), "attribute": step.profile.attributes}
        matched = self.test(owners["param"], step.profile, step.scope, step.now)
        why = {f"{kind}.{name}": leaf(owners[kind], name) for kind, name in self.subjects}
        return Leave("matched" if matched else "not_matched", why)
