"""TabSeparated rows for the event store, made from the few fields that a test cares about."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from milepost.ports.event_store import COLUMNS, Table, tab_separated

DEFAULTS: dict[str, Any] = {
    "workspace": 1,
    "profile": 1,
    "time": 0,
    "position": 0,
    "received_at": 0,
    "action": "a",
    "label": "",
    "source": "api",
    "journey": "",
    "node": "",
    "run": "",
    "tracked": True,
    "params": {},
    "why": "",
    "version": 1,
    "attributes": {},
    "tags": [],
    "batch": 1,
}


def lines(table: Table, rows: Iterable[dict[str, Any]]) -> bytes:
    """The rows as the projector writes them; an event without id gets its position as one."""
    return b"".join(line(table, {**DEFAULTS, "id": f"e{row.get('position', 0)}", **row}) for row in rows)


def line(table: Table, row: dict[str, Any]) -> bytes:
    return ("\t".join(field(row[name]) for name in COLUMNS[table]) + "\n").encode()


def field(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, dict | list):
        return tab_separated(json.dumps(value, ensure_ascii=False))
    return tab_separated(str(value))
