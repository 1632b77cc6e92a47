"""The ledger over the API: lists, one effect with its attempts, decisions, the report (D-7)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from milepost.ports.sender import Intent, Receipt
from milepost.ports.state_store import AttemptRow
from milepost.runtime.outbox import Outbox
from tests.acceptance.conftest import START, Json, Server, failure

MAIL: Json = {"subject": "Hi", "body": "Hello", "transactional": True}
DRAWN: Json = {
    "name": "Hook and mail",
    "nodes": [
        {"id": "in", "type": "profile_event", "settings": {"action": "go"}, "outlets": {"next": "call"}},
        {"id": "call", "type": "webhook", "settings": {"url": "https://example.com/in"}, "outlets": {"next": "mail"}},
        {"id": "mail", "type": "send_email", "settings": MAIL, "outlets": {"next": "end"}},
        {"id": "end", "type": "end"},
    ],
}


class Answers:
    """A provider that answers as the test says."""

    channel, name = "webhook", "test"

    def __init__(self) -> None:
        self.receipt = Receipt("sent", response={"status": 200}, provider="test", reference="req-1")

    def send(self, intent: Intent) -> Receipt:
        return self.receipt

    def close(self) -> None:
        """Nothing to release."""


class Shop:
    """Ada, who has an address, and Bob, who has none, have gone through the journey; nothing was sent yet."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.calls = Answers()
        self.outbox = Outbox(
            server.engine.store, server.engine.log, server.clock, {"webhook": self.calls, "email": Answers()}
        )
        self.journey = server.journey(DRAWN)
        server.send({"profile": {"custom_id": "ada", "email": "ada@example.com"}, "action": "go"})
        server.settle()
        server.clock.time += 60_000
        server.send({"profile": {"custom_id": "bob"}, "action": "go"})
        server.settle()

    def work(self) -> None:
        while self.outbox.step(10):
            pass
        self.server.settle()

    def list(self, query: str = "") -> list[tuple[str, str, str]]:
        return [
            (one["channel"], one["state"], one["profile"]["identifiers"][0]["value"])
            for one in self.server.get(f"/effects{query}")["effects"]
        ]


@pytest.fixture
def shop(server: Server) -> Iterator[Shop]:
    made = Shop(server)
    yield made
    made.outbox.close()


def test_the_ledger_has_what_was_handed_over_and_what_was_skipped(shop: Shop) -> None:
    shop.work()
    assert shop.list() == [
        ("email", "skipped", "bob"), ("webhook", "sent", "bob"), ("email", "sent", "ada"),
        ("webhook", "sent", "ada"),
    ]  # fmt: skip
    skipped, call, *_ = shop.server.get("/effects")["effects"]
    assert (skipped["reason"], skipped["attempts"], skipped["node"]) == ("no_address", 0, "mail")
    assert (call["journey"], call["journey_name"], call["provider"]) == (shop.journey, "Hook and mail", "test")
    assert (call["node"], call["node_title"]) == ("call", "Webhook")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?state=skipped", [("email", "skipped", "bob")]),
        ("?channel=email", [("email", "skipped", "bob"), ("email", "pending", "ada")]),
        ("?node=call&profile=2", [("webhook", "pending", "bob")]),
        ("?since=2026-03-01T09:01:00Z&channel=webhook", [("webhook", "pending", "bob")]),
        ("?until=2026-03-01T09:01:00Z&channel=webhook", [("webhook", "pending", "ada")]),
        ("?state=failed", []),
    ],
)
def test_filters(shop: Shop, query: str, expected: list[tuple[str, str, str]]) -> None:
    assert shop.list(query) == expected


def test_pages_and_the_filter_by_journey(shop: Shop) -> None:
    other = shop.server.journey(DRAWN, active=False)
    assert shop.list(f"?journey={other}") == []
    assert len(shop.list(f"?journey={shop.journey}")) == 4
    failure(shop.server.client.get("/api/v1/effects?journey=nothing"), 404, "not_found")
    seen, query = [], "?limit=3"
    while True:
        page = shop.server.get(f"/effects{query}")
        seen += [one["id"] for one in page["effects"]]
        if page["next"] is None:
            break
        query = f"?limit=3&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 4
    failure(shop.server.client.get("/api/v1/effects?cursor=abc"), 422, "invalid")


def test_one_effect_with_its_attempts(shop: Shop) -> None:
    shop.calls.receipt = Receipt("retry", "status: 503", {"status": 503}, "test")
    shop.work()
    shop.calls.receipt = Receipt("sent", "", {"status": 200}, "test", "req-2")
    shop.server.clock.time += 5_000
    shop.work()
    id = shop.server.get("/effects?node=call&profile=1")["effects"][0]["id"]
    effect = shop.server.get(f"/effects/{id}")
    assert [(one["number"], one["outcome"], one["reason"], one["reference"]) for one in effect["tries"]] == [
        (1, "retry", "status: 503", ""), (2, "sent", "", "req-2")
    ]  # fmt: skip
    assert effect["tries"][1]["milliseconds"] == 0
    assert effect["payload"]["url"] == "https://example.com/in"
    assert effect["result"]["response"] == {"status": 200}
    assert id.startswith(effect["run"])
    failure(shop.server.client.get("/api/v1/effects/nothing"), 404, "not_found")


def test_the_rule_and_the_decisions(shop: Shop) -> None:
    shop.calls.receipt = Receipt("uncertain", "no_answer: silence", provider="test")
    assert shop.server.get("/workspace")["uncertain"] == "ask"
    shop.work()
    ada, bob = [one["id"] for one in shop.server.get("/effects?state=uncertain")["effects"]][::-1]

    decided = shop.server.post(f"/effects/{ada}/decision", {"decision": "sent"})
    assert (decided["state"], decided["decision"]["decision"], decided["decision"]["by"]) == (
        "sent",
        "sent",
        "key first",
    )
    failure(shop.server.client.post(f"/api/v1/effects/{ada}/decision", json={"decision": "sent"}), 409, "conflict")
    failure(shop.server.client.post(f"/api/v1/effects/{bob}/decision", json={"decision": "x"}), 422, "invalid")
    assert shop.server.post(f"/effects/{bob}/decision", {"decision": "send_again"})["state"] == "pending"

    answer = shop.server.client.patch("/api/v1/workspace", json={"uncertain": "send_again"})
    assert answer.json()["uncertain"] == shop.server.get("/workspace")["uncertain"] == "send_again"
    failure(shop.server.client.patch("/api/v1/workspace", json={"uncertain": "hope"}), 422, "invalid")
    shop.work()
    assert shop.server.get(f"/effects/{bob}")["decision"] == {
        "decision": "send_again", "by": "rule", "at": "2026-03-01T09:01:00.000Z"
    }  # fmt: skip


def test_the_report_is_counted(shop: Shop) -> None:
    shop.calls.receipt = Receipt("uncertain", "no_answer: silence", provider="test")
    shop.work()
    report = shop.server.get("/effects/report")
    assert report["states"] == {"pending": 0, "sending": 0, "sent": 1, "failed": 0, "skipped": 1, "uncertain": 2}
    assert (report["effects"], report["duplicates"], report["uncertain"], report["sent_again"]) == (4, 0, 2, 0)
    assert shop.server.get("/effects/report?since=2026-03-01T09:01:00Z")["effects"] == 2

    sent = shop.server.get("/effects?state=sent")["effects"][0]["id"]
    with shop.server.engine.store.writing() as tx:
        tx.put_attempts([AttemptRow(sent, 2, START, START, "sent", "", "test", "")])
    assert shop.server.get("/effects/report")["duplicates"] == 1


def test_what_waits_for_a_rate_is_told_with_its_end(shop: Shop) -> None:
    shop.server.engine.rates = {"webhook": 0.5}
    waiting = {one["channel"]: one for one in shop.server.get("/effects/report")["waiting"]}
    assert (waiting["webhook"]["waiting"], waiting["webhook"]["rate"]) == (2, 0.5)
    assert waiting["webhook"]["until"] == "2026-03-01T09:01:04.000Z"
    assert waiting["webhook"]["next"] == "2026-03-01T09:00:00.000Z"
    assert (waiting["email"]["waiting"], waiting["email"]["until"]) == (1, None)
    shop.work()
    assert shop.server.get("/effects/report")["waiting"] == []
