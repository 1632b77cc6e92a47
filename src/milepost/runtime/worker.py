"""The threads of a server: cycle, projector, outbox, imports; each goes on after an error and says what is wrong.

Owns waiting: nobody polls what nothing can have changed. Must not know what the threads do.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from milepost.errors import MilepostError
from milepost.ports.observer import Part
from milepost.runtime.calendar import count_timers
from milepost.runtime.engine import Engine
from milepost.runtime.outbox import ENDING, Outbox

LONGEST_WAIT: Final = 1.0
"""Seconds after which a thread looks again in any case."""
PAUSE_AFTER_ERROR: Final = 1.0

_log = structlog.get_logger()


class Feeding(Protocol):
    """What brings events in by itself."""

    news: threading.Event
    """Set whenever there may be something to bring in."""

    def step(self) -> bool:
        """Bring some in; whether there was anything to do."""
        ...


class Worker:
    """Drives an engine, its outbox, and the imports that feed it."""

    def __init__(self, engine: Engine, outbox: Outbox | None = None, imports: Feeding | None = None) -> None:
        self._engine = engine
        self._outbox = outbox
        self._imports = imports
        if outbox is not None:
            outbox.ended = engine.to_send.set
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._feeder: threading.Thread | None = None
        self.problems: dict[str, str] = {}
        """Thread to its present trouble; empty while all is well."""

    def start(self, *, sending: bool = True) -> None:
        """Set the threads going; without `sending`, intents stay where they are."""
        # A batch makes many objects and few cycles: collect seldom, and never look at what was made by the start.
        gc.freeze()
        gc.set_threshold(200_000, 20, 100)
        count_timers(self._engine.store)
        if self._outbox is not None and sending:
            uncertain = self._outbox.recover()
            if uncertain:
                _log.warning("intents are uncertain after a crash", number=uncertain)
        self._engine.projector.ending = False
        self._engine.intake.start()
        self._run("cycle", self._engine.step, self._engine.work, self._until_due)
        self._run("projector", self._engine.projector.step, self._engine.to_project, lambda: LONGEST_WAIT)
        if self._outbox is not None and sending:
            self._run("outbox", self._outbox.step, self._engine.to_send, self._until_intent)
        if self._imports is not None:
            self._feeder = self._run("imports", self._imports.step, self._imports.news, lambda: LONGEST_WAIT)

    def stop(self) -> None:
        """Finish the batch in hand, end the threads. What is not handed over or sent yet is so after the next start."""
        deadline = time.monotonic() + ENDING
        self._stopping.set()
        if self._imports is not None and self._feeder is not None:
            # While intake still takes what it brings.
            self._imports.news.set()
            self._feeder.join()
        self._engine.projector.ending = True
        self._engine.intake.stop()
        for event in (self._engine.work, self._engine.to_project, self._engine.to_send):
            event.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        if self._outbox is not None:
            # What is under way has had the time that the others took, too.
            self._outbox.close(max(0.0, deadline - time.monotonic()))

    def _run(
        self, name: Part, step: Callable[[], bool], news: threading.Event, patience: Callable[[], float]
    ) -> threading.Thread:
        def loop() -> None:
            while not self._stopping.is_set():
                # Cleared before the look, so that news which comes during it is not missed.
                news.clear()
                try:
                    with self._engine.observer.timed(name) as timing:
                        busy = step()
                        timing.idle = not busy
                    wait = 0.0 if busy else patience()
                    self.problems.pop(name, None)
                except Exception as error:  # noqa: BLE001 - a thread that ends would stop everybody's journeys
                    self.problems[name] = trouble(error)
                    if isinstance(error, MilepostError):
                        _log.error("thread goes on after an error", thread=name, trouble=trouble(error))
                    else:
                        _log.exception("thread goes on after an error", thread=name)
                    wait = 0.0
                    self._stopping.wait(PAUSE_AFTER_ERROR)
                if wait > 0:
                    news.wait(wait)

        thread = threading.Thread(target=loop, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _until_due(self) -> float:
        due = self._engine.next_due()
        if due is None:
            return LONGEST_WAIT
        # A timer is taken when its instant has passed.
        return min(LONGEST_WAIT, max(0.001, (due - self._engine.clock.now() + 1) / 1000))

    def _until_intent(self) -> float:
        due = self._outbox.next_due() if self._outbox is not None else None
        if due is None:
            return LONGEST_WAIT
        return min(LONGEST_WAIT, max(0.001, (due - self._engine.clock.now()) / 1000))


def trouble(error: Exception) -> str:
    """An error as everybody may read it: the text of one that is not about a store may quote what somebody sent."""
    if isinstance(error, MilepostError):
        return f"{error.code}: {error.message}" if error.status >= 500 else error.code
    return type(error).__name__
