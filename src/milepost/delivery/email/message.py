"""From an intent to a MIME message: bodies rendered, headers that nobody can inject into, an id that stays the same.

Owns the form of a message. Must not know how it travels.
"""

from __future__ import annotations

import datetime
from email.errors import NonASCIILocalPartDefect
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from milepost.delivery.template import Part, Templates
from milepost.ports.sender import Intent


class CannotCompose(Exception):
    """The intent makes no message. `reason` is one of bad_recipient, bad_sender, empty_body."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def texts(intent: Intent, templates: Templates) -> tuple[str, str | None]:
    """The plain text and, where there is one, the HTML, rendered. Raises TemplateFailed."""
    payload = intent.payload
    parts = [Part(payload.get("body") or "")]
    if payload.get("html"):
        parts.append(Part(payload["html"], html=True))
    text, *html = templates.render(parts, payload.get("variables") or {})
    return text, html[0] if html else None


def compose(intent: Intent, text: str, html: str | None, default_sender: str | None = None) -> EmailMessage:
    """The message, from `default_sender` where the node names none. Raises CannotCompose.

    Its id comes from the intent, so that an attempt made twice can be recognised by the mailbox; its date is when the
    node acted.
    """
    sender = _one_address(intent.payload.get("sender") or default_sender, "bad_sender")
    recipient = _one_address(intent.payload.get("to"), "bad_recipient")
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = recipient
    # A line break in a subject comes from a customer's data: it is white space, never the begin of another header.
    message["Subject"] = " ".join(str(intent.payload.get("subject") or "").split())
    message["Message-ID"] = f"<{quote(intent.id, safe='')}@{sender.domain}>"
    message["Date"] = format_datetime(datetime.datetime.fromtimestamp(intent.created / 1000, tz=datetime.UTC))
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def _one_address(value: Any, reason: str) -> Address:
    """Exactly one address, with or without a name; its domain in ASCII. Raises CannotCompose."""
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise CannotCompose(reason, "There is no address.")
    if not text.isprintable():
        raise CannotCompose(reason, "The address has a line break or a control character in it.")
    try:
        header = SMTP.header_factory("To", text)
        addresses: tuple[Address, ...] = header.addresses if isinstance(header, AddressHeader) else ()
        faults = [fault for fault in header.defects if not isinstance(fault, NonASCIILocalPartDefect)]
        if len(addresses) != 1 or faults or not addresses[0].username or not addresses[0].domain:
            raise CannotCompose(reason, f"`{text}` is not one e-mail address.")
        domain = addresses[0].domain.encode("idna").decode()
        return Address(addresses[0].display_name, addresses[0].username, domain)
    except (ValueError, IndexError) as error:
        raise CannotCompose(reason, f"`{text}` is not one e-mail address.") from error
