"""The outbox and its ledger (D-7): nothing is sent twice by our doing, and each attempt is written down."""

from __future__ import annotations

import contextlib
from typing import Any, Final

import pytest

from milepost.ports.state_store import AttemptRow, IntentChoice, IntentRow, Repeats, StateStore
from tests.conformance.state_store import rows

LANE: Final = "email 1"


def ids(found: list[IntentRow]) -> list[str]:
    return [row.id for row in found]


# --- outbox ----------------------------------------------------------------------------------------------------------


def test_due_intents_are_claimed_once_earliest_first(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent("c", due=30), rows.intent("b", due=10), rows.intent("a", due=30)])
        tx.add_intents([rows.intent("d", due=31), rows.intent("e", due=1, state="sent")])
        assert tx.due_lanes() == {LANE: 10}
        claimed = tx.claim_intents(LANE, 30, limit=2)
        assert claimed == [
            rows.intent("b", due=10)._replace(state="sending", attempts=1),
            rows.intent("a", due=30)._replace(state="sending", attempts=1),
        ]
    with store.writing() as tx:
        assert ids(tx.claim_intents(LANE, 30, limit=9)) == ["c"]
        assert tx.claim_intents(LANE, 30, limit=9) == []
        assert tx.due_lanes() == {LANE: 31}


def test_each_lane_is_claimed_by_itself(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([
            rows.intent("a", lane="webhook 1 slow", due=1),
            rows.intent("b", lane="webhook 1 slow", due=2),
            rows.intent("c", lane="webhook 1 quick", due=3),
            rows.intent("d", lane="email 2", due=4, workspace=2),
            rows.intent("e", lane="email 3", state="failed"),
        ])  # fmt: skip
        assert tx.due_lanes() == {"webhook 1 slow": 1, "webhook 1 quick": 3, "email 2": 4}
        assert tx.waiting_lanes() == {"webhook 1 slow": 2, "webhook 1 quick": 1, "email 2": 1}
        assert ids(tx.claim_intents("webhook 1 quick", 99, limit=9)) == ["c"]
        assert tx.claim_intents("nobody's", 99, limit=9) == []
        assert tx.due_lanes() == {"webhook 1 slow": 1, "email 2": 4}


def test_an_intent_whose_id_exists_is_left_as_it_is(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent("a")])
        claimed = tx.claim_intents(LANE, 99, limit=9)
        tx.add_intents([rows.intent("a", body=b"again"), rows.intent("b")])
        assert tx.unsettled_intents() == claimed
        assert ids(tx.intents(1, limit=9)) == ["b", "a"]


def test_the_outcome_is_written_back(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent("a"), rows.intent("b")])
        first, second = tx.claim_intents(LANE, 99, limit=9)
        sent = first._replace(state="sent", result='{"id": 1}', decision="by Ada")
        retry = second._replace(state="pending", due=500, result="503")
        tx.settle_intents([sent, retry._replace(body=b"ignored", workspace=7), rows.intent("unknown")])
    with store.writing() as tx:
        assert tx.intents(1, limit=9) == [retry, sent]
        assert tx.unsettled_intents() == []
        assert tx.due_lanes() == {LANE: 500}
        assert tx.claim_intents(LANE, 500, limit=9) == [retry._replace(state="sending", attempts=2)]
        assert tx.due_lanes() == {}


def test_a_claim_that_was_rolled_back_is_no_claim(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent("a")])
    with contextlib.suppress(ZeroDivisionError), store.writing() as tx:
        tx.claim_intents(LANE, 99, limit=9)
        raise ZeroDivisionError
    with store.reading() as tx:
        assert tx.unsettled_intents() == []
        assert tx.intents(1, limit=9) == [rows.intent("a")]


def test_what_a_crash_left_unsettled_is_found(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent("a", due=9), rows.intent("b", due=3), rows.intent("c", state="uncertain")])
        tx.claim_intents(LANE, 10, limit=9)
    with store.reading() as tx:
        assert ids(tx.unsettled_intents()) == ["b", "a"]


# --- ledger ----------------------------------------------------------------------------------------------------------


def test_the_ledger_is_read_in_pages_newest_first(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent(id, created=created) for id, created in (("a", 9), ("b", 5), ("d", 5), ("c", 5))])
        tx.add_intents([rows.intent("z", workspace=2)])
        newest = tx.intents(1, limit=2)
        assert ids(newest) == ["a", "d"]
        assert ids(tx.intents(1, limit=9, before=(newest[-1].created, newest[-1].position))) == ["c", "b"]
        assert tx.intent(1, "a") == newest[0]
        assert tx.intent(1, "z") is tx.intent(1, "unknown") is None


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, "hgfedcba"),
        ({"state": "failed"}, "b"),
        ({"channel": "webhook"}, "c"),
        ({"journey": 2}, "ed"),
        ({"journey": 2, "node": "n2"}, "e"),
        ({"profile": 2}, "f"),
        ({"since": 60}, "hg"),
        ({"until": 60}, "fedcba"),
        ({"since": 55, "until": 61}, "gfedcba"),
        ({"state": "pending", "since": 60, "channel": "webhook"}, ""),
    ],
)
def test_a_choice_leaves_in_what_fits_all_of_it(store: StateStore, choice: dict[str, Any], expected: str) -> None:
    with store.writing() as tx:
        tx.add_intents([
            rows.intent("a"), rows.intent("b", state="failed"), rows.intent("c", channel="webhook"),
            rows.intent("d", journey=2), rows.intent("e", journey=2, node="n2"), rows.intent("f", profile=2),
            rows.intent("g", created=60), rows.intent("h", created=61), rows.intent("i", workspace=2),
        ])  # fmt: skip
        assert ids(tx.intents(1, limit=99, choice=IntentChoice(**choice))) == list(expected)


def test_the_ledger_is_counted_by_state_and_period(store: StateStore) -> None:
    with store.writing() as tx:
        tx.add_intents([rows.intent(id, state="sent", created=created) for id, created in (("a", 1), ("b", 2))])
        tx.add_intents([rows.intent("c"), rows.intent("d", state="skipped"), rows.intent("z", workspace=2)])
        assert tx.count_intents(1) == {"pending": 1, "sent": 2, "skipped": 1}
        assert tx.count_intents(1, since=2, until=55) == {"sent": 1}
        assert tx.count_intents(3) == {}


def test_attempts_are_kept_and_their_end_is_added(store: StateStore) -> None:
    begun = rows.attempt("a")
    ended = rows.attempt("a", begun=99, ended=80, outcome="retry", reason="503")
    with store.writing() as tx:
        tx.put_attempts([begun, rows.attempt("b"), rows.attempt("a", 2, begun=90)])
        tx.put_attempts([ended])
        assert tx.attempts(["a"]) == [ended._replace(begun=61), rows.attempt("a", 2, begun=90)]
        assert [row.intent for row in tx.attempts(["b", "a", "c"])] == ["a", "a", "b"]
        assert tx.attempts([]) == []


def tried(id: str, *outcomes: str) -> list[AttemptRow]:
    return [rows.attempt(id, number, ended=70, outcome=outcome) for number, outcome in enumerate(outcomes, 1)]


def test_repeats_are_counted_from_the_attempts(store: StateStore) -> None:
    with store.writing() as tx:
        for id, outcomes, created in (
            ("a", ["sent"], 5),
            ("b", ["retry", "sent"], 5),
            ("c", ["sent", "retry", "sent"], 5),
            ("d", ["uncertain"], 5),
            ("e", ["uncertain", "sent"], 5),
            ("f", ["uncertain", "uncertain", "sent"], 6),
            ("g", ["sent", "sent", "sent"], 9),
        ):
            tx.add_intents([rows.intent(id, created=created)._replace(attempts=len(outcomes))])
            tx.put_attempts(tried(id, *outcomes))
        tx.add_intents([rows.intent("z", workspace=2)._replace(attempts=2)])
        tx.put_attempts(tried("z", "sent", "sent"))
        assert tx.count_repeats(1) == Repeats(accepted_again=2, after_uncertain=2)
        assert tx.count_repeats(1, until=6) == Repeats(1, 1)
        assert tx.count_repeats(1, since=6) == Repeats(1, 1)
        assert tx.count_repeats(2) == Repeats(1, 0)
        assert tx.count_repeats(3) == Repeats(0, 0)
