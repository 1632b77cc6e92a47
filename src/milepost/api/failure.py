"""The one shape in which every error is answered: `{"error": {code, message, field, fix, details}}`.

Owns the translation of our errors, of FastAPI's complaints about a request, and of surprises. Must not know any route.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from milepost.api.observed import HEADER, NAME
from milepost.errors import Invalid, MilepostError, TooManyAttempts
from milepost.kernel.wording import Complaint, complaint

_log = structlog.get_logger()


class Problem(msgspec.Struct, frozen=True):
    """What went wrong: `code` is for programs, `message` for people, `fix` says what to do about it."""

    code: str
    message: str
    field: str | None = None
    """Where in the request, as a dotted path."""
    fix: str | None = None
    details: list[dict[str, Any]] = []


class Failure(msgspec.Struct, frozen=True):
    """The body of every answer that is an error."""

    error: Problem


def problem(error: MilepostError) -> Problem:
    """An error as it is answered."""
    return Problem(error.code, error.message, error.field, error.fix, error.details)


def answer(problem: Problem, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A response with this problem."""
    return Response(msgspec.json.encode(Failure(problem)), status, headers, media_type="application/json")


def install(api: FastAPI) -> None:
    """Answer every error of this application in the one shape."""
    api.add_exception_handler(MilepostError, _ours)
    api.add_exception_handler(RequestValidationError, _complaint)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _surprise)


async def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, MilepostError):
        raise error
    if error.status >= 500:
        _log.error("request failed", route=_route(request), code=error.code, message=error.message)
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.seconds)
    return answer(problem(error), error.status, headers)


async def _complaint(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    body = getattr(request.scope.get("route"), "body_field", None)
    model = None if body is None else body.field_info.annotation
    complaints = [_worded(found, model, error.body) for found in error.errors()]
    details = [{"field": place, "message": text, "fix": fix} for place, text, fix in complaints]
    first = complaints[0]
    invalid = Invalid(first.text, field=first.place or None, fix=first.fix, details=details)
    return answer(problem(invalid), invalid.status)


def _worded(found: Mapping[str, Any], model: Any, body: Any) -> Complaint:
    source, *place = found["loc"]
    if source == "body":
        return complaint({**found, "loc": place}, model, body)
    # A header or a part of the address: nobody calls it anything but its name.
    _, text, fix = complaint({**found, "loc": place}, None, {str(part): None for part in place})
    return Complaint(".".join(map(str, place)), text, fix)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            found = Problem(
                "not_found",
                f"There is nothing at {request.url.path}.",
                None,
                "GET /api/v1/openapi.json lists all paths.",
            )
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (error.headers or {}).get("Allow", "another method")
            found = Problem(
                "method_not_allowed",
                f"{request.method} is not possible at {request.url.path}.",
                None,
                f"Use {allowed}.",
            )
        case _:
            found = Problem("http_error", str(error.detail))
    return answer(found, error.status_code, error.headers)


async def _surprise(request: Request, error: Exception) -> Response:
    id = request.scope.get(NAME, "")
    _log.error("request failed unexpectedly", request=id, route=_route(request), exc_info=error)
    found = Problem("error", "Something went wrong on the server.", None, "Look into the server's log; try again.")
    return answer(found, HTTPStatus.INTERNAL_SERVER_ERROR, {HEADER: id})


def _route(request: Request) -> str:
    """The pattern of the address: the address itself may hold somebody's email."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '-')}"
