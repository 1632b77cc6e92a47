"""`python3 -m benchmarks.peers [NAME ...]`: the five-move journey on other systems, and here, in customers per second.

Owns the environments, one for each peer in `.cache/peers`, and the services that they need. Redis (`redis-server`),
PostgreSQL and Java have to be installed. Where a peer can wait by the real clock alone, the wait is a second.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Final

import dev

HERE: Final = pathlib.Path(__file__).parent
ENVIRONMENTS: Final = HERE.parents[1] / ".cache" / "peers"
RESULTS: Final = HERE.parent / "results" / "peers.json"
CUSTOMERS: Final = {"celery_redis": 3_000, "dbos_postgresql": 3_000, "pyflink_threads": 200_000, "milepost": 100_000}
"""Enough for about half a minute each."""


def python_of(peer: str) -> pathlib.Path:
    """The interpreter of the peer's own environment, which is made first."""
    folder = ENVIRONMENTS / peer
    python = folder / "bin" / "python"
    wanted = HERE / f"{peer}.txt"
    stamp = folder / "stamp"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
        stamp.write_text(wanted.read_text())
    return python


def measured(command: list[str | pathlib.Path], **environment: str) -> float:
    """The number that a peer prints last."""
    done = subprocess.run(
        command, cwd=HERE, env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE, text=True
    )
    return float(done.stdout.split()[-1])


def celery_redis(customers: int) -> float:
    """Celery with Redis."""
    return measured([python_of("celery_redis"), "celery_redis.py", str(customers)])


def dbos_postgresql(customers: int) -> float:
    """DBOS with PostgreSQL."""
    with postgresql() as address:
        return measured([python_of("dbos_postgresql"), "dbos_postgresql.py", str(customers), address])


def pyflink_threads(customers: int) -> float:
    """PyFlink in thread mode."""
    python = python_of("pyflink_threads")
    # The interpreter inside the Java machine does not know of the environment.
    packages = next((python.parents[1] / "lib").glob("python*/site-packages"))
    return measured([python, "pyflink_threads.py", str(customers)], PYTHONPATH=str(packages))


def milepost(customers: int) -> float:
    """This one, as `python3 dev.py bench five_moves` measures it."""
    command = [sys.executable, "-m", "benchmarks.cycle", "five_moves", str(customers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return customers / float(json.loads(done.stdout)["seconds"])


PEERS: Final[dict[str, Callable[[int], float]]] = {
    "celery_redis": celery_redis,
    "dbos_postgresql": dbos_postgresql,
    "pyflink_threads": pyflink_threads,
    "milepost": milepost,
}


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """The address of a private server with its own settings: durable, on a socket."""
    postgres = dev.POSTGRESQL.find(os.environ)
    if postgres is None:
        raise SystemExit("PostgreSQL is not installed.")
    account = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="milepost-") as folder:
        if account:
            shutil.chown(folder, account, account)

        def call(program: str, *arguments: str) -> None:
            command = [str(pathlib.Path(postgres).with_name(program)), *arguments]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, user=account, group=account)

        data = f"{folder}/data"
        call("initdb", "-D", data, "-U", "peer", "-A", "trust")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=200"
        call("pg_ctl", "start", "-w", "-D", data, "-l", f"{folder}/log", "-o", options)
        try:
            yield f"postgresql://peer@/postgres?host={folder}"
        finally:
            call("pg_ctl", "stop", "-w", "-m", "fast", "-D", data)


def main() -> None:
    """Measure in turn, print, and write the figures down."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.peers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: {', '.join(PEERS)}")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--share", type=float, default=1, help="of the usual number of customers")
    options = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    for name in options.names or PEERS:
        customers = int(CUSTOMERS[name] * options.share)
        rates = [PEERS[name](customers) for _ in range(options.repeat)]
        found[name] = {
            "customers": customers, "min": min(rates), "median": statistics.median(rates), "max": max(rates)
        }  # fmt: skip
        print(f"{name:<18} {statistics.median(rates):>9,.0f} customers/s  ({min(rates):,.0f} to {max(rates):,.0f})")
    RESULTS.write_text(json.dumps({"cores": os.cpu_count(), "customers_per_second": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
