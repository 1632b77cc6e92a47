"""`/catalogue`: which actions, params and attributes there are, for pickers and type checks (D-2.9).

Owns what is told of each, found in a sample of the newest. Must not decide what may be asked: pickers take any name.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path

from milepost.analytics.datapoint import Scalar
from milepost.api.caller import Asking, Running
from milepost.api.form import Told
from milepost.api.instant import Instant
from milepost.api.request import Route
from milepost.kernel import date
from milepost.runtime import codec

LOOKED_AT: Final = 300
"""Datapoints or profiles that a list of names is made from."""
SAMPLES: Final = 10
LONGEST_SAMPLE: Final = 100

Type = Literal["text", "number", "boolean", "date", "list"]


class ActionOf(Told):
    """An action among the datapoints."""

    action: str
    datapoints: int
    last_seen: Instant


class Name(Told):
    """A param or an attribute; the name of what is inside an object has dots."""

    name: str
    types: list[Type]
    """Those that its values had; a date is a text of the form that conditions read as a date."""
    samples: list[Scalar]
    """Up to ten different values, the most recent first; none of a list."""


class Catalogue(Told):
    """The actions of the workspace by name, and attributes found on a sample of its profiles."""

    actions: list[ActionOf]
    attributes: list[Name]


class Params(Told):
    """The params found on the newest datapoints of an action, by name."""

    params: list[Name]
    looked_at: int
    """Datapoints in the sample."""


router = APIRouter(prefix="/catalogue", route_class=Route, tags=["catalogue"])


@router.get("")
def get_catalogue(caller: Asking, engine: Running) -> Catalogue:
    """The actions that were seen, and the attributes that profiles have."""
    with engine.store.reading() as tx:
        rows = tx.list_profiles(caller.workspace, limit=LOOKED_AT)
    return Catalogue(
        actions=[
            ActionOf(action=seen.action, datapoints=seen.datapoints, last_seen=seen.last)
            for seen in engine.events.actions(caller.workspace)
        ],
        attributes=_names(codec.decode_profile(row, []).attributes for row in reversed(rows)),
    )


@router.get("/actions/{action}")
def get_params(action: Annotated[str, Path(max_length=255)], caller: Asking, engine: Running) -> Params:
    """The params that an action's newest datapoints have."""
    found = engine.events.samples(caller.workspace, action, limit=LOOKED_AT)
    return Params(params=_names(found), looked_at=len(found))


def _names(objects: Iterable[Mapping[str, Any]]) -> list[Name]:
    types: dict[str, set[Type]] = {}
    samples: dict[str, dict[tuple[type, Scalar], Scalar]] = {}
    for each in objects:
        for name, value in _leaves(each):
            types.setdefault(name, set()).add(_type(value))
            known = samples.setdefault(name, {})
            if isinstance(value, str | int | float) and len(known) < SAMPLES:
                scalar = value[:LONGEST_SAMPLE] if isinstance(value, str) else value
                known.setdefault((type(scalar), scalar), scalar)
    return [Name(name=name, types=sorted(types[name]), samples=list(samples[name].values())) for name in sorted(types)]


def _leaves(value: Mapping[str, Any], inside: str = "") -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        if isinstance(item, Mapping):
            yield from _leaves(item, f"{inside}{name}.")
        elif item is not None and name:
            yield f"{inside}{name}", item


def _type(value: Any) -> Type:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, list):
        return "list"
    return "date" if date.parse(value, datetime.UTC) is not None else "text"
