"""What `milepost backup` and `milepost doctor` ask of the server that owns the folder. For admins.

Owns the form of the answers. Must not know how a backup is made.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator
from typing import NamedTuple

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from milepost.api.caller import Admin
from milepost.errors import Conflict
from milepost.runtime.examination import Report


class Upkeep(NamedTuple):
    """What a server can do for its own folder."""

    backup: Callable[[], Generator[bytes, None, None]]
    examine: Callable[[], Report]


router = APIRouter(include_in_schema=False)


@router.get("/backup")
def backup(request: Request, caller: Admin) -> StreamingResponse:
    """Both stores as of now, as a tar archive."""
    del caller
    pieces = upkeep_of(request).backup()
    # What keeps it from being made shows before the first piece, and can be answered as an error still.
    return _Archive(next(pieces), pieces)


@router.get("/examination")
def examination(request: Request, caller: Admin) -> Response:
    """Whether everything is as it must be in this folder."""
    del caller
    report = upkeep_of(request).examine()
    return Response(msgspec.json.encode(report), media_type="application/json")


class _Archive(StreamingResponse):
    """An archive that is let go of whoever goes away in the middle, too."""

    def __init__(self, first: bytes, pieces: Generator[bytes, None, None]) -> None:
        super().__init__(itertools.chain([first], pieces), media_type="application/x-tar")
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._pieces.close()


def upkeep_of(request: Request) -> Upkeep:
    """What this server can do. Raises Conflict where there is no folder to care for."""
    found: Upkeep | None = request.app.state.upkeep
    if found is None:
        raise Conflict("This server has no data folder.")
    return found
