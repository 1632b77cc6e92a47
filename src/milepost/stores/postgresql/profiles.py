"""Profiles and the identifiers that lead to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from milepost.ports.state_store import Identifier, ProfileRow
from milepost.stores.postgresql.subject import Subject, listed


class Profiles(Subject):
    """Rows of `profiles` and `identifiers`."""

    def resolve(self, workspace: int, identifiers: Sequence[Identifier]) -> dict[Identifier, int]:
        if not identifiers:
            return {}
        kinds, values = zip(*listed(identifiers), strict=True)
        rows = self._rows(
            "SELECT kind, value, profile FROM unnest(%s::text[], %s::text[]) AS wanted (kind, value)"
            " JOIN identifiers USING (kind, value) WHERE workspace = %s",
            list(kinds),
            list(values),
            workspace,
        )
        return {Identifier(kind, value): profile for kind, value, profile in rows}

    def bind(self, workspace: int, identifiers: Mapping[Identifier, int], since: int = 0) -> None:
        self._write_set(
            "INSERT INTO identifiers SELECT * FROM :rows"
            " ON CONFLICT (workspace, kind, value) DO UPDATE SET profile = excluded.profile, since = excluded.since",
            ("bigint", "text", "text", "bigint", "bigint"),
            ((workspace, kind, value, profile, since) for (kind, value), profile in identifiers.items()),
        )

    def identifiers(self, profiles: Sequence[int]) -> dict[int, list[Identifier]]:
        result: dict[int, list[Identifier]] = {profile: [] for profile in profiles}
        # In order of rank too (D-2.4): the kinds rank as they are spelled.
        for profile, kind, value in self._rows(
            "SELECT profile, kind, value FROM identifiers WHERE profile = ANY(%s::bigint[])"
            " ORDER BY profile, kind, since, value",
            list(result),
        ):
            result[profile].append(Identifier(kind, value))
        return result

    def profiles(self, keys: Sequence[int]) -> dict[int, ProfileRow]:
        rows = self._rows("SELECT * FROM profiles WHERE key = ANY(%s::bigint[])", listed(keys))
        return {row[0]: ProfileRow._make(row) for row in rows}

    def put_profiles(self, rows: Sequence[ProfileRow]) -> None:
        latest: dict[int, ProfileRow] = {}
        for row in rows:
            latest[row.key] = latest.get(row.key, row)._replace(version=row.version, body=row.body)
        # Only what changes is set: a column of an index, set to what it was, costs as much as a new one.
        self._write_set(
            "INSERT INTO profiles SELECT * FROM :rows"
            " ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body",
            ("bigint", "bigint", "bigint", "bigint", "bytea"),
            latest.values(),
        )

    def list_profiles(self, workspace: int, *, limit: int, after: int = 0) -> list[ProfileRow]:
        rows = self._rows(
            "SELECT * FROM profiles WHERE workspace = %s AND key > %s ORDER BY key LIMIT %s", workspace, after, limit
        )
        return list(map(ProfileRow._make, rows))

    def count_profiles(self, workspace: int) -> int:
        return int(self._row("SELECT count(*) FROM profiles WHERE workspace = %s", workspace)[0])
