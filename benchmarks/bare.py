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

from benchmarks.workload import HOUR, JOURNEY, MOVES, bodies
from milepost.kernel.advance import Entered, TimerDue, advance
from milepost.kernel.event import Event
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

    def __init__(self, folder: pathlib.Path) -> None:
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
        self.journey = Journey(1, "j-1", 1, Definition.model_validate(JOURNEY))
        self.moves = 0
        self.customers = 0

    def enter(self, body: bytes) -> None:
        """A batch of events: each starts a run, which moves until it waits."""
        upserts: list[tuple[int, int | None, bytes]] = []
        lines: list[str] = []
        tracked: list[str] = []
        for item in msgspec.json.decode(body):
            self.customers += 1
            key = self.customers
            event = Event(f"e{key}", key, item["action"], NOW, NOW, key, item["params"])
            run = Run(run_id("j-1", key, "", event.id), 1, 1, "", NOW, NOW + self.journey.run_age)
            after, _, commands = advance(self.journey, run, Profile(key, {}), Entered(event, "start"), NOW)
            upserts.append((key, after.due(), _encode(after.state())))
            lines.append(f"{key}\t{NOW}\t{key}\t{event.id}\t{msgspec.json.encode(event.params).decode()}\n")
            moved = self.lines(key, NOW, commands)
            # As in the product, the event itself and the trigger's move are datapoints, too.
            tracked += (lines[-1], moved[0])
            lines += moved
        self.state.execute("BEGIN IMMEDIATE")
        self.state.executemany("INSERT INTO runs VALUES (?, ?, ?)", upserts)
        self.state.execute("COMMIT")
        self.write(lines, tracked)

    def leave(self, now: int) -> bool:
        """A batch of timers that are due. Answers whether there were any."""
        due = self.state.execute(
            "SELECT key, due, state FROM runs WHERE due <= ? ORDER BY due LIMIT ?", (now, BATCH)
        ).fetchall()
        lines: list[str] = []
        tracked: list[str] = []
        for key, instant, stored in due:
            run = Run.of(key, 1, _decode(stored))
            _, _, commands = advance(self.journey, run, Profile(key, {}), TimerDue(instant, 0), now)
            moved = self.lines(key, now, commands)
            tracked.append(moved[-1])
            lines += moved
        if due:
            self.state.execute("BEGIN IMMEDIATE")
            self.state.executemany("DELETE FROM runs WHERE key = ?", [(row[0],) for row in due])
            self.state.execute("COMMIT")
            self.write(lines, tracked)
        return bool(due)

    def lines(self, key: int, now: int, commands: list[Any]) -> list[str]:
        """The moves as rows."""
        first = self.moves + 1
        self.moves += len(commands)
        return [_line(key, now, position, moved) for position, moved in enumerate(commands, first)]

    def write(self, activity: list[str], datapoints: list[str]) -> None:
        """Append to the event store."""
        for table, lines in (("activity", activity), ("datapoints", datapoints)):
            rows = self.folder / f"{table}.tsv"
            rows.write_text("".join(lines))
            self.events.query(f"INSERT INTO bare.{table} FROM INFILE '{rows}' FORMAT TSV")


def measure(customers: int, folder: pathlib.Path) -> dict[str, float]:
    """One pass of the loop."""
    bare = Bare(folder)
    requests = list(bodies(customers, BATCH))
    began = time.perf_counter()
    for body in requests:
        bare.enter(body)
    while bare.leave(NOW + HOUR):
        pass
    seconds = time.perf_counter() - began
    if bare.moves != customers * MOVES:
        message = f"{bare.moves} moves, {customers * MOVES} expected"
        raise RuntimeError(message)
    bare.events.close()
    return {
        "seconds": seconds,
        "moves_per_second": customers * MOVES / seconds,
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
        sys.stdout.buffer.write(msgspec.json.encode(measure(int(sys.argv[1]), pathlib.Path(temporary))))
