"""What a server answers that waits for its turn: that it lives, that it is not ready, and nothing else.

Must not know what it waits for: its trouble is told by whoever made it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Never

from fastapi import FastAPI

from milepost.api import failure, health
from milepost.errors import Standby

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def create_standby(trouble: Callable[[], str]) -> FastAPI:
    """The application. `trouble` is what keeps it even from waiting; empty when all is well."""
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    error = Standby(fix="Send this to the other one: a load balancer finds it by /health/ready.")

    def ready() -> dict[str, str]:
        return {"standby": error.message} | ({"lease": trouble()} if trouble() else {})

    async def refuse() -> Never:
        raise error

    api.state.ready = ready
    failure.install(api)
    api.include_router(health.router)
    api.add_api_route("/{path:path}", refuse, methods=list(METHODS), response_model=None)
    return api
