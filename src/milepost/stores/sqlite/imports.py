"""Files that the server imports, and how far each is."""

from __future__ import annotations

from milepost.ports.state_store import ImportRow
from milepost.stores.sqlite.subject import Subject


class Imports(Subject):
    """Rows of `imports`."""

    def put_import(self, row: ImportRow) -> None:
        self.delete_import(row.id)
        self._write(
            "INSERT INTO imports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *row,
        )

    def import_of(self, workspace: int, id: str) -> ImportRow | None:
        row = self._row("SELECT * FROM imports WHERE id = ? AND workspace = ?", id, workspace)
        return ImportRow._make(row) if row else None

    def imports(self, workspace: int, *, limit: int) -> list[ImportRow]:
        rows = self._rows(
            "SELECT * FROM imports WHERE workspace = ? ORDER BY created DESC, id DESC LIMIT ?", workspace, limit
        )
        return list(map(ImportRow._make, rows))

    def running_imports(self) -> list[ImportRow]:
        rows = self._rows("SELECT * FROM imports WHERE state = 'running' ORDER BY created, id")
        return list(map(ImportRow._make, rows))

    def delete_import(self, id: str) -> None:
        self._write("DELETE FROM imports WHERE id = ?", id)
