"""A request's body, read once: within the limit, JSON whatever its content type says.

Owns the limit of a body and the strictness of its JSON. Must not know what a body means.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from milepost.errors import TooLarge
from milepost.ingest import decode


class BoundedRequest(Request):
    """A request whose body is refused before it is read when it says itself that it is too large."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Pieces of the body. Raises TooLarge."""
        declared = self.headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > decode.MAX_BYTES:
            raise _too_large(int(declared))
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            if size > decode.MAX_BYTES:
                raise _too_large(size)
            yield chunk


class _JsonRequest(BoundedRequest):
    """A request whose body is JSON and has been decoded."""

    value: Any = None

    async def json(self) -> Any:
        return self.value


class Route(APIRoute):
    """A route whose handler gets its body by these rules.

    The body is read here because FastAPI would hide what went wrong, and looks for JSON only under a content type that
    `curl -d` does not send. That is safe here: a key in a header cannot be sent by another site's form.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_json = self.body_field is not None

        async def read(request: Request) -> Response:
            if not takes_json:
                return await handle(BoundedRequest(request.scope, request.receive))
            headers = [header for header in request.scope["headers"] if header[0] != b"content-type"]
            scope = {**request.scope, "headers": [*headers, (b"content-type", b"application/json")]}
            body = _JsonRequest(scope, request.receive)
            if text := await body.body():
                body.value = decode.value(text)
            return await handle(body)

        return read


def _too_large(size: int) -> TooLarge:
    message = f"The body has {size:,} bytes or more; the limit is {decode.MAX_BYTES:,}."
    return TooLarge(message, fix="Send it in several requests.")
