"""Appending to the log of inputs: who gets which instant and which place (D-3.8).

Owns receipt: it is assigned inside the transaction that stores the input, never goes back, and in a virtual workspace
comes with the input. Must not know what happens to an input afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from milepost.kernel.event import Event
from milepost.ports.clock import Clock
from milepost.ports.state_store import InputRow, StateStore, Transaction, WorkspaceRow
from milepost.runtime import codec
from milepost.runtime.codec import Logged
from milepost.runtime.sequence import Sequence

COMMAND_RANK = 0
EVENT_RANK = 1
MOST_IN_A_ROW = 10_000


class Log:
    """The log of one store. Its methods take the writing transaction that they are part of."""

    def __init__(self, store: StateStore, clock: Clock) -> None:
        self.positions = Sequence(store, "position")
        self.profiles = Sequence(store, "profile")
        self.runs = Sequence(store, "run")
        self._clock = clock
        self._lock = threading.Lock()
        with store.reading() as tx:
            # What was received before a restart and is not taken yet, should the clock have been set back meanwhile.
            self._latest = {
                row.key: tx.last_instant(row.key) or 0 for row in tx.workspaces() if row.clock == "real"
            }  # fmt: skip

    def instant(self, workspace: WorkspaceRow) -> int:
        """The present instant: the clock's, and in a virtual workspace the one its clock stands at."""
        if workspace.clock == "virtual":
            return workspace.now
        with self._lock:
            latest = max(self._clock.now(), workspace.now, self._latest.get(workspace.key, 0))
            self._latest[workspace.key] = latest
        return latest

    def memory_until(self, instant: int, length: int) -> int:
        """When something may be forgotten: not before the real time, by which it is swept, has passed either."""
        return max(instant, self._clock.now()) + length

    def present(self) -> int:
        """What the machine's clock says."""
        return self._clock.now()

    def append_events(self, tx: Transaction, workspace: int, events: Iterable[Logged]) -> None:
        """Store events that have their positions already, in one row for each stretch of one instant."""
        rows: list[InputRow] = []
        stretch: list[Logged] = []
        for event in events:
            if stretch and (event.received_at != stretch[0].received_at or len(stretch) == MOST_IN_A_ROW):
                rows.append(_row(workspace, stretch))
                stretch = []
            stretch.append(event)
        if stretch:
            rows.append(_row(workspace, stretch))
        tx.append_inputs(rows)

    def append_changes(self, tx: Transaction, workspace: int, changes: list[codec.LoggedChange]) -> None:
        """Store changes of profiles, one row each: they are few, and each may have its own instant."""
        tx.append_inputs([
            InputRow(
                change.position, workspace, change.instant, EVENT_RANK, "profiles", 1, codec.encode_changes([change])
            )
            for change in changes
        ])  # fmt: skip

    def append_command(self, tx: Transaction, workspace: int, instant: int, command: dict[str, Any]) -> int:
        """Store a command; answers with its position. It comes before all events of its instant."""
        position = self.positions.take(1)
        body = codec.encode_command(command)
        tx.append_inputs([InputRow(position, workspace, instant, COMMAND_RANK, "command", 1, body)])
        return position

    def append_produced(self, tx: Transaction, workspace: WorkspaceRow, events: list[Event]) -> None:
        """Store events from outside the cycle, such as a provider's answers, at the present instant."""
        instant = self.instant(workspace)
        first = self.positions.take(len(events))
        self.append_events(
            tx,
            workspace.key,
            [
                codec.logged(event._replace(received_at=instant, time=min(event.time, instant), position=first + index))
                for index, event in enumerate(events)
            ],
        )


def _row(workspace: int, events: list[Logged]) -> InputRow:
    first = events[0]
    return InputRow(
        first.position, workspace, first.received_at, EVENT_RANK, "events", len(events), codec.encode_events(events)
    )
