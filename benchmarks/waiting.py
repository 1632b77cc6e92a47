"""Crowds that wait: what they cost while nothing is due, and how fast they go on when it is.

Measures, in a process of its own: the CPU of a server whose customers all wait; then a cohort that is due in the same
minute, in order of entry or at random among all who wait. The crowd is made by the kernel and put into the store as the
cycle would have left it, because entering ten million customers takes longer than anybody wants to watch.
"""

from __future__ import annotations

import pathlib
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator

import msgspec

from benchmarks.workload import FIVE_MOVES, HOUR
from milepost.kernel.advance import Entered, advance
from milepost.kernel.event import Event
from milepost.kernel.journey import Definition, Journey
from milepost.kernel.move import run_id
from milepost.kernel.profile import Profile
from milepost.kernel.run import Run
from milepost.ports.state_store import ProfileRow, RunRow
from milepost.runtime import codec
from milepost.runtime.engine import Engine
from milepost.runtime.statistics import node_numbers
from milepost.runtime.worker import Worker
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.sqlite import SqliteStore
from milepost.testing import FixedClock

NOW = 1_700_000_000_000
AT_ONCE = 100_000
"""Customers that one transaction puts into the store."""
MOVES = 2
"""Moves of one who goes on: A/B test, End."""
MINUTE = 60_000
LATER = 30 * 24 * HOUR
"""When those are due who are not of the cohort."""
QUIET = 5.0
"""Seconds for which nothing is due."""


def crowd(
    workspace: int, journey: Journey, waiting: int, cohort: set[int] | range
) -> Iterator[tuple[ProfileRow, RunRow]]:
    """Everybody at the delay, with the timer of the cohort within one minute."""
    for key in range(1, waiting + 1):
        event = Event(f"e{key}", key, "cart.abandoned", NOW, NOW, key, {"amount": key % 100})
        run = Run(run_id(journey.id, key, "", event.id), journey.key, 1, "", NOW, NOW + journey.run_age)
        run, _, _ = advance(journey, run, Profile(key, {}), Entered(event, "start"), NOW)
        (path,) = run.paths
        path.due = NOW + HOUR + key * MINUTE // (waiting + 1) if key in cohort else NOW + LATER
        yield (
            ProfileRow(key, workspace, NOW, 0, codec.EMPTY_PROFILE),
            RunRow(key, workspace, journey.key, key, run.due(), codec.encode_run(run)),
        )


def measure(waiting: int, due: int, order: str, folder: pathlib.Path) -> dict[str, float]:
    """One crowd: `order` is `entry` or `random`."""
    store = SqliteStore(folder / "state.sqlite")
    events = ClickHouseEventStore.open(folder / "events")
    clock = FixedClock(NOW)
    engine = Engine(store, events, clock)
    workspace = engine.create_workspace("benchmark", "real").key
    id = engine.lifecycle.create(workspace, FIVE_MOVES.definition, "benchmark").id
    engine.lifecycle.command(workspace, id, "activate", "benchmark")
    engine.drain()
    with store.reading() as tx:
        row = tx.journey(workspace, id)
    if row is None:
        raise RuntimeError(id)
    journey = Journey(row.key, id, 1, Definition.model_validate(FIVE_MOVES.definition))
    first = (waiting - due) // 2
    cohort = range(first, first + due) if order == "entry" else set(random.Random(1).sample(range(1, waiting + 1), due))
    rows: list[tuple[ProfileRow, RunRow]] = []
    for entry in crowd(workspace, journey, waiting, cohort):
        rows.append(entry)
        if len(rows) == AT_ONCE or entry[0].key == waiting:
            with store.writing() as tx:
                tx.put_profiles([profile for profile, _ in rows])
                tx.put_runs([run for _, run in rows])
            rows.clear()
    worker = Worker(engine)
    worker.start()
    began, used = time.perf_counter(), time.process_time()
    time.sleep(QUIET)
    idle = (time.process_time() - used) / (time.perf_counter() - began)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    clock.time += HOUR + MINUTE
    while True:
        engine.work.set()
        with store.reading() as tx:
            here = node_numbers(tx.counters([row.key])).get((1, "end"))
        if here is not None and here.entered == due:
            break
        time.sleep(0.02)
    worker.stop()
    engine.drain()
    seconds = time.perf_counter() - began
    counted = events.count(workspace, "activity")
    if counted < due * MOVES:
        message = f"{counted} moves on the cards, {due * MOVES} expected"
        raise RuntimeError(message)
    events.close()
    store.close()
    return {
        "idle_share_of_a_core": idle,
        "moves_per_second": due * MOVES / seconds,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "megabytes_grown": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
        "state_gigabytes": (folder / "state.sqlite").stat().st_size / 1e9,
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        figures = measure(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], pathlib.Path(temporary))
        sys.stdout.buffer.write(msgspec.json.encode(figures))
