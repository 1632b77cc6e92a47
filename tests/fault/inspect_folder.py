"""What a pair of stores holds. Prints that of a data folder as JSON: `inspect_folder.py DATA`, while nobody owns it.

A process of its own, because the event store opens one folder in a process. Says what is there; must not judge.
"""

from __future__ import annotations

import contextlib
import pathlib
import sys
from typing import Any

import msgspec

from milepost.kernel.journey import Definition
from milepost.ports.state_store import StateStore
from milepost.runtime.statistics import journey_numbers, node_numbers, over_versions
from milepost.stores.clickhouse.chdb import Chdb
from milepost.stores.clickhouse.driver import Driver
from milepost.stores.sqlite import SqliteStore

WORKSPACE = 1
ACTIVITY = "SELECT id, profile, time, position, action, source, journey, node, run, tracked, params FROM activity"
DATAPOINTS = "SELECT id FROM datapoints"
PROFILES = "SELECT profile, argMax(toString(attributes), version) FROM profiles GROUP BY profile"


def held(store: StateStore, events: Driver) -> dict[str, Any]:
    """What is in them, as JSON would have it."""
    found: dict[str, Any] = {}
    with store.reading() as tx:
        keys = [row.key for row in tx.list_profiles(WORKSPACE, limit=1_000_000)]
        found["intents"] = [
            {"id": row.id, "channel": row.channel, "state": row.state, "attempts": row.attempts}
            for row in tx.intents(WORKSPACE, limit=1_000_000)
        ]
        found["dead_letters"] = [row.error for row in tx.dead_letters(WORKSPACE, limit=100)]
        found["statistics"] = {}
        for journey in tx.journeys(WORKSPACE):
            counters = tx.counters([journey.key])
            nodes = over_versions(node_numbers(counters), Definition.model_validate_json(journey.draft))
            found["statistics"][journey.id] = {
                "journey": journey_numbers(counters)._asdict(),
                "nodes": {id: {**numbers._asdict(), "drift": numbers.drift()} for id, numbers in nodes.items()},
            }
        bodies = {key: msgspec.msgpack.decode(row.body)[0] for key, row in tx.profiles(keys).items()}
        found["attributes"] = {
            identifier.value: bodies[key]
            for key, identifiers in tx.identifiers(keys).items()
            for identifier in identifiers
            if identifier.kind == "custom_id"
        }
    names = ("id", "profile", "time", "position", "action", "source", "journey", "node", "run", "tracked", "params")
    found["activity"] = [
        {**dict(zip(names, row, strict=True)), "params": msgspec.json.decode(row[-1])} for row in events.query(ACTIVITY)
    ]
    found["datapoints"] = [id for (id,) in events.query(DATAPOINTS)]
    found["copies"] = {str(profile): msgspec.json.decode(text) for profile, text in events.query(PROFILES)}
    found["keys"] = {str(key): bodies[key] for key in keys}
    return found


def main(data: pathlib.Path) -> None:
    with (
        contextlib.closing(SqliteStore(data / "state.sqlite")) as store,
        contextlib.closing(Chdb(data / "events")) as events,
    ):
        sys.stdout.buffer.write(msgspec.json.encode(held(store, events)))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
