"""Servers as processes of their own, which can be killed: started as users do, or quickly from a fork.

Owns their ports, environment, logs and ends, and the HTTP that tests speak with them. Must not know what is tested.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, Final

import httpx2

KEY: Final = "mp_" + "k" * 40
PATIENCE: Final = 60.0
"""Seconds that anything may take on a machine that is busy with something else."""
PAUSE: Final = 0.02

_pause: Final = threading.Event()


def until(done: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """The first answer of `done` that is true. Fails after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not (answer := done()):
        assert time.monotonic() < deadline, f"waited {patience:.0f} s in vain for this: {what}"
        _pause.wait(PAUSE)
    return answer


def free_port() -> int:
    """A port below those that the system gives to clients: one that is still free after a server was killed."""
    for port in random.sample(range(20_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("there is no free port")


class Process:
    """A server process on a data folder, whichever way it was started."""

    def __init__(self, pid: int, port: int, wait: Callable[[float | None], int]) -> None:
        self.pid = pid
        self.url = f"http://127.0.0.1:{port}"
        self._wait = wait

    def ready(self) -> bool:
        """Whether it answers that it can do its work."""
        with contextlib.suppress(httpx2.TransportError):
            return httpx2.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        return False

    def until_ready(self) -> None:
        until(self.ready, "the server is ready")

    def kill(self) -> None:
        """End it as a power cut does. Fails if it had ended by itself."""
        os.kill(self.pid, signal.SIGKILL)
        assert self._wait(PATIENCE) == -signal.SIGKILL

    def stop(self, patience: float = PATIENCE) -> float:
        """End it as an operator does; the seconds that it took."""
        begin = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        assert self._wait(patience) == 0
        return time.monotonic() - begin

    def wait(self, patience: float = PATIENCE) -> int:
        """Its exit code."""
        return self._wait(patience)


class Machine:
    """Starts servers, with one environment and one log, and ends those that are left."""

    def __init__(self, log: pathlib.Path, settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self.log = log
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "MILEPOST_API_KEY": KEY,
            "MILEPOST_DISK_RESERVE": "1000000",
            **settings,
        }
        self._file = log.open("ab")
        self._commands: list[subprocess.Popen[Any]] = []
        self._starter: subprocess.Popen[str] | None = None
        self._forked: Process | None = None

    def serve(
        self, data: pathlib.Path, port: int | None = None, log: IO[bytes] | None = None, *, demo: bool = False
    ) -> Process:
        """`milepost serve`."""
        port = port or self.port
        out = log or self._file
        how = ["--demo" if demo else "--no-demo", "--data", str(data), "--port", str(port)]
        command = subprocess.Popen(
            [sys.executable, "-m", "milepost", "serve", *how],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self._environment,
        )  # fmt: skip
        self._commands.append(command)
        return Process(command.pid, port, command.wait)

    def fork(
        self, data: pathlib.Path, point: str = "", arrival: int = 1, end: signal.Signals = signal.SIGKILL
    ) -> Process:  # fmt: skip
        """The same, from a process that has loaded all modules; one at a time, so the one before is killed.

        With a point of `points`, it gets the signal when it comes there for the given time: by default it dies.
        """
        if self._forked is not None:
            self._forked.kill()
        if self._starter is None:
            self._starter = subprocess.Popen(
                [sys.executable, str(pathlib.Path(__file__).with_name("starter.py"))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._file, env=self._environment, text=True,
            )  # fmt: skip
            assert self._starter.stdout
            assert self._starter.stdout.readline() == "ready\n"
        starter = self._starter
        assert starter.stdin
        assert starter.stdout
        starter.stdin.write(f"{data}\t{self.port}\t{point}\t{arrival}\t{int(end)}\n")
        starter.stdin.flush()
        pid = int(starter.stdout.readline())

        def wait(patience: float | None) -> int:
            assert starter.stdout
            late = threading.Timer(patience or PATIENCE, os.kill, (pid, signal.SIGABRT))
            late.start()
            try:
                return int(starter.stdout.readline())
            finally:
                late.cancel()
                self._forked = None

        self._forked = Process(pid, self.port, wait)
        return self._forked

    def close(self) -> None:
        if self._forked is not None:
            self._forked.kill()
        for command in self._commands:
            command.kill()
            command.wait()
        if self._starter is not None:
            self._starter.kill()
            self._starter.communicate()
        self._file.close()


@contextlib.contextmanager
def machine(log: pathlib.Path, **settings: str) -> Iterator[Machine]:
    """A machine whose servers have these settings, as `smtp_host="..."`."""
    made = Machine(log, {f"MILEPOST_{name.upper()}": value for name, value in settings.items()})
    try:
        yield made
    finally:
        made.close()


def left_to_do(data: pathlib.Path) -> dict[str, int]:
    """How much a running server still has before it: inputs, runs, intents, batches to hand over."""
    questions = {
        "inputs": "SELECT count(*) FROM inputs",
        "runs": "SELECT count(*) FROM runs",
        "intents": "SELECT count(*) FROM intents WHERE state IN ('pending', 'sending')",
        "batches": "SELECT count(*) FROM batches WHERE projected IS NULL",
    }
    with contextlib.closing(sqlite3.connect(f"file:{data / 'state.sqlite'}?mode=ro", uri=True)) as connection:
        return {name: connection.execute(question).fetchone()[0] for name, question in questions.items()}


def inspect(data: pathlib.Path) -> dict[str, Any]:
    """What a folder holds that nobody owns, as `inspect_folder.py` tells it."""
    script = pathlib.Path(__file__).with_name("inspect_folder.py")
    printed = subprocess.run([sys.executable, script, data], check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(printed.stdout)
    return found
