"""Statistics, and how many runs hang on each outside event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from milepost.ports.state_store import CounterKey
from milepost.stores.postgresql.subject import FOREVER, Subject, listed
from milepost.stores.postgresql.text import stand_in


class Counters(Subject):
    """Rows of `counters` and `cause_starts`."""

    def add_counters(self, deltas: Mapping[CounterKey, int]) -> None:
        self._write_set(
            "INSERT INTO counters SELECT * FROM :rows"
            " ON CONFLICT (journey, version, node, kind, hour) DO UPDATE SET value = counters.value + excluded.value",
            ("bigint", "bigint", "text", "text", "bigint", "bigint"),
            ((*key, delta) for key, delta in deltas.items()),
        )

    def counters(
        self, journeys: Sequence[int], since: int | None = None, until: int | None = None
    ) -> dict[CounterKey, int]:
        rows = self._rows(
            "SELECT journey, version, node, kind, 0::bigint, sum(value)::bigint FROM counters"
            " WHERE journey = ANY(%s::bigint[]) AND hour >= %s AND hour < %s GROUP BY journey, version, node, kind",
            listed(journeys),
            -FOREVER if since is None else since,
            FOREVER if until is None else until,
        )
        return {CounterKey._make(key): total for *key, total in rows}

    def add_cause_starts(self, workspace: int, deltas: Mapping[str, int], expires: int) -> None:
        self._write_set(
            "INSERT INTO cause_starts AS known SELECT * FROM :rows ON CONFLICT (workspace, root) DO UPDATE SET"
            " starts = known.starts + excluded.starts, expires = greatest(known.expires, excluded.expires)",
            ("bigint", "text", "bigint", "bigint"),
            ((workspace, stand_in(root), delta, expires) for root, delta in deltas.items()),
        )

    def cause_starts(self, workspace: int, roots: Sequence[str]) -> dict[str, int]:
        wanted = {stand_in(root): root for root in roots}
        rows = self._rows(
            "SELECT root, starts FROM cause_starts WHERE workspace = %s AND root = ANY(%s::text[])",
            workspace,
            list(wanted),
        )
        return {wanted[root]: starts for root, starts in rows}

    def forget_cause_starts(self, before: int, limit: int) -> int:
        return self._write(
            "DELETE FROM cause_starts WHERE ctid = ANY(ARRAY("
            "SELECT ctid FROM cause_starts WHERE expires < %s ORDER BY expires, workspace, root LIMIT %s))",
            before,
            limit,
        )
