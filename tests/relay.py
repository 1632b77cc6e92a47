"""A way to PostgreSQL's socket on which an answer can get lost."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
from collections.abc import Iterator
from typing import Literal

NAME = ".s.PGSQL.5432"


class Relay:
    """Hands on everything, until a COMMIT comes by: it, or the answer to it, is lost as `loses` says."""

    def __init__(self, server: pathlib.Path, folder: pathlib.Path) -> None:
        self.loses: Literal["nothing", "question", "answer"] = "nothing"
        self.refuses = False
        """Whether it takes no new connection."""
        self.folder = folder
        self._server = server / NAME
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / NAME))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.refuses:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server))
                threading.Thread(target=self._ask, args=(client, server), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        silent = threading.Event()
        answers = threading.Thread(target=self._answer, args=(client, server, silent), daemon=True)
        answers.start()
        with client, server:
            with contextlib.suppress(OSError):
                while data := client.recv(65_536):
                    if b"COMMIT" in data and self.loses != "nothing":
                        silent.set()
                        if self.loses == "question":
                            break
                    server.sendall(data)
            _end(client, server)
            answers.join()

    @staticmethod
    def _answer(client: socket.socket, server: socket.socket, silent: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while (data := server.recv(65_536)) and not silent.is_set():
                client.sendall(data)
        _end(client, server)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def relaying(server: pathlib.Path, folder: pathlib.Path) -> Iterator[Relay]:
    """A relay with a socket in `folder`, to the one in `server`."""
    relay = Relay(server, folder)
    try:
        yield relay
    finally:
        relay.close()
