"""How a server stands at this moment: what it has not taken, handed over or sent yet, and for how long.

Owns the numbers and how they are found: what they cost grows with what is due or pending, never with who waits. Must
not know who asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from milepost.ports.clock import Clock
from milepost.ports.state_store import StateStore, Transaction

GOING = frozenset({"active", "finishing"})
"""States of journeys whose timers are taken."""


class Standing(NamedTuple):
    """Numbers of one moment; ages are milliseconds."""

    ready: bool
    cycle_lag: int
    """Age of the oldest input not taken, on workspaces with a real clock; 0 when there is none."""
    unprojected: int
    projector_lag: int
    """Age of the oldest batch not handed over; 0 when there is none."""
    due: int
    outbox: Mapping[tuple[str, str], int]
    """(channel, state) to the number of intents that are not carried out yet."""
    disk_free: int
    """Bytes."""


def standing(store: StateStore, clock: Clock, *, ready: bool, disk_free: int) -> Standing:
    """How things stand now. Raises StorageUnavailable."""
    with store.reading() as tx:
        now = clock.now()
        unprojected, since = tx.handover_backlog()
        real = [row.key for row in tx.workspaces() if row.clock == "real"]
        lags = [now - row.instant for key in real for row in tx.pending_inputs(key, limit=1)]
        return Standing(
            ready=ready,
            cycle_lag=max(0, *lags, 0),
            unprojected=unprojected,
            projector_lag=0 if since is None else max(0, now - since),
            due=tx.count_due(_going(tx, real), now),
            outbox=tx.outbox_depth(),
            disk_free=disk_free,
        )


def _going(tx: Transaction, workspaces: list[int]) -> list[int]:
    return [row.key for key in workspaces for row in tx.journeys(key) if row.state in GOING]
