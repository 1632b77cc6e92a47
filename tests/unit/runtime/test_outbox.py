"""The outbox: attempts, pauses, the ledger, and the events that come back (D-7)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from milepost.ingest import native
from milepost.ports.sender import Intent, Receipt
from milepost.ports.state_store import IntentRow
from milepost.runtime.engine import Engine
from milepost.runtime.ledger import MOST_ATTEMPTS
from milepost.runtime.outbox import IN_A_LANE, Outbox
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock
from tests.unit.kernel.trial import definition, node, trigger

Json = dict[str, Any]
END = node("end", "end")
CALL = node("call", "webhook", {"url": "https://example.com/in", "response_event": "answered"}, next="wait")
MAIL = node("mail", "send_email", {"subject": "Hi", "body": "Hello", "transactional": True}, next="wait")
START = 1_000_000


class Scripted:
    """A provider that answers as it was told, the last answer again and again."""

    name = "scripted"

    def __init__(self, channel: str, *answers: Receipt | Exception | Callable[[], Receipt]) -> None:
        self.channel = channel
        self.answers = list(answers) or [Receipt("sent", provider=self.name)]
        self.seen: list[Intent] = []
        self.closed = False

    def send(self, intent: Intent) -> Receipt:
        self.seen.append(intent)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Receipt) else answer()

    def close(self) -> None:
        self.closed = True


class Shop:
    """A real workspace in which Ann's run hands one effect over and waits for what comes back."""

    def __init__(self, sender: Scripted, via: Json = CALL, wait_for: str = "answered", customers: int = 1) -> None:
        self.clock = FixedClock(START)
        self.store = MemoryStateStore()
        self.events = MemoryEventStore()
        self.engine = Engine(self.store, self.events, self.clock)
        self.workspace = self.engine.create_workspace("real", "real").key
        self.outbox = Outbox(self.store, self.engine.log, self.clock, {sender.channel: sender})
        drawn = definition(
            trigger(via["id"]), via, node("wait", "event_filter", {"action": wait_for}, matched="end"), END
        )
        self.journey = self.engine.lifecycle.create(self.workspace, drawn, "ann").id
        self.engine.lifecycle.command(self.workspace, self.journey, "activate", "ann")
        self.engine.drain()
        people = [f'{{"custom_id":"c{i}","email":"c{i}@example.com"}}' for i in range(customers)]
        body = ",".join(f'{{"profile":{who},"action":"enter"}}' for who in people)
        self.engine.intake.store_now([(self.workspace, native.parse(f"[{body}]".encode()))])
        self.engine.drain()

    def work(self) -> None:
        """Until nothing is due, and what came of it is taken."""
        while self.outbox.step(10):
            pass
        self.engine.drain()

    def rows(self) -> list[IntentRow]:
        with self.store.reading() as tx:
            return tx.intents(self.workspace, limit=100)

    def states(self) -> list[tuple[str, int]]:
        return [(row.state, row.attempts) for row in self.rows()]

    def card(self, action: str) -> list[Json]:
        rows = self.events.activity(self.workspace, 1, limit=100)
        return [{**row._asdict()} for row in rows[::-1] if row.action == action]


# --- what becomes of an intent ---------------------------------------------------------------------------------------


def test_a_call_that_was_answered_is_sent_and_its_event_moves_the_path() -> None:
    sender = Scripted("webhook", Receipt("sent", response={"status": 201, "body": {"ok": True}}, provider="http"))
    shop = Shop(sender)
    assert shop.states() == [("pending", 0)]
    shop.clock.time += 700
    shop.work()

    assert shop.states() == [("sent", 1)]
    [answer] = shop.card("answered")
    assert (answer["time"], answer["source"], answer["journey"], answer["node"]) == (
        START + 700, "delivery", shop.journey, "call"
    )  # fmt: skip
    assert len(shop.card("automation.clientEndPath")) == 1


def test_what_comes_back_carries_where_it_comes_from() -> None:
    """D-7; and D-3.2: one deeper than the event that started the run."""
    sender = Scripted("webhook", Receipt("sent", response={"status": 201}, provider="http"))
    shop = Shop(sender)
    shop.work()
    [intent] = sender.seen
    [start] = shop.card("automation.clientStartPath")
    run, path = start["params"]["runId"], start["params"]["pathId"]
    assert intent.id == f"{path}.call.1.1"
    assert intent.payload["url"] == "https://example.com/in"
    assert intent.attempts == 1
    [answer] = shop.card("answered")
    assert answer["id"] == f"{intent.id}.sent"
    assert answer["params"] == {
        "journeyId": shop.journey, "journeyVersion": 1, "runId": run, "pathId": path, "nodeId": "call",
        "messageId": intent.id, "provider": "http", "causeRunId": run, "depth": 1,
        "url": "https://example.com/in", "status": 201,
    }  # fmt: skip


def test_a_message_that_was_sent_says_so() -> None:
    shop = Shop(Scripted("email", Receipt("sent", provider="smtp")), MAIL, "message.sent")
    shop.work()
    [sent] = shop.card("message.sent")
    assert (sent["params"]["channel"], sent["params"]["transactional"], sent["params"]["provider"]) == (
        "email", True, "smtp"
    )  # fmt: skip
    assert len(shop.card("automation.clientEndPath")) == 1


@pytest.mark.parametrize(
    ("channel", "via", "action"), [("webhook", CALL, "webhook.failed"), ("email", MAIL, "message.failed")]
)
def test_what_was_refused_has_failed_at_once_and_says_why(channel: str, via: Json, action: str) -> None:
    sender = Scripted(channel, Receipt("failed", "refused: no such address", provider="p"))
    shop = Shop(sender, via, action)
    shop.work()
    assert shop.states() == [("failed", 1)]
    [failed] = shop.card(action)
    assert failed["params"]["reason"] == "refused: no such address"
    assert len(shop.card("automation.clientEndPath")) == 1


def test_without_a_provider_it_fails_and_says_so() -> None:
    shop = Shop(Scripted("email"), wait_for="webhook.failed")
    shop.work()
    [failed] = shop.card("webhook.failed")
    assert failed["params"]["reason"].startswith("no_provider")


# --- attempts --------------------------------------------------------------------------------------------------------


def test_it_is_tried_again_after_growing_pauses_until_it_succeeds() -> None:
    sender = Scripted("webhook", Receipt("retry", "timeout"), Receipt("retry", "503"), Receipt("sent", provider="http"))
    shop = Shop(sender)
    shop.work()
    assert (shop.states(), shop.outbox.next_due()) == ([("pending", 1)], START + 5_000)
    assert shop.card("answered") == shop.card("webhook.failed") == []

    shop.clock.time = START + 4_999
    shop.work()
    assert len(sender.seen) == 1
    shop.clock.time = START + 5_000
    shop.work()
    assert shop.outbox.next_due() == START + 5_000 + 15_000
    shop.clock.time = START + 20_000
    shop.work()
    assert shop.states() == [("sent", 3)]
    assert [intent.attempts for intent in sender.seen] == [1, 2, 3]
    assert {intent.id for intent in sender.seen} == {sender.seen[0].id}, "its idempotency key stays"


def test_after_eight_attempts_it_has_failed() -> None:
    sender = Scripted("webhook", Receipt("retry", "timeout: no answer", provider="http"))
    shop = Shop(sender, wait_for="webhook.failed")
    pauses = []
    while (due := shop.outbox.next_due()) is not None:
        pauses.append((due - shop.clock.time) // 1_000)
        shop.clock.time = due
        shop.work()
    assert pauses == [0, 5, 15, 45, 135, 405, 1_215, 3_600]
    assert shop.states() == [("failed", MOST_ATTEMPTS)]
    [failed] = shop.card("webhook.failed")
    assert failed["params"]["reason"] == "timeout: no answer"


# --- nobody knows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [RuntimeError("a defect"), Receipt("uncertain", "lost: the line broke"), Receipt("sent", response={"x": object()})],
    ids=["exception", "uncertain", "an answer that cannot be stored"],
)
def test_where_nobody_knows_it_is_uncertain_and_not_sent_again(answer: Receipt | Exception) -> None:
    sender = Scripted("webhook", answer)
    shop = Shop(sender)
    shop.work()
    assert shop.states() == [("uncertain", 1)]
    assert shop.card("answered") == shop.card("webhook.failed") == []
    shop.clock.time += 10**9
    shop.work()
    assert len(sender.seen) == 1


def test_what_a_crash_left_is_uncertain() -> None:
    shop = Shop(Scripted("webhook"))
    with shop.store.writing() as tx:
        [lane] = tx.due_lanes()
        assert len(tx.claim_intents(lane, START, limit=10)) == 1
    sender = Scripted("webhook")
    again = Outbox(shop.store, shop.engine.log, shop.clock, {"webhook": sender})
    assert again.recover() == 1
    assert again.recover() == 0
    assert not again.step(0)
    assert shop.states() == [("uncertain", 1)]
    assert "the server stopped" in shop.rows()[0].result
    assert sender.seen == []


class Full(MemoryStateStore):
    """Cannot be written while it is full."""

    full = False

    def writing(self) -> Any:
        if self.full:
            raise OSError("no space left")
        return super().writing()


def test_an_answer_that_cannot_be_stored_yet_is_stored_later() -> None:
    store = Full()

    def fills() -> Receipt:
        store.full = True
        return Receipt("sent", provider="http")

    sender = Scripted("webhook", fills)
    shop = Shop(sender)
    store._tables = shop.store._tables
    outbox = Outbox(store, shop.engine.log, shop.clock, {"webhook": sender})
    with pytest.raises(OSError, match="no space left"):
        outbox.step(10)
    store.full = False
    assert outbox.step(10)
    with store.reading() as tx:
        assert [row.state for row in tx.intents(shop.workspace, limit=10)] == ["sent"]
    assert len(sender.seen) == 1


# --- many at once ----------------------------------------------------------------------------------------------------


def test_several_are_under_way_at_once_and_no_more_than_the_limit_of_the_lane() -> None:
    lock, most, now = threading.Lock(), 0, 0
    full = threading.Event()

    def slow() -> Receipt:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
            if now == IN_A_LANE:
                full.set()
        assert full.wait(10)
        with lock:
            now -= 1
        return Receipt("sent", provider="http")

    shop = Shop(Scripted("webhook", slow), customers=3 * IN_A_LANE)
    shop.work()
    assert most == IN_A_LANE
    assert [state for state, _ in shop.states()] == ["sent"] * 3 * IN_A_LANE
    assert shop.events.count(shop.workspace, "activity") == 3 * IN_A_LANE * (1 + 3 + 1 + 1)


def test_closing_begins_nothing_more_and_settles_what_is_under_way() -> None:
    begun, goes_on = threading.Semaphore(0), threading.Event()

    def slow() -> Receipt:
        begun.release()
        assert goes_on.wait(10)
        return Receipt("sent", provider="http")

    sender = Scripted("webhook", slow)
    shop = Shop(sender, customers=2 * IN_A_LANE)
    assert shop.outbox.step(0)
    for _ in range(IN_A_LANE):
        assert begun.acquire(timeout=10)
    goes_on.set()
    shop.outbox.close(10)
    assert sorted(state for state, _ in shop.states()) == ["pending"] * IN_A_LANE + ["sent"] * IN_A_LANE
    assert sender.closed


def test_what_does_not_end_in_time_is_left_as_a_crash_would_leave_it() -> None:
    goes_on = threading.Event()

    def stuck() -> Receipt:
        goes_on.wait(10)
        return Receipt("sent")

    shop = Shop(Scripted("webhook", stuck))
    assert shop.outbox.step(0)
    shop.outbox.close(0)
    assert shop.states() == [("sending", 1)]
    goes_on.set()


# --- chains ----------------------------------------------------------------------------------------------------------


def test_what_comes_back_goes_on_with_the_chain() -> None:
    """D-3.2: an answer that starts the run again does so until the chain is ten long."""
    sender = Scripted("webhook", Receipt("sent", response={"status": 200}, provider="http"))
    shop = Shop(sender)
    drawn = definition(trigger("call", "answered"), {**CALL, "outlets": {"next": "end"}}, END)
    again = shop.engine.lifecycle.create(shop.workspace, drawn, "ann").id
    shop.engine.lifecycle.command(shop.workspace, again, "activate", "ann")
    shop.engine.drain()
    while shop.outbox.next_due() is not None:
        shop.work()
    assert [answer["params"]["depth"] for answer in shop.card("answered")] == list(range(1, 11))
    assert len(shop.card("automation.startRefused")) == 1
