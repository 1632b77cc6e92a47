"""The numbers of timers, for a store that is older than they are.

Owns the one time that all runs are read to count their timers. Must not know when: that is the worker's, at its start.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from milepost.kernel.dispatch import HOUR
from milepost.ports.state_store import StateStore, TimerKey, Transaction
from milepost.runtime import codec

PAGE: Final = 10_000


def count_timers(store: StateStore) -> None:
    """Count the timers of all runs, unless that was done: from then on the commits keep the numbers."""
    with store.reading() as tx:
        if tx.timers_are_counted():
            return
    with store.writing() as tx:
        for workspace in tx.workspaces():
            for journey in tx.journeys(workspace.key):
                tx.add_timers(_timers_of(tx, journey.key))
        tx.tell_timers_counted()


def _timers_of(tx: Transaction, journey: int) -> Counter[TimerKey]:
    timers: Counter[TimerKey] = Counter()
    after = 0
    while rows := tx.runs_of_journey(journey, after=after, limit=PAGE):
        after = rows[-1].key
        for row in rows:
            run = codec.decode_run(row.key, row.journey, row.state)
            timers.update(
                TimerKey(journey, run.version, path.node, path.due // HOUR)
                for path in run.paths
                if path.due is not None
            )
    return timers
