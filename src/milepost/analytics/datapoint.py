"""What reference answers read: datapoints and attributes as they are now, and how values are told apart.

Owns the `Datapoint` value and the keys of typed values. Must not know any question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Scalar = str | int | float | bool
#: Attributes by profile; a profile that is not there has none.
Attributes = Mapping[int, Mapping[str, Any]]


class Datapoint(NamedTuple):
    """An event that Analytics can see. `time` is in milliseconds, UTC; `position` is its place in the log."""

    profile: int
    time: int
    position: int
    action: str
    params: Mapping[str, Any]


def typed(value: Any) -> tuple[str, Scalar] | None:
    """A key that is equal exactly when text, number or boolean are equal without coercion; None for anything else."""
    if isinstance(value, bool):
        return "b", value
    if isinstance(value, str):
        return "s", value
    if isinstance(value, float):
        return "n", int(value) if value.is_integer() and -(2.0**63) <= value < 2.0**64 else value
    if isinstance(value, int):
        return "n", value if -(2**63) <= value < 2**64 else float(value)
    return None
