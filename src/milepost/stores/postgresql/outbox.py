"""The outbox and its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, LiteralString

from milepost.ports.state_store import EVERY_INTENT, AttemptRow, IntentChoice, IntentRow, Repeats
from milepost.stores.postgresql.subject import FOREVER, Subject, listed

#: Those that a choice leaves in; each column has an index that begins with it, or is asked beside one that has.
_CHOSEN: Final[dict[str, LiteralString]] = {
    "state": " AND state = %s",
    "channel": " AND channel = %s",
    "journey": " AND journey = %s",
    "node": " AND node = %s",
    "profile": " AND profile = %s",
    "since": " AND created >= %s",
    "until": " AND created < %s",
}


class Outbox(Subject):
    """Rows of `intents` and `attempts`."""

    def add_intents(self, rows: Sequence[IntentRow]) -> None:
        self._write_each(
            "INSERT INTO intents VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %b, %s, %s)"
            " ON CONFLICT (id) DO NOTHING",
            rows,
        )

    def claim_intents(self, lane: str, now: int, *, limit: int) -> list[IntentRow]:
        rows = self._rows(
            "UPDATE intents SET state = 'sending', attempts = attempts + 1 WHERE ctid = ANY(ARRAY("
            "SELECT ctid FROM intents WHERE state = 'pending' AND lane = %s AND due <= %s"
            " ORDER BY due, position LIMIT %s)) RETURNING *",
            lane,
            now,
            limit,
        )
        return sorted(map(IntentRow._make, rows), key=lambda row: (row.due, row.position))

    def settle_intents(self, rows: Sequence[IntentRow]) -> None:
        self._write_each(
            "UPDATE intents SET state = %s, due = %s, attempts = %s, result = %s, decision = %s WHERE id = %s",
            ((row.state, row.due, row.attempts, row.result, row.decision, row.id) for row in rows),
        )

    def unsettled_intents(self) -> list[IntentRow]:
        rows = self._rows("SELECT * FROM intents WHERE state = 'sending' ORDER BY due, position")
        return list(map(IntentRow._make, rows))

    def due_lanes(self) -> dict[str, int]:
        # From lane to lane along the index, and never through all that wait in one.
        return dict(
            self._rows(
                "WITH RECURSIVE lanes (lane) AS ("
                " SELECT min(lane) FROM intents WHERE state = 'pending'"
                " UNION ALL SELECT (SELECT min(lane) FROM intents WHERE state = 'pending' AND lane > lanes.lane)"
                " FROM lanes WHERE lanes.lane IS NOT NULL)"
                " SELECT lane, (SELECT min(due) FROM intents WHERE state = 'pending' AND lane = lanes.lane)"
                " FROM lanes WHERE lane IS NOT NULL"
            )
        )

    def waiting_lanes(self) -> dict[str, int]:
        return dict(self._rows("SELECT lane, count(*) FROM intents WHERE state = 'pending' GROUP BY lane"))

    def intent(self, workspace: int, id: str) -> IntentRow | None:
        row = self._row("SELECT * FROM intents WHERE id = %s AND workspace = %s", id, workspace)
        return IntentRow._make(row) if row else None

    def intents(
        self,
        workspace: int,
        *,
        limit: int,
        before: tuple[int, int] | None = None,
        choice: IntentChoice = EVERY_INTENT,
    ) -> list[IntentRow]:
        sql: LiteralString = "SELECT * FROM intents WHERE workspace = %s"
        arguments: list[object] = [workspace]
        for name, value in choice._asdict().items():
            if value is not None:
                sql += _CHOSEN[name]
                arguments.append(value)
        if before is not None:
            sql += " AND (created, position) < (%s, %s)"
            arguments += before
        rows = self._rows(f"{sql} ORDER BY created DESC, position DESC LIMIT %s", *arguments, limit)
        return list(map(IntentRow._make, rows))

    def count_intents(self, workspace: int, since: int | None = None, until: int | None = None) -> dict[str, int]:
        return dict(
            self._rows(
                "SELECT state, count(*) FROM intents WHERE workspace = %s AND state IN"
                " ('pending', 'sending', 'sent', 'failed', 'skipped', 'uncertain') AND created >= %s AND created < %s"
                " GROUP BY state",
                workspace,
                *_period(since, until),
            )
        )

    def count_repeats(self, workspace: int, since: int | None = None, until: int | None = None) -> Repeats:
        # Along indexes of the few attempts of which it may be true, and from there to their intents.
        accepted = self._row(
            "SELECT count(DISTINCT intent) FROM attempts AS again JOIN intents ON intents.id = again.intent"
            " WHERE again.outcome = 'sent' AND again.number > 1 AND EXISTS (SELECT 1 FROM attempts AS before"
            " WHERE before.intent = again.intent AND before.number < again.number AND before.outcome = 'sent')"
            " AND workspace = %s AND created >= %s AND created < %s",
            workspace,
            *_period(since, until),
        )
        uncertain = self._row(
            "SELECT count(DISTINCT intent) FROM attempts JOIN intents ON intents.id = attempts.intent"
            " WHERE outcome = 'uncertain' AND attempts.number < intents.attempts"
            " AND workspace = %s AND created >= %s AND created < %s",
            workspace,
            *_period(since, until),
        )
        return Repeats(accepted[0], uncertain[0])

    def put_attempts(self, rows: Sequence[AttemptRow]) -> None:
        self._write_each(
            "INSERT INTO attempts VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (intent, number) DO UPDATE SET"
            " ended = excluded.ended, outcome = excluded.outcome, reason = excluded.reason,"
            " provider = excluded.provider, reference = excluded.reference",
            rows,
        )

    def attempts(self, intents: Sequence[str]) -> list[AttemptRow]:
        rows = self._rows("SELECT * FROM attempts WHERE intent = ANY(%s::text[])", listed(intents))
        return sorted(map(AttemptRow._make, rows))

    def outbox_depth(self) -> dict[tuple[str, str], int]:
        # One question for each state, so that each goes along the index of that state and never through the ledger.
        rows = self._rows(
            "SELECT channel, state, count(*) FROM intents WHERE state = 'pending' GROUP BY channel, state"
            " UNION ALL SELECT channel, state, count(*) FROM intents WHERE state = 'sending' GROUP BY channel, state"
        )
        return {(channel, state): number for channel, state, number in rows}


def _period(since: int | None, until: int | None) -> tuple[int, int]:
    return (-FOREVER if since is None else since, FOREVER if until is None else until)
