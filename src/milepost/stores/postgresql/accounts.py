"""Accounts, and the sessions of those who are signed in."""

from __future__ import annotations

from milepost.ports.state_store import AccountRow, SessionRow
from milepost.stores.postgresql.subject import Subject


class Accounts(Subject):
    """Rows of `accounts` and `sessions`."""

    def accounts(self) -> list[AccountRow]:
        return [AccountRow._make(row) for row in self._rows("SELECT * FROM accounts ORDER BY key")]

    def account(self, email: str) -> AccountRow | None:
        row = self._row("SELECT * FROM accounts WHERE email = %s", email)
        return AccountRow._make(row) if row else None

    def put_account(self, row: AccountRow) -> None:
        self._write(
            "INSERT INTO accounts VALUES (%s, %s, %s, %s, %s) ON CONFLICT (key) DO UPDATE SET email = excluded.email,"
            " name = excluded.name, password = excluded.password, created = excluded.created",
            *row,
        )

    def session(self, hash: str) -> SessionRow | None:
        row = self._row("SELECT * FROM sessions WHERE hash = %s", hash)
        return SessionRow._make(row) if row else None

    def put_session(self, row: SessionRow) -> None:
        self._write(
            "INSERT INTO sessions VALUES (%s, %s, %s, %s, %s) ON CONFLICT (hash) DO UPDATE SET"
            " account = excluded.account, created = excluded.created, seen = excluded.seen, expires = excluded.expires",
            *row,
        )

    def delete_session(self, hash: str) -> None:
        self._write("DELETE FROM sessions WHERE hash = %s", hash)

    def delete_sessions(self, account: int) -> None:
        self._write("DELETE FROM sessions WHERE account = %s", account)

    def forget_sessions(self, before: int) -> int:
        return self._write("DELETE FROM sessions WHERE expires < %s", before)
