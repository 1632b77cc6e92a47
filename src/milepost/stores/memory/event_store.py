"""The event store in plain Python: parsed rows and the reference answers. The oracle of the conformance suite.

Owns how TabSeparated rows are read back. Must not know SQL.
"""

from __future__ import annotations

import json
import re
import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from milepost.analytics import question as reference
from milepost.analytics.datapoint import Datapoint
from milepost.analytics.question import Answer, Members, Question
from milepost.kernel.condition import Condition, compile_condition
from milepost.kernel.event import MOVE_ACTIONS, PATH_EXIT
from milepost.ports.event_store import COLUMNS, ActivityRow, Arrivals, MoveCount, SeenAction, Table

_NUMBERS: Final = frozenset({"workspace", "profile", "time", "position", "received_at", "version", "batch", "tracked"})
_ESCAPE: Final = re.compile(r"\\(.)")
_MEANING: Final = {"t": "\t", "n": "\n", "r": "\r", "0": "\0"}
_ARRIVALS: Final = MOVE_ACTIONS - {PATH_EXIT}


class MemoryEventStore:
    """Activity, datapoints and profiles as lists."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)

    def append(self, table: Table, batch: int, rows: bytes) -> None:
        """Store a whole batch or nothing."""
        parsed = [_parse(table, line) for line in rows.decode().removesuffix("\n").split("\n")]
        with self._lock:
            self._rows[table] += parsed

    def batches(self, table: Table, first: int) -> set[int]:
        """The numbers of the batches from `first` on that the table holds."""
        with self._lock:
            return {row["batch"] for row in self._rows[table] if row["batch"] >= first}

    def activity(
        self,
        workspace: int,
        profile: int,
        *,
        limit: int,
        before: tuple[int, int] | None = None,
        since: int | None = None,
        until: int | None = None,
        actions: Sequence[str] = (),
        run: str | None = None,
    ) -> list[ActivityRow]:
        """A profile's events, newest first by (time, position)."""
        found = [
            row
            for row in self._of("activity", workspace)
            if row["profile"] == profile
            and (before is None or (row["time"], row["position"]) < before)
            and (since is None or row["time"] >= since)
            and (until is None or row["time"] <= until)
            and (not actions or row["action"] in actions)
            and (not run or row["run"] == run)
        ]
        found.sort(key=lambda row: (row["time"], row["position"]), reverse=True)
        return [
            ActivityRow(
                **{
                    **{name: row[name] for name in ActivityRow._fields},
                    "tracked": bool(row["tracked"]),
                    "params": json.loads(row["params"]),
                    "why": json.loads(row["why"]) if row["why"] else None,
                }
            )
            for row in found[:limit]
        ]

    def arrivals(
        self, workspace: int, journey: str, node: str, *, limit: int, after: int = 0
    ) -> tuple[int, list[Arrivals]]:
        """How many profiles have an arrival at the node among the datapoints, and a page in order of key."""
        times: dict[int, dict[str, int]] = defaultdict(dict)
        for row in self._of("datapoints", workspace):
            if row["journey"] == journey and row["node"] == node and row["action"] in _ARRIVALS:
                times[row["profile"]][row["id"]] = row["time"]
        page = [
            Arrivals(profile, len(at), min(at.values()), max(at.values()))
            for profile, at in sorted(times.items())
            if profile > after
        ]
        return len(times), page[:limit]

    def matching(
        self, workspace: int, where: Condition, now: int, *, limit: int, after: int = 0
    ) -> tuple[int, list[int]]:
        """How many profiles fit a condition on their attributes, and a page of their keys, in order."""
        holds = compile_condition(where)
        everybody = self._attributes(workspace)
        found = sorted(profile for profile, known in everybody.items() if holds({}, known, None, now))
        return len(found), [profile for profile in found if profile > after][:limit]

    def actions(self, workspace: int) -> list[SeenAction]:
        """Every action among the datapoints, by name."""
        times: dict[str, list[int]] = defaultdict(list)
        for row in self._of("datapoints", workspace):
            times[row["action"]].append(row["time"])
        return [SeenAction(action, len(at), max(at)) for action, at in sorted(times.items())]

    def samples(self, workspace: int, action: str, *, limit: int) -> list[dict[str, Any]]:
        """The params of an action's newest datapoints, newest first."""
        found = [point for point in self._datapoints(workspace) if point.action == action]
        found.sort(key=lambda point: (point.time, point.position), reverse=True)
        return [dict(point.params) for point in found[:limit]]

    def answer(self, workspace: int, question: Question, now: int) -> Answer:
        """The reference answer."""
        return reference.answer(question, self._datapoints(workspace), self._attributes(workspace), now)

    def members(self, workspace: int, question: Question, members: Members, now: int) -> list[int]:
        """The reference list."""
        return reference.members(question, self._datapoints(workspace), self._attributes(workspace), members, now)

    def count(self, workspace: int, table: Table) -> int:
        """How many events (of `profiles`: profiles) of a workspace the table holds."""
        rows = self._of(table, workspace)
        return len({row["profile"] for row in rows}) if table == "profiles" else len(rows)

    def moves(self, workspace: int, *, up_to: int, without: Sequence[int] = ()) -> list[MoveCount]:
        """The moves in batches up to a number, but for some, counted."""
        ids: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for row in self._of("activity", workspace):
            if row["action"] in MOVE_ACTIONS and row["batch"] <= up_to and row["batch"] not in without:
                params = json.loads(row["params"])
                edge = (params.get(name, "") for name in ("fromNodeId", "outlet", "reason"))
                key = (row["journey"], params["journeyVersion"], row["node"], row["action"], *edge)
                ids[key].append(row["id"])
        return [MoveCount._make((*key, len(found), len(set(found)))) for key, found in ids.items()]

    def untracked(
        self, workspace: int, journey: str, node: str, intervals: Sequence[tuple[int, int]], *, up_to: int
    ) -> int:
        """Moves among the datapoints whose time lies in none of the intervals."""
        return sum(
            row["action"] in MOVE_ACTIONS
            and row["batch"] <= up_to
            and (row["journey"], row["node"]) == (journey, node)
            and not any(on <= row["time"] < off for on, off in intervals)
            for row in self._of("datapoints", workspace)
        )

    def delete_workspace(self, workspace: int) -> None:
        """Remove all rows of a workspace."""
        with self._lock:
            for table, rows in self._rows.items():
                self._rows[table] = [row for row in rows if row["workspace"] != workspace]

    def close(self) -> None:
        """Nothing to release."""

    def _of(self, table: Table, workspace: int) -> list[dict[str, Any]]:
        with self._lock:
            return [row for row in self._rows[table] if row["workspace"] == workspace]

    def _datapoints(self, workspace: int) -> list[Datapoint]:
        return [
            Datapoint(row["profile"], row["time"], row["position"], row["action"], json.loads(row["params"]))
            for row in self._of("datapoints", workspace)
        ]

    def _attributes(self, workspace: int) -> dict[int, dict[str, Any]]:
        rows = sorted(self._of("profiles", workspace), key=lambda row: row["version"])
        return {row["profile"]: json.loads(row["attributes"]) for row in rows}


def _parse(table: Table, line: str) -> dict[str, Any]:
    fields = line.split("\t")
    return {
        name: int(field) if name in _NUMBERS else _ESCAPE.sub(lambda found: _MEANING.get(found[1], found[1]), field)
        for name, field in zip(COLUMNS[table], fields, strict=True)
    }
