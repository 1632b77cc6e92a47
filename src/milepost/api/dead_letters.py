"""`/dead-letters`: inputs that could not be taken through a journey.

Owns their JSON. Must not try anything again.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from milepost.api.caller import Asking, Running
from milepost.api.form import Asked, Limit, Told
from milepost.api.instant import Instant
from milepost.api.request import Route


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


class _Newest(Asked):
    limit: Limit = 100


router = APIRouter(route_class=Route, tags=["effects"])


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
