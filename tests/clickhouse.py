"""ClickHouse's HTTP protocol in front of chDB, for the tests: as much of it as the driver for a server uses.

Owns the translation of requests, and the process that it runs in, because chDB lets one folder into a process. It reads
a body whole before it begins; apart from that the SQL is ClickHouse's own. `clickhouse.py FOLDER PORT` serves until it
is killed, and prints its port.
"""

from __future__ import annotations

import base64
import contextlib
import http.server
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import uuid
from collections.abc import Iterator
from typing import Any, Final

USER: Final = "milepost"
PASSWORD: Final = "a-password-that-nobody-may-read-either"
#: Parameters of a request that are not settings of the query.
NOT_SETTINGS: Final = frozenset({
    "query", "database", "default_format", "query_id", "client_protocol_version", "compress", "session_id",
    "wait_end_of_query", "enable_http_compression", "send_progress_in_http_headers",
    "http_headers_progress_interval_ms",
})  # fmt: skip
#: Statements that settings are added to.
TAKES_SETTINGS: Final = re.compile(r"\s*(SELECT|WITH|INSERT INTO .* SELECT)\b", re.IGNORECASE)
CREDENTIALS: Final = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def connection(folder: pathlib.Path) -> Any:
    """A connection to chDB, which only the server's process loads."""
    import chdb

    return chdb.connect(str(folder / "chdb"))  # type: ignore[no-untyped-call]


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of a client: a thread, and a connection to chDB."""

    protocol_version = "HTTP/1.1"
    folder: pathlib.Path

    def setup(self) -> None:
        super().setup()
        self._chdb = connection(self.folder)

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self._chdb.close()

    def handle(self) -> None:
        # Clients are killed and paused.
        with contextlib.suppress(OSError):
            super().handle()

    def do_POST(self) -> None:
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if len(body) < int(self.headers["Content-Length"]):
            return
        if self.headers.get("Authorization") != CREDENTIALS:
            self._answer(403, b"Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)", code=516)
        elif asked.get("database", "default") != "default":
            self._answer(404, b"Code: 81. DB::Exception: No such database. (UNKNOWN_DATABASE)", code=81)
        else:
            self._run(asked, body)

    do_GET = do_POST  # noqa: N815 - http.server's name

    def _run(self, asked: dict[str, str], body: bytes) -> None:
        sql = asked.get("query", "") or body.decode()
        ending = re.search(r"\bFORMAT (\w+)\s*$", sql)
        form = ending[1] if ending else asked.get("default_format", "TabSeparated")
        sql = sql[: ending.start()] if ending else sql
        values = {name.removeprefix("param_"): value for name, value in asked.items() if name.startswith("param_")}
        settings = asked.keys() - NOT_SETTINGS - {f"param_{name}" for name in values}
        if settings and "SETTINGS" not in sql and TAKES_SETTINGS.match(sql):
            sql += " SETTINGS " + ", ".join(f"{name} = '{asked[name]}'" for name in sorted(settings))
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            if "query" in asked:
                file.write(body)
                file.flush()
                sql = sql.replace("input('", f"file('{file.name}', '{form}', '", 1)
            try:
                found = self._chdb.query(sql, form, params=values).bytes()
            except Exception as error:  # noqa: BLE001 - whatever it is, the client is to hear of it
                code = re.search(r"Code: (\d+)", str(error))
                self._answer(500, str(error).encode(), code=int(code[1]) if code else None)
            else:
                self._answer(200, bytes(found), form=form)

    def _answer(self, status: int, body: bytes, *, form: str = "TabSeparated", code: int | None = None) -> None:
        self.send_response(status)
        headers = {
            "Content-Length": len(body), "X-ClickHouse-Format": form, "X-ClickHouse-Query-Id": uuid.uuid4(),
            "X-ClickHouse-Summary": '{"written_rows":"0"}', "X-ClickHouse-Timezone": "UTC",
        }  # fmt: skip
        if code is not None:
            headers["X-ClickHouse-Exception-Code"] = code
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server:
    """A server over a folder, in a process of its own."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, at the same place as the time before."""
        command = [sys.executable, __file__, str(self._folder), str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self._port = int(self._process.stdout.readline())

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    @property
    def address(self) -> str:
        """As the settings take it."""
        return f"clickhouse://{USER}:{PASSWORD}@127.0.0.1:{self._port}/default"


@contextlib.contextmanager
def running(folder: pathlib.Path) -> Iterator[Server]:
    """A server for as long as the block lasts."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def main(folder: pathlib.Path, port: int) -> None:
    Handler.folder = folder
    # Held open, so that the last client to go does not close the database.
    kept = connection(folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        serving.join()
    kept.close()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
