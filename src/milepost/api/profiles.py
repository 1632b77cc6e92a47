"""`/profiles`: the list, the card and its activity (D-1.1, D-2.6).

Owns the JSON of a profile and how its activity is paged. Must not change a profile: that is intake's.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query
from pydantic import Field

from milepost.api import cursor
from milepost.api.caller import Asking, Running
from milepost.api.form import Asked, Limit, Told
from milepost.api.instant import AskedInstant, Instant
from milepost.api.people import Kind, Label, Reference, called, labels, profile_of
from milepost.api.request import Route
from milepost.kernel.condition import compile_condition
from milepost.kernel.event import MOVE_ACTIONS
from milepost.kernel.journey import Definition
from milepost.kernel.node import registry
from milepost.ports.event_store import ActivityRow
from milepost.ports.state_store import Identifier, ProfileRow, Transaction
from milepost.runtime import codec
from milepost.runtime.engine import Engine

FAMILIES = {"moves": MOVE_ACTIONS}


class Profile(Label):
    """A profile in a list."""

    created: Instant
    attributes: dict[str, Any]
    tags: list[str]


class Profiles(Told):
    """A page of profiles, in order of their keys."""

    profiles: list[Profile]
    total: int
    """In the workspace; of a search, those that were found."""
    next: int | None
    """`after` of the next page."""


class ConsentOf(Told):
    """What the profile last said about one channel."""

    granted: bool
    time: Instant
    source: str


class Standing(Told):
    """Where the profile is in a journey now: one entry for each path."""

    journey: str
    name: str
    version: int
    run: str
    path: str
    node: str
    title: str
    started: Instant
    """Begin of the run."""
    since: Instant
    """Arrival at the node."""
    until: Instant | None
    """When it goes on by itself; null when only an event can move it."""


class Card(Profile):
    """A profile whole, without its activity."""

    consents: dict[str, ConsentOf]
    journeys: list[Standing]


class Activity(Told):
    """One event on the card."""

    id: str
    action: str
    label: str
    time: Instant
    received_at: Instant
    position: int
    """Its place in the log; events of one time are in this order."""
    source: str
    journey: str | None
    """For a move, or an event that a node brought about."""
    node: str | None
    run: str | None
    tracked: bool
    """For a move: what the node's switch said then. Every other event is always a datapoint."""
    params: dict[str, Any]
    why: dict[str, Any] | None
    """For a move: the values that chose the outlet."""


class Activities(Told):
    """A page of the card's events, newest first."""

    events: list[Activity]
    next: str | None
    """`cursor` of the next page."""


class _Search(Asked):
    custom_id: str | None = None
    email: str | None = None
    phone: str | None = None
    uuid: str | None = None
    search: str | None = Field(None, min_length=1, max_length=255)
    """Any identifier, exactly; or the begin of a name, whatever the case."""
    after: int = Field(0, ge=0, le=2**63 - 1)
    limit: Limit = 100


class _Filter(Asked):
    cursor: str | None = None
    limit: Limit = 100
    since: AskedInstant | None = None
    """Earliest time, included."""
    until: AskedInstant | None = None
    """Latest time, included."""
    action: tuple[str, ...] = ()
    """May be given several times."""
    family: Literal["moves"] | None = None
    """`moves`: the clientIsInPath events."""
    run: str | None = None


router = APIRouter(prefix="/profiles", route_class=Route, tags=["profiles"])


@router.get("")
def list_profiles(search: Annotated[_Search, Query()], caller: Asking, engine: Running) -> Profiles:
    """All profiles, in pages; or the one that an identifier names."""
    kinds: tuple[Kind, ...] = ("custom_id", "email", "phone", "uuid")
    wanted = [Identifier(kind, value) for kind in kinds if (value := getattr(search, kind)) is not None]
    with engine.store.reading() as tx:
        if wanted:
            keys = {tx.resolve(caller.workspace, [one]).get(one) for one in wanted}
            key = keys.pop()
            rows = list(tx.profiles([key]).values()) if key is not None and not keys else []
            return Profiles(profiles=_profiles(tx, rows), total=len(rows), next=None)
        if search.search is not None:
            return _found(tx, engine, caller.workspace, search)
        rows = tx.list_profiles(caller.workspace, limit=search.limit + 1, after=search.after)
        shown = rows[: search.limit]
        return Profiles(
            profiles=_profiles(tx, shown),
            total=tx.count_profiles(caller.workspace),
            next=shown[-1].key if len(rows) > search.limit else None,
        )


@router.get("/{profile}")
def get_profile(profile: Reference, caller: Asking, engine: Running) -> Card:
    """The card: identity, attributes, tags, consents, and the journeys that the profile is in now."""
    with engine.store.reading() as tx:
        row = profile_of(tx, caller.workspace, profile)
        (brief,) = _profiles(tx, [row])
        consents = codec.decode_profile(row, []).consents
        return Card(
            **brief.model_dump(),
            consents={channel: ConsentOf(**consent._asdict()) for channel, consent in consents.items()},
            journeys=_standings(tx, row),
        )


@router.get("/{profile}/activity")
def list_activity(
    profile: Reference, choice: Annotated[_Filter, Query()], caller: Asking, engine: Running
) -> Activities:
    """Everything that happened to a profile, moves included, newest first."""
    with engine.store.reading() as tx:
        row = profile_of(tx, caller.workspace, profile)
    actions = {*choice.action, *(FAMILIES[choice.family] if choice.family is not None else ())}
    found = engine.events.activity(
        caller.workspace, row.key, limit=choice.limit + 1, before=cursor.read(choice.cursor), since=choice.since,
        until=choice.until, actions=sorted(actions), run=choice.run,
    )  # fmt: skip
    shown = found[: choice.limit]
    return Activities(
        events=[_activity(event) for event in shown],
        next=cursor.written(shown[-1].time, shown[-1].position) if len(found) > choice.limit else None,
    )


def _found(tx: Transaction, engine: Engine, workspace: int, search: _Search) -> Profiles:
    text = (search.search or "").strip()
    if not text:
        return Profiles(profiles=[], total=0, next=None)
    named = called(text)
    identifiers = [Identifier(kind, text) for kind in get_args(Kind)]
    exactly = tx.profiles(sorted(set(tx.resolve(workspace, identifiers).values())))
    holds = compile_condition(named)
    besides = [row.key for row in exactly.values() if not holds({}, codec.decode_profile(row, []).attributes, None, 0)]
    total, keys = engine.events.matching(workspace, named, 0, limit=search.limit + 1, after=search.after)
    every = sorted({*keys, *(key for key in besides if key > search.after)})
    shown = every[: search.limit]
    rows = tx.profiles(shown)
    return Profiles(
        profiles=_profiles(tx, [rows[key] for key in shown if key in rows]),
        total=total + len(besides),
        next=shown[-1] if len(every) > search.limit else None,
    )


def _profiles(tx: Transaction, rows: list[ProfileRow]) -> list[Profile]:
    named = labels(tx, [row.key for row in rows])
    found = []
    for row in rows:
        profile = codec.decode_profile(row, [])
        found.append(
            Profile(
                **named[row.key].model_dump(),
                created=row.created,
                attributes=profile.attributes,
                tags=sorted(profile.tags),
            )
        )
    return found


def _standings(tx: Transaction, row: ProfileRow) -> list[Standing]:
    runs = [
        codec.decode_run(run.key, run.journey, run.state) for run in tx.runs_of_profiles(row.workspace, [row.key])
    ]  # fmt: skip
    if not runs:
        return []
    journeys = {journey.key: journey for journey in tx.journeys(row.workspace)}
    definitions = {
        (version.journey, version.number): Definition.model_validate_json(version.definition)
        for version in tx.versions(sorted({run.journey for run in runs}))
    }
    found = []
    for run in runs:
        definition = definitions[run.journey, run.version]
        nodes = {node.id: node for node in definition.nodes}
        for path in run.paths:
            node = nodes[path.node]
            found.append(
                Standing(
                    journey=journeys[run.journey].id,
                    name=definition.name,
                    version=run.version,
                    run=run.id,
                    path=path.id,
                    node=path.node,
                    title=node.title or registry()[node.type].label,
                    started=run.started,
                    since=path.since,
                    until=path.due,
                )
            )
    return found


def _activity(row: ActivityRow) -> Activity:
    values = row._asdict()
    del values["profile"]
    for name in ("journey", "node", "run"):
        values[name] = values[name] or None
    return Activity(**values)
