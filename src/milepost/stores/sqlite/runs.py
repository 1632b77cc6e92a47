"""Runs that are going, with the earliest timer of each."""

from __future__ import annotations

from collections.abc import Sequence

from milepost.ports.state_store import RunRow
from milepost.stores.sqlite.subject import Subject, listed


class Runs(Subject):
    """Rows of `runs`."""

    def runs_of_profiles(self, workspace: int, profiles: Sequence[int]) -> list[RunRow]:
        rows = self._rows(
            # The plus keeps the index on profiles: keys of profiles are unique over all workspaces.
            "SELECT * FROM runs WHERE profile IN (SELECT value FROM json_each(?)) AND +workspace = ?",
            listed(profiles),
            workspace,
        )
        rows.sort()
        return list(map(RunRow._make, rows))

    def due_profiles(self, journeys: Sequence[int], until: int, *, limit: int) -> list[tuple[int, int]]:
        return self._rows(
            "SELECT profile, due FROM runs WHERE journey IN (SELECT value FROM json_each(?))"
            " AND due IS NOT NULL AND due <= ? ORDER BY due, profile LIMIT ?",
            listed(journeys),
            until,
            limit,
        )

    def next_due(self, journeys: Sequence[int]) -> int | None:
        row = self._row(
            "SELECT min((SELECT due FROM runs WHERE journey = wanted.value AND due IS NOT NULL ORDER BY due LIMIT 1))"
            " FROM json_each(?) AS wanted",
            listed(journeys),
        )
        return None if row[0] is None else int(row[0])

    def count_due(self, journeys: Sequence[int], until: int) -> int:
        row = self._row(
            "SELECT count(*) FROM runs WHERE journey IN (SELECT value FROM json_each(?))"
            " AND due IS NOT NULL AND due <= ?",
            listed(journeys),
            until,
        )
        return int(row[0])

    def runs_of_journey(self, journey: int, *, after: int = 0, limit: int) -> list[RunRow]:
        rows = self._rows(
            "SELECT * FROM runs INDEXED BY runs_journey WHERE journey = ? AND key > ? ORDER BY key LIMIT ?",
            journey,
            after,
            limit,
        )
        return list(map(RunRow._make, rows))

    def put_runs(self, rows: Sequence[RunRow]) -> None:
        # Only what changes is set: a column of an index, set to what it was, costs as much as a new one.
        self._write_many(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET due = excluded.due, state = excluded.state",
            rows,
        )

    def delete_runs(self, keys: Sequence[int]) -> None:
        self._write("DELETE FROM runs WHERE key IN (SELECT value FROM json_each(?))", listed(keys))
