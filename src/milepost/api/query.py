"""`/query`: typed questions, and the profiles behind a number (D-5).

Owns nothing but the way to the event store. Must not know any single question: `analytics.question` has the family.
"""

from __future__ import annotations

import bisect

from fastapi import APIRouter
from pydantic import Field

from milepost.analytics.question import Answer, Members, Question
from milepost.api.caller import Asking, Caller, Running
from milepost.api.form import Asked, Limit, Told
from milepost.api.people import Label, labels
from milepost.api.request import Route
from milepost.runtime.definitions import workspace_of
from milepost.runtime.engine import Engine


class AskedProfiles(Asked):
    """Which number, of which question. Take the question from the answer, so that exactly its profiles are listed."""

    question: Question
    members: Members
    after: int = Field(0, ge=0, le=2**63 - 1)
    limit: Limit = 100


class FoundProfiles(Told):
    """A page of the profiles behind a number, in order of their keys."""

    total: int
    profiles: list[Label]
    next: int | None
    """`after` of the next page."""


router = APIRouter(prefix="/query", route_class=Route, tags=["analytics"])


@router.post("")
def ask(question: Question, caller: Asking, engine: Running) -> Answer:
    """Answer a question over the datapoints of the workspace."""
    return engine.events.answer(caller.workspace, question, _now(engine, caller))


@router.post("/profiles")
def list_members(asked: AskedProfiles, caller: Asking, engine: Running) -> FoundProfiles:
    """The profiles behind one number of an answer."""
    keys = engine.events.members(caller.workspace, asked.question, asked.members, _now(engine, caller))
    begin = bisect.bisect_right(keys, asked.after)
    shown = keys[begin : begin + asked.limit]
    with engine.store.reading() as tx:
        named = labels(tx, shown)
    return FoundProfiles(
        total=len(keys),
        profiles=[named[key] for key in shown],
        next=shown[-1] if begin + asked.limit < len(keys) else None,
    )


def _now(engine: Engine, caller: Caller) -> int:
    with engine.store.reading() as tx:
        workspace = workspace_of(tx, caller.workspace)
    return engine.log.instant(workspace)
