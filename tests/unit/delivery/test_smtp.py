"""E-mail over real SMTP servers: those that take a message, refuse it, and die at the worst moment (D-7)."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, Envelope

from milepost.delivery import registry
from milepost.delivery.provider import Provider
from milepost.delivery.template import Templates
from tests.unit.delivery.conftest import Certificate, MakeIntent
from tests.unit.delivery.servers import Mailbox, closed_port, raw_server, smtp_server

MakeSender = Callable[..., Provider]


@pytest.fixture
def smtp(templates: Templates) -> Iterator[MakeSender]:
    made: list[Provider] = []

    def make(port: int, **settings: Any) -> Provider:
        whole = {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 20, **settings}
        made.append(registry.build("email", "smtp", whole, templates))
        return made[-1]

    yield make
    for sender in made:
        sender.close()


def _parsed(envelope: Envelope) -> EmailMessage:
    assert isinstance(envelope.content, bytes)
    content = envelope.content.replace(b"\r\n", b"\n")
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_message_is_delivered(smtp: MakeSender, email_intent: MakeIntent) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as port:
        sender = smtp(port)
        receipt = sender.send(email_intent(subject="Grüße €", html="<p>Hi {{ customer.name }} &amp; co</p>"))
        sender.close()
    assert receipt.outcome == "sent"
    assert receipt.provider == "smtp"
    assert receipt.response["messageId"] == "<r1-p1.n%202.1.0@example.org>"
    (envelope,) = mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("shop@example.org", ["ann@example.com"])
    message = _parsed(envelope)
    assert message["From"] == "Shop <shop@example.org>"
    assert message["To"] == "Ann <ann@example.com>"
    assert message["Subject"] == "Grüße €"
    assert message["Message-ID"] == "<r1-p1.n%202.1.0@example.org>"
    assert message["Date"] == "Sun, 01 Mar 2026 12:00:00 +0000"
    text, html = message.iter_parts()
    assert (text.get_content_type(), text.get_content()) == ("text/plain", "Hello Ann\n")
    assert (html.get_content_type(), html.get_content()) == ("text/html", "<p>Hi Ann &amp; co</p>\n")


def test_a_text_that_looks_like_the_end_of_the_message_does_not_end_it(
    smtp: MakeSender, email_intent: MakeIntent
) -> None:
    body = "one\n.\n..two\n.three\n\n.\nMAIL FROM:<evil@example.com>\n."
    mailbox = Mailbox()
    with smtp_server(mailbox) as port:
        sender = smtp(port)
        assert sender.send(email_intent(body=body)).outcome == "sent"
        sender.close()
    (envelope,) = mailbox.envelopes
    message = _parsed(envelope)
    assert message.get_content() == body + "\n"


def test_a_connection_is_used_again_and_given_up_after_its_share(smtp: MakeSender, email_intent: MakeIntent) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as port:
        sender = smtp(port, messages_per_connection=2)
        assert [sender.send(email_intent()).outcome for _ in range(3)] == ["sent"] * 3
        sender.close()
    first, second, third = mailbox.sessions
    assert first is second
    assert third is not second


def test_a_kept_connection_that_the_server_has_closed_is_noticed(smtp: MakeSender, email_intent: MakeIntent) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as port:
        sender = smtp(port)
        assert sender.send(email_intent()).outcome == "sent"
        asyncio.run_coroutine_threadsafe(mailbox.hang_up(), mailbox.sessions[0].loop).result(20)
        assert sender.send(email_intent()).outcome == "sent"
        sender.close()
    assert len(mailbox.envelopes) == 2


@pytest.mark.parametrize(
    ("answers", "outcome", "reason"),
    [
        ({"mail": "550 we do not know you"}, "failed", "refused: 550 we do not know you"),
        ({"mail": "451 later"}, "retry", "deferred: 451 later"),
        ({"rcpt": "550 no such user"}, "failed", "refused: 550 no such user"),
        ({"rcpt": "450 greylisted"}, "retry", "deferred: 450 greylisted"),
        ({"data": "554 spam"}, "failed", "refused: 554 spam"),
        ({"data": "452 disk full"}, "retry", "deferred: 452 disk full"),
        ({"mail": "die"}, "retry", "connection_lost"),
        ({"rcpt": "die"}, "retry", "connection_lost"),
        ({"data": "die"}, "uncertain", "no_answer"),
    ],
)
def test_every_end_of_a_conversation_is_told_apart(
    smtp: MakeSender, email_intent: MakeIntent, answers: dict[str, str], outcome: str, reason: str
) -> None:
    with smtp_server(Mailbox(**answers)) as port:
        sender = smtp(port)
        receipt = sender.send(email_intent())
        sender.close()
    assert receipt.outcome == outcome
    assert receipt.reason.startswith(reason)


def _scripted(connection: socket.socket, replies: Mapping[bytes, bytes | None]) -> None:
    """Answer commands by their first four letters; None breaks off."""
    lines = connection.makefile("rb")
    connection.sendall(replies.get(b"", b"220 test\r\n") or b"")
    while line := lines.readline():
        reply = replies.get(line[:4].upper().strip(), b"250 OK\r\n")
        if reply is None:
            return
        connection.sendall(reply)
        if reply.startswith(b"354"):
            while (content := lines.readline()) and content != b".\r\n":
                pass
            if (reply := replies.get(b".")) is None:
                return
            connection.sendall(reply)


@pytest.mark.parametrize(
    ("replies", "outcome", "reason"),
    [
        ({b"": b"421 too busy\r\n"}, "retry", "unavailable: 421"),
        ({b"": b"554 go away\r\n"}, "retry", "unavailable: 554"),
        ({b"EHLO": None}, "retry", "unreachable"),
        ({b"DATA": None}, "retry", "connection_lost"),
        ({b"DATA": b"503 no\r\n"}, "failed", "refused: 503"),
        ({b"DATA": b"354 go\r\n", b".": None}, "uncertain", "no_answer"),
        ({b"DATA": b"354 go\r\n", b".": b"nonsense\r\n"}, "uncertain", "no_answer"),
        ({b"DATA": b"354 go\r\n", b".": b"250 queued as 1\r\n"}, "sent", ""),
    ],
)
def test_servers_that_misbehave(
    smtp: MakeSender, email_intent: MakeIntent, replies: dict[bytes, bytes | None], outcome: str, reason: str
) -> None:
    with raw_server(lambda connection: _scripted(connection, replies)) as port:
        sender = smtp(port)
        receipt = sender.send(email_intent())
        sender.close()
    assert receipt.outcome == outcome
    assert receipt.reason.startswith(reason)


def test_a_server_that_never_answers_the_content_leaves_it_uncertain(
    smtp: MakeSender, email_intent: MakeIntent
) -> None:
    silent = {b"DATA": b"354 go\r\n", b".": b""}
    with raw_server(lambda connection: _scripted(connection, silent)) as port:
        receipt = smtp(port, timeout=0.3).send(email_intent())
    assert receipt.outcome == "uncertain"


def test_nobody_there_is_to_be_tried_again(smtp: MakeSender, email_intent: MakeIntent) -> None:
    receipt = smtp(closed_port()).send(email_intent())
    assert receipt.outcome == "retry"
    assert receipt.reason.startswith("unreachable")
    assert smtp(25, host="no-such-host.invalid").send(email_intent()).outcome == "retry"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"to": ""}, "bad_recipient"),
        ({"to": None}, "bad_recipient"),
        ({"to": "ann"}, "bad_recipient"),
        ({"to": "ann@example.com, bob@example.com"}, "bad_recipient"),
        ({"to": "ann@example.com\r\nBcc: bob@example.com"}, "bad_recipient"),
        ({"to": "ann@example.com\nRCPT TO:<bob@example.com>"}, "bad_recipient"),
        ({"sender": "Shop"}, "bad_sender"),
        ({"sender": "Shop <shop@example.org>\nBcc: bob@example.com"}, "bad_sender"),
        ({"body": "{{"}, "template_syntax"),
        ({"html": "{{ 1 / 0 }}"}, "template_error"),
    ],
)
def test_what_makes_no_message_fails_without_a_connection(
    smtp: MakeSender, email_intent: MakeIntent, change: dict[str, Any], reason: str
) -> None:
    receipt = smtp(closed_port()).send(email_intent(**change))
    assert receipt.outcome == "failed"
    assert receipt.reason.startswith(reason)


def test_the_operators_sender_stands_in_where_a_node_names_none(smtp: MakeSender, email_intent: MakeIntent) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as port:
        sender = smtp(port, sender="News <news@example.net>")
        assert sender.send(email_intent(sender=None)).outcome == "sent"
        sender.close()
        assert smtp(port).send(email_intent(sender=None)).reason.startswith("bad_sender")
    assert mailbox.envelopes[0].mail_from == "news@example.net"


def test_a_subject_cannot_begin_another_header(smtp: MakeSender, email_intent: MakeIntent) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as port:
        sender = smtp(port)
        assert sender.send(email_intent(subject="Hi\r\nBcc: bob@example.com")).outcome == "sent"
        sender.close()
    (envelope,) = mailbox.envelopes
    message = _parsed(envelope)
    assert message["Subject"] == "Hi Bcc: bob@example.com"
    assert message["Bcc"] is None
    assert envelope.rcpt_tos == ["ann@example.com"]


def test_domains_beyond_ascii_travel_in_ascii(smtp: MakeSender, email_intent: MakeIntent) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as port:
        sender = smtp(port)
        assert sender.send(email_intent(to="Ann <ann@bücher.example>")).outcome == "sent"
        sender.close()
    assert mailbox.envelopes[0].rcpt_tos == ["ann@xn--bcher-kva.example"]


def test_mailboxes_beyond_ascii_need_a_server_that_takes_them(smtp: MakeSender, email_intent: MakeIntent) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, enable_SMTPUTF8=True) as port:
        sender = smtp(port)
        assert sender.send(email_intent(to="jörg@example.com")).outcome == "sent"
        sender.close()
    assert mailbox.envelopes[0].rcpt_tos == ["jörg@example.com"]
    with smtp_server(Mailbox()) as port:
        sender = smtp(port)
        receipt = sender.send(email_intent(to="jörg@example.com"))
        sender.close()
    assert (receipt.outcome, receipt.reason.split(":")[0]) == ("failed", "unsupported")


def _tls(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"shop", b"right"), handled=False)


def test_starttls_and_login(smtp: MakeSender, email_intent: MakeIntent, certificate: Certificate) -> None:
    mailbox = Mailbox()
    secure = {"security": "starttls", "ca_file": str(certificate.certificate), "username": "shop"}
    with smtp_server(
        mailbox, tls_context=_tls(certificate), require_starttls=True, authenticator=_authenticate, auth_required=True
    ) as port:
        sender = smtp(port, password="right", **secure)
        assert sender.send(email_intent()).outcome == "sent"
        sender.close()
        wrong = smtp(port, password="wrong", **secure).send(email_intent())
    assert mailbox.sessions[0].ssl is not None
    assert wrong.outcome == "retry", "the operator can repair the password; the message is not at fault"
    assert "wrong" not in wrong.reason
    assert len(mailbox.envelopes) == 1


def test_a_server_without_tls_or_with_a_strange_certificate_gets_nothing(
    smtp: MakeSender, email_intent: MakeIntent, certificate: Certificate
) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as port:
        assert smtp(port, security="starttls").send(email_intent()).outcome == "retry"
    with smtp_server(mailbox, tls_context=_tls(certificate)) as port:
        assert smtp(port, security="starttls").send(email_intent()).outcome == "retry"
    assert mailbox.envelopes == []


def test_tls_from_the_first_byte(smtp: MakeSender, email_intent: MakeIntent, certificate: Certificate) -> None:
    replies: dict[bytes, bytes | None] = {b"DATA": b"354 go\r\n", b".": b"250 queued\r\n"}
    with raw_server(lambda connection: _scripted(connection, replies), _tls(certificate)) as port:
        sender = smtp(port, security="tls", ca_file=str(certificate.certificate))
        assert sender.send(email_intent()).outcome == "sent"
        sender.close()
