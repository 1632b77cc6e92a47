"""Events kept for the runs of paused journeys."""

from __future__ import annotations

from collections.abc import Sequence

from milepost.ports.state_store import KeptRow
from milepost.stores.postgresql.subject import Subject, listed


class Kept(Subject):
    """Rows of `kept`."""

    def add_kept(self, rows: Sequence[KeptRow]) -> None:
        self._write_each("INSERT INTO kept VALUES (%s, %s, %s, %s, %b)", rows)

    def kept(self, journeys: Sequence[int], *, limit: int) -> list[KeptRow]:
        wanted = listed(journeys)
        rows = [
            KeptRow._make(row)
            for row in self._rows(
                "SELECT found.* FROM unnest(%s::bigint[]) AS wanted (journey) CROSS JOIN LATERAL"
                " (SELECT * FROM kept WHERE kept.journey = wanted.journey ORDER BY profile, instant, position LIMIT %s)"
                " AS found ORDER BY profile, instant, position, journey LIMIT %s",
                wanted,
                limit + 1,
                limit + 1,
            )
        ]
        if len(rows) <= limit:
            return rows
        cut = rows.pop().profile
        whole = [row for row in rows if row.profile != cut]
        if rows and rows[-1].profile != cut:
            return rows
        return whole or [
            KeptRow._make(row)
            for row in self._rows(
                "SELECT * FROM kept WHERE journey = ANY(%s::bigint[]) AND profile = %s"
                " ORDER BY instant, position, journey",
                wanted,
                cut,
            )
        ]

    def delete_kept(self, journey: int, positions: Sequence[int] | None = None) -> None:
        if positions is None:
            self._write("DELETE FROM kept WHERE journey = %s", journey)
        else:
            self._write(
                "DELETE FROM kept WHERE journey = %s AND position = ANY(%s::bigint[])", journey, listed(positions)
            )
