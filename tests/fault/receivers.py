"""What stands at the other end of the outbox: a web server and a mail server that write down what has reached them.

Owns the count per intent. Must not know what was handed over.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import re
import threading
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.unit.delivery.servers import smtp_server

WORK: Final = 0.01
"""Seconds that taking one takes: so that a server which is killed is often killed in the middle of a delivery."""
DEFERRED: Final = 16
"""One web call in so many is put off at the first attempt, by its id: the same ones in every run."""


class Receivers:
    """Both servers, and what they have taken since `forget`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.calls: Counter[str] = Counter()
        """Intent to the web calls that were answered with 200."""
        self.mails: Counter[str] = Counter()
        """Intent to the messages that were accepted."""
        self._put_off: set[str] = set()
        self.web_port = 0
        self.mail_port = 0

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self.calls, self.mails, self._put_off = Counter(), Counter(), set()

    def called(self, intent: str) -> int:
        """The status to answer a web call with."""
        with self._lock:
            if zlib.crc32(intent.encode()) % DEFERRED == 0 and intent not in self._put_off:
                self._put_off.add(intent)
                return 503
            self.calls[intent] += 1
            return 200

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        await asyncio.sleep(WORK)
        found = re.search(rb"^Message-ID: <([^@>]+)@", envelope.original_content or b"", re.MULTILINE)
        assert found is not None
        with self._lock:
            self.mails[unquote(found[1].decode())] += 1
        return "250 OK"


@contextlib.contextmanager
def receiving() -> Iterator[Receivers]:
    """Both servers, on loopback."""
    receivers = Receivers()
    pause = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            pause.wait(WORK)
            status = receivers.called(self.headers["Idempotency-Key"])
            # Whoever asked may be dead by now: it has been called all the same.
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def handle(self) -> None:
            with contextlib.suppress(OSError):
                super().handle()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.daemon_threads = True
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    receivers.web_port = web.server_address[1]
    try:
        with smtp_server(receivers) as receivers.mail_port:
            yield receivers
    finally:
        pause.set()
        web.shutdown()
        thread.join()
        web.server_close()
