"""`/calendar`: how many timers are due in which hour, at which node, and what may go out then.

Owns its JSON. Must not look at runs: numbers come from the store, the rest from the journeys that are drawn.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from milepost.api.caller import Asking, Running
from milepost.api.effects import Channel
from milepost.api.form import Asked, Told
from milepost.api.instant import Instant
from milepost.api.request import Route
from milepost.kernel.dispatch import HOUR
from milepost.kernel.journey import Definition, NodeDefinition
from milepost.kernel.node import registry
from milepost.kernel.outlook import messages_behind
from milepost.ports.state_store import JourneyRow, TimerKey, Transaction
from milepost.runtime.commands import journey_of
from milepost.runtime.definitions import workspace_of

DAY: Final = 24
"""Hours."""
GOING: Final = frozenset({"active", "finishing"})


class Message(Told):
    """A node that may hand something over."""

    node: str
    title: str
    channel: Channel


class Place(Told):
    """A node of a version at which timers wait."""

    journey: str
    journey_name: str
    journey_state: Literal["active", "paused", "finishing"]
    """The timers of a paused journey are due when it is resumed."""
    version: int
    node: str
    title: str
    messages: list[Message]
    """What may go out when a timer here is due, up to the next wait."""
    timers: int
    """Due in the hours shown."""
    backlog: int
    """Due in hours before the present one, and not taken."""


class Load(Told):
    """Timers of one place in one hour."""

    place: int
    """Index in `places`."""
    timers: int


class Hour(Told):
    """One hour in which timers are due."""

    at: Instant
    """Its begin."""
    timers: int
    channels: dict[str, int]
    """Channel to the timers that may lead to a message or web call of it: an upper bound."""
    loads: list[Load]


class Calendar(Told):
    """The hours to come, as the timers stand now. Who enters later on is not in it."""

    now: Instant
    since: Instant
    """Begin of the present hour."""
    until: Instant
    timezone: str
    """The workspace's, in which people read days and hours."""
    overdue: int
    """Customers whose timer is due at this moment and was not taken yet; paused journeys left aside."""
    places: list[Place]
    hours: list[Hour]
    """Those with timers, in order."""


class _Question(Asked):
    days: int = Field(30, ge=1, le=366)
    """How far to look."""
    journey: str | None = None
    channel: Channel | None = None
    """Only timers that may lead to this."""


router = APIRouter(route_class=Route, tags=["calendar"])


@router.get("/calendar")
def get_calendar(question: Annotated[_Question, Query()], caller: Asking, engine: Running) -> Calendar:
    """How many timers are due in each of the next hours, at which nodes, and what may go out then."""
    with engine.store.reading() as tx:
        workspace = workspace_of(tx, caller.workspace)
        now = engine.log.instant(workspace)
        first = now // HOUR
        last = first + question.days * DAY
        if question.journey is None:
            journeys = {row.key: row for row in tx.journeys(caller.workspace)}
        else:
            row = journey_of(tx, caller.workspace, question.journey)
            journeys = {row.key: row}
        timers = tx.timers(list(journeys), last)
        places = _places(tx, journeys, timers)
        overdue = tx.count_due([key for key, row in journeys.items() if row.state in GOING], now)
    wanted = {
        place: shown
        for place, shown in places.items()
        if question.channel is None or any(message.channel == question.channel for message in shown.messages)
    }
    index = {place: number for number, place in enumerate(wanted)}
    hours: dict[int, list[Load]] = {}
    totals = dict.fromkeys(wanted, 0)
    backlogs = dict.fromkeys(wanted, 0)
    for key, number in sorted(timers.items()):
        place = key[:3]
        if place not in wanted:
            continue
        if key.hour < first:
            backlogs[place] += number
        else:
            totals[place] += number
            hours.setdefault(key.hour, []).append(Load(place=index[place], timers=number))
    shown = [
        one.model_copy(update={"timers": totals[place], "backlog": backlogs[place]}) for place, one in wanted.items()
    ]
    return Calendar(
        now=now, since=first * HOUR, until=last * HOUR, timezone=workspace.timezone, overdue=overdue, places=shown,
        hours=[_hour(hour, loads, shown) for hour, loads in sorted(hours.items())],
    )  # fmt: skip


def _hour(hour: int, loads: list[Load], places: list[Place]) -> Hour:
    channels: dict[str, int] = {}
    for load in loads:
        for channel in {message.channel for message in places[load.place].messages}:
            channels[channel] = channels.get(channel, 0) + load.timers
    return Hour(at=hour * HOUR, timers=sum(load.timers for load in loads), channels=channels, loads=loads)


def _places(
    tx: Transaction, journeys: dict[int, JourneyRow], timers: dict[TimerKey, int]
) -> dict[tuple[int, int, str], Place]:
    """(journey, version, node) to what it is, in order of the journeys' names."""
    wanted = {key[:3] for key in timers}
    versions = {(row.journey, row.number): row.definition for row in tx.versions(sorted({key for key, _, _ in wanted}))}
    definitions = {(key, number): Definition.model_validate_json(versions[key, number]) for key, number, _ in wanted}
    found = {}
    for key, number, node in sorted(wanted, key=lambda place: (journeys[place[0]].name, place)):
        definition, journey = definitions[key, number], journeys[key]
        drawn = {one.id: one for one in definition.nodes}
        found[key, number, node] = Place(
            journey=journey.id, journey_name=journey.name,
            journey_state=journey.state,  # type: ignore[arg-type] # nobody waits in a draft, nor in one that is finished
            version=number, node=node, title=_title(drawn[node]),
            messages=[
                Message(node=id, title=_title(drawn[id]), channel=channel)
                for id in messages_behind(definition, node)
                if (channel := registry()[drawn[id].type].sends) is not None
            ],
            timers=0, backlog=0,
        )  # fmt: skip
    return found


def _title(node: NodeDefinition) -> str:
    return node.title or registry()[node.type].label
