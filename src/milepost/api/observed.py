"""Every request has a name, which its answer and its lines in the log carry, and is told to the observer.

Owns `X-Request-ID` and which route a request is counted under. Must not know what any request means.
"""

from __future__ import annotations

import re
import secrets
import time
from http import HTTPStatus
from typing import Final

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from milepost.ports.observer import Observer

HEADER: Final = "x-request-id"
GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""Names that callers may choose; what else they send could imitate lines of the log."""
NAME: Final = "milepost.request"
"""Where the request's name is, in its scope."""
OTHER: Final = "other"
"""What is no route of the API: files and pages of the app, and nothing at all."""

_log = structlog.get_logger()


class Observed:
    """Names requests and counts answers."""

    def __init__(self, app: ASGIApp, observer: Observer, prefix: str) -> None:
        self._app = app
        self._prefix = prefix
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(HEADER, "")
        id = given if GIVEN.fullmatch(given) else secrets.token_hex(8)
        # For the answer to a surprise, which is given outside of here.
        scope[NAME] = id
        begin, status = time.perf_counter(), int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                message["headers"] = [*message["headers"], (HEADER.encode(), id.encode())]
            await send(message)

        try:
            with structlog.contextvars.bound_contextvars(request=id):
                await self._app(scope, receive, named)
        finally:
            method, route, seconds = method_of(scope), route_of(scope, self._prefix), time.perf_counter() - begin
            self._observer.answered(method, route, status, seconds, headers.get("traceparent", ""))
            _log.debug(
                "request", request=id, method=method, route=route, status=status, seconds=round(seconds, 4)
            )  # fmt: skip


def route_of(scope: Scope, prefix: str) -> str:
    """The pattern that a request fits: an address itself may hold somebody's email."""
    pattern: str | None = getattr(scope.get("route"), "path", None)
    if pattern is None:
        return OTHER
    return prefix + pattern if scope["path"].startswith(f"{prefix}/") else pattern


def method_of(scope: Scope) -> str:
    """The method; one that nobody knows is not repeated."""
    return scope["method"] if scope["method"] in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else OTHER
