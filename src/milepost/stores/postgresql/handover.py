"""Batches on their way to the event store, and inputs that could not be taken."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Final

from milepost.ports.event_store import Table
from milepost.ports.state_store import BatchRow, DeadLetterRow
from milepost.stores.postgresql.subject import Subject, listed

_TABLES: Final[tuple[Table, ...]] = ("activity", "datapoints", "profiles")


class Handover(Subject):
    """Rows of `batches` and `dead_letters`."""

    def add_batch(self, row: BatchRow) -> None:
        self._write(
            "INSERT INTO batches (number, workspace, committed, projected, activity, datapoints, profiles)"
            " VALUES (%s, %s, %s, %s, %b, %b, %b)",
            *row[:4],
            *(row.bodies.get(table) for table in _TABLES),
        )
        self._bump("batch", to=row.number)

    def last_batch(self) -> int:
        return self._number("batch")

    def unprojected(self, *, limit: int) -> list[BatchRow]:
        rows = self._rows(
            "SELECT number, workspace, committed, projected, activity, datapoints, profiles FROM batches"
            " WHERE projected IS NULL ORDER BY number LIMIT %s",
            limit,
        )
        return [BatchRow._make((*row[:4], _bodies(row[4:]))) for row in rows]

    def handover_backlog(self) -> tuple[int, int | None]:
        number = self._row("SELECT count(*) FROM batches WHERE projected IS NULL")[0]
        first = self._row("SELECT committed FROM batches WHERE projected IS NULL ORDER BY number LIMIT 1")
        return number, first[0] if first else None

    def kept_batches(self) -> dict[int, frozenset[Table]]:
        rows = self._rows(
            "SELECT number, activity IS NOT NULL, datapoints IS NOT NULL, profiles IS NOT NULL FROM batches"
            " ORDER BY number"
        )
        return {number: frozenset(compress(_TABLES, there)) for number, *there in rows}

    def mark_projected(self, numbers: Sequence[int], at: int | None) -> None:
        self._write("UPDATE batches SET projected = %s WHERE number = ANY(%s::bigint[])", at, listed(numbers))

    def delete_batches(self, projected_before: int) -> int:
        return self._write("DELETE FROM batches WHERE projected < %s", projected_before)

    def add_dead_letters(self, rows: Sequence[DeadLetterRow]) -> None:
        self._write_each(
            "INSERT INTO dead_letters (workspace, at, journey, run, profile, error, body)"
            " VALUES (%s, %s, %s, %s, %s, %s, %b)",
            rows,
        )

    def dead_letters(self, workspace: int, *, limit: int) -> list[DeadLetterRow]:
        rows = self._rows(
            "SELECT workspace, at, journey, run, profile, error, body FROM dead_letters WHERE workspace = %s"
            " ORDER BY at DESC, place DESC LIMIT %s",
            workspace,
            limit,
        )
        return list(map(DeadLetterRow._make, rows))


def _bodies(columns: Sequence[bytes | None]) -> dict[Table, bytes]:
    return {table: body for table, body in zip(_TABLES, columns, strict=True) if body is not None}
