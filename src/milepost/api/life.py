"""`/journeys/{id}/activate` and its like: commands, which act at an instant among the inputs (D-3.5, D-1.8).

Owns how long an answer waits for the command to be taken. Must not carry a command out: the cycle does.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Body, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from milepost.api.caller import Asking, Caller, Running
from milepost.api.form import Asked, Told
from milepost.api.instant import AskedInstant, Instant
from milepost.api.request import Route
from milepost.runtime.definitions import workspace_of
from milepost.runtime.engine import Engine

PATIENCE: Final = 10.0
"""Seconds that an answer waits for its command to be taken."""


class Timed(Asked):
    """When. `at` is for a workspace with a virtual clock: an instant that is not before it."""

    at: AskedInstant | None = None


class Command(Timed):
    """When and why."""

    why: str = Field("", max_length=1_000)


class Stop(Command):
    """Which kind of stop: those inside go on to their End, or leave now."""

    mode: Literal["finish", "exit"]


class Turn(Timed):
    """Where the switch shall stand."""

    on: bool


class Taken(Told):
    """What became of a command."""

    position: int
    """Its place in the log."""
    taken: bool
    """Whether it has been carried out; if not, its instant lies ahead, or the server is busy: it will be."""
    at: Instant | None
    """When it acted, or shall act."""
    state: str | None = None
    """The journey's state after it."""
    node: str | None = None
    on: bool | None = None


NOTHING: Final = Command()
ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {202: {"model": Taken, "description": "Stored, not yet taken."}}
Given = Annotated[Command, Body()]

router = APIRouter(prefix="/journeys", route_class=Route, tags=["journeys"], responses=ACCEPTED)


@router.post("/{id}/activate")
async def activate_journey(
    id: str, caller: Asking, engine: Running, response: Response, command: Given = NOTHING
) -> Taken:
    """Publish the draft and let customers enter."""
    return await _command(engine, caller, response, id, "activate", command, why=command.why)


@router.post("/{id}/pause")
async def pause_journey(
    id: str, caller: Asking, engine: Running, response: Response, command: Given = NOTHING
) -> Taken:
    """Take no input of the journey from now on; what happens meanwhile is kept."""
    return await _command(engine, caller, response, id, "pause", command, why=command.why)


@router.post("/{id}/resume")
async def resume_journey(
    id: str, caller: Asking, engine: Running, response: Response, command: Given = NOTHING
) -> Taken:
    """Take what was kept, and go on."""
    return await _command(engine, caller, response, id, "resume", command, why=command.why)


@router.post("/{id}/stop")
async def stop_journey(id: str, command: Stop, caller: Asking, engine: Running, response: Response) -> Taken:
    """Let nobody enter any more; those inside finish, or leave now."""
    return await _command(engine, caller, response, id, command.mode, command, why=command.why)


@router.put("/{id}/nodes/{node}/tracking", tags=["tracking"])
async def track_node(id: str, node: str, turn: Turn, caller: Asking, engine: Running, response: Response) -> Taken:
    """Turn a node's switch *Track datapoints*; it acts on moves from that instant on."""
    return await _command(engine, caller, response, id, "toggle", turn, node=node, on=turn.on)


async def _command(
    engine: Engine, caller: Caller, response: Response, journey: str, type: str, command: Timed, **more: Any
) -> Taken:
    def store() -> tuple[int, Future[dict[str, Any]], bool]:
        position, outcome = engine.lifecycle.command(caller.workspace, journey, type, caller.who, at=command.at, **more)
        with engine.store.reading() as tx:
            now = workspace_of(tx, caller.workspace).now
        return position, outcome, command.at is not None and command.at > now

    position, outcome, ahead = await run_in_threadpool(store)
    engine.work.set()
    if not ahead:
        # `wait` leaves the outcome alone when time is up: cancelled, it would trip the thread that gives it.
        await asyncio.wait([asyncio.wrap_future(outcome)], timeout=PATIENCE)
    if outcome.done():
        return Taken(position=position, taken=True, **outcome.result())
    engine.answers.forget(position)
    response.status_code = HTTPStatus.ACCEPTED
    return Taken(position=position, taken=False, at=command.at, node=more.get("node"), on=more.get("on"))
