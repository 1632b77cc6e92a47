"""Celery with Redis: a task for all steps up to a wait, the wait as a countdown, the steps recorded in a Redis stream.

As the documentation advises: late acknowledgement, so that a killed worker loses nothing; few and large tasks; the
append-only file of Redis, synced every second. Run by `python3 -m benchmarks.peers celery_redis`.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import redis
from celery import Celery

PORT = os.environ.get("PEER_REDIS_PORT", "6390")
URL = f"redis://127.0.0.1:{PORT}/0"
WORKERS = 2
WAIT = 1
"""Seconds: a real clock cannot be moved over an hour."""

app = Celery("celery_redis", broker=URL)
app.conf.update(task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=1)
stream = redis.Redis.from_url(URL)


def record(customer: int, *nodes: str) -> None:
    """Moves of one customer, in one trip to Redis."""
    pipeline = stream.pipeline()
    for node in nodes:
        pipeline.xadd("moves", {"customer": customer, "node": node})
        pipeline.hincrby("counters", node, 1)
    pipeline.execute()


@app.task(name="enter")
def enter(customer: int, amount: int) -> None:
    """Trigger, filter, wait."""
    record(customer, "start", "big" if amount > 50 else "small", "wait")
    leave.apply_async((customer,), countdown=WAIT)


@app.task(name="leave")
def leave(customer: int) -> None:
    """A/B test, End."""
    group = "a" if hashlib.blake2b(str(customer).encode()).digest()[0] % 2 else "b"
    record(customer, f"group {group}", "end")


def main(customers: int) -> None:
    """Start Redis and a worker, send everybody in, wait for the last End."""
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            ["redis-server", "--port", PORT, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes"],
            stdout=subprocess.DEVNULL,
        )
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "celery_redis", "worker", "-c", str(WORKERS), "-l", "ERROR"],
            cwd=pathlib.Path(__file__).parent, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while not app.control.ping(timeout=1):
                pass
            began = time.perf_counter()
            for customer in range(customers):
                enter.delay(customer, customer % 100)
            while int(stream.hget("counters", "end") or 0) < customers:
                time.sleep(0.05)
            print(customers / (time.perf_counter() - began))
        finally:
            for process in (worker, server):
                process.terminate()
                process.wait(60)


if __name__ == "__main__":
    main(int(sys.argv[1]))
