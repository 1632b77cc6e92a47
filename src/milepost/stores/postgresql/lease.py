"""The lease of the active worker, in two of the store's numbers: its epoch, and when its time is over."""

from __future__ import annotations

from milepost.ports.state_store import LeaseRow
from milepost.stores.postgresql.subject import Subject


class Lease(Subject):
    """Rows `epoch` and `lease` of `numbers`: not there before the first worker."""

    def lease(self) -> LeaseRow:
        row = self._row(
            "SELECT epoch.value, lease.value > (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
            " FROM numbers AS epoch, numbers AS lease WHERE epoch.name = 'epoch' AND lease.name = 'lease'"
        )
        return LeaseRow(row[0], held=bool(row[1])) if row else LeaseRow(0, held=False)

    def hold_lease(self, epoch: int, milliseconds: int) -> None:
        self._write(
            "INSERT INTO numbers VALUES ('epoch', %s),"
            " ('lease', %s + (extract(epoch FROM clock_timestamp()) * 1000)::bigint)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            epoch,
            milliseconds,
        )
