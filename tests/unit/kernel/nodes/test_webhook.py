"""Webhook: hands a web call over to the outbox and goes on; the answer comes back as an event (D-3.2, D-7)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.kernel.trial import Trial, around, definition, node, refused, trigger

Json = dict[str, Any]
URL = "https://hooks.example.com/in"


def test_the_path_goes_on_when_the_call_is_handed_over() -> None:
    trial = Trial(around("webhook", {"url": URL}))
    trial.enter(1_000)

    assert trial.left() == [("next", 1_000)]
    assert trial.payloads() == [
        {"method": "POST", "url": URL, "headers": {}, "body": None, "response_event": "webhook.response"}
    ]


def test_every_part_may_have_inserts_and_the_body_keeps_types() -> None:
    settings = {
        "method": "PUT", "url": URL + "/{{ event.params.id | urlencode }}",
        "headers": {"X-Tier": "{{ customer.tier }}", "X-None": "{{ customer.x }}"},
        "body": {"n": "{{ event.params.n }}", "gone": "{{ event.params.x }}", "deep": [{"t": "{{ customer.tier }}"}]},
        "response_event": "erp.answered",
    }  # fmt: skip
    trial = Trial(around("webhook", settings), attributes={"tier": "gold"})
    trial.enter(1_000, id="a/b c", n=5)

    assert trial.payloads() == [{
        "method": "PUT", "url": URL + "/a%2Fb%20c", "headers": {"X-Tier": "gold", "X-None": ""},
        "body": {"n": 5, "deep": [{"t": "gold"}]}, "response_event": "erp.answered",
    }]  # fmt: skip


def test_the_answer_is_an_event_that_a_path_behind_can_wait_for() -> None:
    """In a virtual workspace the sandbox answers at once (D-3.8)."""
    trial = Trial(
        definition(
            trigger("n"),
            node("n", "webhook", {"url": URL, "response_event": "answered"}, next="wait"),
            node("wait", "event_filter", {"action": "answered"}, matched="end"),
            node("end", "end"),
        )
    )
    trial.enter(1_000)

    assert trial.way() == ["in", "n", "wait", "end"]
    [(action, params)] = trial.produced()
    assert action == "answered"
    assert (params["url"], params["status"], params["provider"]) == (URL, 200, "sandbox")


def test_an_intent_has_an_id_made_of_where_it_comes_from() -> None:
    """D-1.4: a pure function of (run, path, node, visit, ordinal); it is the idempotency key at the other side."""
    trial = Trial(around("webhook", {"url": URL}))
    trial.enter(1_000)
    with trial.world.store.reading() as tx:
        [row] = tx.intents(trial.world.workspace, limit=10)
    assert row.id == f"{trial.world.moves()[0]['path_id']}.n.1.1"


def test_a_required_attribute_that_is_missing_skips_the_call() -> None:
    for part in ({"url": URL + "/{% customer name %}"}, {"headers": {"X": "{% customer name %}"}}):
        trial = Trial(around("webhook", {"url": URL, **part}))
        trial.enter(1_000)
        assert trial.payloads() == []
        assert trial.produced() == [("automation.actionSkipped", {"reason": "missing_attribute", "attribute": "name"})]
        assert trial.left() == [("next", 1_000)]


def test_numbers_beyond_64_bits_do_no_harm() -> None:
    body = {"sum": "{{ event.params.n * 1000 }}", "given": 10**30}
    trial = Trial(around("webhook", {"url": URL, "body": body}))
    trial.enter(1_000, n=2**63)
    [payload] = trial.payloads()
    assert payload["body"] == {"sum": float(2**63) * 1000, "given": 1e30}


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "example.com"}, "url"),
        ({"url": "https://" + "a" * 2_000}, "url"),
        ({"url": URL, "method": "FETCH"}, "method"),
        ({"url": URL, "headers": {"X": 5}}, "headers.X"),
        ({"url": URL, "headers": {"X": "{{ nobody }}"}}, "headers"),
        ({"url": URL + "{{ nobody }}"}, "url"),
        ({"url": URL, "body": ["{{ nobody }}"]}, "body"),
        ({"url": URL, "response_event": "automation.mine"}, "response_event"),
        ({"url": URL, "response_event": ""}, "response_event"),
    ],
)
def test_what_is_refused(settings: Json, field: str) -> None:
    assert [name for name, _ in refused("webhook", settings)] == [field]
