"""The outbox and its ledger."""

from __future__ import annotations

from collections.abc import Sequence

from milepost.ports.state_store import IntentRow
from milepost.stores.postgresql.subject import FOREVER, Subject


class Outbox(Subject):
    """Rows of `intents`."""

    def add_intents(self, rows: Sequence[IntentRow]) -> None:
        self._write_each(
            "INSERT INTO intents VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %b)"
            " ON CONFLICT (id) DO NOTHING",
            rows,
        )

    def claim_intents(self, now: int, *, limit: int) -> list[IntentRow]:
        rows = self._rows(
            "UPDATE intents SET state = 'sending', attempts = attempts + 1 WHERE ctid = ANY(ARRAY("
            "SELECT ctid FROM intents WHERE state = 'pending' AND due <= %s ORDER BY due, position LIMIT %s))"
            " RETURNING *",
            now,
            limit,
        )
        return sorted(map(IntentRow._make, rows), key=lambda row: (row.due, row.position))

    def settle_intents(self, rows: Sequence[IntentRow]) -> None:
        self._write_each(
            "UPDATE intents SET state = %s, due = %s, attempts = %s, result = %s WHERE id = %s",
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
        last = FOREVER if before is None else before - 1
        if state is None:
            rows = self._rows(
                "SELECT * FROM intents WHERE workspace = %s AND position <= %s ORDER BY position DESC LIMIT %s",
                workspace,
                last,
                limit,
            )
        else:
            rows = self._rows(
                "SELECT * FROM intents WHERE workspace = %s AND state = %s AND position <= %s"
                " ORDER BY position DESC LIMIT %s",
                workspace,
                state,
                last,
                limit,
            )
        return list(map(IntentRow._make, rows))

    def count_intents(self, workspace: int) -> dict[str, int]:
        return dict(self._rows("SELECT state, count(*) FROM intents WHERE workspace = %s GROUP BY state", workspace))

    def outbox_depth(self) -> dict[tuple[str, str], int]:
        # One question for each state, so that each goes along the index of that state and never through the ledger.
        rows = self._rows(
            "SELECT channel, state, count(*) FROM intents WHERE state = 'pending' GROUP BY channel, state"
            " UNION ALL SELECT channel, state, count(*) FROM intents WHERE state = 'sending' GROUP BY channel, state"
        )
        return {(channel, state): number for channel, state, number in rows}
