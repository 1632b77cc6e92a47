"""The ledger: every attempt, the rule for what is uncertain, what people decide, and what is counted from it (D-7)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from milepost.delivery.email.smtp import Smtp, SmtpSettings
from milepost.delivery.template import Limits, Templates
from milepost.errors import Conflict, NotFound
from milepost.ports.sender import Receipt
from milepost.ports.state_store import AttemptRow, Repeats, UncertainRule
from milepost.runtime import codec
from milepost.runtime.ledger import MOST_ATTEMPTS
from milepost.runtime.outbox import Outbox
from tests.unit.delivery.servers import raw_server
from tests.unit.kernel.trial import node
from tests.unit.runtime.test_outbox import MAIL, START, Scripted, Shop

Json = dict[str, Any]
LOST = Receipt("uncertain", "no_answer: the line broke", provider="http")
SENT = Receipt("sent", response={"status": 200}, provider="http", reference="req-7")


def shop_with(rule: UncertainRule, *answers: Receipt) -> Shop:
    shop = Shop(Scripted("webhook", *answers))
    shop.engine.set_uncertain(shop.workspace, rule)
    return shop


def attempts(shop: Shop) -> list[AttemptRow]:
    with shop.store.reading() as tx:
        return tx.attempts([row.id for row in shop.rows()])


def repeats(shop: Shop) -> Repeats:
    with shop.store.reading() as tx:
        return tx.count_repeats(shop.workspace)


def decision(shop: Shop) -> Json:
    [row] = shop.rows()
    found: Json = codec._json(row.decision.encode())
    return found


# --- attempts --------------------------------------------------------------------------------------------------------


def test_every_attempt_is_in_the_ledger_with_begin_end_and_answer() -> None:
    shop = Shop(Scripted("webhook", Receipt("retry", "status: 503", provider="http"), SENT))
    shop.work()
    shop.clock.time += 5_000
    shop.work()
    id = shop.rows()[0].id
    assert attempts(shop) == [
        AttemptRow(id, 1, START, START, "retry", "status: 503", "http", ""),
        AttemptRow(id, 2, START + 5_000, START + 5_000, "sent", "", "http", "req-7"),
    ]
    assert repeats(shop) == Repeats(0, 0)


def test_how_long_an_attempt_took_is_the_time_between() -> None:
    shop = Shop(Scripted("webhook"))

    def slow() -> Receipt:
        shop.clock.time += 420
        return SENT

    shop.outbox._senders = {"webhook": Scripted("webhook", slow)}
    shop.work()
    [attempt] = attempts(shop)
    assert (attempt.begun, attempt.ended) == (START, START + 420)


def test_an_attempt_that_is_under_way_is_there_without_an_end() -> None:
    goes_on = threading.Event()

    def slow() -> Receipt:
        goes_on.wait(10)
        return SENT

    shop = Shop(Scripted("webhook", slow))
    shop.outbox.step()
    [attempt] = attempts(shop)
    assert (attempt.number, attempt.ended, attempt.outcome) == (1, None, "")
    goes_on.set()
    shop.work()
    assert attempts(shop)[0].outcome == "sent"


def test_what_was_skipped_is_in_the_ledger_with_its_reason() -> None:
    mail = node("mail", "send_email", {"subject": "Hi", "body": "Hello"}, next="wait")
    shop = Shop(Scripted("email"), mail, "message.skipped")
    shop.work()
    [row] = shop.rows()
    [skipped] = shop.card("message.skipped")
    assert (row.id, row.state, row.channel, row.node, row.attempts) == (skipped["id"], "skipped", "email", "mail", 0)
    assert codec._json(row.result.encode()) == {"reason": "no_consent"}
    with shop.store.reading() as tx:
        assert tx.due_lanes() == {}


def test_a_web_call_that_lacks_an_attribute_is_skipped_in_the_ledger_too() -> None:
    settings = {"url": "https://example.com/{% customer city %}", "response_event": "answered"}
    shop = Shop(Scripted("webhook"), node("call", "webhook", settings, next="wait"), "automation.x")
    [row] = shop.rows()
    assert (row.state, row.channel) == ("skipped", "webhook")
    assert codec._json(row.result.encode()) == {"reason": "missing_attribute", "attribute": "city"}


# --- the rule --------------------------------------------------------------------------------------------------------


def test_by_default_somebody_is_asked() -> None:
    shop = Shop(Scripted("webhook", LOST, SENT))
    shop.work()
    shop.clock.time += 10**9
    shop.work()
    assert shop.states() == [("uncertain", 1)]
    assert shop.rows()[0].decision == ""


def test_left_as_it_is_by_rule() -> None:
    shop = shop_with("leave", LOST, SENT)
    shop.work()
    shop.clock.time += 10**9
    shop.work()
    assert shop.states() == [("uncertain", 1)]
    assert decision(shop) == {"decision": "leave", "by": "rule", "at": START}


def test_sent_again_by_rule_after_a_pause_and_said_so() -> None:
    shop = shop_with("send_again", LOST, SENT)
    shop.work()
    assert (shop.states(), shop.outbox.next_due()) == ([("pending", 1)], START + 5_000)
    assert decision(shop)["decision"] == "send_again"
    shop.clock.time += 5_000
    shop.work()
    assert shop.states() == [("sent", 2)]
    assert [attempt.outcome for attempt in attempts(shop)] == ["uncertain", "sent"]
    assert repeats(shop) == Repeats(accepted_again=0, after_uncertain=1)


def test_the_rule_gives_up_after_eight_attempts() -> None:
    shop = shop_with("send_again", LOST)
    while (due := shop.outbox.next_due()) is not None:
        shop.clock.time = due
        shop.work()
    assert shop.states() == [("uncertain", MOST_ATTEMPTS)]


@pytest.mark.parametrize(("rule", "state"), [("ask", "uncertain"), ("leave", "uncertain"), ("send_again", "pending")])
def test_what_a_crash_left_follows_the_rule(rule: UncertainRule, state: str) -> None:
    shop = shop_with(rule)
    with shop.store.writing() as tx:
        [lane] = tx.due_lanes()
        [row] = tx.claim_intents(lane, START, limit=10)
        tx.put_attempts([AttemptRow(row.id, 1, START, None, "", "", "", "")])
    shop.clock.time += 60_000
    again = Outbox(shop.store, shop.engine.log, shop.clock, {"webhook": Scripted("webhook")})
    assert again.recover() == 1
    assert shop.states() == [(state, 1)]
    [attempt] = attempts(shop)
    assert (attempt.begun, attempt.ended, attempt.outcome) == (START, None, "uncertain")
    assert attempt.reason.startswith("stopped")


# --- decisions -------------------------------------------------------------------------------------------------------


def test_what_somebody_says_was_sent_comes_back_as_an_event() -> None:
    shop = Shop(Scripted("webhook", LOST))
    shop.work()
    shop.clock.time += 1_000
    shop.engine.ledger.decide(shop.workspace, shop.rows()[0].id, "sent", "Ada")
    shop.engine.drain()
    assert shop.states() == [("sent", 1)]
    assert decision(shop) == {"decision": "sent", "by": "Ada", "at": START + 1_000}
    [answer] = shop.card("answered")
    assert (answer["params"]["decidedBy"], answer["params"]["provider"]) == ("Ada", "http")
    assert len(shop.card("automation.clientEndPath")) == 1
    assert repeats(shop) == Repeats(0, 0), "what a person says is no attempt"


def test_what_somebody_sends_again_is_due_at_once() -> None:
    shop = Shop(Scripted("webhook", LOST, SENT))
    shop.work()
    shop.engine.to_send.clear()
    shop.engine.ledger.decide(shop.workspace, shop.rows()[0].id, "send_again", "Ada")
    assert shop.engine.to_send.is_set()
    shop.work()
    assert shop.states() == [("sent", 2)]
    assert len(shop.card("answered")) == 1


def test_what_somebody_leaves_stays_and_can_still_be_decided() -> None:
    shop = Shop(Scripted("webhook", LOST))
    shop.work()
    id = shop.rows()[0].id
    shop.engine.ledger.decide(shop.workspace, id, "leave", "Ada")
    assert (shop.states(), decision(shop)["by"]) == ([("uncertain", 1)], "Ada")
    shop.engine.ledger.decide(shop.workspace, id, "sent", "Bob")
    assert shop.states() == [("sent", 1)]


def test_only_what_is_uncertain_and_ones_own_can_be_decided() -> None:
    shop = Shop(Scripted("webhook", SENT))
    other = shop.engine.create_workspace("other", "real").key
    id = shop.rows()[0].id
    with pytest.raises(Conflict, match="is pending"):
        shop.engine.ledger.decide(shop.workspace, id, "sent", "Ada")
    shop.work()
    with pytest.raises(Conflict, match="is sent"):
        shop.engine.ledger.decide(shop.workspace, id, "send_again", "Ada")
    for workspace, name in ((other, id), (shop.workspace, "nothing")):
        with pytest.raises(NotFound):
            shop.engine.ledger.decide(workspace, name, "sent", "Ada")


# --- what is counted -------------------------------------------------------------------------------------------------


def test_a_duplicate_would_be_counted() -> None:
    """The report is computed and not claimed: here is a ledger as a defect of ours would leave it."""
    shop = Shop(Scripted("webhook", SENT))
    shop.work()
    assert repeats(shop).accepted_again == 0
    [row] = shop.rows()
    with shop.store.writing() as tx:
        tx.put_attempts([AttemptRow(row.id, 2, START, START, "sent", "", "http", "")])
    assert repeats(shop) == Repeats(accepted_again=1, after_uncertain=0)


# --- a mail server that takes a message and dies before it says so ----------------------------------------------------


class Dying:
    """An SMTP server that takes a message whole and dies without a word, as often as it is told; then it answers."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths
        self.taken = 0
        self._lock = threading.Lock()

    def __call__(self, connection: socket.socket) -> None:
        with connection.makefile("rwb") as line:

            def say(text: str) -> None:
                line.write(text.encode() + b"\r\n")
                line.flush()

            say("220 test")
            while command := line.readline():
                word = command[:4].upper()
                if word != b"DATA":
                    say("250 OK" if word != b"QUIT" else "221 bye")
                    continue
                say("354 go on")
                while line.readline() != b".\r\n":
                    pass
                with self._lock:
                    self.taken += 1
                    if self.taken <= self.deaths:
                        return
                say("250 OK queued as 4711")


@pytest.fixture(scope="module")
def templates() -> Iterator[Templates]:
    shared = Templates(Limits(seconds=30))
    yield shared
    shared.close()


@pytest.mark.parametrize(
    ("rule", "taken", "state", "after_uncertain"), [("ask", 1, "uncertain", 0), ("send_again", 2, "sent", 1)]
)
def test_a_message_taken_without_an_answer_is_never_sent_twice_but_by_rule(
    templates: Templates, rule: UncertainRule, taken: int, state: str, after_uncertain: int
) -> None:
    server = Dying(deaths=1)
    with raw_server(server) as port:
        smtp = Smtp(
            SmtpSettings(host="127.0.0.1", port=port, security="none", sender="shop@example.com", timeout=10), templates
        )
        shop = Shop(Scripted("email"), MAIL, "message.sent")
        shop.engine.set_uncertain(shop.workspace, rule)
        shop.outbox._senders = {"email": smtp}
        shop.work()
        assert attempts(shop)[0].outcome == "uncertain"
        for _ in range(3):
            shop.clock.time += 10**7
            shop.work()
        smtp.close()
    assert server.taken == taken
    assert shop.states() == [(state, taken)]
    assert repeats(shop) == Repeats(0, after_uncertain)
    if state == "sent":
        assert attempts(shop)[-1].reference == "250 OK queued as 4711"
