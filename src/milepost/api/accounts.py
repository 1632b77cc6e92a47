"""`/accounts`: who may sign in, for the owner of the data folder (D-8).

Owns what the owner may do about the accounts of others. Must not know sessions' tokens, nor how passwords are kept.
Stays out of the public description, like the owner's token: it is what `milepost accounts` speaks.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from pydantic import Field, SecretStr

from milepost.access.accounts import LONGEST_EMAIL, LONGEST_PASSWORD
from milepost.api.caller import Entering, owner_of
from milepost.api.form import Asked, Told
from milepost.api.instant import Instant
from milepost.api.request import Route
from milepost.api.session import hashed


class Account(Told):
    """Somebody who may sign in."""

    email: str
    name: str
    created: Instant


class Accounts(Told):
    """All accounts, oldest first."""

    accounts: list[Account]


class NewPassword(Asked):
    """The password of an account from now on."""

    email: str = Field(max_length=LONGEST_EMAIL)
    password: SecretStr = Field(max_length=LONGEST_PASSWORD)


router = APIRouter(route_class=Route, dependencies=[Depends(owner_of)], include_in_schema=False)


@router.get("/accounts")
def list_accounts(door: Entering) -> Accounts:
    """Everybody who may sign in."""
    rows = door.accounts.all()
    return Accounts(accounts=[Account(email=row.email, name=row.name, created=row.created) for row in rows])


@router.put("/accounts/password", status_code=HTTPStatus.NO_CONTENT)
async def set_password(form: NewPassword, door: Entering) -> None:
    """Give an account a new password, without the present one. All of its sessions end."""
    account = await hashed(door.accounts.set_password, form.email, form.password.get_secret_value())
    await run_in_threadpool(door.sessions.end_all, account)
