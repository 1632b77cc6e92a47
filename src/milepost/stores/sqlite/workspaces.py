"""Workspaces and API keys; and what goes with a workspace: the only place that knows all tables."""

from __future__ import annotations

from typing import Final, LiteralString

from milepost.ports.state_store import ApiKeyRow, WorkspaceRow
from milepost.stores.sqlite.subject import Subject

#: In this order, since some rows belong to it by their journey. Versions and tracking changes follow the journeys.
_OF_A_WORKSPACE: Final[tuple[LiteralString, ...]] = (
    "DELETE FROM runs WHERE workspace = ?",
    "DELETE FROM timers WHERE journey IN (SELECT key FROM journeys WHERE workspace = ?)",
    "DELETE FROM kept WHERE journey IN (SELECT key FROM journeys WHERE workspace = ?)",
    "DELETE FROM counters WHERE journey IN (SELECT key FROM journeys WHERE workspace = ?)",
    "DELETE FROM life WHERE journey IN (SELECT key FROM journeys WHERE workspace = ?)",
    "DELETE FROM journeys WHERE workspace = ?",
    "DELETE FROM inputs WHERE workspace = ?",
    "DELETE FROM event_ids WHERE workspace = ?",
    "DELETE FROM identifiers WHERE workspace = ?",
    "DELETE FROM profiles WHERE workspace = ?",
    "DELETE FROM cause_starts WHERE workspace = ?",
    "DELETE FROM attempts WHERE intent IN (SELECT id FROM intents WHERE workspace = ?)",
    "DELETE FROM intents WHERE workspace = ?",
    "DELETE FROM imports WHERE workspace = ?",
    "DELETE FROM batches WHERE workspace = ?",
    "DELETE FROM dead_letters WHERE workspace = ?",
    "DELETE FROM api_keys WHERE workspace = ?",
    "DELETE FROM workspaces WHERE key = ?",
)


class Workspaces(Subject):
    """Rows of `workspaces` and `api_keys`."""

    def workspaces(self) -> list[WorkspaceRow]:
        return [_workspace(row) for row in self._rows("SELECT * FROM workspaces ORDER BY key")]

    def next_workspace(self) -> int:
        return self._number("workspace") + 1

    def put_workspace(self, row: WorkspaceRow) -> None:
        found = self._row("SELECT * FROM workspaces WHERE key = ?", row.key)
        self._write(
            "INSERT INTO workspaces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
            " name = excluded.name, clock = excluded.clock, now = excluded.now, run_until = excluded.run_until,"
            " timezone = excluded.timezone, track_by_default = excluded.track_by_default, created = excluded.created,"
            " demo = excluded.demo, uncertain = excluded.uncertain",
            *row,
        )
        # Every cycle moves a workspace's clock: what is cached of its definitions outlives that.
        if not found or _workspace(found)._replace(now=row.now, run_until=row.run_until) != row:
            self._bump("definitions")
            self._bump("workspace", row.key)

    def delete_workspace(self, key: int) -> None:
        for statement in _OF_A_WORKSPACE:
            self._write(statement, key)
        self._bump("definitions")

    def api_key(self, hash: str) -> ApiKeyRow | None:
        row = self._row("SELECT * FROM api_keys WHERE hash = ?", hash)
        return ApiKeyRow._make(row) if row else None

    def api_keys(self, workspace: int) -> list[ApiKeyRow]:
        rows = self._rows("SELECT * FROM api_keys WHERE workspace = ? ORDER BY created, hash", workspace)
        return list(map(ApiKeyRow._make, rows))

    def put_api_key(self, row: ApiKeyRow) -> None:
        self._write(
            "INSERT INTO api_keys VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET"
            " workspace = excluded.workspace, name = excluded.name, created = excluded.created",
            *row,
        )


def _workspace(columns: tuple[object, ...]) -> WorkspaceRow:
    row = WorkspaceRow._make(columns)
    return row._replace(track_by_default=bool(row.track_by_default), demo=bool(row.demo))
