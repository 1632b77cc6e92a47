"""The bound: the same work as a bare loop over the raw stores, with nothing around it.

Decode, kernel, SQLite commit and chDB append in batches, without intake, log, identities, counters, hand-over or
recovery. What the product reaches of this is the ratio that the benchmark prints.
"""

from __future__ import annotations

import pathlib
import resource
import sqlite3
import sys
import tempfile
import time
from typing import Any

import chdb
import msgspec

from benchmarks.workload import HOUR, WORKLOADS, Workload
from milepost.kernel.advance import Entered, EventSeen, TimerDue, advance
from milepost.kernel.event import END_PATH, START_PATH, Event
from milepost.kernel.journey import Definition, Journey
from milepost.kernel.move import Moved, run_id
from milepost.kernel.profile import Profile
from milepost.kernel.run import Run

BATCH = 10_000
NOW = 1_700_000_000_000

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class Bare:
    """The raw stores, and the two halves of the loop."""

    def __init__(self, folder: pathlib.Path, workload: Workload) -> None:
        self.folder = folder
        self.state = sqlite3.connect(folder / "state.sqlite", isolation_level=None)
        self.state.execute("PRAGMA journal_mode=WAL")
        self.state.execute("PRAGMA synchronous=FULL")
        self.state.execute("CREATE TABLE runs (key INTEGER PRIMARY KEY, due INTEGER, state BLOB)")
        self.state.execute("CREATE INDEX runs_due ON runs (due)")
        self.events: Any = chdb.connect(str(folder / "events"))  # type: ignore[no-untyped-call]
        self.events.query("CREATE DATABASE bare ENGINE = Atomic")
        for table, params in (("activity", "String"), ("datapoints", "JSON")):
            self.events.query(
                f"CREATE TABLE bare.{table} (profile UInt64, time UInt64, position UInt64, id String, params {params})"
                " ENGINE = MergeTree ORDER BY (profile, time, position)"
            )
        self.journey = Journey(1, "j-1", 1, Definition.model_validate(workload.definition))
        self.moves = 0
        self.events_seen = 0

    def take(self, body: bytes) -> None:
        """A batch of events: each starts the run of its customer, or is shown to it."""
        items = msgspec.json.decode(body)
        keys = [int(item["profile"]["custom_id"].partition("-")[2]) + 1 for item in items]
        marks = ",".join("?" * len(keys))
        runs = {
            key: Run.of(key, 1, _decode(state))
            for key, state in self.state.execute(f"SELECT key, state FROM runs WHERE key IN ({marks})", keys)
        }
        changed: dict[int, Run] = {}
        lines: list[str] = []
        tracked: list[str] = []
        for key, item in zip(keys, items, strict=True):
            self.events_seen += 1
            event = Event(f"e{self.events_seen}", key, item["action"], NOW, NOW, self.events_seen, item["params"])
            lines.append(f"{key}\t{NOW}\t{event.position}\t{event.id}\t{msgspec.json.encode(event.params).decode()}\n")
            tracked.append(lines[-1])
            going = runs.get(key)
            if going is None:
                going = Run(run_id("j-1", key, "", event.id), 1, 1, "", NOW, NOW + self.journey.run_age)
                after, _, commands = advance(self.journey, going, Profile(key, {}), Entered(event, "start"), NOW)
            else:
                after, _, commands = advance(self.journey, going, Profile(key, {}), EventSeen(event, "filter"), NOW)
            if commands:
                runs[key] = changed[key] = after
                self.record(key, NOW, commands, lines, tracked)
        self.write(changed, lines, tracked)

    def wake(self, now: int) -> bool:
        """A batch of timers that are due. Answers whether there were any."""
        due = self.state.execute(
            "SELECT key, due, state FROM runs WHERE due <= ? ORDER BY due LIMIT ?", (now, BATCH)
        ).fetchall()
        changed: dict[int, Run] = {}
        lines: list[str] = []
        tracked: list[str] = []
        for key, instant, stored in due:
            run = Run.of(key, 1, _decode(stored))
            changed[key], _, commands = advance(self.journey, run, Profile(key, {}), TimerDue(instant, 0), now)
            self.record(key, now, commands, lines, tracked)
        if due:
            self.write(changed, lines, tracked)
        return bool(due)

    def record(self, key: int, now: int, commands: list[Any], lines: list[str], tracked: list[str]) -> None:
        """The moves as rows; as in the product, those at the trigger and at the End are datapoints, too."""
        for command in commands:
            self.moves += 1
            lines.append(_line(key, now, self.moves, command))
            if command.action in {START_PATH, END_PATH}:
                tracked.append(lines[-1])

    def write(self, changed: dict[int, Run], activity: list[str], datapoints: list[str]) -> None:
        """Commit the runs, append the rows to the event store."""
        ended = [(key,) for key, run in changed.items() if not run.paths]
        upserts = [(key, run.due(), _encode(run.state())) for key, run in changed.items() if run.paths]
        self.state.execute("BEGIN IMMEDIATE")
        self.state.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", upserts)
        self.state.executemany("DELETE FROM runs WHERE key = ?", ended)
        self.state.execute("COMMIT")
        for table, lines in (("activity", activity), ("datapoints", datapoints)):
            rows = self.folder / f"{table}.tsv"
            rows.write_text("".join(lines))
            self.events.query(f"INSERT INTO bare.{table} FROM INFILE '{rows}' FORMAT TSV")


def measure(workload: Workload, customers: int, folder: pathlib.Path) -> dict[str, float]:
    """One pass of the loop."""
    bare = Bare(folder, workload)
    requests = [body for bodies in workload.phases for body in bodies(customers, BATCH)]
    began = time.perf_counter()
    for body in requests:
        bare.take(body)
    while bare.wake(NOW + HOUR):
        pass
    seconds = time.perf_counter() - began
    if bare.moves != customers * workload.moves:
        message = f"{bare.moves} moves, {customers * workload.moves} expected"
        raise RuntimeError(message)
    bare.events.close()
    return {
        "seconds": seconds,
        "moves_per_second": customers * workload.moves / seconds,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _line(profile: int, now: int, position: int, command: Any) -> str:
    moved: Moved = command
    return (
        f'{profile}\t{now}\t{position}\t{moved.id}\t{{"journeyId":"j-1","journeyName":"five moves",'
        f'"journeyVersion":1,"nodeId":"{moved.node_id}","nodeName":"{moved.node_id}","nodeType":"node",'
        f'"fromNodeId":"{moved.from_node_id}","outlet":"{moved.outlet}","runId":"{moved.path_id[:24]}",'
        f'"pathId":"{moved.path_id}","step":{moved.step},"visit":1,"causeTime":"2023-11-14T22:13:20.000Z"}}\n'
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        sys.stdout.buffer.write(
            msgspec.json.encode(measure(WORKLOADS[sys.argv[1]], int(sys.argv[2]), pathlib.Path(temporary)))
        )
