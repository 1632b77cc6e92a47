"""Statistics, and how many runs hang on each outside event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from milepost.ports.state_store import CounterKey
from milepost.stores.sqlite.subject import FOREVER, Subject, listed


class Counters(Subject):
    """Rows of `counters` and `cause_starts`."""

    def add_counters(self, deltas: Mapping[CounterKey, int]) -> None:
        self._write_many(
            "INSERT INTO counters VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (journey, version, node, kind, hour) DO UPDATE SET value = value + excluded.value",
            ((*key, delta) for key, delta in deltas.items()),
        )

    def counters(
        self, journeys: Sequence[int], since: int | None = None, until: int | None = None
    ) -> dict[CounterKey, int]:
        rows = self._rows(
            "SELECT journey, version, node, kind, 0, sum(value) FROM counters"
            " WHERE journey IN (SELECT value FROM json_each(?)) AND hour >= ? AND hour < ?"
            " GROUP BY journey, version, node, kind",
            listed(journeys),
            -FOREVER if since is None else since,
            FOREVER if until is None else until,
        )
        return {CounterKey._make(key): total for *key, total in rows}

    def add_cause_starts(self, workspace: int, deltas: Mapping[str, int], expires: int) -> None:
        self._write_many(
            "INSERT INTO cause_starts VALUES (?, ?, ?, ?) ON CONFLICT (workspace, root) DO UPDATE SET"
            " starts = starts + excluded.starts, expires = max(expires, excluded.expires)",
            ((workspace, root, delta, expires) for root, delta in deltas.items()),
        )

    def cause_starts(self, workspace: int, roots: Sequence[str]) -> dict[str, int]:
        return dict(
            self._rows_in(
                "SELECT root, starts FROM cause_starts WHERE workspace = ? AND root IN :texts", (workspace,), roots
            )
        )

    def forget_cause_starts(self, before: int, limit: int) -> int:
        return self._write(
            "DELETE FROM cause_starts WHERE (workspace, root) IN"
            " (SELECT workspace, root FROM cause_starts WHERE expires < ? ORDER BY expires, workspace, root LIMIT ?)",
            before,
            limit,
        )
