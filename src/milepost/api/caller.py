"""Who is asking: an API key's workspace, or the owner of the data folder acting as admin (D-8).

Owns how a request is admitted. Must not know what a caller may do with any noun; `admin` says whether they may make
workspaces and keys.
"""

from __future__ import annotations

import hmac
import time
from typing import Annotated, Final, NamedTuple

from fastapi import Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from milepost.access import keys
from milepost.errors import Forbidden, NotFound, Unauthorized
from milepost.ports.state_store import WorkspaceRow
from milepost.runtime.engine import Engine

REMEMBERED: Final = 2.0
"""Seconds for which a key that was found is not looked up again."""


class Caller(NamedTuple):
    """Somebody who was admitted, and the one workspace they act in."""

    workspace: int
    """Its key."""
    virtual: bool
    """Whether the workspace's clock is virtual."""
    who: str
    """As changes are signed."""
    admin: bool


class Door:
    """Admits callers."""

    def __init__(self, engine: Engine, owner_token: str) -> None:
        self._engine = engine
        self._owner_token = owner_token
        self._known: dict[str, tuple[float, Caller]] = {}

    async def by_key(self, key: str) -> Caller:
        """The caller with this API key. Raises Unauthorized."""
        digest = keys.hash_key(key)
        until, caller = self._known.get(digest, (0.0, None))
        if caller is None or time.monotonic() > until:
            caller = await run_in_threadpool(self._look_up, digest)
            self._known[digest] = (time.monotonic() + REMEMBERED, caller)
        return caller

    async def by_token(self, token: str, workspace: str | None) -> Caller:
        """The owner of the data folder, in a workspace by name or in the first one. Raises Unauthorized, NotFound."""
        if not hmac.compare_digest(token.encode(), self._owner_token.encode()):
            raise Unauthorized(
                "This is not the token of the server that runs now.", fix="Read it from the data folder's lock again."
            )
        return await run_in_threadpool(self._owner, workspace)

    def _look_up(self, hash: str) -> Caller:
        with self._engine.store.reading() as tx:
            row = tx.api_key(hash)
            workspaces = {workspace.key: workspace for workspace in tx.workspaces()}
        if row is None:
            self._known.pop(hash, None)
            raise Unauthorized("The API key is wrong.", fix="Send the key that was shown when it was made.")
        return _caller(workspaces[row.workspace], f"key {row.name}", row.workspace == min(workspaces))

    def _owner(self, name: str | None) -> Caller:
        with self._engine.store.reading() as tx:
            workspaces = tx.workspaces()
        for workspace in sorted(workspaces):
            if name in {None, workspace.name}:
                return _caller(workspace, "owner", admin=True)
        message = f"There is no workspace `{name}`."
        raise NotFound(message, field="workspace", fix=f"There are: {', '.join(row.name for row in workspaces)}.")


def _caller(workspace: WorkspaceRow, who: str, admin: bool) -> Caller:
    return Caller(workspace.key, workspace.clock == "virtual", who, admin)


_bearer: Final = HTTPBearer(auto_error=False, description="An API key; it belongs to one workspace.")


async def caller_of(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
    owner: Annotated[str | None, Header(alias="Milepost-Owner", include_in_schema=False)] = None,
    workspace: Annotated[str | None, Header(alias="Milepost-Workspace", include_in_schema=False)] = None,
) -> Caller:
    """Admit the caller of a request. Raises Unauthorized."""
    door: Door = request.app.state.door
    if owner is not None:
        return await door.by_token(owner, workspace)
    if credentials is None:
        raise Unauthorized("The API key is missing.", fix="Send it as `Authorization: Bearer mp_...`.")
    return await door.by_key(credentials.credentials)


async def admin_of(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
    """Admit an admin. Raises Forbidden."""
    if not caller.admin:
        raise Forbidden("This needs a key of the first workspace.", fix="Use another key.")
    return caller


async def engine_of(request: Request) -> Engine:
    """The engine that the application was made for."""
    engine: Engine = request.app.state.engine
    return engine


Asking = Annotated[Caller, Depends(caller_of)]
Admin = Annotated[Caller, Depends(admin_of)]
Running = Annotated[Engine, Depends(engine_of)]
