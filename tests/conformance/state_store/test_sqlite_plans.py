"""Statements of SQLite that the cycle repeats for ever: none of them reads a whole table."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator
from typing import Final

import pytest

from milepost.ports.state_store import CounterKey, IntentChoice, Transaction
from milepost.stores.sqlite import SqliteStore
from tests.conformance.state_store import rows

#: What may be read whole: the arguments (`json_each`), and indexes of nothing but what is asked for.
SMALL: Final = (
    "VIRTUAL TABLE",
    "CONSTANT ROW",
    "intents_due",
    "SCAN lanes",
    "intents_sending",
    "batches_unprojected",
    "imports_running",
)


@pytest.fixture
def store(tmp_path: pathlib.Path) -> Iterator[SqliteStore]:
    with contextlib.closing(SqliteStore(tmp_path / "state.db")) as made:
        yield made


def work(tx: Transaction) -> None:
    """Every verb whose cost must not grow with what is stored."""
    email = rows.email("a@b.c")
    tx.append_inputs([rows.entry(1)])
    tx.pending_inputs(1, limit=1, until=99)
    tx.last_instant(1)
    tx.delete_inputs([1])
    tx.remember_ids(1, ["a"], expires=1)
    tx.forget_ids(before=1, limit=1)
    tx.bind(1, {email: 1})
    tx.resolve(1, [email])
    tx.identifiers([1])
    tx.put_profiles([rows.profile(1)])
    tx.profiles([1])
    tx.list_profiles(1, limit=1, after=3)
    tx.put_runs([rows.run(1)])
    tx.runs_of_profiles(1, [1])
    tx.runs_of_journey(1, limit=1, after=3)
    tx.due_profiles([1, 2], 99, limit=1)
    tx.next_due([1, 2])
    tx.count_due([1, 2], 99)
    tx.add_timers({rows.timer(1): 1})
    tx.timers([1], until=2)
    tx.delete_runs([1])
    tx.add_kept([rows.kept(1)])
    tx.kept([1, 2], limit=1)
    tx.delete_kept(1, [1])
    tx.add_counters({CounterKey(1, 1, "n1", "entered", 1): 1})
    tx.counters([1], since=1, until=2)
    tx.add_cause_starts(1, {"a": 1}, expires=1)
    tx.cause_starts(1, ["a"])
    tx.forget_cause_starts(before=1, limit=1)
    work_of_the_outbox(tx)
    tx.put_import(rows.file())
    tx.import_of(1, "i")
    tx.imports(1, limit=1)
    tx.running_imports()
    tx.delete_import("i")
    tx.add_batch(rows.batch(1))
    tx.last_batch()
    tx.unprojected(limit=1)
    tx.handover_backlog()
    tx.mark_projected([1], at=1)
    tx.delete_batches(projected_before=1)
    tx.dead_letters(1, limit=1)
    tx.versions([1])
    tx.life(1)
    tx.tracking_changes(1)
    tx.definitions_stamp()


def work_of_the_outbox(tx: Transaction) -> None:
    tx.add_intents([rows.intent("a")])
    tx.claim_intents("email 1", 99, limit=1)
    tx.settle_intents([rows.intent("a")])
    tx.unsettled_intents()
    tx.due_lanes()
    tx.waiting_lanes()
    tx.put_attempts([rows.attempt("a")])
    tx.attempts(["a"])
    tx.intent(1, "a")
    tx.count_repeats(1, since=1, until=2)
    tx.outbox_depth()
    for choice in (
        IntentChoice(), IntentChoice(state="sent"), IntentChoice(journey=1, node="n1", channel="email"),
        IntentChoice(profile=1, since=5, until=9),
    ):  # fmt: skip
        tx.intents(1, limit=1, before=(5, 5), choice=choice)


def test_no_statement_of_the_cycle_reads_a_whole_table(store: SqliteStore) -> None:
    statements: list[str] = []
    with store.writing() as tx:
        store._writer.set_trace_callback(statements.append)
        work(tx)
        store._writer.set_trace_callback(None)
    with contextlib.closing(store._take_reader()) as connection:
        plans = {
            statement: [str(step[3]) for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
            for statement in statements
        }
    scans = {
        statement: plan
        for statement, plan in plans.items()
        for step in plan
        if step.startswith("SCAN") and not any(small in step for small in SMALL)
    }
    assert scans == {}
    assert len(plans) > 40
