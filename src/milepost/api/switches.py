"""`/journeys/{id}/tracking` and Show in CRM: what is tracked, and who was seen there (D-1.5 to D-1.9).

Owns the JSON of switches and intervals, and the explanation beside a list of profiles. Must not turn a switch itself:
that is a command.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from milepost.api.caller import Asking, Running
from milepost.api.form import Asked, Limit, Told
from milepost.api.instant import Instant, iso
from milepost.api.people import Label, labels
from milepost.api.request import Route
from milepost.errors import NotFound
from milepost.kernel.journey import Definition
from milepost.kernel.node import registry
from milepost.ports.state_store import Transaction
from milepost.runtime.commands import journey_of
from milepost.runtime.definitions import workspace_of
from milepost.runtime.statistics import node_numbers, over_versions
from milepost.runtime.tracking import FOR_EVER, Interval, Tracking, on_by_default


class TrackedInterval(Told):
    """A stretch of time in which a node was tracked: `from` is in it, `to` is not; null while it lasts."""

    from_: Instant
    to: Instant | None

    model_config = {"alias_generator": lambda name: name.rstrip("_"), "populate_by_name": True}


class SwitchChange(Told):
    """One turn of a switch."""

    at: Instant
    on: bool
    who: str


class Switch(Told):
    """The switch of one node."""

    node: str
    title: str
    on: bool
    intervals: list[TrackedInterval]
    changes: list[SwitchChange]


class Switches(Told):
    """The switches of a journey, in the order of its nodes."""

    nodes: list[Switch]


class ArrivedProfile(Label):
    """A profile with an arrival at the node among the datapoints."""

    arrivals: int
    first: Instant
    last: Instant


class ShowInCrm(Told):
    """The profiles with at least one tracked arrival at a node, and why they may be fewer than the counter says."""

    tracked: bool
    """Whether the switch is on now."""
    intervals: list[TrackedInterval]
    total: int
    """Profiles."""
    entered: int
    """The node's counter, which tracking does not change."""
    explanation: str
    profiles: list[ArrivedProfile]
    next: int | None
    """`after` of the next page."""


class _Page(Asked):
    after: int = 0
    limit: Limit = 100


router = APIRouter(prefix="/journeys", route_class=Route, tags=["tracking"])


@router.get("/{id}/tracking")
def get_tracking(id: str, caller: Asking, engine: Running) -> Switches:
    """The switch of every node: whether it is on, when it was, and who turned it."""
    with engine.store.reading() as tx:
        row = journey_of(tx, caller.workspace, id)
        return Switches(nodes=switches(tx, caller.workspace, row.key, Definition.model_validate_json(row.draft)))


@router.get("/{id}/nodes/{node}/profiles")
def show_in_crm(id: str, node: str, page: Annotated[_Page, Query()], caller: Asking, engine: Running) -> ShowInCrm:
    """Show in CRM: the profiles that arrived at a node while it was tracked (D-1.9)."""
    with engine.store.reading() as tx:
        row = journey_of(tx, caller.workspace, id)
        definition = Definition.model_validate_json(row.draft)
        numbers = over_versions(node_numbers(tx.counters([row.key])), definition)
        if node not in numbers:
            message = f"The journey has no node `{node}`."
            raise NotFound(message, field="node", fix="Name a node by its id.")
        tracking = Tracking(tx.tracking_changes(caller.workspace))
    intervals = tracking.intervals(row.key, node)
    total, found = engine.events.arrivals(caller.workspace, id, node, limit=page.limit + 1, after=page.after)
    shown = found[: page.limit]
    with engine.store.reading() as tx:
        named = labels(tx, [arrived.profile for arrived in shown])
    return ShowInCrm(
        tracked=tracking.is_on(row.key, node),
        intervals=_told(intervals),
        total=total,
        entered=numbers[node].entered,
        explanation=_explanation(intervals, total, numbers[node].entered),
        profiles=[
            ArrivedProfile(
                **named[arrived.profile].model_dump(), arrivals=arrived.arrivals, first=arrived.first, last=arrived.last
            )
            for arrived in shown
        ],
        next=shown[-1].profile if len(found) > page.limit else None,
    )


def switches(tx: Transaction, workspace: int, journey: int, definition: Definition) -> list[Switch]:
    """The switches of a journey's nodes, in their order; before the first activation they stand on their defaults."""
    changes = [change for change in tx.tracking_changes(workspace) if change.journey == journey]
    tracking = Tracking(changes)
    turned = {change.node for change in changes}
    everything = workspace_of(tx, workspace).track_by_default
    return [
        Switch(
            node=node.id,
            title=node.title or (registry()[node.type].label if node.type in registry() else ""),
            on=tracking.is_on(journey, node.id) if node.id in turned else on_by_default(node.type, everything),
            intervals=_told(tracking.intervals(journey, node.id)),
            changes=[
                SwitchChange(at=change.at, on=change.on, who=change.who) for change in changes if change.node == node.id
            ],
        )
        for node in definition.nodes
    ]


def _told(intervals: list[Interval]) -> list[TrackedInterval]:
    return [
        TrackedInterval(from_=interval.on, to=None if interval.off == FOR_EVER else interval.off)
        for interval in intervals
    ]


def _explanation(intervals: list[Interval], total: int, entered: int) -> str:
    if not intervals:
        return (
            f"This node has never been tracked, so no list can be shown; {entered:,} arrivals were counted, and each "
            "is on its customer's card. Switch on Track datapoints to list those who arrive from now on."
        )
    times = ", ".join(
        f"since {iso(interval.on)}" if interval.off == FOR_EVER else f"from {iso(interval.on)} to {iso(interval.off)}"
        for interval in intervals
    )
    more = ""
    if total < entered:
        more = (
            f" The counter says {entered:,}: it counts every arrival, tracked or not, and every time that a profile "
            "arrives again."
        )
    return f"Listed are the profiles that arrived while the node was tracked, {times}.{more}"
