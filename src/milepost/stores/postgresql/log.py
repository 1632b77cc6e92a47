"""The log of inputs, and the memory of the ids that came in."""

from __future__ import annotations

from collections.abc import Sequence

from milepost.ports.state_store import InputRow
from milepost.stores.postgresql.subject import FOREVER, Subject, listed
from milepost.stores.postgresql.text import stand_in


class Log(Subject):
    """Rows of `inputs` and `event_ids`."""

    def append_inputs(self, rows: Sequence[InputRow]) -> None:
        self._write_each("INSERT INTO inputs VALUES (%s, %s, %s, %s, %s, %s, %b)", rows)

    def pending_inputs(self, workspace: int, *, limit: int, until: int | None = None) -> list[InputRow]:
        rows = self._rows(
            "SELECT * FROM inputs WHERE workspace = %s AND instant <= %s ORDER BY instant, rank, position LIMIT %s",
            workspace,
            FOREVER if until is None else until,
            limit,
        )
        return list(map(InputRow._make, rows))

    def delete_inputs(self, positions: Sequence[int]) -> None:
        self._write("DELETE FROM inputs WHERE position = ANY(%s::bigint[])", listed(positions))

    def last_instant(self, workspace: int) -> int | None:
        row = self._row("SELECT instant FROM inputs WHERE workspace = %s ORDER BY instant DESC LIMIT 1", workspace)
        return row[0] if row else None

    def known_ids(self, workspace: int, ids: Sequence[str]) -> set[str]:
        wanted = {stand_in(id): id for id in ids}
        rows = self._rows(
            "SELECT id FROM event_ids WHERE workspace = %s AND id = ANY(%s::text[])", workspace, list(wanted)
        )
        return {wanted[id] for (id,) in rows}

    def remember_ids(self, workspace: int, ids: Sequence[str], expires: int) -> set[str]:
        known = self.known_ids(workspace, ids)
        self._write_set(
            "INSERT INTO event_ids SELECT * FROM :rows ON CONFLICT DO NOTHING",
            ("bigint", "text", "bigint"),
            ((workspace, stand_in(id), expires) for id in ids if id not in known),
        )
        return known

    def forget_ids(self, before: int, limit: int) -> int:
        return self._write(
            "DELETE FROM event_ids WHERE ctid = ANY(ARRAY("
            "SELECT ctid FROM event_ids WHERE expires < %s ORDER BY expires, workspace, id LIMIT %s))",
            before,
            limit,
        )
