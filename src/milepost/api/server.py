"""The HTTP application over an engine: routers, errors, description.

Owns how the parts of the API are put together. Must not start or stop anything: whoever made the engine does.
"""

from __future__ import annotations

import pathlib
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

import milepost
from milepost.api import (
    accounts,
    calendar,
    catalogue,
    dead_letters,
    effects,
    failure,
    health,
    imports,
    intake,
    journeys,
    life,
    measures,
    node_types,
    observed,
    profiles,
    query,
    session,
    statistics,
    switches,
    upkeep,
    web,
    workspaces,
)
from milepost.api.caller import Door
from milepost.imports.desk import Desk
from milepost.ingest.native import WireEvent
from milepost.ingest.profile import WireChange
from milepost.runtime.engine import Engine

PREFIX: Final = "/api/v1"
ROUTERS: Final = (
    intake, imports, profiles, journeys, life, statistics, switches, node_types, catalogue, query, workspaces, effects,
    dead_letters, calendar, session, accounts,
)  # fmt: skip
FAILURE: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}},
    }
    for status, description in (("4XX", "The request cannot be met."), ("5XX", "The server cannot meet it now."))
}


def create_api(
    engine: Engine,
    *,
    ready: health.Ready,
    owner_token: str,
    app: pathlib.Path | None = None,
    measure: measures.Measure = lambda: b"",
    care: upkeep.Upkeep | None = None,
    files: Desk | None = None,
) -> FastAPI:
    """The application.

    Args:
        engine: what it speaks for; it must be running for answers about events and commands to come.
        ready: part of the server to its present trouble; empty when all is well.
        owner_token: lets whoever can read the data folder act as admin.
        app: folder of the built app in the browser; None when it was not built.
        measure: the text that Prometheus reads.
        care: what the server can do for its data folder, where it has one.
        files: where files are taken in that it imports by itself.
    """
    api = FastAPI(
        title="Milepost",
        version=milepost.__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_name,
        separate_input_output_schemas=True,
    )
    api.state.engine = engine
    api.state.ready = ready
    api.state.measure = measure
    api.state.upkeep = care
    api.state.imports = files
    api.state.door = Door(engine, owner_token)
    failure.install(api)
    api.include_router(health.router)
    api.include_router(measures.router)
    api.include_router(upkeep.router, prefix=PREFIX)
    for module in ROUTERS:
        api.include_router(module.router, prefix=PREFIX, responses=FAILURE)
    web.install(api, app)
    api.add_middleware(observed.Observed, observer=engine.observer, prefix=PREFIX)
    api.openapi = lambda: _described(api)  # type: ignore[method-assign] # FastAPI's own way to extend the description
    return api


def _name(route: APIRoute) -> str:
    return route.name


def _described(api: FastAPI) -> dict[str, Any]:
    """The description, with the types that msgspec reads and writes."""
    if api.openapi_schema is None:
        schema = get_openapi(title=api.title, version=api.version, description=api.description, routes=api.routes)
        structs = (WireEvent, WireChange, intake.IntakeAnswer, failure.Failure)
        _, components = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
        schema["components"]["schemas"] |= components
        api.openapi_schema = schema
    return api.openapi_schema
