"""The outbox and its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from milepost.ports.state_store import IntentRow
from milepost.stores.sqlite.subject import Subject

LAST: Final = 2**63 - 1


class Outbox(Subject):
    """Rows of `intents`."""

    def add_intents(self, rows: Sequence[IntentRow]) -> None:
        self._write_many(
            "INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", rows
        )

    def claim_intents(self, now: int, *, limit: int) -> list[IntentRow]:
        rows = self._rows(
            "UPDATE intents SET state = 'sending', attempts = attempts + 1 WHERE id IN"
            " (SELECT id FROM intents WHERE state = 'pending' AND due <= ? ORDER BY due, position LIMIT ?) RETURNING *",
            now,
            limit,
        )
        return sorted(map(IntentRow._make, rows), key=lambda row: (row.due, row.position))

    def settle_intents(self, rows: Sequence[IntentRow]) -> None:
        self._write_many(
            "UPDATE intents SET state = ?, due = ?, attempts = ?, result = ? WHERE id = ?",
            ((row.state, row.due, row.attempts, row.result, row.id) for row in rows),
        )

    def unsettled_intents(self) -> list[IntentRow]:
        rows = self._rows("SELECT * FROM intents WHERE state = 'sending' ORDER BY due, position")
        return list(map(IntentRow._make, rows))

    def next_intent_due(self) -> int | None:
        row = self._row("SELECT due FROM intents WHERE state = 'pending' ORDER BY due LIMIT 1")
        return row[0] if row else None

    def intents(
        self, workspace: int, *, limit: int, before: int | None = None, state: str | None = None
    ) -> list[IntentRow]:
        last = LAST if before is None else before - 1
        if state is None:
            rows = self._rows(
                "SELECT * FROM intents WHERE workspace = ? AND position <= ? ORDER BY position DESC LIMIT ?",
                workspace,
                last,
                limit,
            )
        else:
            rows = self._rows(
                "SELECT * FROM intents WHERE workspace = ? AND state = ? AND position <= ?"
                " ORDER BY position DESC LIMIT ?",
                workspace,
                state,
                last,
                limit,
            )
        return list(map(IntentRow._make, rows))

    def count_intents(self, workspace: int) -> dict[str, int]:
        return dict(self._rows("SELECT state, count(*) FROM intents WHERE workspace = ? GROUP BY state", workspace))

    def outbox_depth(self) -> dict[tuple[str, str], int]:
        # One question for each state, so that each goes along the index of that state and never through the ledger.
        rows = self._rows(
            "SELECT channel, state, count(*) FROM intents WHERE state = 'pending' GROUP BY channel"
            " UNION ALL SELECT channel, state, count(*) FROM intents WHERE state = 'sending' GROUP BY channel"
        )
        return {(channel, state): number for channel, state, number in rows}
