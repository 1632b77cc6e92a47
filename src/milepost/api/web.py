"""The app in the browser: built files, and the one page that every other address leads to.

Owns headers, caching and what a visitor sees when the app was not built. Must not know what the app does.
"""

from __future__ import annotations

import pathlib
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    # Mantine sets its sizes and colours in style attributes; scripts come from our files alone.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}
"""On every answer of the server."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Files in `assets` carry a hash of what is in them in their names."""
NOT_BUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Milepost</title>
<link rel="icon" href="data:,"><h1>Milepost is running</h1><p>The app in the browser has not been built. Build it with
<code>npm ci && npm run build</code> in the folder <code>web</code>, or start the server with
<code>python3 dev.py run</code>. The API is at <code>/api/v1</code>.</p></html>"""
OURS: Final = frozenset({"api", "health", "metrics"})
"""Below these nothing is ever a page."""


class _SecureHeaders:
    """Puts the headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class _Pages:
    """Answers what no route of the API does."""

    def __init__(self, folder: pathlib.Path | None, nothing: ASGIApp) -> None:
        self._files = None if folder is None else StaticFiles(directory=folder, check_dir=False)
        self._nothing = nothing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        readable = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        if not readable or scope["path"].strip("/").partition("/")[0] in OURS:
            await self._nothing(scope, receive, send)
        else:
            response = await self._response(scope)
            await response(scope, receive, send)

    async def _response(self, scope: Scope) -> Response:
        """A built file, or the page that finds out itself what its address means."""
        if self._files is None:
            return _not_built()
        files = self._files
        path = files.get_path(scope)
        path = "favicon.svg" if path == "favicon.ico" else path
        hashed = path.startswith("assets/")
        response = await _file(files, path, scope)
        if response is None and hashed:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        response = response or await _file(files, "index.html", scope)
        if response is None:
            # It is being built anew this very moment.
            return _not_built()
        response.headers["cache-control"] = FOR_EVER if hashed else "no-cache"
        return response


async def _file(files: StaticFiles, path: str, scope: Scope) -> Response | None:
    try:
        return await files.get_response(path, scope)
    except HTTPException:
        return None


def _not_built() -> Response:
    return HTMLResponse(NOT_BUILT, headers={"cache-control": "no-cache"})


def install(api: FastAPI, folder: pathlib.Path | None) -> None:
    """Serve the built app in `folder`; None when it was not built.

    Only the app's files are compressed: an answer of the API may hold a secret beside what somebody else wrote, and its
    length would tell.
    """
    pages = _Pages(folder, api.router.default)
    api.router.default = GZipMiddleware(pages, minimum_size=1_000, compresslevel=6)
    api.add_middleware(_SecureHeaders)
