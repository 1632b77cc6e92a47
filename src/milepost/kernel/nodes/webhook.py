"""Action *Webhook*: hands a web call over to the outbox and goes on; the answer comes back as an event (D-3.2, D-7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from milepost.kernel import insert
from milepost.kernel.command import Channel
from milepost.kernel.event import OpenAction
from milepost.kernel.node import NEXT, Behaviour, Decision, Family, NodeSettings, Step


class Webhook(NodeSettings):
    """Calls a web address."""

    kind: ClassVar[str] = "webhook"
    family: ClassVar[Family] = "action"
    label: ClassVar[str] = "Webhook"
    sends: ClassVar[Channel | None] = "webhook"

    method: Literal["POST", "PUT", "PATCH", "GET", "DELETE"] = Field("POST", title="Method")
    url: str = Field(title="URL", examples=["https://example.com/hook"], min_length=1, max_length=2_000)
    headers: dict[str, str] = Field({}, title="Headers")
    body: Any = Field(None, title="JSON body", description="Inserts keep their type")
    response_event: OpenAction = Field("webhook.response", title="Event for the response")

    @field_validator("url")
    @classmethod
    def web_address(cls, url: str) -> str:
        """Only http and https; the host may not come from an insert's middle unseen."""
        if not url.startswith(("http://", "https://")) and not insert.has_insert(url):
            message = "the URL begins with http:// or https://"
            raise ValueError(message)
        return url

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour(self)

    def texts(self) -> Iterator[tuple[str, Any]]:
        yield "url", self.url
        yield "headers", self.headers
        yield "body", self.body

    def produced(self) -> tuple[str, ...]:
        return (self.response_event, "webhook.failed")


class _Behaviour(Behaviour):
    def __init__(self, settings: Webhook) -> None:
        self.method = settings.method
        self.response_event = settings.response_event
        self.url = insert.text(settings.url)
        self.headers = {name: insert.text(value) for name, value in settings.headers.items()}
        self.body = insert.bind(settings.body)

    def arrive(self, step: Step) -> Decision:
        scope = step.scope()
        try:
            payload = {
                "method": self.method,
                "url": self.url(scope),
                "headers": {name: render(scope) for name, render in self.headers.items()},
                "body": insert.without_missing(self.body(scope)),
                "response_event": self.response_event,
            }
        except insert.MissingAttribute as missing:
            step.skip("missing_attribute", left_out="webhook", attribute=missing.name)
            return NEXT
        step.send("webhook", payload)
        return NEXT
