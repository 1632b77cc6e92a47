"""Journeys, their versions, their life, and the switches of their nodes."""

from __future__ import annotations

from collections.abc import Sequence

from milepost.errors import Conflict, NotFound
from milepost.ports.state_store import JourneyRow, LifeRow, TrackingChange, VersionRow
from milepost.stores.postgresql.subject import Subject, listed


class Journeys(Subject):
    """Rows of `journeys`, `versions`, `life` and `tracking_changes`."""

    def journeys(self, workspace: int) -> list[JourneyRow]:
        rows = self._rows("SELECT * FROM journeys WHERE workspace = %s ORDER BY key", workspace)
        return list(map(JourneyRow._make, rows))

    def journey(self, workspace: int, id: str) -> JourneyRow | None:
        row = self._row("SELECT * FROM journeys WHERE workspace = %s AND id = %s", workspace, id)
        return JourneyRow._make(row) if row else None

    def insert_journey(self, row: JourneyRow) -> int:
        # Asked first: a statement that is refused ends the transaction.
        if self.journey(row.workspace, row.id):
            raise Conflict(f"There is a journey with the id {row.id} already.", field="id")
        key = self._bump("journey")
        self._write("INSERT INTO journeys VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", key, *row[1:])
        self._bump("definitions")
        return key

    def update_journey(self, row: JourneyRow) -> None:
        changed = self._write(
            "UPDATE journeys SET workspace = %s, id = %s, name = %s, state = %s, version = %s, draft = %s,"
            " revision = %s, resumed_at = %s, created = %s, updated = %s WHERE key = %s",
            *row[1:],
            row.key,
        )
        if not changed:
            raise NotFound(f"There is no journey {row.id}.")
        self._bump("definitions")

    def delete_journey(self, key: int) -> None:
        # Versions and tracking go with it; its life is kept for ever (D-3.5).
        self._write("DELETE FROM journeys WHERE key = %s", key)
        self._bump("definitions")

    def versions(self, journeys: Sequence[int]) -> list[VersionRow]:
        rows = self._rows(
            "SELECT * FROM versions WHERE journey = ANY(%s::bigint[]) ORDER BY journey, number", listed(journeys)
        )
        return list(map(VersionRow._make, rows))

    def put_version(self, row: VersionRow) -> None:
        self._write("INSERT INTO versions VALUES (%s, %s, %s, %s)", *row)
        self._bump("definitions")

    def add_life(self, row: LifeRow) -> None:
        self._write(
            "INSERT INTO life (journey, at, who, action, before, after, why) VALUES (%s, %s, %s, %s, %s, %s, %s)", *row
        )

    def life(self, journey: int) -> list[LifeRow]:
        rows = self._rows(
            "SELECT journey, at, who, action, before, after, why FROM life WHERE journey = %s ORDER BY at, place",
            journey,
        )
        return list(map(LifeRow._make, rows))

    def definitions_stamp(self) -> int:
        return self._number("definitions")

    def tracking_changes(self, workspace: int) -> list[TrackingChange]:
        rows = self._rows(
            'SELECT workspace, journey, node, at, "on", who FROM tracking_changes WHERE workspace = %s'
            " ORDER BY journey, node, at, place",
            workspace,
        )
        return list(map(TrackingChange._make, rows))

    def add_tracking_changes(self, rows: Sequence[TrackingChange]) -> None:
        if rows:
            self._write_each(
                'INSERT INTO tracking_changes (workspace, journey, node, at, "on", who)'
                " VALUES (%s, %s, %s, %s, %s, %s)",
                rows,
            )
            self._bump("definitions")
