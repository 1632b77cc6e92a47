"""Nothing is lost: for every node and version the counters, the log of moves and the paths that stand there agree.

Owns the comparison (D-1.2, D-6), as values in and findings out. Must not know where the numbers come from: an
examination, a monitor and a page all ask the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from milepost.kernel.event import END_PATH, PATH_EXIT
from milepost.ports.event_store import MoveCount
from milepost.ports.state_store import CounterKey
from milepost.runtime.statistics import NodeNumbers, journey_numbers, node_numbers


class Finding(NamedTuple):
    """Something that is not as it must be."""

    where: str
    """Journey, version and node, or the part of the store."""
    text: str


Place = tuple[int, str]
"""Version and node."""
NOTHING = NodeNumbers(0, 0, {}, 0, 0, {}, {})


def compare(
    journey: str,
    counters: Mapping[CounterKey, int],
    moves: Iterable[MoveCount],
    standing: Mapping[Place, int],
    runs: int,
) -> list[Finding]:
    """What does not agree in one journey.

    Args:
        journey: what it is called in the findings.
        counters: its counters, summed over all hours.
        moves: the moves that the log holds.
        standing: paths by where they stand now.
        runs: how many runs are going.
    """
    numbers, logged = node_numbers(counters), _logged(moves)
    findings: list[Finding] = []
    for place in sorted(numbers.keys() | logged.keys() | standing.keys()):
        version, node = place
        where = f"{journey}, version {version}, node {node}"
        one, log = numbers.get(place, NOTHING), logged.get(place, Counter())
        findings += [Finding(where, text) for text in _disagreements(one, log, standing.get(place, 0))]
    told = journey_numbers(counters).in_progress
    if told != runs:
        findings.append(Finding(journey, f"the counters say that {told:,} runs are going, and there are {runs:,}"))
    return findings


def repeated(journey: str, moves: Iterable[MoveCount]) -> list[Finding]:
    """Moves that the log holds more than once."""
    return [
        Finding(f"{journey}, version {move.version}, node {move.node}",
                f"{move.number - move.distinct:,} moves `{move.action}` are in the log more than once")
        for move in moves
        if move.number != move.distinct
    ]  # fmt: skip


def _disagreements(one: NodeNumbers, log: Counter[str], standing: int) -> list[str]:
    """What of one node does not agree."""
    found = []
    if drift := one.drift():
        found.append(f"entered + opened is off by {drift:+,} from left + finished + waiting + exited")
    said = {
        "entered": one.entered,
        "finished": one.finished,
        **{f"left by {outlet}": number for outlet, number in one.left.items()},
        **{f"exited ({reason})": number for reason, number in one.exited.items()},
    }
    found += [
        f"{name}: the counter says {said.get(name, 0):,}, the log of moves {log[name]:,}"
        for name in sorted(said.keys() | log.keys())
        if said.get(name, 0) != log[name]
    ]
    if one.waiting != standing:
        found.append(f"waiting: the counter says {one.waiting:,}, and {standing:,} paths stand there")
    return found


def _logged(moves: Iterable[MoveCount]) -> dict[Place, Counter[str]]:
    """What the log of moves says of each node, in the words of the counters."""
    found: dict[Place, Counter[str]] = {}

    def add(version: int, node: str, name: str, number: int) -> None:
        found.setdefault((version, node), Counter())[name] += number

    for move in moves:
        if move.action == PATH_EXIT:
            add(move.version, move.node, f"exited ({move.reason})", move.number)
            continue
        add(move.version, move.node, "entered", move.number)
        if move.from_node:
            add(move.version, move.from_node, f"left by {move.outlet}", move.number)
        if move.action == END_PATH:
            add(move.version, move.node, "finished", move.number)
    return found
