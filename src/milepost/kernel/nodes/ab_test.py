"""Condition *A/B test*: sticky groups by a hash of profile and node, against the shares (D-3.2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from milepost.kernel.node import Behaviour, Decision, Family, Leave, NodeSettings, Step


class Group(BaseModel):
    """One group and its share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(title="Group", pattern=r"^[A-Za-z0-9_-]{1,40}$")
    share: float = Field(title="Share", ge=0, le=100, json_schema_extra={"unit": "%"})


class ABTest(NodeSettings):
    """Divides profiles by chance, the same way on every visit."""

    kind: ClassVar[str] = "ab_test"
    family: ClassVar[Family] = "condition"
    label: ClassVar[str] = "A/B test"

    groups: tuple[Group, ...] = Field(
        (Group(name="a", share=50), Group(name="b", share=50)),
        title="Groups",
        description="2 to 10; the shares come to 100 %",
        min_length=2,
        max_length=10,
    )

    @field_validator("groups")
    @classmethod
    def whole(cls, groups: tuple[Group, ...]) -> tuple[Group, ...]:
        """Names are unique and the shares sum to 100 %."""
        if len({group.name for group in groups}) < len(groups):
            message = "two groups have the same name"
            raise ValueError(message)
        total = sum(group.share for group in groups)
        if abs(total - 100) > 1e-6:
            message = f"the shares come to {total:g} %, not 100 %"
            raise ValueError(message)
        return groups

    def outlets(self) -> tuple[str, ...]:
        return tuple(group.name for group in self.groups)

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour(node_id, [(group.name, group.share) for group in self.groups])


class _Behaviour(Behaviour):
    def __init__(self, node_id: str, groups: list[tuple[str, float]]) -> None:
        self.node_id = node_id
        self.groups = groups

    def arrive(self, step: Step) -> Decision:
        group = draw(step.profile.key, self.node_id, self.groups)
        return Leave(group, {"group": group})


def draw(profile_key: int, node_id: str, groups: Sequence[tuple[str, float]]) -> str:
    """The group of a profile at a node.

    Weighted rendezvous: each group draws its own number, the best one wins. So a share that changes moves profiles only
    into or out of its own group, and adding a group moves only those who go there.
    """
    best, winner = math.inf, groups[0][0]
    for name, share in groups:
        if share <= 0:
            continue
        digest = blake2b(f"{profile_key}\x1f{node_id}\x1f{name}".encode(), digest_size=8).digest()
        uniform = (int.from_bytes(digest) + 1) / (2**64 + 1)
        score = -math.log(uniform) / share
        if score < best:
            best, winner = score, name
    return winner
