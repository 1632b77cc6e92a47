"""HTTP intake: how many events a second are acknowledged as durable, in batches of 100, with the cycle at work beside.

Measures a real server process, and in turn the bound: a bare FastAPI + pydantic + SQLite loop in a process of its own,
with the same clients. The bound has no identities, no idempotence, no log, no journeys.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import pathlib
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from benchmarks.workload import FIVE_MOVES, bodies

CLIENTS: Final = 16
IN_ONE_REQUEST: Final = 100
KEY: Final = "mp_" + "b" * 40
PATIENCE: Final = 60.0


@contextlib.contextmanager
def server(command: list[str], port: int, **environment: str) -> Iterator[int]:
    """A server process that listens on `port`; gives its process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if call(port, "GET", "/health/ready")[0] == 200:
                    break
            except OSError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE)


def call(port: int, method: str, path: str, body: bytes = b"") -> tuple[int, Any]:
    """One request on a connection of its own: status and JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {KEY}"})
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, msgspec.json.decode(content) if content else None
    finally:
        connection.close()


def send(port: int, requests: list[bytes]) -> tuple[float, list[float]]:
    """Send all from several clients; seconds in all, and seconds of each request."""
    taken: list[float] = []
    refused: list[int] = []
    queue = iter(requests)
    lock = threading.Lock()

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        while True:
            with lock:
                body = next(queue, None)
            if body is None:
                connection.close()
                return
            began = time.perf_counter()
            connection.request("POST", "/api/v1/events", body, headers)
            answer = connection.getresponse()
            answer.read()
            taken.append(time.perf_counter() - began)
            if answer.status != 200:
                refused.append(answer.status)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if refused:
        message = f"{len(refused)} requests were refused, the first with {refused[0]}"
        raise RuntimeError(message)
    return seconds, sorted(taken)


def measure(events: int, folder: pathlib.Path, *, bare: bool) -> dict[str, float]:
    """One pass against the product, or against the bare loop."""
    requests = list(bodies(events, IN_ONE_REQUEST))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["milepost", "serve", "--no-demo", "--data", str(folder), "--port", str(port)]
    if bare:
        command = ["benchmarks.bare_intake", str(folder), str(port)]
    with server(command, port, MILEPOST_API_KEY=KEY) as pid:
        if not bare:
            _, made = call(port, "POST", "/api/v1/journeys", msgspec.json.encode(FIVE_MOVES.definition))
            call(port, "POST", f"/api/v1/journeys/{made['id']}/activate")
        seconds, taken = send(port, requests)
        peak = int(pathlib.Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    return {
        "events_per_second": events / seconds,
        "answer_p50_ms": 1000 * taken[len(taken) // 2],
        "answer_p99_ms": 1000 * taken[int(len(taken) * 0.99)],
        "peak_megabytes": peak,
        "client_cpu_seconds": resource.getrusage(resource.RUSAGE_SELF).ru_utime,
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        figures = measure(int(sys.argv[1]), pathlib.Path(temporary), bare=sys.argv[2:] == ["bare"])
        sys.stdout.buffer.write(msgspec.json.encode(figures))
