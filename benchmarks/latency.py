"""From the acknowledgement of an event to its moves on the card, while others come in at half of the full rate.

Measures p50 and p99 with the real clock and the threads of the server, in a process of its own.
"""

from __future__ import annotations

import pathlib
import sys
import tempfile
import time

import msgspec

from benchmarks.workload import FIVE_MOVES
from milepost.app import SystemClock
from milepost.ingest import native
from milepost.runtime.engine import Engine
from milepost.runtime.intake import Stored
from milepost.runtime.worker import Worker
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.sqlite import SqliteStore

IN_ONE_REQUEST = 100


def measure(moves_per_second: float, seconds: float, folder: pathlib.Path) -> dict[str, float]:
    """Send at the given rate for some seconds; watch one customer of every tenth request until the moves are there."""
    store = SqliteStore(folder / "state.sqlite")
    events = ClickHouseEventStore.open(folder / "events")
    engine = Engine(store, events, SystemClock())
    workspace = engine.create_workspace("benchmark", "real").key
    journey = engine.lifecycle.create(workspace, FIVE_MOVES.definition, "benchmark").id
    engine.lifecycle.command(workspace, journey, "activate", "benchmark")
    engine.drain()
    worker = Worker(engine)
    worker.start()
    # Three of the five moves come at once, two after the wait.
    pause = IN_ONE_REQUEST * (FIVE_MOVES.moves - 2) / moves_per_second
    watched: list[tuple[float, int]] = []
    found: list[float] = []
    began = time.perf_counter()
    number = 0
    while (now := time.perf_counter()) - began < seconds or (watched and now - began < seconds + 30):
        if now - began < seconds and now - began >= number * pause:
            body = msgspec.json.encode([
                {
                    "profile": {"custom_id": f"{number}-{index}"},
                    "action": "cart.abandoned",
                    "params": {"amount": index},
                }
                for index in range(IN_ONE_REQUEST)
            ])  # fmt: skip
            stored = engine.intake.submit(workspace, native.parse(body)).result()
            if number % 10 == 0 and isinstance(stored[0], Stored):
                watched.append((time.perf_counter(), stored[0].profile))
            number += 1
        elif watched and len(events.activity(workspace, watched[0][1], limit=10)) == FIVE_MOVES.moves - 1:
            found.append(time.perf_counter() - watched.pop(0)[0])
        else:
            time.sleep(0.001)
    worker.stop()
    events.close()
    store.close()
    if watched:
        message = f"{len(watched)} customers never got their moves"
        raise RuntimeError(message)
    found.sort()
    return {
        "samples": len(found),
        "event_to_card_p50_ms": 1000 * found[len(found) // 2],
        "event_to_card_p99_ms": 1000 * found[int(len(found) * 0.99)],
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        result = measure(float(sys.argv[1]), float(sys.argv[2]), pathlib.Path(temporary))
        sys.stdout.buffer.write(msgspec.json.encode(result))
