"""The one shape in which every error is answered: `{"error": {code, message, field, fix, details}}`.

Owns the translation of our errors, of FastAPI's complaints about a request, and of surprises. Must not know any route.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from milepost.errors import Invalid, MilepostError, TooManyAttempts

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
    details = [
        {"field": _place(found["loc"], error.body), "message": _sentence(found)} for found in error.errors()
    ]  # fmt: skip
    first = details[0]
    message = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    invalid = Invalid(message, field=first["field"] or None, fix="Correct it and send it again.", details=details)
    return answer(problem(invalid), invalid.status)


def _place(loc: Sequence[int | str], body: Any) -> str:
    """Where in the request something is wrong, as the sender knows it.

    Pydantic's own place also has the names of the alternatives it tried: whatever does not lead on in the body, other
    than a field that is missing at the end, is left out.
    """
    source, *parts = loc
    if source != "body":
        return ".".join(map(str, parts))
    names, value = [], body
    for index, part in enumerate(parts):
        leads_on = (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        )
        if leads_on:
            value = value[part]
        elif index < len(parts) - 1 or not (isinstance(value, dict) and isinstance(part, str) and part.isidentifier()):
            continue
        names.append(str(part))
    return ".".join(names)


def _sentence(found: Mapping[str, Any]) -> str:
    match found["type"]:
        case "extra_forbidden":
            return "There is no such field."
        case "missing":
            return "It is missing."
        case _:
            text = str(found["msg"]).removeprefix("Value error, ")
            return f"{text[:1].upper()}{text[1:]}."


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
    _log.error("request failed unexpectedly", route=_route(request), exc_info=error)
    found = Problem("error", "Something went wrong on the server.", None, "Look into the server's log; try again.")
    return answer(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def _route(request: Request) -> str:
    """The pattern of the address: the address itself may hold somebody's email."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '-')}"
