"""`POST /events` and `POST /profiles`: durable intake (D-2.1 to D-2.5).

Owns the answer per item. No pydantic on this path: bodies are decoded and answers encoded by msgspec. Must not know the
rules for an item: those are `ingest`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request, Response

from milepost.api.caller import Asking, Caller, Running
from milepost.api.failure import Problem
from milepost.api.request import Route
from milepost.errors import Invalid
from milepost.ingest import profile, registry
from milepost.runtime.engine import Engine
from milepost.runtime.intake import Item, Result, Stored


class Refusal(msgspec.Struct, frozen=True):
    """Why an item was not stored."""

    code: str
    field: str | None
    message: str
    fix: str


class ItemAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one item, at its place in the request."""

    stored: bool
    """Whether it is on disk because of this request."""
    duplicate: bool = False
    """It was stored before, by a request with the same id."""
    id: str | None = None
    """Id of the event."""
    profile: int | None = None
    """Key of the profile."""
    error: Refusal | None = None


class IntakeAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a request. `error` is there when nothing of it was stored, now or before."""

    items: list[ItemAnswer]
    stored: int
    duplicates: int
    rejected: int
    error: Problem | None = None


router = APIRouter(route_class=Route, tags=["intake"])
_NATIVE: Final = registry.dialect("native")
_encode: Final = msgspec.json.Encoder().encode


def _documented(item: str, plural: str) -> dict[str, Any]:
    """The parts of the description that FastAPI cannot know: the body, and the three answers."""
    one = {"$ref": f"#/components/schemas/{item}"}
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": 1_000}
    wrapped = {"type": "object", "properties": {plural: many}, "required": [plural], "additionalProperties": False}
    body = {"required": True, "content": {"application/json": {"schema": {"anyOf": [one, many, wrapped]}}}}
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/IntakeAnswer"}}}}
    responses = {
        "200": {"description": "Every item is stored, now or before.", **answer},
        "207": {"description": "Some items are stored, others were rejected.", **answer},
        "422": {"description": "Nothing was stored.", **answer},
    }
    return {"requestBody": body, "responses": responses}


@router.post("/events", openapi_extra=_documented("WireEvent", "events"))
async def post_events(request: Request, caller: Asking, engine: Running) -> Response:
    """Store one event, a list of them, or `{"events": [...]}`; answers when they are durable."""
    items = _NATIVE.parse(await request.body(), virtual=caller.virtual)
    return _respond(await _store(engine, caller, items), "events")


@router.post("/profiles", openapi_extra=_documented("WireChange", "profiles"))
async def post_profiles(request: Request, caller: Asking, engine: Running) -> Response:
    """Change one profile, a list of them, or `{"profiles": [...]}`; answers when the changes are durable."""
    items = profile.parse(await request.body(), virtual=caller.virtual)
    return _respond(await _store(engine, caller, items), "profiles")


async def _store(engine: Engine, caller: Caller, items: Sequence[Item]) -> list[Result]:
    # Shielded: a caller who goes away must not cancel what the writer thread is about to answer.
    return await asyncio.shield(asyncio.wrap_future(engine.intake.submit(caller.workspace, items)))


def _respond(results: list[Result], plural: str) -> Response:
    items = [_item(result) for result in results]
    stored = sum(item.stored for item in items)
    duplicates = sum(item.duplicate for item in items)
    rejected = len(items) - stored - duplicates
    problem = None
    status = HTTPStatus.OK
    if rejected == len(items):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        first = next(item.error for item in items if item.error is not None)
        problem = Problem(Invalid.code, f"None of the {plural} was stored: {first.message}", first.field, first.fix)
    elif rejected:
        status = HTTPStatus.MULTI_STATUS
    body = _encode(IntakeAnswer(items, stored, duplicates, rejected, problem))
    return Response(body, status, media_type="application/json")


def _item(result: Result) -> ItemAnswer:
    if isinstance(result, Stored):
        return ItemAnswer(not result.duplicate, result.duplicate, result.id or None, result.profile)
    return ItemAnswer(False, error=Refusal(result.code, result.field or None, result.message, result.fix))
