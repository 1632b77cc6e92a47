"""A whole server over a folder, reached over a real socket, for tests of the command line and of real stores.

Owns its start and its end. Must not know what is done with it.
"""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from milepost.app import App, build
from milepost.config import Settings


@contextlib.contextmanager
def listening(api: FastAPI, listener: socket.socket) -> Iterator[None]:
    """Serve on a socket that listens already, so that nobody has to wait until the server is up."""
    server = uvicorn.Server(uvicorn.Config(api, log_level="warning", access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextlib.contextmanager
def serving(data: pathlib.Path) -> Iterator[App]:
    """A server with its threads, on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = build(Settings(data=data, port=listener.getsockname()[1]))
    app.start()
    try:
        with listening(app.api, listener):
            yield app
    finally:
        app.close()
