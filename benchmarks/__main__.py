"""`python3 dev.py bench [NAME ...]`: runs the measurements in turn, product and bound alternately, and prints tables.

Owns repetition, ratios and spread. The machine may be shared: read the ratios, not single figures.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple

RESULTS: Final = pathlib.Path(__file__).parent / "results"
Figures = dict[str, float]


class Size(NamedTuple):
    """How much of everything."""

    repeat: int
    customers: int
    seconds: int
    """Of load with the real clock."""
    crowds: tuple[int, ...]
    """Numbers of waiting customers, the smallest first: the others are compared with it."""
    due: int
    """Of them, due in the same minute."""


FULL: Final = Size(3, 100_000, 20, (100_000, 1_000_000), 100_000)
QUICK: Final = Size(1, 10_000, 5, (20_000, 100_000), 10_000)
HUGE: Final = Size(1, 1_000_000, 60, (100_000, 10_000_000), 100_000)


def run(module: str, *arguments: float | str) -> Figures:
    """One measurement, in a process of its own: chDB holds one folder per process."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    measured: Figures = json.loads(finished.stdout)
    return measured


def spread(passes: list[Figures]) -> dict[str, Figures]:
    """Minimum, median and maximum of each figure over the passes."""
    return {
        name: {"min": min(values), "median": statistics.median(values), "max": max(values)}
        for name in passes[0]
        for values in [[one[name] for one in passes]]
    }


def against(product: Figures, bound: Figures, rate: str) -> Figures:
    """The figures of the product, with the bound's rate and the ratio of the two."""
    return {**product, f"bound_{rate}": bound[rate], "ratio_to_bound": product[rate] / bound[rate]}


def workload(name: str, size: Size) -> dict[str, Figures]:
    """A pass of the cycle and one of the bare loop, in turn."""
    customers = max(size.customers // {"five_moves": 1, "conditions": 5, "fan_in": 4}[name], 1_000)
    return spread([
        against(run("cycle", name, customers), run("bare", name, customers), "moves_per_second")
        for _ in range(size.repeat)
    ])  # fmt: skip


def five_moves(size: Size) -> dict[str, Figures]:
    """All enter at once, wait an hour and go on; then the way from event to card at half of that rate."""
    found = workload("five_moves", size)
    latency = run("latency", found["moves_per_second"]["median"] / 2, size.seconds)
    kernel = [run("kernel", size.customers) for _ in range(size.repeat)]
    return found | spread([latency]) | spread(kernel)


def conditions(size: Size) -> dict[str, Figures]:
    """A journey of twenty filters with six comparisons each."""
    return workload("conditions", size)


def fan_in(size: Size) -> dict[str, Figures]:
    """Customers who wait for one event among ten."""
    return workload("fan_in", size)


def http_intake(size: Size) -> dict[str, Figures]:
    """Batches of 100 over HTTP, with the cycle at work in the same process."""
    events = size.customers
    return spread([
        against(run("http_intake", events), run("http_intake", events, "bare"), "events_per_second")
        for _ in range(size.repeat)
    ])  # fmt: skip


def waiting(size: Size) -> dict[str, Figures]:
    """Crowds that wait, of which a cohort is due in one minute: in order of entry, and at random."""
    found: dict[str, Figures] = {}
    first, *larger = size.crowds
    for order in ("entry", "random"):
        base = run("waiting", first, min(size.due, first), order)
        found |= {f"{first:,} {order}: {name}": spread([base])[name] for name in base}
        for crowd in larger:
            measured = run("waiting", crowd, size.due, order)
            measured["time_per_move_ratio"] = base["moves_per_second"] / measured["moves_per_second"]
            found |= {f"{crowd:,} {order}: {name}": spread([measured])[name] for name in measured}
    return found


MEASUREMENTS: Final[dict[str, Callable[[Size], dict[str, Figures]]]] = {
    "five_moves": five_moves,
    "conditions": conditions,
    "fan_in": fan_in,
    "http_intake": http_intake,
    "waiting": waiting,
}


def main() -> None:
    """Measure, print, and write the figures down."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--quick", action="store_true", help="small crowds, one repetition")
    parser.add_argument("--huge", action="store_true", help="a million customers, ten millions who wait; an hour")
    options = parser.parse_args()
    if unknown := set(options.names) - set(MEASUREMENTS):
        parser.error(f"there is no measurement called {', '.join(sorted(unknown))}")
    size, suffix = (QUICK, "_quick") if options.quick else (HUGE, "_huge") if options.huge else (FULL, "")
    machine = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    RESULTS.mkdir(exist_ok=True)
    for name in options.names or MEASUREMENTS:
        print(f"\n{name}: {MEASUREMENTS[name].__doc__}", flush=True)
        figures = MEASUREMENTS[name](size)
        for title, figure in figures.items():
            unit = ",.2f" if figure["max"] < 10 else ",.0f"
            print(f"  {title:<44} {figure['median']:{unit}}  ({figure['min']:{unit}} to {figure['max']:{unit}})")
        when = datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds")
        result: dict[str, Any] = {"when": when, "machine": machine, "size": size._asdict(), "figures": figures}
        (RESULTS / f"{name}{suffix}.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
