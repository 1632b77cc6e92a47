"""Which moves are also datapoints: the tracked intervals of every node (D-1.5 to D-1.8).

Owns intervals made from the changes of the switch, and the question *was this node tracked then*. Must not know how
moves are stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from milepost.kernel.node import registry
from milepost.ports.state_store import TrackingChange

FOR_EVER: Final = 2**62


def on_by_default(node_type: str, everything: bool) -> bool:
    """Where the switch of a new node stands: on for triggers and End, or for all if the workspace says so (D-1.5)."""
    kind = registry().get(node_type)
    return everything or (kind is not None and kind.family in {"trigger", "end"})


class Interval(NamedTuple):
    """[on, off): a move whose time lies in it is tracked. `off` is FOR_EVER while the switch is on."""

    on: int
    off: int


class Tracking:
    """The switches of one workspace."""

    def __init__(self, changes: Iterable[TrackingChange]) -> None:
        self._intervals: dict[tuple[int, str], list[Interval]] = {}
        for change in changes:
            intervals = self._intervals.setdefault((change.journey, change.node), [])
            going = bool(intervals) and intervals[-1].off == FOR_EVER
            if change.on and not going:
                intervals.append(Interval(change.at, FOR_EVER))
            elif not change.on and going:
                intervals[-1] = Interval(intervals[-1].on, change.at)

    def intervals(self, journey: int, node: str) -> list[Interval]:
        """The node's tracked intervals in order; one that is empty tracks nothing and is left out."""
        return [interval for interval in self._intervals.get((journey, node), []) if interval.on < interval.off]

    def is_on(self, journey: int, node: str) -> bool:
        """Whether the switch is on now."""
        intervals = self._intervals.get((journey, node), [])
        return bool(intervals) and intervals[-1].off == FOR_EVER

    def tracked(self, journey: int, node: str, time: int) -> bool:
        """Whether a move at this node is a datapoint, by its time alone (D-1.8)."""
        for interval in reversed(self._intervals.get((journey, node), ())):
            if time >= interval.on:
                return time < interval.off
        return False
