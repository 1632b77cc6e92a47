"""E-mail by SMTP, to any server: one command after the other, so that it is always known how far a message has come.

Owns the conversation and what each way it can end means (D-7). Must not know outbox or ledger. `smtplib` and not an
asynchronous client: `send` blocks by its contract, in a thread of the outbox, and here DATA can be taken apart into the
question and the content, which is what tells *not sent* from *uncertain*.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final, Literal

import pydantic

from milepost.delivery.email.message import CannotCompose, compose, texts
from milepost.delivery.provider import Provider, Settings
from milepost.delivery.template import TemplateFailed, Templates
from milepost.ports.sender import Intent, Outcome, Receipt

_LINE_BEGINS_WITH_DOT: Final = re.compile(rb"(?m)^\.")


class SmtpSettings(Settings):
    """Where the server is and how to speak with it."""

    host: str
    """Name or address of the server."""
    port: int = pydantic.Field(default=587, ge=1, le=65_535)
    """TCP port of the server."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`starttls` refuses to go on without TLS; `tls` speaks it from the first byte (port 465)."""
    username: str | None = None
    """Name to log in with; without one there is no login."""
    password: pydantic.SecretStr | None = None
    """Password to log in with; never logged, never returned."""
    ca_file: str | None = None
    """Certificates to trust instead of the system's."""
    timeout: float = pydantic.Field(default=30.0, gt=0, le=600)
    """Seconds for each answer of the server."""
    local_hostname: str | None = None
    """What we call ourselves; the name of this machine by default."""
    messages_per_connection: int = pydantic.Field(default=100, ge=1)
    """After so many the connection is opened anew."""
    sender: str | None = None
    """Where a message comes from when its node names no sender."""


class _Ended(Exception):
    """The conversation has come to an end, and this is what it means for the message."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


class Smtp(Provider):
    """Sends by one SMTP server; keeps connections open between messages."""

    channel = "email"
    name = "smtp"
    settings_type = SmtpSettings

    def __init__(self, settings: SmtpSettings, templates: Templates) -> None:
        super().__init__(settings, templates)
        self._settings = settings
        self._lock = threading.Lock()
        self._idle: list[_Connection] = []

    def send(self, intent: Intent) -> Receipt:
        """One message, to one recipient."""
        try:
            text, html = texts(intent, self.templates)
            message = compose(intent, text, html, self._settings.sender)
        except TemplateFailed as failure:
            return self.receipt("failed", f"template_{failure.reason}: {failure}")
        except CannotCompose as failure:
            return self.receipt("failed", f"{failure.reason}: {failure}")
        try:
            with self._connection() as connection:
                answer = connection.deliver(message)
        except _Ended as end:
            return self.receipt(end.outcome, end.reason)
        # The answer is where a server says under which number it has queued the message.
        return self.receipt("sent", "", {"answer": answer, "messageId": str(message["Message-ID"])}, answer)

    def close(self) -> None:
        """Say goodbye on every open connection."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.quit()

    @contextmanager
    def _connection(self) -> Iterator[_Connection]:
        connection = self._reuse() or _Connection(self._settings)
        try:
            yield connection
        except BaseException:
            connection.quit()
            raise
        if connection.messages >= self._settings.messages_per_connection:
            connection.quit()
            return
        with self._lock:
            self._idle.append(connection)

    def _reuse(self) -> _Connection | None:
        """An open connection over which the server still answers."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.answers():
                return connection
            connection.quit()


class _Connection:
    """One connection: greeted, secured, logged in."""

    def __init__(self, settings: SmtpSettings) -> None:
        """Raises _Ended, always to try again: nothing was handed over, and it is not the message's fault."""
        self.messages = 0
        self._smtp: smtplib.SMTP | None = None
        try:
            self._smtp = self._open(settings)
        except smtplib.SMTPResponseException as error:
            raise _Ended("retry", f"unavailable: {_answer(error.smtp_code, error.smtp_error)}") from error
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise _Ended("retry", f"unreachable: {error}") from error

    def _open(self, settings: SmtpSettings) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, settings.local_hostname, timeout=settings.timeout, context=context
            )
        else:
            smtp = smtplib.SMTP(settings.host, settings.port, settings.local_hostname, timeout=settings.timeout)
        try:
            smtp.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo_or_helo_if_needed()
            if settings.username is not None:
                password = "" if settings.password is None else settings.password.get_secret_value()
                smtp.login(settings.username, password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def answers(self) -> bool:
        """Whether the server is still there."""
        try:
            return self._open_smtp.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def quit(self) -> None:
        """Close it, politely where that is still possible."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._smtp.close()
            self._smtp = None

    def deliver(self, message: EmailMessage) -> str:
        """Hand the message over; the server's answer. Raises _Ended for every other end."""
        self.messages += 1
        smtp = self._open_smtp
        sender, recipient = message["From"].addresses[0].addr_spec, message["To"].addresses[0].addr_spec
        options: list[str] = []
        policy = SMTP
        if not (sender + recipient).isascii():
            if not smtp.has_extn("smtputf8"):
                raise _Ended("failed", "unsupported: the server does not take addresses beyond ASCII")
            options, policy = ["SMTPUTF8", "BODY=8BITMIME"], SMTP.clone(utf8=True)
        content = _LINE_BEGINS_WITH_DOT.sub(b"..", message.as_bytes(policy=policy))
        try:
            _expect(smtp.mail(sender, options), {250})
            _expect(smtp.rcpt(recipient), {250, 251})
            _expect(smtp.docmd("DATA"), {354})
            # A message counts for the server once the dot behind it has arrived: an error in here comes before that.
            smtp.send(content.removesuffix(b"\r\n") + b"\r\n.\r\n")
        except (OSError, smtplib.SMTPException) as error:
            raise _Ended("retry", f"connection_lost: {error}") from error
        try:
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise _Ended("uncertain", f"no_answer: the message was handed over, then: {error}") from error
        if not 200 <= code < 600:
            raise _Ended("uncertain", f"no_answer: the message was handed over, then: {_answer(code, text)}")
        _expect((code, text), {250})
        return _answer(code, text)

    @property
    def _open_smtp(self) -> smtplib.SMTP:
        if self._smtp is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        return self._smtp


def _expect(reply: tuple[int, bytes], wanted: set[int]) -> None:
    """Raise _Ended unless the server agreed: for 5xx it never will, for anything else it may another time."""
    code, text = reply
    if code not in wanted:
        refused = 500 <= code < 600
        raise _Ended("failed" if refused else "retry", f"{'refused' if refused else 'deferred'}: {_answer(code, text)}")


def _answer(code: int, text: bytes | str) -> str:
    shown = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return f"{code} {' '.join(shown.split())}"[:500]
