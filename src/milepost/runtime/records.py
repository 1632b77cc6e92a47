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
    """What is the same for every move along one edge of one version at one time."""

    columns: str
    head: str
    tail: str
    tracked: bool


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
        action, path_id, step, node_id, visit, cause_time, from_node_id, outlet, reason, why, parent = moved
        key = (journey, action, from_node_id, outlet, node_id, reason, time)
        form = self._forms.get(key)
        if form is None:
            tracked = self._tracking.tracked(journey.key, node_id, time)
            form = self._forms[key] = _form(journey, action, from_node_id, outlet, node_id, reason, tracked)
        if cause_time != self._cause[0]:
            self._cause = (cause_time, iso(cause_time))
        parent = "" if parent is None else f'"parentPathId":"{parent}",'
        params = (
            f'{form.head}"runId":"{run_id}","pathId":"{path_id}",{parent}"step":{step},"visit":{visit},'
            f'"causeTime":"{self._cause[1]}"{form.tail}'
        )
        start = f"{self._workspace}\t{profile}\t{time}\t{position}\t{time}\t{moved.id}\t{form.columns}\t{run_id}\t"
        end = f"\t{self._batch}\n"
        text = "" if why is None else tab_separated(json_text(why))
        if form.tracked:
            self._activity.append(f"{start}1\t{params}\t{text}{end}")
            self._datapoints.append(f"{start}{params}{end}")
        else:
            self._activity.append(f"{start}0\t{params}\t{text}{end}")

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
    journey: Journey,
    action: str,
    from_node_id: str | None,
    outlet: str | None,
    node_id: str,
    reason: str | None,
    tracked: bool,
) -> _Form:
    node = journey.nodes[node_id]
    head: dict[str, Any] = {
        "journeyId": journey.id,
        "journeyName": journey.name,
        "journeyVersion": journey.version,
        "nodeId": node_id,
        "nodeName": node.title,
        "nodeType": node.type,
        "tracked": tracked,
    }
    if from_node_id is not None:
        head |= {"fromNodeId": from_node_id, "outlet": outlet}
    tail = f',"reason":"{reason}"}}' if action == PATH_EXIT else "}"
    start = tab_separated(json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1] + ",")
    columns = f"{action}\t\tautomation\t{tab_separated(journey.id)}\t{node_id}"
    return _Form(columns, start, tail, tracked)


def _origin(text: str) -> tuple[str, str, str]:
    params = json.loads(text)
    found = (params.get("journeyId"), params.get("nodeId"), params.get("runId"))
    journey, node, run = (tab_separated(value) if isinstance(value, str) else "" for value in found)
    return journey, node, run
