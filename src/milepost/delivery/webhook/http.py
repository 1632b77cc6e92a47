"""A web call by HTTP: method, URL, headers and JSON body as the node rendered them.

Owns the exchange and what each way it can end means (D-7). Must not know outbox, ledger or what becomes of an answer.
"""

from __future__ import annotations

import ssl
from typing import Any, Final

import httpx2
import msgspec
import pydantic

from milepost.delivery.provider import Provider, Settings
from milepost.delivery.template import Templates
from milepost.delivery.webhook.network import AddressRefused, Network, Transport
from milepost.ports.sender import Intent, Outcome, Receipt

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
#: To repeat one of these does nothing that the first time did not do, by the definition of HTTP (RFC 9110, 9.2.2).
REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
#: Set by us or by the protocol: from a node's settings they could break the framing or the idempotency.
RESERVED_HEADERS: Final = frozenset({
    "connection", "content-length", "expect", "host", "idempotency-key", "keep-alive", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip
KEPT_HEADERS: Final = ("content-type", "date", "location", "retry-after", "x-request-id")
#: Answers after which another attempt makes sense: too early, too slow, too many.
TEMPORARY: Final = frozenset({408, 425, 429})

_MAX_HEADER: Final = 1_000


class HttpSettings(Settings):
    """What every web call keeps to."""

    timeout: float = pydantic.Field(default=10.0, gt=0, le=300)
    """Seconds for the whole exchange."""
    max_response_bytes: int = pydantic.Field(default=65_536, ge=0, le=10_485_760)
    """How much of an answer's body is kept; the rest is not even read."""
    allowed_networks: tuple[pydantic.IPvAnyNetwork, ...] = ()
    """Networks that may be called although they are not public, as `10.1.0.0/16`."""
    ca_file: str | None = None
    """Certificates to trust instead of the system's."""
    user_agent: str = "Milepost"
    """How we introduce ourselves."""


class Http(Provider):
    """Calls any public URL."""

    channel = "webhook"
    name = "http"
    settings_type = HttpSettings

    def __init__(self, settings: HttpSettings, templates: Templates) -> None:
        super().__init__(settings, templates)
        self._settings = settings
        allowed: tuple[Network, ...] = settings.allowed_networks
        self._client = httpx2.Client(
            transport=Transport(allowed, settings.timeout, ssl.create_default_context(cafile=settings.ca_file)),
            timeout=settings.timeout,
            follow_redirects=False,
            trust_env=False,
            headers={
                "User-Agent": settings.user_agent,
                "Accept": "application/json, */*",
                "Accept-Encoding": "identity",
            },
        )

    def send(self, intent: Intent) -> Receipt:
        """One call. A redirect is not followed: where it leads was neither chosen nor checked."""
        try:
            request = self._request(intent)
        except (ValueError, TypeError, httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            return self.receipt("failed", f"bad_request: {error}")
        try:
            return self._exchange(request)
        except AddressRefused as refused:
            return self.receipt("failed", f"private_network: {refused}")
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            return self.receipt("retry", f"unreachable: {_said(error)}")
        except (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol) as error:
            return self.receipt("failed", f"bad_request: {error}")
        except httpx2.TransportError as error:
            outcome: Outcome = "retry" if request.method in REPEATABLE else "uncertain"
            return self.receipt(outcome, f"no_answer: {_said(error)}")

    def close(self) -> None:
        """Close what is open."""
        self._client.close()

    def _request(self, intent: Intent) -> httpx2.Request:
        """Raises ValueError, TypeError or InvalidURL for what makes no request."""
        payload = intent.payload
        method = str(payload.get("method") or "POST").upper()
        if method not in METHODS:
            raise ValueError(f"there is no method `{method}` here; there are {', '.join(sorted(METHODS))}")
        url = httpx2.URL(str(payload.get("url") or "").strip())
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("the URL must begin with http:// or https:// and name a host")
        headers = httpx2.Headers({str(name): str(value) for name, value in (payload.get("headers") or {}).items()})
        if reserved := sorted(RESERVED_HEADERS & {name.lower() for name in headers}):
            raise ValueError(f"the header `{reserved[0]}` cannot be set")
        headers["Idempotency-Key"] = intent.id
        body = payload.get("body")
        if body is None:
            return self._client.build_request(method, url, headers=headers)
        headers.setdefault("Content-Type", "application/json")
        content = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
        return self._client.build_request(method, url, headers=headers, content=content)

    def _exchange(self, request: httpx2.Request) -> Receipt:
        response = self._client.send(request, stream=True)
        try:
            answer = {
                "status": response.status_code,
                "headers": {
                    name: response.headers[name][:_MAX_HEADER] for name in KEPT_HEADERS if name in response.headers
                },
                **self._body(response),
            }
        finally:
            response.close()
        status, reference = response.status_code, answer["headers"].get("x-request-id", "")
        if 200 <= status < 300:
            return self.receipt("sent", "", answer, reference)
        if 300 <= status < 400:
            place = answer["headers"].get("location", "nowhere")
            return self.receipt("failed", f"redirect: {status} to {place}", answer, reference)
        if status >= 500 or status in TEMPORARY:
            return self.receipt("retry", f"status: {status}", answer, reference)
        return self.receipt("failed", f"status: {status}", answer, reference)

    def _body(self, response: httpx2.Response) -> dict[str, Any]:
        """The body as JSON or text, cut to the limit; the status is known, so a body that breaks off is no error."""
        if "content-encoding" in response.headers:
            return {"body": None, "truncated": True}
        limit = self._settings.max_response_bytes
        content = b""
        broken = False
        try:
            for piece in response.iter_raw():
                content += piece
                if len(content) > limit:
                    break
        except httpx2.TransportError:
            broken = True
        truncated = broken or len(content) > limit
        content = content[:limit]
        if not content:
            return {"body": None, "truncated": truncated}
        if not truncated and "json" in response.headers.get("content-type", ""):
            try:
                return {"body": msgspec.json.decode(content), "truncated": False}
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                pass
        return {"body": content.decode("utf-8", "replace"), "truncated": truncated}


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
