"""`/journeys`: draw, check and read journeys (D-3.1, D-3.5).

Owns the JSON of a journey around its definition. Must not decide what is allowed: that is `runtime.lifecycle`'s.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Response

from milepost.api.caller import Asking, Running, caller_of
from milepost.api.form import Told
from milepost.api.instant import Instant
from milepost.api.request import Route
from milepost.api.switches import Switch, switches
from milepost.errors import Invalid
from milepost.kernel.issues import Issue, issues
from milepost.kernel.journey import Definition
from milepost.ports.state_store import JourneyRow, Transaction
from milepost.runtime.commands import journey_of
from milepost.runtime.engine import Engine
from milepost.runtime.statistics import JourneyNumbers, journey_numbers

State = Literal["draft", "active", "paused", "finishing", "finished"]


class FoundIssue(Told):
    """One thing to put right before the journey can be activated."""

    code: str
    node: str | None
    """Id of the node; null for the journey as a whole."""
    field: str | None
    """Setting of the node, as a dotted path."""
    text: str
    fix: str


class Issues(Told):
    """Everything to put right; empty when the journey can be activated."""

    issues: list[FoundIssue]


class JourneyBrief(Told):
    """A journey in a list."""

    id: str
    name: str
    state: State
    version: int
    """Newest published version; 0 while there is none."""
    revision: int
    """Edits of the draft."""
    started: int
    """Runs, over all versions."""
    in_progress: int
    finished: int
    exited: int
    created: Instant
    updated: Instant


class Journeys(Told):
    """The workspace's journeys, by name."""

    journeys: list[JourneyBrief]


class LifeChange(Told):
    """One change in a journey's life."""

    at: Instant
    who: str
    action: str
    before: str
    after: str
    why: str


class Version(Told):
    """One published version."""

    number: int
    published: Instant


class Journey(JourneyBrief):
    """A journey whole."""

    definition: Definition
    issues: int
    """How many issues keep the draft from being activated."""
    versions: list[Version]
    life: list[LifeChange]
    tracking: list[Switch]
    """The switch *Track datapoints* of each node."""


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", description="The revision that the edit began from: refused when it is no longer the latest."
    ),
]

router = APIRouter(prefix="/journeys", route_class=Route, tags=["journeys"])


@router.get("")
def list_journeys(caller: Asking, engine: Running) -> Journeys:
    """All journeys of the workspace, by name."""
    with engine.store.reading() as tx:
        rows = tx.journeys(caller.workspace)
        counters = tx.counters([row.key for row in rows]) if rows else {}
    numbers = {
        row.key: journey_numbers({key: number for key, number in counters.items() if key.journey == row.key})
        for row in rows
    }
    rows.sort(key=lambda row: (row.name.casefold(), row.id))
    return Journeys(journeys=[_brief(row, numbers[row.key]) for row in rows])


@router.post("", status_code=HTTPStatus.CREATED)
def create_journey(definition: Definition, caller: Asking, engine: Running, response: Response) -> Journey:
    """Store a draft. It may be incomplete."""
    row = engine.lifecycle.create(caller.workspace, definition, caller.who)
    response.headers["Location"] = f"/api/v1/journeys/{row.id}"
    return _read(engine, caller.workspace, row.id, response)


@router.post("/validate", dependencies=[Depends(caller_of)])
def validate_definition(definition: Definition) -> Issues:
    """What keeps a definition from being activated, without storing it."""
    return _issues(issues(definition))


@router.get("/{id}")
def get_journey(id: str, caller: Asking, engine: Running, response: Response) -> Journey:
    """A journey, with its definition, its life and its switches."""
    return _read(engine, caller.workspace, id, response)


@router.put("/{id}")
def edit_journey(
    id: str, definition: Definition, caller: Asking, engine: Running, response: Response, if_match: IfMatch = None
) -> Journey:
    """Replace a draft."""
    engine.lifecycle.edit(caller.workspace, id, definition, _revision(if_match))
    return _read(engine, caller.workspace, id, response)


@router.delete("/{id}", status_code=HTTPStatus.NO_CONTENT)
def delete_journey(id: str, caller: Asking, engine: Running) -> None:
    """Delete a draft."""
    engine.lifecycle.delete(caller.workspace, id)


@router.post("/{id}/validate")
def validate_journey(id: str, caller: Asking, engine: Running) -> Issues:
    """What keeps a stored draft from being activated."""
    return _issues(engine.lifecycle.issues(caller.workspace, id))


@router.post("/{id}/duplicate", status_code=HTTPStatus.CREATED)
def duplicate_journey(id: str, caller: Asking, engine: Running, response: Response) -> Journey:
    """Store a copy as a new draft."""
    definition = Definition.model_validate_json(engine.lifecycle.read(caller.workspace, id).draft)
    copy = definition.model_copy(update={"name": f"{definition.name[:190]} (copy)"})
    row = engine.lifecycle.create(caller.workspace, copy, caller.who)
    response.headers["Location"] = f"/api/v1/journeys/{row.id}"
    return _read(engine, caller.workspace, row.id, response)


def _read(engine: Engine, workspace: int, id: str, response: Response) -> Journey:
    with engine.store.reading() as tx:
        journey = _journey(tx, workspace, id)
    response.headers["ETag"] = f'"{journey.revision}"'
    return journey


def _journey(tx: Transaction, workspace: int, id: str) -> Journey:
    row = journey_of(tx, workspace, id)
    definition = Definition.model_validate_json(row.draft)
    versions = tx.versions([row.key])
    return Journey(
        **_brief(row, journey_numbers(tx.counters([row.key]))).model_dump(),
        definition=definition,
        issues=len(issues(definition)),
        versions=[Version(number=version.number, published=version.published) for version in versions],
        life=[
            LifeChange(at=life.at, who=life.who, action=life.action, before=life.before, after=life.after, why=life.why)
            for life in tx.life(row.key)
        ],
        tracking=switches(tx, workspace, row.key, definition),
    )


def _brief(row: JourneyRow, numbers: JourneyNumbers) -> JourneyBrief:
    return JourneyBrief(
        id=row.id, name=row.name, state=row.state, version=row.version, revision=row.revision,
        started=numbers.started, in_progress=numbers.in_progress, finished=numbers.finished,
        exited=sum(numbers.exited.values()), created=row.created, updated=row.updated,
    )  # fmt: skip


def _issues(found: list[Issue]) -> Issues:
    return Issues(issues=[FoundIssue(**issue._asdict()) for issue in found])


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal():
        message = "If-Match does not name a revision."
        raise Invalid(message, field="If-Match", fix='Send the ETag of the draft as it was read, as "3".')
    return int(text)
