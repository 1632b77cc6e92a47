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
        )

    def count_repeats(self, workspace: int, since: int | None = None, until: int | None = None) -> Repeats:
        # Along indexes of the few attempts of which it may be true, and from there to their intents.
        accepted = self._row(
            "SELECT count(DISTINCT intent) FROM attempts AS again JOIN intents ON intents.id = again.intent"
            " WHERE again.outcome = 'sent' AND again.number > 1 AND EXISTS (SELECT 1 FROM attempts AS before"
            " WHERE before.intent = again.intent AND before.number < again.number AND before.outcome = 'sent')"
            " AND workspace = ? AND created >= ? AND created < ?",
            workspace,
            *_period(since, until),
        )
        uncertain = self._row(
            "SELECT count(DISTINCT intent) FROM attempts JOIN intents ON intents.id = attempts.intent"
            " WHERE outcome = 'uncertain' AND attempts.number < intents.attempts"
            " AND workspace = ? AND created >= ? AND created < ?",
            workspace,
            *_period(since, until),
        )
        return Repeats(accepted[0], uncertain[0])

    def put_attempts(self, rows: Sequence[AttemptRow]) -> None:
        self._write_many(
            "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (intent, number) DO UPDATE SET"
            " ended = excluded.ended, outcome = excluded.outcome, reason = excluded.reason,"
            " provider = excluded.provider, reference = excluded.reference",
            rows,
        )

    def attempts(self, intents: Sequence[str]) -> list[AttemptRow]:
        rows = self._rows_in("SELECT * FROM attempts WHERE intent IN :texts", (), intents)
        return sorted(map(AttemptRow._make, rows))

    def outbox_depth(self) -> dict[tuple[str, str], int]:
        # One question for each state, so that each goes along the index of that state and never through the ledger.
        rows = self._rows(
            "SELECT channel, state, count(*) FROM intents WHERE state = 'pending' GROUP BY channel"
            " UNION ALL SELECT channel, state, count(*) FROM intents WHERE state = 'sending' GROUP BY channel"
        )
        return {(channel, state): number for channel, state, number in rows}


    def count_intents(self, workspace: int) -> dict[str, int]:
        return dict(self._rows("SELECT state, count(*) FROM intents WHERE workspace = ? GROUP BY state", workspace))
