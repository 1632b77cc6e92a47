"""Profiles and the identifiers that lead to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from milepost.ports.state_store import Identifier, ProfileRow
from milepost.stores.sqlite.subject import Subject, listed


class Profiles(Subject):
    """Rows of `profiles` and `identifiers`."""

    def resolve(self, workspace: int, identifiers: Sequence[Identifier]) -> dict[Identifier, int]:
        values: defaultdict[str, list[str]] = defaultdict(list)
        for kind, value in identifiers:
            values[kind].append(value)
        return {
            Identifier(kind, value): profile
            for wanted, texts in values.items()
            for kind, value, profile in self._rows_in(
                "SELECT kind, value, profile FROM identifiers WHERE workspace = ? AND kind = ? AND value IN :texts",
                (workspace, wanted),
                texts,
            )
        }

    def bind(self, workspace: int, identifiers: Mapping[Identifier, int], since: int = 0) -> None:
        self._write_many(
            "INSERT INTO identifiers VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (workspace, kind, value) DO UPDATE SET profile = excluded.profile, since = excluded.since",
            ((workspace, kind, value, profile, since) for (kind, value), profile in identifiers.items()),
        )

    def identifiers(self, profiles: Sequence[int]) -> dict[int, list[Identifier]]:
        result: dict[int, list[Identifier]] = {profile: [] for profile in profiles}
        # In order of rank too (D-2.4): the kinds rank as they are spelled.
        for profile, kind, value in self._rows(
            "SELECT profile, kind, value FROM identifiers WHERE profile IN (SELECT value FROM json_each(?))"
            " ORDER BY profile, kind, since, value",
            listed(profiles),
        ):
            result[profile].append(Identifier(kind, value))
        return result

    def profiles(self, keys: Sequence[int]) -> dict[int, ProfileRow]:
        rows = self._rows("SELECT * FROM profiles WHERE key IN (SELECT value FROM json_each(?))", listed(keys))
        return {row[0]: ProfileRow._make(row) for row in rows}

    def put_profiles(self, rows: Sequence[ProfileRow]) -> None:
        # Only what changes is set: a column of an index, set to what it was, costs as much as a new one.
        self._write_many(
            "INSERT INTO profiles VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body",
            rows,
        )

    def list_profiles(self, workspace: int, *, limit: int, after: int = 0) -> list[ProfileRow]:
        rows = self._rows(
            "SELECT * FROM profiles WHERE workspace = ? AND key > ? ORDER BY key LIMIT ?", workspace, after, limit
        )
        return list(map(ProfileRow._make, rows))

    def count_profiles(self, workspace: int) -> int:
        return int(self._row("SELECT count(*) FROM profiles WHERE workspace = ?", workspace)[0])
