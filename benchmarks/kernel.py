"""The kernel alone, on one core: decisions without stores, rows or threads."""

from __future__ import annotations

import gc
import sys
import time

import msgspec

from benchmarks.workload import FIVE_MOVES, HOUR
from milepost.kernel.advance import Entered, TimerDue, advance
from milepost.kernel.event import Event
from milepost.kernel.journey import Definition, Journey
from milepost.kernel.move import run_id
from milepost.kernel.profile import Profile
from milepost.kernel.run import Run

NOW = 1_700_000_000_000


def measure(customers: int) -> dict[str, float]:
    """Take customers through the five moves, one after another."""
    journey = Journey(1, "j-1", 1, Definition.model_validate(FIVE_MOVES.definition))
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)  # as the server does
    moves = 0
    began = time.process_time()
    for key in range(customers):
        event = Event(f"e{key}", key, "cart.abandoned", NOW, NOW, key, {"amount": key % 100, "currency": "EUR"})
        run = Run(run_id("j-1", key, "", event.id), 1, 1, "", NOW, NOW + journey.run_age)
        profile = Profile(key, {})
        run, _, commands = advance(journey, run, profile, Entered(event, "start"), NOW)
        moves += len(commands)
        _, _, commands = advance(journey, run, profile, TimerDue(NOW + HOUR, 0), NOW + HOUR)
        moves += len(commands)
    seconds = time.process_time() - began
    if moves != customers * FIVE_MOVES.moves:
        message = f"{moves} moves, {customers * FIVE_MOVES.moves} expected"
        raise RuntimeError(message)
    return {"moves_per_cpu_second": moves / seconds}


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(measure(int(sys.argv[1]))))
