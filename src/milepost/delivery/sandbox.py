"""The provider of virtual workspaces: it sends nothing, records what would have gone out, and answers at once (D-3.8).

Owns what the record holds. The record is the receipt, which the ledger keeps. Must not reach the network.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from milepost.delivery.email.message import CannotCompose, compose, texts
from milepost.delivery.template import TemplateFailed, Templates
from milepost.ports.sender import Intent, Receipt

NAME: Final = "sandbox"
SENDER: Final = "sandbox@milepost.invalid"
"""Where a message comes from when neither its node nor the operator says so."""


class Sandbox:
    """Takes intents of one channel; implements the port `Sender`."""

    def __init__(self, channel: Literal["email", "webhook"], templates: Templates, sender: str | None = None) -> None:
        """`sender` is where messages come from whose node names no sender."""
        self.channel: str = channel
        self.name = NAME
        self._templates = templates
        self._sender = sender or SENDER

    def send(self, intent: Intent) -> Receipt:
        """Always sent, unless the message cannot even be written: then failed, as with a real provider."""
        if self.channel == "webhook":
            request = {key: intent.payload.get(key) for key in ("method", "url", "body")}
            response: dict[str, Any] = {"status": 200, "headers": {}, "body": None, "request": request}
            return Receipt("sent", response=response, provider=NAME)
        try:
            text, html = texts(intent, self._templates)
            message = compose(intent, text, html, self._sender)
        except TemplateFailed as failure:
            return Receipt("failed", f"template_{failure.reason}: {failure}", provider=NAME)
        except CannotCompose as failure:
            return Receipt("failed", f"{failure.reason}: {failure}", provider=NAME)
        record = {"to": str(message["To"]), "sender": str(message["From"]), "subject": str(message["Subject"])}
        return Receipt("sent", response={**record, "text": text, "html": html}, provider=NAME)

    def close(self) -> None:
        """Nothing is held."""
