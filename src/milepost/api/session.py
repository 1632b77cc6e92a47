"""`/setup` and `/session`: the first account, signing in and out (D-8).

Owns the cookie, and from where the first account may be made. Must not know how passwords and tokens are kept: that is
`access`'s.
"""

from __future__ import annotations

import asyncio
import ipaddress
import urllib.parse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field, SecretStr

from milepost.access.accounts import LONGEST_EMAIL, LONGEST_NAME, LONGEST_PASSWORD
from milepost.access.sessions import LIFETIME, csrf_token
from milepost.api.caller import COOKIE, Door, Entering, Running, SignedIn, of_this_site, session_of
from milepost.api.form import Asked, Told
from milepost.api.instant import Instant
from milepost.api.request import Route
from milepost.errors import Forbidden
from milepost.ports.state_store import AccountRow
from milepost.runtime.engine import Engine

FORWARDED: Final = frozenset({
    "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
})  # fmt: skip
"""Headers by which a proxy says that it speaks for somebody else."""

#: Hashing a password takes 64 MB: so many at once, and no thread of other requests.
_hashing: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
Result = TypeVar("Result")


class SignIn(Asked):
    """Who wants to sign in."""

    email: str = Field(max_length=LONGEST_EMAIL)
    password: SecretStr = Field(max_length=LONGEST_PASSWORD)


class SetUp(SignIn):
    """The first account. The password has at least 12 characters and is not the email."""

    name: str = Field("", max_length=LONGEST_NAME)


class PasswordChange(Asked):
    """The password so far, and the one from now on."""

    present: SecretStr = Field(max_length=LONGEST_PASSWORD)
    new: SecretStr = Field(max_length=LONGEST_PASSWORD)


class User(Told):
    """Somebody who is signed in."""

    email: str
    name: str
    """As they want to be called; may be empty."""


class OpenWorkspace(Told):
    """A workspace that one may act in."""

    name: str
    clock: Literal["real", "virtual"]
    now: Instant
    demo: bool
    """Whether its visitors are simulated."""


class Session(Told):
    """Who is signed in with this browser, and where they may act."""

    user: User | None
    setup: bool
    """There is no account yet: the first one is to be made."""
    csrf: str | None
    """What changes something has to show this, in the header `X-CSRF-Token`."""
    workspaces: list[OpenWorkspace]
    """Oldest first; empty while nobody is signed in."""


router = APIRouter(route_class=Route, tags=["session"])
Ours = Depends(of_this_site)


@router.post("/setup", status_code=HTTPStatus.CREATED, dependencies=[Ours])
async def set_up(form: SetUp, request: Request, response: Response, door: Entering, engine: Running) -> Session:
    """Make the first account and sign in; possible once, and from the server's own machine only."""
    if not _from_this_machine(request):
        raise Forbidden(
            "The first account can only be made from the machine that the server runs on.",
            fix="Set MILEPOST_ACCOUNT_EMAIL and MILEPOST_ACCOUNT_PASSWORD, and start the server again.",
        )
    account = await hashed(door.accounts.create_first, form.email, form.password.get_secret_value(), form.name)
    return await _begin(request, response, door, engine, account)


@router.get("/session")
def get_session(request: Request, response: Response, door: Entering, engine: Running) -> Session:
    """Who is signed in with this browser. Open to everybody."""
    token = request.cookies.get(COOKIE)
    account = None if token is None else door.sessions.find(token)
    _never_stored(response)
    if token is None or account is None:
        return Session(user=None, setup=door.accounts.none(), csrf=None, workspaces=[])
    return _told(engine, token, account)


@router.post("/session", dependencies=[Ours])
async def sign_in(form: SignIn, request: Request, response: Response, door: Entering, engine: Running) -> Session:
    """Sign in. After five failures for an email or from an address within 15 minutes, one has to wait."""
    account = await hashed(
        door.accounts.by_password, form.email, form.password.get_secret_value(), _address(request)
    )  # fmt: skip
    return await _begin(request, response, door, engine, account)


@router.delete("/session", status_code=HTTPStatus.NO_CONTENT)
def sign_out(signed_in: Annotated[SignedIn, Depends(session_of)], response: Response, door: Entering) -> None:
    """Sign out: the session ends here and now."""
    door.sessions.end(signed_in.token)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


@router.put("/session/password")
async def change_password(
    form: PasswordChange,
    signed_in: Annotated[SignedIn, Depends(session_of)],
    request: Request,
    response: Response,
    door: Entering,
    engine: Running,
) -> Session:
    """Change one's password. All other sessions of the account end, and this one gets a new token."""
    present, new = form.present.get_secret_value(), form.new.get_secret_value()
    await hashed(door.accounts.change_password, signed_in.account, present, new, _address(request))
    await run_in_threadpool(door.sessions.end_all, signed_in.account)
    return await _begin(request, response, door, engine, signed_in.account)


async def _begin(request: Request, response: Response, door: Door, engine: Engine, account: AccountRow) -> Session:
    before = request.cookies.get(COOKIE)
    token = await run_in_threadpool(door.sessions.begin, account, instead_of=before)
    response.set_cookie(
        COOKIE, token, max_age=LIFETIME // 1_000, path="/", secure=request.scope["scheme"] == "https", httponly=True,
        samesite="lax",
    )  # fmt: skip
    _never_stored(response)
    return await run_in_threadpool(_told, engine, token, account)


def _told(engine: Engine, token: str, account: AccountRow) -> Session:
    with engine.store.reading() as tx:
        rows = sorted(tx.workspaces())
    return Session(
        user=User(email=account.email, name=account.name),
        setup=False,
        csrf=csrf_token(token),
        workspaces=[
            OpenWorkspace(name=row.name, clock=row.clock, now=engine.log.instant(row), demo=row.demo) for row in rows
        ],
    )


async def hashed(call: Callable[..., Result], *arguments: Any) -> Result:
    """Call what hashes a password, where it keeps nobody else waiting."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, call, *arguments)


def _never_stored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _from_this_machine(request: Request) -> bool:
    """Whether a program on this machine asked, under a name of this machine, and for itself.

    The name counts because a site may let its own name lead to this machine, and then speak from a browser on it.
    """
    try:
        named = urllib.parse.urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    forwarded = FORWARDED & {name.lower() for name in request.headers}
    return not forwarded and _is_loopback(_address(request)) and (named == "localhost" or _is_loopback(named))


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped.is_loopback
    return parsed.is_loopback
