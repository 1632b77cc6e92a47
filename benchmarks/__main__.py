"""`python3 dev.py bench`: runs the measurements in turn, product and bound alternately, and prints one table.

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
from typing import Any, Final

RESULTS: Final = pathlib.Path(__file__).parent / "results"


def run(module: str, *arguments: float) -> dict[str, float]:
    """One measurement, in a process of its own: chDB holds one folder per process."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    finished = subprocess.run(command, check=True, capture_output=True)
    measured: dict[str, float] = json.loads(finished.stdout)
    return measured


def spread(values: list[float]) -> dict[str, float]:
    """Minimum, median, maximum."""
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def main() -> None:
    """Measure, print, and write the figures down."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer customers, one repetition")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    customers, repeat = (10_000, 1) if options.quick else (options.customers, options.repeat)
    passes: list[dict[str, dict[str, float]]] = []
    for number in range(repeat):
        passes.append({"cycle": run("cycle", customers), "bare": run("bare", customers)})
        cycle, bare = (passes[-1][name]["moves_per_second"] for name in ("cycle", "bare"))
        print(f"pass {number + 1}: {cycle:,.0f} moves/s, bare loop {bare:,.0f}, ratio {cycle / bare:.2f}", flush=True)
    rate = statistics.median(one["cycle"]["moves_per_second"] for one in passes)
    latency = run("latency", rate / 2, 5 if options.quick else 20)
    result: dict[str, Any] = {
        "when": datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "customers": customers,
        "moves": customers * 5,
        "moves_per_second": spread([one["cycle"]["moves_per_second"] for one in passes]),
        "bare_loop_moves_per_second": spread([one["bare"]["moves_per_second"] for one in passes]),
        "ratio_to_bare_loop": spread(
            [one["cycle"]["moves_per_second"] / one["bare"]["moves_per_second"] for one in passes]
        ),
        "intake_events_per_second": spread([one["cycle"]["intake_events_per_second"] for one in passes]),
        "peak_megabytes": max(one["cycle"]["peak_megabytes"] for one in passes),
        "latency_at_half_load": latency,
    }
    for name, value in result.items():
        if isinstance(value, dict) and "median" in value:
            unit = ".2f" if "ratio" in name else ",.0f"
            print(f"{name:<32} {value['median']:{unit}}  ({value['min']:{unit}} to {value['max']:{unit}})")
    print(f"{'peak_megabytes':<32} {result['peak_megabytes']:,.0f}")
    for name, figure in latency.items():
        print(f"{name:<32} {figure:,.1f}")
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / ("five_moves_quick.json" if options.quick else "five_moves.json")
    target.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written to {target.relative_to(pathlib.Path.cwd())}")


if __name__ == "__main__":
    main()
