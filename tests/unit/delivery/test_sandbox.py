"""The provider of virtual workspaces: nothing goes out, everything is recorded (D-3.8)."""

from __future__ import annotations

from milepost.delivery.sandbox import Sandbox
from milepost.delivery.template import Templates
from tests.unit.delivery.conftest import MakeIntent


def test_a_message_is_recorded_as_it_would_have_gone_out(templates: Templates, email_intent: MakeIntent) -> None:
    receipt = Sandbox("email", templates).send(email_intent(html="<p>{{ customer.name }}</p>"))
    assert (receipt.outcome, receipt.provider) == ("sent", "sandbox")
    assert receipt.response == {
        "to": "Ann <ann@example.com>",
        "sender": "Shop <shop@example.org>",
        "subject": "Hello",
        "text": "Hello Ann",
        "html": "<p>Ann</p>",
    }


def test_a_message_without_a_sender_is_no_reason_to_fail(templates: Templates, email_intent: MakeIntent) -> None:
    receipt = Sandbox("email", templates).send(email_intent(sender=None))
    assert (receipt.outcome, receipt.response["sender"]) == ("sent", "sandbox@milepost.invalid")


def test_what_a_real_provider_could_not_write_fails_here_too(templates: Templates, email_intent: MakeIntent) -> None:
    sandbox = Sandbox("email", templates)
    assert sandbox.send(email_intent(body="{{")).outcome == "failed"
    assert sandbox.send(email_intent(to="nobody")).outcome == "failed"


def test_a_call_is_recorded_and_answered_without_its_secrets(templates: Templates, call_intent: MakeIntent) -> None:
    receipt = Sandbox("webhook", templates).send(
        call_intent(method="POST", url="http://127.0.0.1:1/", headers={"Authorization": "secret"}, body={"a": 1})
    )
    assert (receipt.outcome, receipt.response["status"]) == ("sent", 200)
    assert receipt.response["request"] == {"method": "POST", "url": "http://127.0.0.1:1/", "body": {"a": 1}}
