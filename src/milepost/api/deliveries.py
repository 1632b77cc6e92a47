"""`/deliveries` and `/dead-letters`: the ledger of what was handed over, and inputs that failed (D-7).

Owns their JSON. Must not send or retry anything.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query
from pydantic import Field

from milepost.api.caller import Asking, Running
from milepost.api.form import Asked, Limit, Told
from milepost.api.instant import Instant
from milepost.api.request import Route

DeliveryState = Literal["pending", "sending", "sent", "failed", "uncertain"]


class Delivery(Told):
    """One message or web call."""

    id: str
    channel: str
    state: DeliveryState
    journey: str
    node: str
    profile: int
    attempts: int
    created: Instant
    due: Instant | None
    """When the next attempt may be made, while it is pending."""
    result: dict[str, Any] | None
    """The provider's last answer."""


class Deliveries(Told):
    """A page of the ledger, newest first."""

    deliveries: list[Delivery]
    states: dict[str, int]
    """How many there are, by state."""
    next: int | None
    """`before` of the next page."""


class DeadLetter(Told):
    """An input that could not be taken through a journey; the run's paths have exited as failed."""

    at: Instant
    journey: str | None
    run: str
    profile: int
    error: str
    input: str


class DeadLetters(Told):
    """The newest ones, newest first."""

    dead_letters: list[DeadLetter]


class _Page(Asked):
    state: DeliveryState | None = None
    before: int | None = Field(None, ge=0, le=2**63 - 1)
    limit: Limit = 100


class _Newest(Asked):
    limit: Limit = 100


router = APIRouter(route_class=Route, tags=["deliveries"])


@router.get("/deliveries")
def list_deliveries(page: Annotated[_Page, Query()], caller: Asking, engine: Running) -> Deliveries:
    """What was handed over to providers, and what became of it."""
    with engine.store.reading() as tx:
        rows = tx.intents(caller.workspace, limit=page.limit + 1, before=page.before, state=page.state)
        counts = tx.count_intents(caller.workspace)
        journeys = {row.key: row.id for row in tx.journeys(caller.workspace)}
    shown = rows[: page.limit]
    return Deliveries(
        deliveries=[
            Delivery(
                id=row.id,
                channel=row.channel,
                state=row.state,
                journey=journeys.get(row.journey, ""),
                node=row.node,
                profile=row.profile,
                attempts=row.attempts,
                created=row.created,
                due=row.due if row.state == "pending" else None,
                result=msgspec.json.decode(row.result) if row.result else None,
            )
            for row in shown
        ],
        states=counts,
        next=shown[-1].position if len(rows) > page.limit else None,
    )


@router.get("/dead-letters")
def list_dead_letters(page: Annotated[_Newest, Query()], caller: Asking, engine: Running) -> DeadLetters:
    """Inputs that failed, each with its error. None is the normal answer."""
    with engine.store.reading() as tx:
        rows = tx.dead_letters(caller.workspace, limit=page.limit)
        journeys = {row.key: row.id for row in tx.journeys(caller.workspace)}
    return DeadLetters(
        dead_letters=[
            DeadLetter(
                at=row.at,
                journey=journeys.get(row.journey),
                run=row.run,
                profile=row.profile,
                error=row.error,
                input=row.body.decode("utf-8", "replace"),
            )
            for row in rows
        ]
    )
