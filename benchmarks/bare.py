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


def measure(customers: int, folder: pathlib.Path) -> dict[str, float]:
    """One pass of the loop."""
    state = sqlite3.connect(folder / "state.sqlite", isolation_level=None)
    state.execute("PRAGMA journal_mode=WAL")
    state.execute("PRAGMA synchronous=FULL")
    state.execute("CREATE TABLE runs (key INTEGER PRIMARY KEY, due INTEGER, state BLOB)")
    state.execute("CREATE INDEX runs_due ON runs (due)")
    events: Any = chdb.connect(str(folder / "events"))  # type: ignore[no-untyped-call]
    events.query("CREATE DATABASE bare ENGINE = Atomic")
    events.query(
        "CREATE TABLE bare.activity (profile UInt64, time UInt64, position UInt64, id String, params String)"
        " ENGINE = MergeTree ORDER BY (profile, time, position)"
    )
    journey = Journey(1, "j-1", 1, Definition.model_validate(JOURNEY))
    requests = list(bodies(customers, BATCH))
    encode, decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder().decode
    rows = folder / "rows.tsv"
    position = 0
    began = time.perf_counter()

    def write(lines: list[str]) -> None:
        rows.write_text("".join(lines))
        events.query(f"INSERT INTO bare.activity FROM INFILE '{rows}' FORMAT TSV")

    key = 0
    for body in requests:
        upserts: list[tuple[int, int | None, bytes]] = []
        lines: list[str] = []
        for item in msgspec.json.decode(body):
            key += 1
            event = Event(f"e{key}", key, item["action"], NOW, NOW, key, item["params"])
            run = Run(run_id("j-1", key, "", event.id), 1, 1, "", NOW, NOW + journey.run_age)
            after, _, commands = advance(journey, run, Profile(key, {}), Entered(event, "start"), NOW)
            upserts.append((key, after.due(), encode(after.state())))
            for command in commands:
                position += 1
                lines.append(_line(key, NOW, position, command))
        state.execute("BEGIN IMMEDIATE")
        state.executemany("INSERT INTO runs VALUES (?, ?, ?)", upserts)
        state.execute("COMMIT")
        write(lines)
    later = NOW + HOUR
    while due := state.execute(
        "SELECT key, due, state FROM runs WHERE due <= ? ORDER BY due LIMIT ?", (later, BATCH)
    ).fetchall():
        lines = []
        for run_key, instant, stored in due:
            run = Run.of(run_key, 1, decode(stored))
            _, _, commands = advance(journey, run, Profile(run_key, {}), TimerDue(instant, 0), later)
            for command in commands:
                position += 1
                lines.append(_line(run_key, later, position, command))
        state.execute("BEGIN IMMEDIATE")
        state.executemany("DELETE FROM runs WHERE key = ?", [(row[0],) for row in due])
        state.execute("COMMIT")
        write(lines)
    seconds = time.perf_counter() - began
    if position != customers * MOVES:
        message = f"{position} moves, {customers * MOVES} expected"
        raise RuntimeError(message)
    events.close()
    return {
        "seconds": seconds,
        "moves_per_second": customers * MOVES / seconds,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _line(profile: int, now: int, position: int, command: Any) -> str:
    moved: Moved = command
    return (
        f'{profile}\t{now}\t{position}\t{moved.id}\t{{"journeyId":"j-1","nodeId":"{moved.node_id}",'
        f'"pathId":"{moved.path_id}","step":{moved.step}}}\n'
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        sys.stdout.buffer.write(msgspec.json.encode(measure(int(sys.argv[1]), pathlib.Path(temporary))))
