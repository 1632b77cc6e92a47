"""The app in the browser: built files, and the one page that every other address leads to.

Owns headers, caching and what a visitor sees when the app was not built. Must not know what the app does.
"""

from __future__ import annotations

import pathlib
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
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
<h1>Milepost is running</h1><p>The app in the browser has not been built. Build it with
<code>npm ci && npm run build</code> in the folder <code>web</code>, or start the server with
<code>python3 dev.py run</code>. The API is at <code>/api/v1</code>.</p></html>"""
OURS: Final = ("/api/", "/health/")
"""Addresses below which nothing is ever a page."""


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


def install(api: FastAPI, folder: pathlib.Path | None) -> None:
    """Serve the built app in `folder`; None when it was not built."""
    api.add_middleware(GZipMiddleware, minimum_size=1_000)
    api.add_middleware(_SecureHeaders)
    root = None if folder is None else folder.resolve()

    @api.get("/{path:path}", include_in_schema=False)
    def page(path: str, request: Request) -> Response:
        """A built file, or the page that finds out itself what its address means."""
        if request.scope["path"].startswith(OURS):
            raise HTTPException(404)
        if root is None or not (root / "index.html").is_file():
            # Not built, or being built anew this very moment.
            return HTMLResponse(NOT_BUILT)
        file = (root / path).resolve()
        if path and file.is_file() and file.is_relative_to(root):
            return FileResponse(file, headers={"cache-control": FOR_EVER if path.startswith("assets/") else "no-cache"})
        if path.startswith("assets/"):
            raise HTTPException(404)
        return FileResponse(root / "index.html", headers={"cache-control": "no-cache"})
