"""Numbers on a journey and its nodes, from the counters that are written with the moves (D-6).

Owns the shape of statistics and the identity of D-1.2. Must not read datapoints: tracking changes no number here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from milepost.kernel.journey import Definition
from milepost.ports.state_store import CounterKey


class NodeNumbers(NamedTuple):
    """One node of one version: entered + opened = left + finished + waiting + exited, counted in paths (D-1.2)."""

    entered: int
    opened: int
    left: dict[str, int]
    finished: int
    waiting: int
    exited: dict[str, int]
    refused: dict[str, int]
    """Triggers that opened nothing, by reason."""

    def drift(self) -> int:
        """How far the identity is off; 0 where all is well."""
        gone = sum(self.left.values()) + self.finished + self.waiting + sum(self.exited.values())
        return self.entered + self.opened - gone


class JourneyNumbers(NamedTuple):
    """A journey over all versions, counted in runs."""

    started: int
    in_progress: int
    finished: int
    exited: dict[str, int]


def node_numbers(counters: Mapping[CounterKey, int]) -> dict[tuple[int, str], NodeNumbers]:
    """Numbers by (version, node)."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for key, number in counters.items():
        if not key.node:
            continue
        numbers = found.setdefault(
            (key.version, key.node),
            {"entered": 0, "opened": 0, "left": {}, "finished": 0, "waiting": 0, "exited": {}, "refused": {}},
        )
        kind, _, name = key.kind.partition(":")
        if name:
            numbers[kind][name] = numbers[kind].get(name, 0) + number
        else:
            numbers[kind] += number
    return {place: NodeNumbers(**numbers) for place, numbers in found.items()}


def over_versions(numbers: Mapping[tuple[int, str], NodeNumbers], definition: Definition) -> dict[str, NodeNumbers]:
    """Numbers by node, all versions together; every node and outlet of the definition is there, with 0 if need be."""
    found: dict[str, NodeNumbers] = {}
    for node in definition.nodes:
        found[node.id] = NodeNumbers(0, 0, dict.fromkeys(node.outlets, 0), 0, 0, {}, {})
    for (_, node_id), one in numbers.items():
        other = found.get(node_id)
        found[node_id] = one if other is None else _sum(other, one)
    return found


def _sum(one: NodeNumbers, other: NodeNumbers) -> NodeNumbers:
    return NodeNumbers(
        one.entered + other.entered,
        one.opened + other.opened,
        _merged(one.left, other.left),
        one.finished + other.finished,
        one.waiting + other.waiting,
        _merged(one.exited, other.exited),
        _merged(one.refused, other.refused),
    )


def _merged(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def journey_numbers(counters: Mapping[CounterKey, int]) -> JourneyNumbers:
    """The journey's own numbers."""
    started = finished = 0
    exited: dict[str, int] = {}
    for key, number in counters.items():
        if key.node:
            continue
        if key.kind == "started":
            started += number
        elif key.kind == "ended:finished":
            finished += number
        else:
            reason = key.kind.partition(":")[2]
            exited[reason] = exited.get(reason, 0) + number
    return JourneyNumbers(started, started - finished - sum(exited.values()), finished, exited)
