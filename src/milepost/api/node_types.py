"""`/node-types` and `/schemas/journey`: what a journey can be made of.

Owns nothing but the form: each fact comes from the node types themselves. Must not know any single one.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import Field, ValidationError

from milepost.api import schema
from milepost.api.caller import caller_of
from milepost.api.form import Told
from milepost.api.request import Route
from milepost.kernel.node import Family, NodeSettings, registry


class NodeType(Told):
    """One node type: what the palette and the form of its settings need."""

    type: str
    label: str
    family: Family
    outlets: list[str] | None
    """With the default settings; null where the settings name them."""
    settings: dict[str, Any]
    """JSON schema."""


class NodeTypes(Told):
    """Every node type, in alphabetical order."""

    node_types: list[NodeType] = Field(min_length=1)


router = APIRouter(route_class=Route, tags=["journeys"], dependencies=[Depends(caller_of)])


@router.get("/node-types")
def list_node_types() -> NodeTypes:
    """Every node type, with the JSON schema of its settings."""
    return NodeTypes(
        node_types=[
            NodeType(
                type=kind,
                label=settings.label,
                family=settings.family,
                outlets=_outlets(settings),
                settings=schema.of(settings),
            )
            for kind, settings in registry().items()
        ]
    )


@router.get("/schemas/journey")
def get_journey_schema() -> dict[str, Any]:
    """The JSON schema of a journey's definition."""
    return schema.journey()


def _outlets(settings: type[NodeSettings]) -> list[str] | None:
    """Fields that must be filled in are left out, for most types' outlets do not depend on them."""
    try:
        return list(settings.model_construct().outlets())
    except (AttributeError, ValidationError):
        return None
