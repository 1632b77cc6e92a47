"""`/effects`: the ledger of messages and web calls, what became of each, and what people decide about it (D-7).

Owns their JSON. Must not send anything, nor say what follows from a decision.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import msgspec
from fastapi import APIRouter, Query

from milepost.api import cursor
from milepost.api.caller import Asking, Running
from milepost.api.form import Asked, Limit, Told
from milepost.api.instant import AskedInstant, Instant
from milepost.api.people import Label, labels
from milepost.api.request import Route
from milepost.errors import NotFound
from milepost.kernel.journey import Definition
from milepost.kernel.node import registry
from milepost.ports.state_store import IntentChoice, IntentRow, IntentState, JourneyRow, Transaction
from milepost.runtime import codec
from milepost.runtime.commands import journey_of
from milepost.runtime.lane import parsed
from milepost.runtime.ledger import Decision

Channel = Literal["email", "webhook"]
STATES: tuple[IntentState, ...] = get_args(IntentState)


class Decided(Told):
    """What was said of an effect of which nobody knew whether it had arrived."""

    decision: Decision
    by: str
    """Who: a person, a key, or `rule`."""
    at: Instant


class Effect(Told):
    """One message or web call."""

    id: str
    """Also its idempotency key: every attempt shows it to the provider."""
    channel: str
    state: IntentState
    journey: str
    journey_name: str
    node: str
    node_title: str
    """As the journey is drawn now; the node's id where it has none."""
    profile: Label
    attempts: int
    """How many were made; in a workspace of the sandbox none is."""
    created: Instant
    due: Instant | None
    """When the next attempt may be made, while it is pending."""
    reason: str
    """Why it was skipped, has failed, is uncertain or is tried again: a stable word, mostly with more behind it."""
    provider: str
    decision: Decided | None


class Effects(Told):
    """A page of the ledger, newest first."""

    effects: list[Effect]
    next: str | None
    """`cursor` of the next page."""


class Attempt(Told):
    """One try to carry an effect out."""

    number: int
    begun: Instant
    ended: Instant | None
    """Null while it is under way, and where the server stopped before its end was known."""
    milliseconds: int | None
    outcome: Literal["under_way", "sent", "failed", "retry", "uncertain"]
    reason: str
    provider: str
    reference: str
    """What the provider calls it, as far as it said so."""


class WholeEffect(Effect):
    """An effect with all that is known of it."""

    tries: list[Attempt]
    """In order; those of before the ledger kept them are missing."""
    payload: dict[str, Any] | None
    """What was handed over; null for what was skipped."""
    result: dict[str, Any]
    """The provider's last answer."""
    run: str | None


class Waiting(Told):
    """A provider's queue."""

    channel: str
    waiting: int
    """Effects of this workspace that wait."""
    before: int
    """Those of other workspaces that wait for the same provider."""
    next: Instant | None
    """When the first of this workspace's may be begun, its provider's rate left aside."""
    rate: float | None
    """How many per second the provider takes; null without a limit."""
    until: Instant | None
    """When about the queue is empty at that rate, all workspaces together; null without a limit."""


class Report(Told):
    """Numbers counted from the ledger itself."""

    since: Instant | None
    until: Instant | None
    effects: int
    states: dict[str, int]
    """Number by state; states without any are there with 0."""
    duplicates: int
    """Effects of which a provider has accepted more than one attempt. More than 0 is a defect of Milepost."""
    uncertain: int
    """Effects of which nobody knows whether they arrived."""
    sent_again: int
    """Effects tried again after an attempt that was uncertain, by rule or decision: each may have arrived twice."""
    waiting: list[Waiting]


class Verdict(Asked):
    """What an uncertain effect is to count as."""

    decision: Decision
    """`sent`: it has arrived, and its event comes back; `send_again`; `leave`: as it is."""


class _Period(Asked):
    since: AskedInstant | None = None
    """Earliest time of handing over, included."""
    until: AskedInstant | None = None
    """Latest time of handing over, excluded."""


class _Filter(_Period):
    cursor: str | None = None
    limit: Limit = 100
    state: IntentState | None = None
    channel: Channel | None = None
    journey: str | None = None
    node: str | None = None
    profile: int | None = None


router = APIRouter(prefix="/effects", route_class=Route, tags=["effects"])


@router.get("")
def list_effects(page: Annotated[_Filter, Query()], caller: Asking, engine: Running) -> Effects:
    """Messages and web calls, what became of each, and those that were skipped."""
    before = cursor.read(page.cursor)
    with engine.store.reading() as tx:
        journey = None if page.journey is None else journey_of(tx, caller.workspace, page.journey).key
        choice = IntentChoice(
            page.state, page.channel, journey, page.node, page.profile, page.since, page.until
        )  # fmt: skip
        rows = tx.intents(caller.workspace, limit=page.limit + 1, before=before, choice=choice)
        shown = rows[: page.limit]
        effects = _effects(tx, caller.workspace, shown)
    more = len(rows) > page.limit
    return Effects(effects=effects, next=cursor.written(shown[-1].created, shown[-1].position) if more else None)


@router.get("/report")
def get_report(period: Annotated[_Period, Query()], caller: Asking, engine: Running) -> Report:
    """How many effects there are, how many were doubled by Milepost, how many are uncertain, and what still waits."""
    with engine.store.reading() as tx:
        counts = tx.count_intents(caller.workspace, period.since, period.until)
        repeats = tx.count_repeats(caller.workspace, period.since, period.until)
        queues = _queues(tx, caller.workspace)
    now = engine.clock.now()
    waiting = [
        Waiting(
            channel=channel, waiting=own, before=others, next=first, rate=rate,
            until=None if rate is None else max(now, first or now) + round((own + others) * 1_000 / rate),
        )
        for channel, (own, others, first) in queues.items()
        for rate in [engine.rates.get(channel)]
    ]  # fmt: skip
    return Report(
        since=period.since, until=period.until, effects=sum(counts.values()),
        states={state: counts.get(state, 0) for state in STATES}, duplicates=repeats.accepted_again,
        uncertain=counts.get("uncertain", 0), sent_again=repeats.after_uncertain, waiting=waiting,
    )  # fmt: skip


@router.get("/{id}")
def get_effect(id: str, caller: Asking, engine: Running) -> WholeEffect:
    """One message or web call with all its attempts."""
    with engine.store.reading() as tx:
        row = tx.intent(caller.workspace, id)
        if row is None:
            message = f"There is no effect `{id}`."
            raise NotFound(message)
        return _whole(tx, caller.workspace, row)


@router.post("/{id}/decision")
def decide_effect(id: str, verdict: Verdict, caller: Asking, engine: Running) -> WholeEffect:
    """Say what an uncertain effect is to count as, or have it sent again."""
    row = engine.ledger.decide(caller.workspace, id, verdict.decision, caller.who)
    with engine.store.reading() as tx:
        return _whole(tx, caller.workspace, row)


def _effects(tx: Transaction, workspace: int, rows: list[IntentRow]) -> list[Effect]:
    journeys = {row.key: row for row in tx.journeys(workspace)}
    titles = {key: _titles(journeys[key]) for key in {row.journey for row in rows} if key in journeys}
    people = labels(tx, list({row.profile for row in rows}))
    found = []
    for row in rows:
        result, journey = _json(row.result), journeys.get(row.journey)
        decision = Decided(**_json(row.decision)) if row.decision else None
        found.append(
            Effect(
                id=row.id, channel=row.channel, state=row.state, journey=journey.id if journey else "",
                journey_name=journey.name if journey else "", node=row.node,
                node_title=titles.get(row.journey, {}).get(row.node, row.node), profile=people[row.profile],
                attempts=row.attempts, created=row.created, due=row.due if row.state == "pending" else None,
                reason=result.get("reason", ""), provider=result.get("provider", ""), decision=decision,
            )
        )  # fmt: skip
    return found


def _titles(journey: JourneyRow) -> dict[str, str]:
    nodes = Definition.model_validate_json(journey.draft).nodes
    return {node.id: node.title or registry()[node.type].label for node in nodes if node.type in registry()}


def _whole(tx: Transaction, workspace: int, row: IntentRow) -> WholeEffect:
    (brief,) = _effects(tx, workspace, [row])
    payload: dict[str, Any] | None = None
    run: str | None = None
    if row.body:
        payload, origin, _ = codec.decode_intent(row.body)
        run = origin.get("runId")
    tries = [
        Attempt(
            number=one.number, begun=one.begun, ended=one.ended,
            milliseconds=None if one.ended is None else one.ended - one.begun,
            outcome=one.outcome or "under_way",  # type: ignore[arg-type] # as the outbox writes it
            reason=one.reason, provider=one.provider, reference=one.reference,
        )
        for one in tx.attempts([row.id])
    ]  # fmt: skip
    return WholeEffect(**dict(brief), tries=tries, payload=payload, result=_json(row.result), run=run)


def _queues(tx: Transaction, workspace: int) -> dict[str, tuple[int, int, int | None]]:
    """Channel to (effects of the workspace that wait, those of others, when the first of the workspace's is due)."""
    queues: dict[str, tuple[int, int, int | None]] = {}
    dues = tx.due_lanes()
    for name, number in tx.waiting_lanes().items():
        lane = parsed(name)
        own, others, first = queues.get(lane.channel, (0, 0, None))
        if lane.workspace == workspace:
            due = dues[name]
            queues[lane.channel] = (own + number, others, due if first is None else min(first, due))
        else:
            queues[lane.channel] = (own, others + number, first)
    return {channel: queue for channel, queue in queues.items() if queue[0]}


def _json(text: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(text) if text else {}
    return found
