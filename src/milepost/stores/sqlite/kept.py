"""Events kept for the runs of paused journeys."""

from __future__ import annotations

from collections.abc import Sequence

from milepost.ports.state_store import KeptRow
from milepost.stores.sqlite.subject import Subject, listed


class Kept(Subject):
    """Rows of `kept`."""

    def add_kept(self, rows: Sequence[KeptRow]) -> None:
        self._write_many("INSERT INTO kept VALUES (?, ?, ?, ?, ?)", rows)

    def kept(self, journeys: Sequence[int], *, limit: int) -> list[KeptRow]:
        cursor = self._connection.execute(
            "SELECT * FROM kept WHERE journey IN (SELECT value FROM json_each(?))"
            " ORDER BY profile, instant, position, journey",
            (listed(journeys),),
        )
        rows: list[KeptRow] = []
        complete = 0
        for row in map(KeptRow._make, cursor):
            if rows and row.profile != rows[-1].profile:
                complete = len(rows)
            if len(rows) >= limit and complete:
                return rows[:complete]
            rows.append(row)
        return rows

    def delete_kept(self, journey: int, positions: Sequence[int] | None = None) -> None:
        if positions is None:
            self._write("DELETE FROM kept WHERE journey = ?", journey)
        else:
            self._write(
                "DELETE FROM kept WHERE journey = ? AND position IN (SELECT value FROM json_each(?))",
                journey,
                listed(positions),
            )
