"""Real servers on loopback for the delivery tests: SMTP by aiosmtpd, and raw ones that follow a script."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """An aiosmtpd handler that keeps what it takes; each `answers[command]` is said instead of agreeing.

    The answer `die` breaks the connection off at that point.
    """

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.envelopes: list[Envelope] = []
        self.sessions: list[Session] = []
        self.transport: asyncio.BaseTransport | None = None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer(server, "mail")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._answer(server, "rcpt")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        self.sessions.append(session)
        return self._answer(server, "data")

    def _answer(self, server: SMTP, command: str) -> str:
        answer = self.answers.get(command, "250 OK")
        self.transport = server.transport
        if answer == "die" and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return answer

    async def hang_up(self) -> None:
        """Break the last connection off."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()


@contextmanager
def smtp_server(handler: Any, **options: Any) -> Iterator[int]:
    """An SMTP server in a thread of its own; gives its port."""
    loop = asyncio.new_event_loop()
    listening: asyncio.Server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(handler, loop=loop, hostname="test", **options), "127.0.0.1", 0)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


Script = Callable[[socket.socket], None]


@contextmanager
def raw_server(script: Script, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that takes each connection through `script` in a thread of its own; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    open_connections: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            secured = connection if context is None else context.wrap_socket(connection, server_side=True)
            with secured:
                script(secured)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(30)
            open_connections.append(connection)
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for connection in open_connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
