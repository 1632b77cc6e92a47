"""Flow *Split paths*: enters up to five following nodes at the same time (D-3.2)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints, field_validator

from milepost.kernel.node import Behaviour, Decision, Family, Fork, NodeSettings, Step

Outlet = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class Split(NodeSettings):
    """The path goes on by the first outlet; each further outlet opens a path."""

    kind: ClassVar[str] = "split"
    family: ClassVar[Family] = "flow"
    label: ClassVar[str] = "Split paths"

    branches: tuple[Outlet, ...] = Field(
        ("1", "2"), alias="outlets", title="Outlets", description="2 to 5, in order", min_length=2, max_length=5
    )

    @field_validator("branches")
    @classmethod
    def distinct(cls, branches: tuple[str, ...]) -> tuple[str, ...]:
        """Names are unique."""
        if len(set(branches)) < len(branches):
            message = "two outlets have the same name"
            raise ValueError(message)
        return branches

    def outlets(self) -> tuple[str, ...]:
        return self.branches

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour(self.branches)


class _Behaviour(Behaviour):
    def __init__(self, outlets: tuple[str, ...]) -> None:
        self.fork = Fork(outlets)

    def arrive(self, step: Step) -> Decision:
        return self.fork
