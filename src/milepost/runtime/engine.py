"""Everything that runs, wired together over given stores: intake, cycles, projector, and the verbs on top.

Owns the parts and the order in which one thread drives them. Must not choose adapters: `app` and `testing` do.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from milepost.errors import Conflict, NotFound, WorkspaceGone
from milepost.ports.clock import Clock
from milepost.ports.event_store import EventStore
from milepost.ports.observer import SILENT, Observer
from milepost.ports.state_store import StateStore, Transaction, UncertainRule, WorkspaceRow
from milepost.runtime.commands import Answers
from milepost.runtime.commit import Committer
from milepost.runtime.cycle import Cycle
from milepost.runtime.definitions import workspace_of
from milepost.runtime.intake import Intake
from milepost.runtime.ledger import Ledger
from milepost.runtime.lifecycle import Lifecycle
from milepost.runtime.log import Log
from milepost.runtime.projector import Projector


class Engine:
    """The parts over one pair of stores. `step` drives everything by hand; `worker.Worker` does it in threads."""

    def __init__(
        self,
        store: StateStore,
        events: EventStore,
        clock: Clock,
        *,
        batch_size: int = 10_000,
        guard: Callable[[], None] = lambda: None,
        observer: Observer = SILENT,
        rates: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """`rates` says how many effects per second a channel's provider takes."""
        self.store = store
        self.events = events
        self.clock = clock
        self.work = threading.Event()
        """Set whenever there may be something to take."""
        self.to_project = threading.Event()
        """Set whenever there may be something to hand over to the event store."""
        self.to_send = threading.Event()
        """Set whenever there may be an intent to carry out."""
        self.observer = observer
        self.log = Log(store, clock)
        self.answers = Answers()
        self.intake = Intake(store, self.log, guard=guard, stored=self.work.set, observer=observer)
        self.committer = Committer(store, clock, self.log, self._committed, observer)
        self.projector = Projector(store, events, clock, observer)
        self.lifecycle = Lifecycle(store, self.log, self.answers)
        self.ledger = Ledger(store, self.log, self._decided)
        self.rates = rates
        self._batch_size = batch_size
        self._cycles: dict[int, Cycle] = {}

    def create_workspace(
        self, name: str, clock: Literal["real", "virtual"], *, now: int = 0, timezone: str = "UTC",
        track_by_default: bool = False, demo: bool = False,
    ) -> WorkspaceRow:  # fmt: skip
        """A new, empty workspace. `now` is where a virtual clock begins, in milliseconds. Raises Conflict."""
        with self.store.writing() as tx:
            rows = tx.workspaces()
            if any(row.name == name for row in rows):
                message = f"There is a workspace `{name}` already."
                raise Conflict(message, field="name", fix="Choose another name.")
            row = WorkspaceRow(
                tx.next_workspace(), name, clock, now if clock == "virtual" else 0, None, timezone, track_by_default,
                self.clock.now(), demo,
            )  # fmt: skip
            tx.put_workspace(row)
        return row

    def workspace(self, name: str) -> WorkspaceRow:
        """The workspace of that name. Raises NotFound."""
        with self.store.reading() as tx:
            for row in tx.workspaces():
                if row.name == name:
                    return row
        message = f"There is no workspace `{name}`."
        raise NotFound(message, field="workspace")

    def set_uncertain(self, key: int, rule: UncertainRule) -> None:
        """Say what becomes of effects of which nobody knows whether they arrived (D-7). Raises WorkspaceGone."""
        with self.store.writing() as tx:
            tx.put_workspace(workspace_of(tx, key)._replace(uncertain=rule))

    def delete_workspace(self, key: int) -> None:
        """Remove a workspace with all that is in it, here and in the event store. Raises NotFound, Conflict.

        Only a demo can be deleted, and not the only one. Cut short, it leaves the workspace to be deleted again.
        """
        with self.store.reading() as tx:
            refuse_to_delete(tx, key)
        # The event store first, and no hand-over until both are done: a crash in between leaves no rows without a
        # workspace, and none comes late.
        with self.projector.standing_still():
            self.events.delete_workspace(key)
            with self.store.writing() as tx:
                refuse_to_delete(tx, key)
                tx.delete_workspace(key)

    def cycles(self) -> list[Cycle]:
        """One cycle for each workspace there is."""
        with self.store.reading() as tx:
            keys = [row.key for row in tx.workspaces()]
        self._cycles = {key: cycle for key, cycle in self._cycles.items() if key in keys}
        for key in keys:
            if key not in self._cycles:
                self._cycles[key] = Cycle(
                    self.store, self.log, key, self.committer, answers=self.answers, batch_size=self._batch_size
                )  # fmt: skip
        return [self._cycles[key] for key in keys]

    def step(self) -> bool:
        """One batch of each workspace. Answers whether there was anything to do.

        What goes wrong in one workspace does not keep the others from their turn; the first trouble is raised then.
        """
        busy, troubles = False, []
        for cycle in self.cycles():
            try:
                busy = cycle.step() or busy
            except WorkspaceGone:
                busy = True
            except Exception as error:  # noqa: BLE001 - whatever it is, it is one workspace's
                troubles.append(error)
        if troubles:
            raise troubles[0]
        return busy

    def next_due(self) -> int | None:
        """When the earliest timer of all workspaces with a real clock is due."""
        dues = []
        for cycle in self.cycles():
            with contextlib.suppress(WorkspaceGone):
                dues.append(cycle.next_due())
        return min((due for due in dues if due is not None), default=None)

    def _decided(self) -> None:
        self.to_send.set()
        self.work.set()

    def _committed(self) -> None:
        self.to_project.set()
        self.to_send.set()

    def drain(self) -> None:
        """Go on until nothing is left to take or to project."""
        while self.step():
            pass
        while self.projector.step():
            pass


def refuse_to_delete(tx: Transaction, key: int) -> None:
    """Raise Conflict unless the workspace is a demo, and not the only one; WorkspaceGone if it is not there."""
    row = workspace_of(tx, key)
    if not row.demo:
        message = f"`{row.name}` is not a demo; only the workspace of a demo can be deleted so far."
        raise Conflict(message, field="name", fix="Leave it, and use another one.")
    if len(tx.workspaces()) == 1:
        message = f"`{row.name}` is the only workspace."
        raise Conflict(message, field="name", fix="Make another one first.")
