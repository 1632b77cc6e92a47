"""The log of inputs, and the memory of the ids that came in."""

from __future__ import annotations

from collections.abc import Sequence

from milepost.ports.state_store import InputRow
from milepost.stores.sqlite.subject import FOREVER, Subject


class Log(Subject):
    """Rows of `inputs` and `event_ids`."""

    def append_inputs(self, rows: Sequence[InputRow]) -> None:
        self._write_many("INSERT INTO inputs VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def pending_inputs(self, workspace: int, *, limit: int, until: int | None = None) -> list[InputRow]:
        rows = self._rows(
            "SELECT * FROM inputs WHERE workspace = ? AND instant <= ? ORDER BY instant, rank, position LIMIT ?",
            workspace,
            FOREVER if until is None else until,
            limit,
        )
        return list(map(InputRow._make, rows))

    def delete_inputs(self, positions: Sequence[int]) -> None:
        self._write_many("DELETE FROM inputs WHERE position = ?", ((position,) for position in positions))

    def last_instant(self, workspace: int) -> int | None:
        row = self._row("SELECT instant FROM inputs WHERE workspace = ? ORDER BY instant DESC LIMIT 1", workspace)
        return row[0] if row else None

    def known_ids(self, workspace: int, ids: Sequence[str]) -> set[str]:
        found = self._rows_in("SELECT id FROM event_ids WHERE workspace = ? AND id IN :texts", (workspace,), ids)
        return {id for (id,) in found}

    def remember_ids(self, workspace: int, ids: Sequence[str], expires: int) -> set[str]:
        known = self.known_ids(workspace, ids)
        self._write_many(
            "INSERT INTO event_ids VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            ((workspace, id, expires) for id in ids if id not in known),
        )
        return known

    def forget_ids(self, before: int, limit: int) -> int:
        return self._write(
            "DELETE FROM event_ids WHERE (workspace, id) IN"
            " (SELECT workspace, id FROM event_ids WHERE expires < ? ORDER BY expires, workspace, id LIMIT ?)",
            before,
            limit,
        )
