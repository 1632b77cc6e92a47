"""Journeys, their versions, their life, and the switches of their nodes."""

from __future__ import annotations

from collections.abc import Sequence

from milepost.errors import Conflict, NotFound
from milepost.ports.state_store import JourneyRow, LifeRow, TrackingChange, VersionRow
from milepost.stores.sqlite.subject import Subject, listed


class Journeys(Subject):
    """Rows of `journeys`, `versions`, `life` and `tracking_changes`."""

    def journeys(self, workspace: int) -> list[JourneyRow]:
        rows = self._rows("SELECT * FROM journeys WHERE workspace = ? ORDER BY key", workspace)
        return list(map(JourneyRow._make, rows))

    def journey(self, workspace: int, id: str) -> JourneyRow | None:
        row = self._row("SELECT * FROM journeys WHERE workspace = ? AND id = ?", workspace, id)
        return JourneyRow._make(row) if row else None

    def insert_journey(self, row: JourneyRow) -> int:
        found = self._row(
            "INSERT INTO journeys VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (workspace, id) DO NOTHING RETURNING key",
            *row[1:],
        )
        if found is None:
            raise Conflict(f"There is a journey with the id {row.id} already.", field="id")
        self._bump("definitions")
        return int(found[0])

    def update_journey(self, row: JourneyRow) -> None:
        changed = self._write(
            "UPDATE journeys SET workspace = ?, id = ?, name = ?, state = ?, version = ?, draft = ?, revision = ?,"
            " resumed_at = ?, created = ?, updated = ? WHERE key = ?",
            *row[1:],
            row.key,
        )
        if not changed:
            raise NotFound(f"There is no journey {row.id}.")
        self._bump("definitions")

    def delete_journey(self, key: int) -> None:
        # Versions and tracking go with it; its life is kept for ever (D-3.5).
        self._write("DELETE FROM journeys WHERE key = ?", key)
        self._bump("definitions")

    def versions(self, journeys: Sequence[int]) -> list[VersionRow]:
        rows = self._rows(
            "SELECT * FROM versions WHERE journey IN (SELECT value FROM json_each(?)) ORDER BY journey, number",
            listed(journeys),
        )
        return list(map(VersionRow._make, rows))

    def put_version(self, row: VersionRow) -> None:
        self._write("INSERT INTO versions VALUES (?, ?, ?, ?)", *row)
        self._bump("definitions")

    def add_life(self, row: LifeRow) -> None:
        self._write("INSERT INTO life VALUES (?, ?, ?, ?, ?, ?, ?)", *row)

    def life(self, journey: int) -> list[LifeRow]:
        return list(map(LifeRow._make, self._rows("SELECT * FROM life WHERE journey = ? ORDER BY at, rowid", journey)))

    def definitions_stamp(self) -> int:
        return self._number("definitions")

    def tracking_changes(self, workspace: int) -> list[TrackingChange]:
        rows = self._rows(
            "SELECT * FROM tracking_changes WHERE workspace = ? ORDER BY journey, node, at, rowid", workspace
        )
        changes = map(TrackingChange._make, rows)
        return [change._replace(on=bool(change.on)) for change in changes]

    def add_tracking_changes(self, rows: Sequence[TrackingChange]) -> None:
        if rows:
            self._write_many("INSERT INTO tracking_changes VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._bump("definitions")
