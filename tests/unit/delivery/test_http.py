"""Web calls to a real HTTP server: what travels, what comes back, and what is never called (D-7, D-8)."""

from __future__ import annotations

import http.server
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

from milepost.delivery import registry
from milepost.delivery.provider import Provider
from milepost.delivery.template import Templates
from milepost.delivery.webhook.network import AddressRefused, checked_addresses, is_public
from tests.unit.delivery.conftest import Certificate, MakeIntent
from tests.unit.delivery.servers import closed_port, raw_server

MakeSender = Callable[..., Provider]


class Seen(NamedTuple):
    """One request as the server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Site:
    """What the server answers, and what it has seen."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {"Content-Type": "application/json", "X-Secret": "s"}
        self.body = b'{"ok": true}'
        self.seen: list[Seen] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?x=1"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            site.seen.append(Seen(self.command, self.path, dict(self.headers), self.rfile.read(length)))
            self.send_response(site.status)
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(site.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(site.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, *arguments: Any) -> None:
            """Nothing on the terminal."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def web(templates: Templates) -> Iterator[MakeSender]:
    made: list[Provider] = []

    def make(**settings: Any) -> Provider:
        whole = {"allowed_networks": ["127.0.0.0/8"], "timeout": 20, **settings}
        made.append(registry.build("webhook", "http", whole, templates))
        return made[-1]

    yield make
    for sender in made:
        sender.close()


def test_a_call_carries_what_the_node_rendered(web: MakeSender, call_intent: MakeIntent, site: Site) -> None:
    body = {"name": "Änn", "n": 1, "list": [None, True]}
    receipt = web().send(call_intent(method="post", url=site.url, headers={"X-Token": "t"}, body=body))
    assert receipt.outcome == "sent"
    assert receipt.provider == "http"
    (seen,) = site.seen
    assert (seen.method, seen.path, json.loads(seen.body)) == ("POST", "/hook?x=1", body)
    assert seen.headers["X-Token"] == "t"
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["Idempotency-Key"] == "r1-p1.n 2.1.0"
    assert seen.headers["User-Agent"] == "Milepost"
    assert seen.headers["Host"] == f"127.0.0.1:{site.port}"


def test_the_answer_comes_back_without_its_private_headers(
    web: MakeSender, call_intent: MakeIntent, site: Site
) -> None:
    receipt = web().send(call_intent(url=site.url))
    assert receipt.response["status"] == 200
    assert receipt.response["body"] == {"ok": True}
    assert receipt.response["truncated"] is False
    assert set(receipt.response["headers"]) == {"content-type", "date"}
    assert site.seen[0].method == "POST"
    assert site.seen[0].body == b""


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b"{broken", "{broken"),
        ("application/problem+json; charset=utf-8", b"[1]", [1]),
        ("text/plain", b"[1]", "[1]"),
        ("text/plain", b"\xff", "\ufffd"),
        ("application/json", b"", None),
    ],
)
def test_bodies_are_json_where_they_say_so_and_are(
    web: MakeSender, call_intent: MakeIntent, site: Site, content_type: str, body: bytes, expected: Any
) -> None:
    site.headers, site.body = {"Content-Type": content_type}, body
    assert web().send(call_intent(url=site.url)).response["body"] == expected


def test_text_is_sent_as_it_is(web: MakeSender, call_intent: MakeIntent, site: Site) -> None:
    web().send(call_intent(url=site.url, body="a=1&b=2", headers={"content-type": "application/x-www-form-urlencoded"}))
    assert site.seen[0].body == b"a=1&b=2"
    assert site.seen[0].headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_other_methods(web: MakeSender, call_intent: MakeIntent, site: Site, method: str) -> None:
    assert web().send(call_intent(url=site.url, method=method)).outcome == "sent"
    assert site.seen[0].method == method


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (200, "sent", ""),
        (204, "sent", ""),
        (302, "failed", "redirect: 302 to http://169.254.169.254/latest"),
        (400, "failed", "status: 400"),
        (401, "failed", "status: 401"),
        (404, "failed", "status: 404"),
        (408, "retry", "status: 408"),
        (410, "failed", "status: 410"),
        (429, "retry", "status: 429"),
        (500, "retry", "status: 500"),
        (503, "retry", "status: 503"),
    ],
)
def test_every_status_is_told_apart(
    web: MakeSender, call_intent: MakeIntent, site: Site, status: int, outcome: str, reason: str
) -> None:
    site.status, site.body = status, b""
    if status == 302:
        site.headers = {"Location": "http://169.254.169.254/latest"}
    receipt = web().send(call_intent(url=site.url))
    assert (receipt.outcome, receipt.reason) == (outcome, reason)
    assert receipt.response["status"] == status
    assert len(site.seen) == 1, "a redirect is not followed, and another attempt is the outbox's business"


def test_a_long_answer_is_cut(web: MakeSender, call_intent: MakeIntent, site: Site) -> None:
    site.body = b"[" + b"1," * 5_000_000 + b"1]"
    receipt = web(max_response_bytes=1_000).send(call_intent(url=site.url))
    assert receipt.outcome == "sent"
    assert receipt.response["truncated"] is True
    assert len(receipt.response["body"]) == 1_000


def test_a_compressed_answer_that_nobody_asked_for_is_not_unpacked(
    web: MakeSender, call_intent: MakeIntent, site: Site
) -> None:
    site.headers["Content-Encoding"] = "gzip"
    receipt = web().send(call_intent(url=site.url))
    assert (receipt.outcome, receipt.response["body"]) == ("sent", None)
    assert site.seen[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "change",
    [
        {"url": ""},
        {"url": "/relative"},
        {"url": "ftp://example.com/"},
        {"url": "file:///etc/passwd"},
        {"url": "http://"},
        {"url": "http://exa mple.com:x/"},
        {"method": "CONNECT"},
        {"method": "TRACE"},
        {"headers": {"Host": "internal"}},
        {"headers": {"content-length": "5"}},
        {"headers": {"Transfer-Encoding": "chunked"}},
        {"headers": {"Idempotency-Key": "mine"}},
        {"headers": {"X-A": "1\r\nX-B: 2"}},
        {"headers": {"X A": "1"}},
        {"headers": {"X-A": "€"}},
    ],
)
def test_what_makes_no_request_fails_at_once(
    web: MakeSender, call_intent: MakeIntent, site: Site, change: dict[str, Any]
) -> None:
    receipt = web().send(call_intent(**{"url": site.url, **change}))
    assert receipt.outcome == "failed"
    assert receipt.reason.startswith("bad_request: ")
    assert site.seen == []


@contextmanager
def answering(reply: bytes | None, more: Callable[[socket.socket], None] | None = None) -> Iterator[str]:
    """A server that reads a request and sends these bytes; None closes without a word."""

    def script(connection: socket.socket) -> None:
        connection.recv(65_536)
        if reply is not None:
            connection.sendall(reply)
            if more is not None:
                more(connection)

    with raw_server(script) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.mark.parametrize(("method", "outcome"), [("POST", "uncertain"), ("PATCH", "uncertain"), ("PUT", "retry")])
@pytest.mark.parametrize("reply", [None, b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-"])
def test_no_answer_is_uncertain_unless_repeating_does_no_harm(
    web: MakeSender, call_intent: MakeIntent, reply: bytes | None, method: str, outcome: str
) -> None:
    with answering(reply) as url:
        receipt = web().send(call_intent(method=method, url=url, body={}))
    assert receipt.outcome == outcome
    assert receipt.reason.startswith("no_answer: ")


def test_a_body_that_breaks_off_does_not_undo_the_status(web: MakeSender, call_intent: MakeIntent) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[1") as url:
        receipt = web().send(call_intent(url=url))
    assert (receipt.outcome, receipt.response["body"], receipt.response["truncated"]) == ("sent", "[1", True)


def _wait_for_the_other_side(connection: socket.socket) -> None:
    connection.recv(1)


def _drip(connection: socket.socket) -> None:
    """A byte whenever the other side could have lost patience with silence, for ever."""
    connection.settimeout(0.05)
    while True:
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            connection.sendall(b"x")


@pytest.mark.parametrize("more", [_wait_for_the_other_side, _drip])
def test_the_time_limit_is_over_the_whole_exchange(
    web: MakeSender, call_intent: MakeIntent, more: Callable[[socket.socket], None]
) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nX-A: ", more) as url:
        receipt = web(timeout=0.5).send(call_intent(url=url))
    assert receipt.outcome == "uncertain"
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", more) as url:
        receipt = web(timeout=0.5).send(call_intent(url=url))
    assert (receipt.outcome, receipt.response["truncated"]) == ("sent", True)


def test_nobody_there_is_to_be_tried_again(web: MakeSender, call_intent: MakeIntent) -> None:
    receipt = web().send(call_intent(url=f"http://127.0.0.1:{closed_port()}/"))
    assert (receipt.outcome, receipt.reason.split(":")[0]) == ("retry", "unreachable")
    receipt = web().send(call_intent(url="http://no-such-host.invalid/"))
    assert (receipt.outcome, receipt.reason.split(":")[0]) == ("retry", "unreachable")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"]
)
def test_private_networks_are_refused_however_they_are_written(
    web: MakeSender, call_intent: MakeIntent, site: Site, host: str
) -> None:
    receipt = web(allowed_networks=[]).send(call_intent(url=f"http://{host}:{site.port}/"))
    assert receipt.outcome == "failed"
    assert receipt.reason.startswith("private_network: ")
    assert site.seen == []


def test_an_allowed_network_allows_that_network_alone(web: MakeSender, call_intent: MakeIntent, site: Site) -> None:
    only = web(allowed_networks=["127.0.0.1/32"])
    assert only.send(call_intent(url=site.url)).outcome == "sent"
    assert only.send(call_intent(url=site.url.replace("127.0.0.1", "127.0.0.2"))).outcome == "failed"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::5db8:d822", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("0.0.0.0", False),
        ("192.0.2.1", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


def test_one_bad_address_spoils_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name server here can be made to say this, so the resolver's answer is given."""

    def resolve(*arguments: Any, **options: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
        checked_addresses("example.com", 80, ())
    network = ipaddress.ip_network("10.0.0.0/8")
    assert checked_addresses("example.com", 80, (network,)) == ["93.184.216.34", "10.0.0.1"]


def test_the_name_is_looked_up_once_so_a_second_answer_cannot_lead_elsewhere(
    web: MakeSender, call_intent: MakeIntent, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, *arguments: Any, **options: Any) -> Any:
        if host == "rebinding.example":
            lookups.append(host)
            host = "127.0.0.1" if len(lookups) == 1 else "127.0.0.2"
        return real(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    receipt = web(allowed_networks=["127.0.0.1/32"]).send(call_intent(url=f"http://rebinding.example:{site.port}/"))
    assert receipt.outcome == "sent"
    assert lookups == ["rebinding.example"]
    assert site.seen[0].headers["Host"] == f"rebinding.example:{site.port}"


def _secure(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


def test_tls_is_checked_against_the_name_in_the_url(
    web: MakeSender, call_intent: MakeIntent, certificate: Certificate
) -> None:
    def script(connection: socket.socket) -> None:
        if connection.recv(65_536):
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with raw_server(script, _secure(certificate)) as port:
        trusting = web(ca_file=str(certificate.certificate))
        assert trusting.send(call_intent(url=f"https://127.0.0.1:{port}/")).outcome == "sent"
        assert trusting.send(call_intent(url=f"https://127.0.0.2:{port}/")).outcome == "retry"
        assert web().send(call_intent(url=f"https://127.0.0.1:{port}/")).outcome == "retry"


def test_a_proxy_of_the_environment_does_not_get_the_call(
    web: MakeSender, call_intent: MakeIntent, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would resolve the name itself, behind the check."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port()}")
    assert web().send(call_intent(url=site.url)).outcome == "sent"
