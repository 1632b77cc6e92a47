"""The outbox and its ledger (D-7): nothing is sent twice by our doing."""

from __future__ import annotations

import contextlib

from milepost.ports.state_store import IntentRow, StateStore
from tests.conformance.state_store import rows


def ids(found: list[IntentRow]) -> list[str]:
    return [row.id for row in found]


def test_due_intents_are_claimed_once_earliest_first(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent("c", due=30), rows.intent("b", due=10), rows.intent("a", due=30)])
        tx.add_intents([rows.intent("d", due=31), rows.intent("e", due=1, state="sent")])
        assert tx.next_intent_due() == 10
        claimed = tx.claim_intents(30, limit=2)
        assert claimed == [
            rows.intent("b", due=10)._replace(state="sending", attempts=1),
            rows.intent("a", due=30)._replace(state="sending", attempts=1),
        ]
    with store.writing() as tx:
        assert ids(tx.claim_intents(30, limit=9)) == ["c"]
        assert tx.claim_intents(30, limit=9) == []
        assert tx.next_intent_due() == 31


def test_an_intent_whose_id_exists_is_left_as_it_is(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent("a")])
        claimed = tx.claim_intents(99, limit=9)
        tx.add_intents([rows.intent("a", body=b"again"), rows.intent("b")])
        assert tx.unsettled_intents() == claimed
        assert ids(tx.intents(1, limit=9)) == ["b", "a"]


def test_the_outcome_is_written_back(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent("a"), rows.intent("b")])
        first, second = tx.claim_intents(99, limit=9)
        sent = first._replace(state="sent", result='{"id": 1}')
        retry = second._replace(state="pending", due=500, result="503")
        tx.settle_intents([sent, retry._replace(body=b"ignored", workspace=7), rows.intent("unknown")])
    with store.writing() as tx:
        assert tx.intents(1, limit=9) == [retry, sent]
        assert tx.unsettled_intents() == []
        assert tx.next_intent_due() == 500
        assert tx.claim_intents(500, limit=9) == [retry._replace(state="sending", attempts=2)]
        assert tx.next_intent_due() is None


def test_a_claim_that_was_rolled_back_is_no_claim(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent("a")])
    with contextlib.suppress(ZeroDivisionError), store.writing() as tx:
        tx.claim_intents(99, limit=9)
        raise ZeroDivisionError
    with store.reading() as tx:
        assert tx.unsettled_intents() == []
        assert tx.intents(1, limit=9) == [rows.intent("a")]


def test_what_a_crash_left_unsettled_is_found(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent("a", due=9), rows.intent("b", due=3), rows.intent("c", state="uncertain")])
        tx.claim_intents(10, limit=9)
    with store.reading() as tx:
        assert ids(tx.unsettled_intents()) == ["b", "a"]


def test_the_ledger_is_read_in_pages_and_counted(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent(id, state="sent") for id in ("d", "a", "c")])
        tx.add_intents([rows.intent("b"), rows.intent("z", workspace=2)])
        newest = tx.intents(1, limit=3)
        assert ids(newest) == ["d", "c", "b"]
        assert ids(tx.intents(1, limit=3, before=newest[-1].position)) == ["a"]
        assert ids(tx.intents(1, limit=2, state="sent")) == ["d", "c"]
        assert ids(tx.intents(1, limit=2, state="sent", before=newest[1].position)) == ["a"]
        assert tx.intents(1, limit=3, state="failed") == []
        assert tx.count_intents(1) == {"pending": 1, "sent": 3}
        assert tx.count_intents(3) == {}
