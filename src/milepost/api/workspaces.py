"""`/workspace`, `/workspaces`, `/keys`: worlds, their clocks, and who may come in (D-3.8, D-8).

Owns the JSON of a workspace, and when a key is shown: once. Must not know what happens in a workspace.
"""

from __future__ import annotations

import zoneinfo
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from milepost.access import keys
from milepost.api import instant
from milepost.api.caller import Admin, Asking, Entering, Running
from milepost.api.form import Asked, Told
from milepost.api.instant import AskedInstant, Instant
from milepost.api.request import Route
from milepost.errors import Invalid
from milepost.ports.state_store import ApiKeyRow, UncertainRule, WorkspaceRow
from milepost.runtime.cycle import TO_THE_END
from milepost.runtime.definitions import workspace_of
from milepost.runtime.engine import Engine

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
END: Final = "end"


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("timezone", "no such time zone: {zone}", {"zone": name}) from None
    return name


class Workspace(Told):
    """One separate world."""

    name: str
    clock: Literal["real", "virtual"]
    now: Instant
    """The present instant: where its clock stands."""
    timezone: str
    track_by_default: bool
    """Whether new nodes are tracked from their activation on."""
    run_to: str | None
    """Where a run of a virtual workspace is going to: an instant, or `end`; null when none is going on."""
    pending: Instant | None
    """Latest instant among the inputs that have not been taken yet."""
    created: Instant
    demo: bool
    """Whether its visitors are simulated."""
    uncertain: UncertainRule
    """What becomes of a message or web call of which nobody knows whether it arrived: it waits for somebody to decide
    (`ask`), is sent again and may arrive twice (`send_again`), or stays as it is (`leave`)."""


class Workspaces(Told):
    """All workspaces, oldest first."""

    workspaces: list[Workspace]


class NewWorkspace(Asked):
    """A workspace to be made."""

    name: Name
    clock: Literal["real", "virtual"] = "real"
    now: AskedInstant | None = None
    """Where a virtual clock begins; 1970 if not given."""
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    track_by_default: bool = False


class WorkspaceChange(Asked):
    """What can be changed later on."""

    uncertain: UncertainRule
    """It counts for what becomes uncertain from now on; what is so already waits for a decision."""


class NewKey(Asked):
    """A key to be made."""

    name: Name


class ShownKey(Told):
    """A new key. It is shown here and never again."""

    key: str
    name: str
    created: Instant


class MadeWorkspace(Told):
    """A new workspace with its first key."""

    workspace: Workspace
    key: ShownKey


class Key(Told):
    """A key, without itself."""

    name: str
    fingerprint: str
    """First digits of its SHA-256."""
    created: Instant


class Keys(Told):
    """The workspace's keys, oldest first."""

    keys: list[Key]


class Run(Asked):
    """How far a virtual workspace shall run."""

    to: Annotated[AskedInstant | Literal["end"], BeforeValidator(lambda value: value)]
    """An instant, that instant included; or `end`: until nothing is left to take and no timer is due."""


router = APIRouter(route_class=Route, tags=["workspaces"])


@router.get("/workspace")
def get_workspace(caller: Asking, engine: Running) -> Workspace:
    """The workspace of the key: its clock, and a run that is going on."""
    with engine.store.reading() as tx:
        row, pending = workspace_of(tx, caller.workspace), tx.last_instant(caller.workspace)
    return _told(engine, row, pending)


@router.patch("/workspace")
def change_workspace(change: WorkspaceChange, caller: Asking, engine: Running) -> Workspace:
    """Change how the workspace of the key is set."""
    engine.set_uncertain(caller.workspace, change.uncertain)
    return get_workspace(caller, engine)


@router.post("/workspace/run", status_code=HTTPStatus.ACCEPTED)
def run_workspace(run: Run, caller: Asking, engine: Running) -> Workspace:
    """Let a virtual workspace run; `GET /workspace` shows how far it is."""
    engine.lifecycle.run_until(caller.workspace, TO_THE_END if isinstance(run.to, str) else run.to)
    engine.work.set()
    return get_workspace(caller, engine)


@router.get("/workspaces")
def list_workspaces(caller: Admin, engine: Running) -> Workspaces:
    """All workspaces. Needs a key of the first one."""
    with engine.store.reading() as tx:
        rows = [(row, tx.last_instant(row.key)) for row in sorted(tx.workspaces())]
    return Workspaces(workspaces=[_told(engine, row, pending) for row, pending in rows])


@router.post("/workspaces", status_code=HTTPStatus.CREATED)
def create_workspace(new: NewWorkspace, caller: Admin, engine: Running) -> MadeWorkspace:
    """Make a workspace and its first key. Needs a key of the first one."""
    if new.now is not None and new.clock == "real":
        message = "A real clock shows the present."
        raise Invalid(message, field="now", fix="Leave `now` out, or choose a virtual clock.")
    row = engine.create_workspace(
        new.name, new.clock, now=new.now or 0, timezone=new.timezone, track_by_default=new.track_by_default
    )
    return MadeWorkspace(workspace=_told(engine, row, None), key=_make_key(engine, row.key, "first"))


@router.delete("/workspaces/{name}", status_code=HTTPStatus.NO_CONTENT)
def delete_workspace(name: str, caller: Admin, engine: Running, door: Entering) -> None:
    """Delete a demo with all of its customers, journeys and events, for good. Needs a key of the first workspace."""
    row = engine.workspace(name)
    engine.delete_workspace(row.key)
    door.forget(row.key)


@router.get("/keys")
def list_keys(caller: Asking, engine: Running) -> Keys:
    """The workspace's API keys."""
    with engine.store.reading() as tx:
        rows = tx.api_keys(caller.workspace)
    return Keys(keys=[Key(name=row.name, fingerprint=row.hash[:8], created=row.created) for row in rows])


@router.post("/keys", status_code=HTTPStatus.CREATED)
def create_key(new: NewKey, caller: Asking, engine: Running) -> ShownKey:
    """Make another API key for the workspace. The answer is the only place where it is shown."""
    return _make_key(engine, caller.workspace, new.name)


def _make_key(engine: Engine, workspace: int, name: str) -> ShownKey:
    key, now = keys.generate(), engine.clock.now()
    with engine.store.writing() as tx:
        tx.put_api_key(ApiKeyRow(keys.hash_key(key), workspace, name, now))
    return ShownKey(key=key, name=name, created=now)


def _told(engine: Engine, row: WorkspaceRow, pending: int | None) -> Workspace:
    run_to = None
    if row.run_until is not None:
        run_to = END if row.run_until == TO_THE_END else instant.iso(row.run_until)
    return Workspace(
        name=row.name, clock=row.clock, now=engine.log.instant(row), timezone=row.timezone,
        track_by_default=row.track_by_default, run_to=run_to, pending=pending, created=row.created,
        demo=row.demo, uncertain=row.uncertain,
    )  # fmt: skip
