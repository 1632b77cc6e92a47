"""Runs that are going, with the earliest timer of each."""

from __future__ import annotations

from collections.abc import Sequence

from milepost.ports.state_store import RunRow
from milepost.stores.postgresql.subject import Subject, listed


class Runs(Subject):
    """Rows of `runs`."""

    def runs_of_profiles(self, workspace: int, profiles: Sequence[int]) -> list[RunRow]:
        rows = self._rows(
            "SELECT * FROM runs WHERE profile = ANY(%s::bigint[]) AND workspace = %s", listed(profiles), workspace
        )
        rows.sort()
        return list(map(RunRow._make, rows))

    def due_profiles(self, journeys: Sequence[int], until: int, *, limit: int) -> list[tuple[int, int]]:
        # The first ones of each journey, off the index: what is due besides them is not read.
        return self._rows(
            "SELECT found.* FROM unnest(%s::bigint[]) AS wanted (journey) CROSS JOIN LATERAL"
            " (SELECT profile, due FROM runs WHERE runs.journey = wanted.journey AND due <= %s"
            " ORDER BY due, profile LIMIT %s) AS found ORDER BY due, profile LIMIT %s",
            listed(journeys),
            until,
            limit,
            limit,
        )

    def next_due(self, journeys: Sequence[int]) -> int | None:
        row = self._row(
            "SELECT min(found.due) FROM unnest(%s::bigint[]) AS wanted (journey) CROSS JOIN LATERAL"
            " (SELECT due FROM runs WHERE runs.journey = wanted.journey AND due IS NOT NULL ORDER BY due LIMIT 1)"
            " AS found",
            listed(journeys),
        )
        return None if row[0] is None else int(row[0])

    def count_due(self, journeys: Sequence[int], until: int) -> int:
        row = self._row(
            "SELECT count(*) FROM runs WHERE journey = ANY(%s::bigint[]) AND due IS NOT NULL AND due <= %s",
            listed(journeys),
            until,
        )
        return int(row[0])

    def runs_of_journey(self, journey: int, *, after: int = 0, limit: int) -> list[RunRow]:
        rows = self._rows(
            "SELECT * FROM runs WHERE journey = %s AND key > %s ORDER BY key LIMIT %s", journey, after, limit
        )
        return list(map(RunRow._make, rows))

    def put_runs(self, rows: Sequence[RunRow]) -> None:
        latest: dict[int, RunRow] = {}
        for row in rows:
            latest[row.key] = latest.get(row.key, row)._replace(due=row.due, state=row.state)
        # Only what changes is set: a column of an index, set to what it was, costs as much as a new one.
        self._write_set(
            "INSERT INTO runs SELECT * FROM :rows"
            " ON CONFLICT (key) DO UPDATE SET due = excluded.due, state = excluded.state",
            ("bigint", "bigint", "bigint", "bigint", "bigint", "bytea"),
            latest.values(),
        )

    def delete_runs(self, keys: Sequence[int]) -> None:
        self._write("DELETE FROM runs WHERE key = ANY(%s::bigint[])", listed(keys))
