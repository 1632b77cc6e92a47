"""Send email: asks the consent, renders the head, hands over to the outbox, goes on (D-3.2, D-3.3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.kernel.trial import Trial, around, definition, node, refused, trigger

Json = dict[str, Any]
MAIL: Json = {"subject": "Hello {{ customer.name }}", "body": "Dear {{ customer.name }}, {{ event.params.n }}"}
ADDRESS = "ann@example.com"


def sent(settings: Json | None = None, *, email: str | None = ADDRESS, **given: Any) -> Trial:
    """Ann, with consent unless said otherwise, after her path has passed the node."""
    trial = Trial(
        around("send_email", {**MAIL, **(settings or {})}), email=email, **{"consents": {"email": True}, **given}
    )
    trial.enter(1_000, n=5)
    assert trial.left() == [("next", 1_000)], "whatever becomes of the action, the path goes on"
    return trial


def skipped(trial: Trial) -> Json:
    """Why nothing was sent."""
    assert trial.payloads() == []
    [(action, params)] = trial.produced()
    assert action == "message.skipped"
    return params


def test_the_message_is_handed_over_with_its_head_rendered_and_what_its_body_reads() -> None:
    trial = sent({"sender": "Shop <shop@example.com>"}, attributes={"name": "Ann"})
    [payload] = trial.payloads()

    event = payload["variables"].pop("event")
    assert event["params"] == {"n": 5}
    assert payload == {
        "to": ADDRESS, "sender": "Shop <shop@example.com>", "subject": "Hello Ann", "body": MAIL["body"], "html": "",
        "variables": {"customer": {"name": "Ann"}},
    }  # fmt: skip
    assert trial.world.intents() == [{"node": "n", "channel": "email", "profile": "ann"}]


def test_what_comes_back_says_which_message_it_was() -> None:
    """D-7; in a virtual workspace the sandbox answers at once."""
    trial = sent()
    start = trial.world.moves()[0]
    [event] = trial.world.produced()[trial.before :]
    assert event["action"] == "message.sent"
    assert event["params"] == {
        "journeyId": trial.journey, "journeyVersion": 1, "runId": start["run_id"], "pathId": start["path_id"],
        "nodeId": "n", "channel": "email", "messageId": f"{start['path_id']}.n.1.1", "provider": "sandbox",
        "causeRunId": start["run_id"], "depth": 1,
    }  # fmt: skip


def test_the_mail_goes_whatever_the_switch_says() -> None:
    """D-1.7: the switch changes nothing about what the node's own action brings about."""
    for on in (True, False):
        trial = Trial(around("send_email", MAIL), email=ADDRESS, consents={"email": True})
        trial.world.toggle(trial.journey, "n", on)
        trial.enter(1_000)
        assert len(trial.payloads()) == 1
        assert [action for action, _ in trial.produced()] == ["message.sent"]
        assert [move["tracked"] for move in trial.world.moves() if move["node"] == "n"] == [on]


@pytest.mark.parametrize("consents", [{}, {"email": False}, {"sms": True}])
def test_no_recorded_consent_means_no(consents: dict[str, bool]) -> None:
    assert skipped(sent(consents=consents)) == {"reason": "no_consent", "channel": "email"}


def test_a_transactional_message_is_free_of_consent_and_its_events_say_so() -> None:
    trial = sent({"transactional": True}, consents={"email": False})
    [(action, params)] = trial.produced()
    assert (action, params["transactional"]) == ("message.sent", True)
    assert skipped(sent({"transactional": True}, email=None)) == {
        "reason": "no_address", "channel": "email", "transactional": True
    }  # fmt: skip


def test_without_an_address_it_is_skipped() -> None:
    assert skipped(sent(email=None)) == {"reason": "no_address", "channel": "email"}
    assert skipped(sent({"to": " {{ customer.x }} "})) == {"reason": "no_address", "channel": "email"}


def test_the_address_may_be_another_one() -> None:
    trial = sent({"to": "{{ customer.boss }}"}, attributes={"boss": "boss@example.com"}, email=None)
    assert [payload["to"] for payload in trial.payloads()] == ["boss@example.com"]


@pytest.mark.parametrize("part", ["to", "sender", "subject", "body", "html"])
def test_a_required_attribute_that_is_missing_skips_it(part: str) -> None:
    """D-3.7: also in bodies, which are rendered later and elsewhere."""
    trial = sent({part: "a {% customer tier %} b"}, attributes={"name": "Ann"})
    assert skipped(trial) == {"reason": "missing_attribute", "attribute": "tier", "channel": "email"}

    trial = sent({part: "a {% customer tier %} b"}, attributes={"tier": "gold"})
    assert len(trial.payloads()) == 1


def test_consent_is_the_one_of_the_moment_at_which_the_node_acts() -> None:
    trial = Trial(
        definition(
            trigger("wait"),
            node("wait", "delay", {"duration": {"value": 1, "unit": "hour"}}, next="n"),
            node("n", "send_email", MAIL, next="end"),
            node("end", "end"),
        ),
        email=ADDRESS,
        consents={"email": True},
    )
    trial.enter(1_000)
    trial.world.change_profile({"custom_id": "ann"}, consents={"email": False}, at=2_000)
    trial.world.run_to_end()
    assert trial.payloads() == []
    assert trial.produced()[-1] == ("message.skipped", {"reason": "no_consent", "channel": "email"})


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 501}, "subject"),
        ({"body": ""}, "body"),
        ({"subject": "{{ nobody }}"}, "subject"),
        ({"to": "{{ nobody }}"}, "to"),
        ({"sender": "{% for x in y %}{% endfor %}"}, "sender"),
        ({"body": "{{ nobody }}"}, "body"),
        ({"body": "{% if %}"}, "body"),
        ({"html": "{{ steps['nowhere'].event.id }}"}, "html"),
        ({"transactional": "perhaps"}, "transactional"),
        ({"cc": "x"}, "cc"),
    ],
)
def test_what_is_refused(settings: Json, field: str) -> None:
    assert [name for name, _ in refused("send_email", {**MAIL, **settings})] == [field]


def test_a_body_is_a_full_template() -> None:
    """D-3.7: bodies may loop; the heads may not."""
    body = "{% for item in event.params.items %}{{ loop.index }} {{ item }}{% endfor %}{% set a = 1 %}{{ a }}"
    assert refused("send_email", {**MAIL, "body": body}) == []
