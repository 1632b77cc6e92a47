"""Which datapoints and profiles a question is about: the part of its SQL that all questions share.

Owns the table expressions for datapoints and profiles. Must not know any question but the fields that all have.
"""

from __future__ import annotations

from milepost.analytics.period import Asked
from milepost.kernel.condition import compile_condition
from milepost.stores.clickhouse.condition import Translator
from milepost.stores.clickhouse.sql import Arguments


class Scope:
    """One workspace, one question that is tied to its moment."""

    def __init__(self, workspace: int, asked: Asked) -> None:
        if asked.at is None or asked.as_of is None:
            raise ValueError("the question is not tied to a moment")
        self.arguments = Arguments(workspace=workspace, as_of=asked.as_of)
        self.conditions = Translator(self.arguments, asked.zone, asked.at)
        self._asked = asked
        self._at = asked.at

    def datapoints(self, actions: set[str], first: int, last: int | None) -> str:
        """FROM and WHERE: datapoints of these actions from `first` to `last`, both included, of the profiles meant."""
        add = self.arguments.add
        parts = [
            "workspace = {workspace:UInt32}",
            f"action IN {add(sorted(actions), 'Array(String)')}",
            f"time >= {add(first, 'Int64')}",
            "position <= {as_of:UInt64}",
        ]
        if last is not None:
            parts.append(f"time <= {add(last, 'Int64')}")
        if self._asked.profile_filter is not None:
            parts.append(self._filter())
        return f"datapoints WHERE {' AND '.join(parts)}"

    def _filter(self) -> str:
        """Profiles that the store has no row of have no attributes, so they may match a negation."""
        condition = self._asked.profile_filter
        holds = self.conditions.translate(condition, "attributes")
        unknown = compile_condition(condition, zone=self._asked.zone)({}, {}, None, self._at)
        listed = (
            f"SELECT profile FROM profiles FINAL WHERE workspace = {{workspace:UInt32}} AND {'NOT ' * unknown}{holds}"
        )
        return f"profile {'NOT ' * unknown}IN ({listed})"
