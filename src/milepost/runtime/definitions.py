"""Journeys in force as the cycle needs them: compiled versions, states, tracking; read again only when they changed.

Owns the cache. Must not change anything: that is `lifecycle`'s and the cycle's.
"""

from __future__ import annotations

from typing import NamedTuple

from milepost.errors import WorkspaceGone
from milepost.kernel.dispatch import Automation, Standing
from milepost.kernel.journey import Definition, Journey
from milepost.ports.state_store import JourneyRow, Transaction, WorkspaceRow
from milepost.runtime.tracking import Tracking


class Definitions(NamedTuple):
    """Everything of one workspace that is defined, at one moment."""

    stamp: int
    workspace: WorkspaceRow
    automation: Automation
    tracking: Tracking
    rows: dict[int, JourneyRow]
    """Journeys by key."""

    def going(self) -> list[int]:
        """Keys of the journeys whose timers count: neither paused nor finished."""
        return [key for key, standing in self.automation.standings.items() if standing.state in {"active", "finishing"}]


def workspace_of(tx: Transaction, key: int) -> WorkspaceRow:
    """The workspace. Raises WorkspaceGone."""
    for row in tx.workspaces():
        if row.key == key:
            return row
    raise WorkspaceGone(fix="Use another one.")


class DefinitionsCache:
    """Compiles each version once."""

    def __init__(self, workspace: int) -> None:
        self._workspace = workspace
        self._compiled: dict[tuple[int, int], Journey] = {}
        self._latest: Definitions | None = None

    def read(self, tx: Transaction) -> Definitions:
        """The definitions as the transaction sees them."""
        stamp = tx.definitions_stamp()
        if self._latest is None or self._latest.stamp != stamp:
            self._latest = self._load(tx, stamp)
        # The clock moves without a change of definitions.
        return self._latest._replace(workspace=workspace_of(tx, self._workspace))

    def _load(self, tx: Transaction, stamp: int) -> Definitions:
        rows = {row.key: row for row in tx.journeys(self._workspace)}
        published = [row for row in rows.values() if row.version]
        versions: dict[int, dict[int, Journey]] = {row.key: {} for row in published}
        for version in tx.versions([row.key for row in published]):
            place = (version.journey, version.number)
            if place not in self._compiled:
                definition = Definition.model_validate_json(version.definition)
                self._compiled[place] = Journey(version.journey, rows[version.journey].id, version.number, definition)
            versions[version.journey][version.number] = self._compiled[place]
        standings = [
            Standing(row.key, row.id, row.state, versions[row.key], row.resumed_at)
            for row in published
            if row.state != "draft"
        ]
        return Definitions(
            stamp,
            workspace_of(tx, self._workspace),
            Automation(standings),
            Tracking(tx.tracking_changes(self._workspace)),
            rows,
        )
