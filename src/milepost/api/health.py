"""`/health`: whether the process lives, and whether it can do its work. Open to everybody.

Owns the two answers. Must not look for itself: what is ready is told by whoever put the server together.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Request, Response

from milepost.api.form import Told

Ready = Callable[[], dict[str, str]]
"""Part to its present trouble; empty when all is well."""


class Live(Told):
    """The process answers."""

    status: Literal["ok"]


class Readiness(Told):
    """Whether the server can do its work."""

    status: Literal["ok", "not_ready"]
    problems: dict[str, str]
    """Part of the server to what is wrong with it."""


router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def live() -> Live:
    """Whether the process answers."""
    return Live(status="ok")


@router.get("/ready", responses={503: {"model": Readiness, "description": "Something is wrong."}})
def ready(request: Request, response: Response) -> Readiness:
    """Whether the server can take events, run journeys and answer questions."""
    look: Ready = request.app.state.ready
    problems = look()
    if problems:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Readiness(status="not_ready" if problems else "ok", problems=problems)
