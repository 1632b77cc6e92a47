"""How many timers are due when, and at which node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from milepost.ports.state_store import TimerKey
from milepost.stores.sqlite.subject import Subject, listed


class Calendar(Subject):
    """Rows of `timers`."""

    def add_timers(self, deltas: Mapping[TimerKey, int]) -> None:
        self._write_many(
            "INSERT INTO timers VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (journey, version, node, hour) DO UPDATE SET number = number + excluded.number",
            ((*key, delta) for key, delta in deltas.items()),
        )
        self._write("DELETE FROM timers WHERE number = 0")

    def timers(self, journeys: Sequence[int], until: int) -> dict[TimerKey, int]:
        rows = self._rows(
            "SELECT * FROM timers WHERE journey IN (SELECT value FROM json_each(?)) AND hour < ?",
            listed(journeys),
            until,
        )
        return {TimerKey._make(key): number for *key, number in rows}

    def timers_are_counted(self) -> bool:
        return self._number("timers") > 0

    def tell_timers_counted(self) -> None:
        self._bump("timers", 1)
