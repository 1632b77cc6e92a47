"""`/imports`: files that come in piece by piece, and that the server imports by itself (D-2.10).

Owns their JSON, and that a body is written to disk as it comes. Must not read a file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.requests import ClientDisconnect

from milepost.api.caller import Asking
from milepost.api.form import Asked, Limit, Told
from milepost.api.instant import Instant
from milepost.api.request import Route
from milepost.errors import Conflict
from milepost.imports.desk import Desk, Mapping, New
from milepost.ports.state_store import ImportRow, ImportState

PIECE: Final = 8 << 20
"""Bytes of a file that are held; so many are made durable at a time."""
LARGEST: Final = 1 << 50

Words = Annotated[list[Annotated[str, Field(max_length=1_000)]], Field(max_length=1_000)]


class NewImport(Asked):
    """A file to import."""

    name: Annotated[str, Field(max_length=255)]
    """Its ending says its format; rows without an id get one made of this name and their number."""
    size: Annotated[int, Field(ge=1, le=LARGEST)]
    """Bytes of the whole file."""
    map: Words = []
    """What the columns are: `FIELD=COLUMN[:CONVERTER...]` or `FIELD:=TEXT`, as for `milepost import events`."""
    where: Words = []
    """Which rows are read: `COLUMN=VALUE` or `COLUMN!=VALUE`."""
    fingerprint: Annotated[str, Field(max_length=255)] = ""
    """Anything by which you know the file again, to go on with it later."""


class Failed(Told):
    """Why an import has failed."""

    message: str
    field: str | None
    fix: str | None


class Import(Told):
    """A file that the server imports, and how far it is."""

    id: str
    name: str
    map: list[str]
    where: list[str]
    fingerprint: str
    state: ImportState
    """`uploading` until the file is complete, then `running`, at the end one of the others."""
    size: int
    received: int
    """Bytes of the file that the server has: the offset of the next piece."""
    read: int
    """Bytes of the file that have been read."""
    rows: int
    """Rows that have been read; each is stored, a duplicate, rejected or left out."""
    stored: int
    duplicates: int
    """Rows that were stored before."""
    rejected: int
    left_out: int
    """Rows that `where` did not choose."""
    slugged: dict[str, int]
    """Number of values that `slug` had to change, by field."""
    by: str
    created: Instant
    updated: Instant
    error: Failed | None


class Imports(Told):
    """The newest imports, newest first."""

    imports: list[Import]


class _Newest(Asked):
    limit: Limit = 100


def desk_of(request: Request) -> Desk:
    """Where this server takes files in. Raises Conflict where it has no folder for them."""
    found: Desk | None = request.app.state.imports
    if found is None:
        raise Conflict("This server has no data folder to import files from.")
    return found


Taking = Annotated[Desk, Depends(desk_of)]

router = APIRouter(prefix="/imports", route_class=Route, tags=["imports"])
pieces = APIRouter()
"""Requests whose bodies may be of any length."""
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_LINES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Lines of JSON with `line`, `field`, `reason` and `text`.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }
}


@router.post("", status_code=HTTPStatus.CREATED)
def create_import(new: NewImport, caller: Asking, desk: Taking) -> Import:
    """Begin an import: say what the file is, then send it."""
    said = Mapping(tuple(new.map), tuple(new.where))
    return _told(desk.begin(caller.workspace, caller.who, New(new.name, new.size, said, new.fingerprint)))


@router.get("")
def list_imports(page: Annotated[_Newest, Query()], caller: Asking, desk: Taking) -> Imports:
    """Imports and how far each is."""
    return Imports(imports=[_told(row) for row in desk.newest(caller.workspace, page.limit)])


@router.get("/{id}")
def get_import(id: str, caller: Asking, desk: Taking) -> Import:
    """How far an import is."""
    return _told(desk.one(caller.workspace, id))


@pieces.put("/{id}/file", openapi_extra=_BODY)
async def send_file(
    id: str,
    offset: Annotated[int, Query(ge=0, le=LARGEST, description="Where in the file the body belongs.")],
    request: Request,
    caller: Asking,
    desk: Taking,
) -> Import:
    """Send the file, or a piece of it, from where the server's ends: with its last byte the import begins to run.

    Whatever way a request ends, what `received` counts has come in, and the next one begins there.
    """
    receiving = desk.receiving(caller.workspace, id, offset)
    receipt = await run_in_threadpool(receiving.__enter__)
    try:
        async for piece in _pieces(request):
            await run_in_threadpool(receipt.keep, piece)
    finally:
        receiving.__exit__(None, None, None)
    return _told(receipt.row)


@router.get("/{id}/rejects", responses=_LINES, response_class=StreamingResponse)
def get_rejects(id: str, caller: Asking, desk: Taking) -> StreamingResponse:
    """The rows that were not taken so far, each with its line and the reason."""
    row = desk.one(caller.workspace, id)
    return StreamingResponse(desk.shelf.read_rejects(row), media_type="application/x-ndjson")


@router.post("/{id}/cancel")
def cancel_import(id: str, caller: Asking, desk: Taking) -> Import:
    """End an import where it is. What it has stored stays."""
    return _told(desk.cancel(caller.workspace, id))


@router.delete("/{id}", status_code=HTTPStatus.NO_CONTENT)
def delete_import(id: str, caller: Asking, desk: Taking) -> None:
    """Forget an import that is not running, and its rejects. What it has stored stays."""
    desk.delete(caller.workspace, id)


router.include_router(pieces)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces that are worth a sync of the disk; of one that breaks off, what has come."""
    held = bytearray()
    try:
        async for chunk in request.stream():
            held += chunk
            if len(held) >= PIECE:
                yield bytes(held)
                held.clear()
    except ClientDisconnect:
        # Nobody waits for the answer: but what has come need not come again.
        pass
    if held:
        yield bytes(held)


def _told(row: ImportRow) -> Import:
    said = msgspec.json.decode(row.mapping, type=Mapping)
    return Import(
        id=row.id, name=row.name, map=list(said.map), where=list(said.where), fingerprint=row.fingerprint,
        state=row.state, size=row.size, received=row.received, read=row.position, rows=row.rows, stored=row.stored,
        duplicates=row.duplicates, rejected=row.rejected, left_out=row.left_out,
        slugged=msgspec.json.decode(row.slugged), by=row.who, created=row.created, updated=row.updated,
        error=Failed(**msgspec.json.decode(row.error)) if row.error else None,
    )  # fmt: skip
