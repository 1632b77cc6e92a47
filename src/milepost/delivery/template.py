"""Message bodies: full Jinja2 in a sandbox, rendered in a process of its own (D-3.7).

Owns the worker process, and the limits on time, memory and output. Must not know messages or providers. Whoever writes
a template is not trusted with the server: a body that runs away is killed with its process, and the next body gets a
new one. The process is started afresh, never forked: the threads of the event store would not survive that.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import jinja2
import msgspec
from jinja2 import meta

from milepost.delivery.template_worker import ENVIRONMENT

START_SECONDS: Final = 30.0
"""How long a new process may take to be ready; it is Python and Jinja2 starting."""
#: The worker sees no other variable of the server's environment: there may be secrets among them.
_ENVIRONMENT_KEPT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL", "TZ")


class Part(NamedTuple):
    """One text of a message."""

    source: str
    html: bool = False
    """Whether values are escaped for HTML."""


class TemplateFailed(Exception):
    """A body could not be rendered. `reason` is one of syntax, error, time, memory, output."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Limits(NamedTuple):
    """What the rendering of one message may use."""

    seconds: float = 2.0
    memory: int = 512 * 1024 * 1024
    """Bytes of address space of the process; not every system enforces it."""
    output: int = 1_048_576
    """Characters of one part."""


def variables(source: str) -> set[str]:
    """The names of the variables that a body reads and does not set itself. Raises TemplateFailed for bad syntax."""
    try:
        tree = ENVIRONMENT.parse(source)
    except jinja2.TemplateSyntaxError as error:
        message = f"line {error.lineno}: {error.message}"
        raise TemplateFailed("syntax", message) from error
    return meta.find_undeclared_variables(tree)


class Templates:
    """Renders bodies in a worker process, which is started at the first body and after every accident.

    May be used from several threads; they take turns.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._worker: _Worker | None = None

    def render(self, parts: Sequence[Part], variables: dict[str, Any]) -> list[str]:
        """The parts of one message, in order. What is missing renders empty. Raises TemplateFailed."""
        request = msgspec.json.encode([parts, variables]) + b"\n"
        with self._lock:
            if self._worker is None or not self._worker.alive():
                self._stop()
                self._worker = _Worker(self._limits)
            try:
                answer = self._worker.ask(request, self._limits.seconds)
            except TimeoutError:
                self._stop()
                message = f"It took longer than {self._limits.seconds:g} s."
                raise TemplateFailed("time", message) from None
            except (ConnectionError, EOFError):
                self._stop()
                raise TemplateFailed("memory", "The process that rendered it came to an end.") from None
        texts, reason, message = msgspec.json.decode(answer, type=tuple[list[str], str, str])
        if reason:
            raise TemplateFailed(reason, message)
        return texts

    def close(self) -> None:
        """End the worker process."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker = None


class _Worker:
    """One process, and the socket over which it is asked: a line of JSON there, a line of JSON back."""

    def __init__(self, limits: Limits) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, in our own interpreter
                [
                    *(sys.executable, "-m", "milepost.delivery.template_worker"),
                    *(str(limits.memory), str(limits.output), str(limits.seconds)),
                ],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                env={name: os.environ[name] for name in _ENVIRONMENT_KEPT if name in os.environ},
                start_new_session=True,  # an interrupt typed in the terminal is for the server to handle
            )
        self._socket = ours
        self._rest = b""
        try:
            self._read_line(time.monotonic() + START_SECONDS)
        except BaseException:
            self.kill()
            raise

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes, seconds: float) -> bytes:
        """The answer to a request. Raises TimeoutError, or ConnectionError when the process ends."""
        deadline = time.monotonic() + seconds
        self._socket.settimeout(seconds)
        self._socket.sendall(request)
        return self._read_line(deadline)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._socket.close()

    def _read_line(self, deadline: float) -> bytes:
        pieces = [self._rest]
        while b"\n" not in pieces[-1]:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            piece = self._socket.recv(65_536)
            if not piece:
                raise ConnectionResetError
            pieces.append(piece)
        line, _, self._rest = b"".join(pieces).partition(b"\n")
        return line
