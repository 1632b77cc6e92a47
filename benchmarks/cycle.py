"""Customers through a journey, durable: events in, moves on the card, counters and timers right.

Measures, in a process of its own, one full pass of a workload: intake, cycle and hand-over, with the threads of the
server.
"""

from __future__ import annotations

import pathlib
import resource
import sys
import tempfile
import time

import msgspec

from benchmarks.workload import HOUR, WORKLOADS, Workload
from milepost.ingest import native
from milepost.runtime.engine import Engine
from milepost.runtime.statistics import node_numbers
from milepost.runtime.worker import Worker
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.sqlite import SqliteStore
from milepost.testing import FixedClock

IN_FLIGHT = 20
"""Requests that wait for their answer at the same time."""
IN_ONE_REQUEST = 1_000


def measure(workload: Workload, customers: int, folder: pathlib.Path) -> dict[str, float]:
    """One pass; every number of it is checked before it is reported."""
    store = SqliteStore(folder / "state.sqlite")
    events = ClickHouseEventStore.open(folder / "events")
    clock = FixedClock(1_700_000_000_000)
    engine = Engine(store, events, clock)
    workspace = engine.create_workspace("benchmark", "real").key
    journey = engine.lifecycle.create(workspace, workload.definition, "benchmark").id
    engine.lifecycle.command(workspace, journey, "activate", "benchmark")
    engine.drain()
    phases = [list(bodies(customers, IN_ONE_REQUEST)) for bodies in workload.phases]
    worker = Worker(engine)
    worker.start()
    began = time.perf_counter()
    for requests in phases:
        waiting = []
        for body in requests:
            waiting.append(engine.intake.submit(workspace, native.parse(body)))
            if len(waiting) == IN_FLIGHT:
                waiting.pop(0).result()
        for answer in waiting:
            answer.result()
        clock.time += 10
    stored = time.perf_counter()
    if workload.waits:
        _wait_for(engine, workspace, journey, "wait", customers)
        clock.time += HOUR + 10
    _wait_for(engine, workspace, journey, "end", customers)
    worker.stop()
    engine.drain()
    ended = time.perf_counter()
    counted, expected = events.count(workspace, "activity"), customers * (workload.moves + workload.events)
    if counted != expected:
        message = f"{counted} events on the cards, {expected} expected"
        raise RuntimeError(message)
    events.close()
    store.close()
    return {
        "seconds": ended - began,
        "moves_per_second": customers * workload.moves / (ended - began),
        "events_per_second": customers * workload.events / (ended - began),
        "intake_events_per_second": customers * workload.events / (stored - began),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _wait_for(engine: Engine, workspace: int, journey: str, node: str, customers: int) -> None:
    while True:
        engine.work.set()
        with engine.store.reading() as tx:
            row = tx.journey(workspace, journey)
            numbers = node_numbers(tx.counters([row.key])) if row is not None else {}
        here = numbers.get((1, node))
        if here is not None and here.entered == customers:
            return
        time.sleep(0.02)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        figures = measure(WORKLOADS[sys.argv[1]], int(sys.argv[2]), pathlib.Path(temporary))
        sys.stdout.buffer.write(msgspec.json.encode(figures))
