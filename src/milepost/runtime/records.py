"""What the cycle made, as rows for the event store: TabSeparated text, ready to be inserted.

Owns the form of moves on the card (D-1.4) and which records are datapoints (D-1.6). Must not know the store's SQL.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from milepost.kernel.effects import MoveMade
from milepost.kernel.event import PATH_EXIT
from milepost.kernel.insert import iso
from milepost.kernel.journey import Journey
from milepost.kernel.profile import Profile
from milepost.ports.event_store import Table, tab_separated
from milepost.runtime.codec import Logged, json_text
from milepost.runtime.tracking import Tracking


class _Form(NamedTuple):
    """The parts of a move's row that are the same for every move along one edge of one version."""

    columns: str
    head: str
    tail: str


class RecordWriter:
    """Collects the rows of one batch."""

    def __init__(self, workspace: int, batch: int, tracking: Tracking) -> None:
        self._workspace = workspace
        self._batch = batch
        self._tracking = tracking
        self._activity: list[str] = []
        self._datapoints: list[str] = []
        self._profiles: list[str] = []
        self._forms: dict[tuple[Any, ...], _Form] = {}
        self._cause = (-1, "")

    def event(self, event: Logged) -> None:
        """An event that is not a move: on the card, and always a datapoint (D-1.6)."""
        text = event.text.decode()
        params = tab_separated(text)
        journey = node = run = ""
        if event.cause is not None:
            journey, node, run = _origin(text)
        start = (
            f"{self._workspace}\t{event.profile}\t{event.time}\t{event.position}\t{event.received_at}\t"
            f"{tab_separated(event.id)}\t{event.action}\t{tab_separated(event.label)}\t"
            f"{tab_separated(event.source)}\t{journey}\t{node}\t{run}\t"
        )
        self._activity.append(f"{start}1\t{params}\t\t{self._batch}\n")
        self._datapoints.append(f"{start}{params}\t{self._batch}\n")

    def move(self, record: MoveMade) -> None:
        """A move: always on the card; a datapoint where its node was tracked at its time (D-1.8)."""
        profile, run_id, journey, time, position, moved = record
        key = (journey, moved.action, moved.from_node_id, moved.outlet, moved.node_id, moved.reason)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = _form(*key)
        tracked = self._tracking.tracked(journey.key, moved.node_id, time)
        if moved.cause_time != self._cause[0]:
            self._cause = (moved.cause_time, iso(moved.cause_time))
        parent = "" if moved.parent_path_id is None else f'"parentPathId":"{moved.parent_path_id}",'
        params = (
            f'{form.head}"runId":"{run_id}","pathId":"{moved.path_id}",{parent}"step":{moved.step},'
            f'"visit":{moved.visit},"tracked":{str(tracked).lower()},"causeTime":"{self._cause[1]}"{form.tail}'
        )
        start = f"{self._workspace}\t{profile}\t{time}\t{position}\t{time}\t{moved.id}\t{form.columns}\t{run_id}\t"
        why = "" if moved.why is None else tab_separated(json_text(moved.why))
        self._activity.append(f"{start}{1 if tracked else 0}\t{params}\t{why}\t{self._batch}\n")
        if tracked:
            self._datapoints.append(f"{start}{params}\t{self._batch}\n")

    def profile(self, profile: Profile, version: int) -> None:
        """The copy of a profile that questions filter and break down by."""
        tags = json_text(sorted(profile.tags))
        self._profiles.append(
            f"{self._workspace}\t{profile.key}\t{version}\t{tab_separated(json_text(profile.attributes))}\t"
            f"{tab_separated(tags)}\t{self._batch}\n"
        )

    def bodies(self) -> dict[Table, bytes]:
        """The rows per table; a table without rows is left out."""
        rows: dict[Table, list[str]] = {
            "activity": self._activity,
            "datapoints": self._datapoints,
            "profiles": self._profiles,
        }
        return {table: "".join(lines).encode() for table, lines in rows.items() if lines}


def _form(
    journey: Journey, action: str, from_node_id: str | None, outlet: str | None, node_id: str, reason: str | None
) -> _Form:
    node = journey.nodes[node_id]
    head: dict[str, Any] = {
        "journeyId": journey.id,
        "journeyName": journey.name,
        "journeyVersion": journey.version,
        "nodeId": node_id,
        "nodeName": node.title,
        "nodeType": node.type,
    }
    if from_node_id is not None:
        head |= {"fromNodeId": from_node_id, "outlet": outlet}
    tail = f',"reason":"{reason}"}}' if action == PATH_EXIT else "}"
    start = tab_separated(json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1] + ",")
    columns = f"{action}\t\tautomation\t{tab_separated(journey.id)}\t{node_id}"
    return _Form(columns, start, tail)


def _origin(text: str) -> tuple[str, str, str]:
    params = json.loads(text)
    found = (params.get("journeyId"), params.get("nodeId"), params.get("runId"))
    journey, node, run = (tab_separated(value) if isinstance(value, str) else "" for value in found)
    return journey, node, run
