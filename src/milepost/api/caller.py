"""Who is asking: an API key's workspace, somebody signed in, or the owner of the data folder acting as admin (D-8).

Owns how a request is admitted: by which header or cookie, in which workspace, and whether it comes from a page of ours.
Must not know what a caller may do with any noun; `admin` says whether they may make workspaces and keys.
"""

from __future__ import annotations

import hmac
import time
from typing import Annotated, Final, NamedTuple

from fastapi import Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from milepost.access import keys
from milepost.access.accounts import Accounts
from milepost.access.sessions import Sessions, is_csrf_token
from milepost.errors import CrossSite, Forbidden, NotFound, Unauthorized
from milepost.ports.state_store import AccountRow, WorkspaceRow
from milepost.runtime.engine import Engine

REMEMBERED: Final = 2.0
"""Seconds for which a key that was found is not looked up again."""
COOKIE: Final = "milepost_session"
CSRF_HEADER: Final = "X-CSRF-Token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


class Caller(NamedTuple):
    """Somebody who was admitted, and the one workspace they act in."""

    workspace: int
    """Its key."""
    virtual: bool
    """Whether the workspace's clock is virtual."""
    who: str
    """As changes are signed."""
    admin: bool


class SignedIn(NamedTuple):
    """Somebody with a session."""

    token: str
    account: AccountRow


class Door:
    """Admits callers."""

    def __init__(self, engine: Engine, owner_token: str) -> None:
        self.accounts = Accounts(engine.store, engine.clock)
        self.sessions = Sessions(engine.store, engine.clock)
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
        self.refuse_other_than_owner(token)
        return await run_in_threadpool(self._admin, workspace, "owner")

    def refuse_other_than_owner(self, token: str) -> None:
        """Raise Unauthorized unless it is the token of the data folder's owner."""
        if not hmac.compare_digest(token.encode(), self._owner_token.encode()):
            raise Unauthorized(
                "This is not the token of the server that runs now.", fix="Read it from the data folder's lock again."
            )

    async def by_session(self, token: str, workspace: str | None) -> Caller:
        """Whoever is signed in, in a workspace by name or in the first one. Raises Unauthorized, NotFound."""
        account = await self.signed_in(token)
        return await run_in_threadpool(self._admin, workspace, account.email)

    async def signed_in(self, token: str) -> AccountRow:
        """Who is signed in. Raises Unauthorized."""
        account = await run_in_threadpool(self.sessions.find, token)
        if account is None:
            raise Unauthorized("The session has ended.", fix="Sign in again.")
        return account

    def forget(self, workspace: int) -> None:
        """Its keys open nothing any more."""
        self._known = {digest: known for digest, known in self._known.items() if known[1].workspace != workspace}

    def _look_up(self, hash: str) -> Caller:
        with self._engine.store.reading() as tx:
            row = tx.api_key(hash)
            workspaces = {workspace.key: workspace for workspace in tx.workspaces()}
        if row is None:
            self._known.pop(hash, None)
            raise Unauthorized("The API key is wrong.", fix="Send the key that was shown when it was made.")
        return _caller(workspaces[row.workspace], f"key {row.name}", row.workspace == min(workspaces))

    def _admin(self, name: str | None, who: str) -> Caller:
        with self._engine.store.reading() as tx:
            workspaces = tx.workspaces()
        for workspace in sorted(workspaces):
            if name in {None, workspace.name}:
                return _caller(workspace, who, admin=True)
        message = f"There is no workspace `{name}`."
        raise NotFound(message, field="workspace", fix=f"There are: {', '.join(row.name for row in workspaces)}.")


def _caller(workspace: WorkspaceRow, who: str, admin: bool) -> Caller:
    return Caller(workspace.key, workspace.clock == "virtual", who, admin)


_bearer: Final = HTTPBearer(auto_error=False, description="An API key; it belongs to one workspace.")
_cookie: Final = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    description=f"A session of the app. What changes something needs the header `{CSRF_HEADER}` too; the header "
    "`Milepost-Workspace` names the workspace, else it is the first one.",
)


async def session_of(
    request: Request,
    token: Annotated[str | None, Depends(_cookie)],
    csrf: Annotated[str | None, Header(alias=CSRF_HEADER, include_in_schema=False)] = None,
) -> SignedIn:
    """Admit somebody who is signed in. Raises Unauthorized, CrossSite."""
    if token is None:
        raise Unauthorized("Nobody is signed in.", fix="Sign in.")
    account = await door_of(request).signed_in(token)
    refuse_unshown(request, token, csrf)
    return SignedIn(token, account)


def refuse_unshown(request: Request, token: str, csrf: str | None) -> None:
    """Raise CrossSite for a change that does not show the session's second token."""
    if request.method not in SAFE and not is_csrf_token(csrf or "", token):
        raise CrossSite(fix=f"Send `csrf` of GET /api/v1/session as `{CSRF_HEADER}`.")


async def of_this_site(request: Request) -> None:
    """Admit what no page of another site can have sent: for requests that come before there is a session.

    Browsers say where a request comes from, and pages cannot change that; programs other than browsers say nothing.
    Raises CrossSite.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        own = site in {"same-origin", "none"}
    else:
        own = origin is None or origin.partition("://")[2] == request.headers.get("host")
    if not own:
        message = "The request was made by a page of another site."
        raise CrossSite(message, fix="Use the page that this server serves.")


async def caller_of(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    token: Annotated[str | None, Depends(_cookie)],
    csrf: Annotated[str | None, Header(alias=CSRF_HEADER, include_in_schema=False)] = None,
    owner: Annotated[str | None, Header(alias="Milepost-Owner", include_in_schema=False)] = None,
    workspace: Annotated[str | None, Header(alias="Milepost-Workspace", include_in_schema=False)] = None,
) -> Caller:
    """Admit the caller of a request. Raises Unauthorized, CrossSite, NotFound."""
    door = door_of(request)
    if owner is not None:
        return await door.by_token(owner, workspace)
    if credentials is not None:
        return await door.by_key(credentials.credentials)
    if token is not None:
        caller = await door.by_session(token, workspace)
        refuse_unshown(request, token, csrf)
        return caller
    raise Unauthorized("The API key is missing.", fix="Send it as `Authorization: Bearer mp_...`, or sign in.")


async def admin_of(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
    """Admit an admin. Raises Forbidden."""
    if not caller.admin:
        raise Forbidden("This needs a key of the first workspace.", fix="Use another key.")
    return caller


async def owner_of(
    request: Request, owner: Annotated[str | None, Header(alias="Milepost-Owner", include_in_schema=False)] = None
) -> None:
    """Admit the owner of the data folder, and nobody else. Raises Forbidden, Unauthorized."""
    if owner is None:
        raise Forbidden(
            "Only the owner of the data folder may do this.", fix="Use `milepost accounts` on the server's machine."
        )
    door_of(request).refuse_other_than_owner(owner)


def door_of(request: Request) -> Door:
    """The door of the application."""
    door: Door = request.app.state.door
    return door


async def engine_of(request: Request) -> Engine:
    """The engine that the application was made for."""
    engine: Engine = request.app.state.engine
    return engine


Entering = Annotated[Door, Depends(door_of)]
Asking = Annotated[Caller, Depends(caller_of)]
Admin = Annotated[Caller, Depends(admin_of)]
Running = Annotated[Engine, Depends(engine_of)]
