"""Statements of PostgreSQL that the cycle repeats for ever: none of them reads a whole table."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

import psycopg
import pytest

from milepost.stores.postgresql import PostgresqlStore
from tests.conformance.state_store.test_sqlite_plans import work
from tests.postgresql import Server

#: Indexes of nothing but what is asked for: they may be read whole.
SMALL: Final = (
    "intents_due", "intents_sending", "batches_unprojected", "timers_gone",
    "attempts_accepted_again", "attempts_uncertain", "imports_running",
)  # fmt: skip


@pytest.fixture
def store(postgresql: Server) -> Iterator[PostgresqlStore]:
    with contextlib.closing(PostgresqlStore(postgresql.emptied())) as made:
        yield made


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def reads_all(node: dict[str, Any]) -> bool:
    """Whether a step of a plan goes through all rows of a table."""
    conditions = node.keys() & {"Index Cond", "TID Cond"}
    return "Relation Name" in node and "Scan" in node["Node Type"] and not (
        conditions or node["Node Type"] == "Bitmap Heap Scan" or node.get("Index Name") in SMALL
    )  # fmt: skip


def test_no_statement_of_the_cycle_reads_a_whole_table(store: PostgresqlStore) -> None:
    statements: dict[Any, Any] = {}

    class Recording(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            statements[query] = params
            return super().execute(query, params, **options)

        def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
            rows = list(params_seq)
            statements[query] = rows[0]
            super().executemany(query, rows, **options)

    with store.writing() as tx:
        tx._connection.cursor_factory = Recording
        work(tx)
        tx._connection.cursor_factory = psycopg.Cursor
        # So few rows are read fastest one by one: the question is whether there is another way.
        tx._connection.execute("SET LOCAL enable_seqscan = off")
        tx._connection.execute("SET LOCAL enable_sort = off")
        scans: dict[str, list[Any]] = {}
        for statement, arguments in statements.items():
            if found := tx._connection.execute(f"EXPLAIN (FORMAT JSON) {statement}", arguments).fetchone():
                read = [node for node in nodes(found[0][0]["Plan"]) if reads_all(node)]
                scans |= {statement: read} if read else {}
    assert scans == {}
    assert len(statements) > 40
