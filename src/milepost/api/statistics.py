"""`/journeys/{id}/statistics`: the numbers on a journey and its nodes (D-1.2, D-1.12, D-6).

Owns the choice of period and version, and the identity as it holds for a period. Must not read datapoints.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query

from milepost.api.caller import Asking, Running
from milepost.api.form import Asked, Told
from milepost.api.instant import AskedInstant, Instant
from milepost.api.request import Route
from milepost.errors import Invalid, NotFound
from milepost.kernel.journey import Definition
from milepost.kernel.node import registry
from milepost.runtime.commands import journey_of
from milepost.runtime.statistics import NodeNumbers, journey_numbers, node_numbers, over_versions

HOUR: Final = 3_600_000
NOTHING: Final = NodeNumbers(0, 0, {}, 0, 0, {}, {})


class NodeStatistics(Told):
    """One node, counted in paths: waiting_before + entered + opened = left + finished + waiting + exited."""

    id: str
    title: str
    type: str
    entered: int
    opened: int
    """Paths that a Split added here."""
    left: dict[str, int]
    """By outlet."""
    finished: int
    """At an End."""
    waiting: int
    """At the end of the period."""
    waiting_before: int
    """At its start; 0 without one."""
    exited: dict[str, int]
    """By reason."""
    refused: dict[str, int]
    """Triggers that opened nothing, by reason."""
    drift: int
    """How far the identity is off: 0, or something is wrong with Milepost."""


class Statistics(Told):
    """A journey's numbers in a period. Runs are counted on the journey, paths on its nodes."""

    journey: str
    version: int | None
    """The one version that is counted; null for all."""
    since: Instant | None
    """Counters are kept by the hour: the period is rounded out to whole hours."""
    until: Instant | None
    started: int
    in_progress: int
    """At the end of the period."""
    finished: int
    exited: dict[str, int]
    """By reason."""
    nodes: list[NodeStatistics]


class _Period(Asked):
    since: AskedInstant | None = None
    until: AskedInstant | None = None
    version: int | None = None


router = APIRouter(prefix="/journeys", route_class=Route, tags=["statistics"])


@router.get("/{id}/statistics")
def get_statistics(id: str, period: Annotated[_Period, Query()], caller: Asking, engine: Running) -> Statistics:
    """The counters of a journey and its nodes, for all time or a period, for all versions or one."""
    since = None if period.since is None else period.since // HOUR
    until = None if period.until is None else -(-period.until // HOUR)
    if since is not None and until is not None and since > until:
        message = "The period ends before it begins."
        raise Invalid(message, field="until", fix="Name a later end.")
    with engine.store.reading() as tx:
        row = journey_of(tx, caller.workspace, id)
        version = period.version
        definition = Definition.model_validate_json(row.draft)
        if version is not None:
            published = {one.number: one.definition for one in tx.versions([row.key])}
            if version not in published:
                message = f"The journey has no version {version}."
                raise NotFound(message, field="version", fix=f"There are versions 1 to {row.version}.")
            definition = Definition.model_validate_json(published[version])
        during = tx.counters([row.key], since, until)
        before = tx.counters([row.key], None, since) if since is not None else {}
    if version is not None:
        during = {key: number for key, number in during.items() if key.version == version}
        before = {key: number for key, number in before.items() if key.version == version}
    nodes = over_versions(node_numbers(during), definition)
    earlier = over_versions(node_numbers(before), definition)
    journey, start = journey_numbers(during), journey_numbers(before)
    described = {node.id: node for node in definition.nodes}
    return Statistics(
        journey=id, version=version,
        since=None if since is None else since * HOUR, until=None if until is None else until * HOUR,
        started=journey.started, in_progress=start.in_progress + journey.in_progress,
        finished=journey.finished, exited=journey.exited,
        nodes=[
            _node(
                node, described[node].title if node in described else "",
                described[node].type if node in described else "", numbers, earlier.get(node, NOTHING).waiting,
            )
            for node, numbers in nodes.items()
        ],
    )  # fmt: skip


def _node(id: str, title: str, type: str, numbers: NodeNumbers, before: int) -> NodeStatistics:
    # In a period, `waiting` counts how much the number of those who wait has changed.
    return NodeStatistics(
        id=id, title=title or (registry()[type].label if type in registry() else ""), type=type,
        entered=numbers.entered, opened=numbers.opened, left=numbers.left, finished=numbers.finished,
        waiting=before + numbers.waiting, waiting_before=before, exited=numbers.exited, refused=numbers.refused,
        drift=numbers.drift(),
    )  # fmt: skip
