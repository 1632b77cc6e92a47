"""*End*: ends the path, and by default the other paths of the run at once (D-3.2)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from milepost.kernel.node import Behaviour, Decision, Family, Finish, NodeSettings, Step


class End(NodeSettings):
    """Ends the path."""

    kind: ClassVar[str] = "end"
    family: ClassVar[Family] = "end"
    label: ClassVar[str] = "End"

    ends_others: bool = Field(True, title="Ends the other paths of the run", description="Off: they go on")

    def outlets(self) -> tuple[str, ...]:
        return ()

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour(Finish(self.ends_others))


class _Behaviour(Behaviour):
    def __init__(self, finish: Finish) -> None:
        self.finish = finish

    def arrive(self, step: Step) -> Decision:
        return self.finish
