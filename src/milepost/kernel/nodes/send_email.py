"""Action *Send email*: asks the consent, renders the head, hands over to the outbox, goes on (D-3.2, D-3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from milepost.kernel import insert
from milepost.kernel.command import Channel
from milepost.kernel.node import NEXT, Behaviour, Decision, Family, NodeSettings, Step


class SendEmail(NodeSettings):
    """Sends an email."""

    kind: ClassVar[str] = "send_email"
    family: ClassVar[Family] = "action"
    label: ClassVar[str] = "Send email"
    sends: ClassVar[Channel | None] = "email"
    produces: ClassVar[tuple[str, ...]] = ("message.sent", "message.failed", "message.skipped")

    to: str = Field("", title="To", description="Left empty: the profile's email address")
    sender: str = Field("", title="Sender", description="Left empty: the server's default sender")
    subject: str = Field(title="Subject", min_length=1, max_length=500)
    body: str = Field(title="Text", min_length=1, max_length=200_000, json_schema_extra={"format": "textarea"})
    html: str = Field("", title="HTML", max_length=500_000, json_schema_extra={"format": "textarea"})
    transactional: bool = Field(
        False, title="Transactional", description="Such as an order confirmation: free of consent; its events say so"
    )

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour(self)

    def texts(self) -> Iterator[tuple[str, Any]]:
        yield "to", self.to
        yield "sender", self.sender
        yield "subject", self.subject

    def bodies(self) -> Iterator[tuple[str, str]]:
        yield "body", self.body
        yield "html", self.html


class _Behaviour(Behaviour):
    def __init__(self, settings: SendEmail) -> None:
        self.settings = settings
        self.to = insert.text(settings.to) if settings.to else None
        self.sender = insert.text(settings.sender)
        self.subject = insert.text(settings.subject)
        bodies = [body for _, body in settings.bodies() if insert.has_insert(body)]
        self.required = sorted({name for body in bodies for name in insert.required(body)})
        self.roots = {root for body in bodies for root in insert.roots(body)}

    def arrive(self, step: Step) -> Decision:
        settings, profile = self.settings, step.profile
        marks = {"channel": "email", "transactional": True} if settings.transactional else {"channel": "email"}
        consent = profile.consents.get("email")
        scope = step.scope()
        try:
            to = profile.email or "" if self.to is None else self.to(scope).strip()
            if not settings.transactional and not (consent is not None and consent.granted):
                step.emit("message.skipped", {"reason": "no_consent", **marks}, left_out="email")
                return NEXT
            if not to:
                step.emit("message.skipped", {"reason": "no_address", **marks}, left_out="email")
                return NEXT
            for name in self.required:
                insert.required_attribute(name)(scope)
            head = {"to": to, "sender": self.sender(scope), "subject": self.subject(scope)}
        except insert.MissingAttribute as missing:
            why = {"reason": "missing_attribute", "attribute": missing.name, **marks}
            step.emit("message.skipped", why, left_out="email")
            return NEXT
        variables = insert.variables(scope, self.roots)
        step.send("email", {**head, "body": settings.body, "html": settings.html, "variables": variables}, **marks)
        return NEXT
