"""Stores that fail now and then, as on a disk that is full for a while, and a world that goes on regardless.

Owns when something fails: before it has any effect, or, for the event store, also after. Must not know what is tested.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from milepost.errors import StorageFull, StorageUnavailable
from milepost.ports.event_store import Table
from milepost.ports.state_store import SequenceName
from milepost.runtime.engine import Engine
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock, World

Json = dict[str, Any]
T = TypeVar("T")


class Luck:
    """Whether the next thing fails; nothing does while `armed` is off."""

    def __init__(self, seed: int, chance: float | None = None) -> None:
        self._draw = random.Random(seed)
        self._chance = self._draw.choice((0.03, 0.1, 0.3)) if chance is None else chance
        self._crashes = self._draw.choice((0.0, 0.5, 1.0))
        self.armed = False

    def run_out(self) -> bool:
        """Whether it fails."""
        return self.armed and self._draw.random() < self._chance

    def crash(self) -> bool:
        """Whether a failure is followed by a crash: never, sometimes or always, as the seed says."""
        return self._draw.random() < self._crashes

    def insist(self, action: Callable[[], T], failed: Callable[[], None] = lambda: None) -> T:
        """Try until it does not fail; `failed` is called after each failure."""
        self.armed = True
        while True:
            try:
                answer = action()
            except (StorageFull, StorageUnavailable):
                failed()
            else:
                self.armed = False
                return answer


class FailingStateStore(MemoryStateStore):
    """Fails at the begin of a writing block, or at its end: then nothing of it is there."""

    def __init__(self, luck: Luck) -> None:
        super().__init__()
        self._luck = luck

    @contextlib.contextmanager
    def writing(self) -> Iterator[Any]:
        if self._luck.run_out():
            raise StorageUnavailable
        with super().writing() as tx:
            yield tx
            if self._luck.run_out():
                raise StorageFull

    def reserve(self, name: SequenceName, count: int) -> int:
        if self._luck.run_out():
            raise StorageFull
        return super().reserve(name, count)


class FailingEventStore(MemoryEventStore):
    """Fails before or after a batch is stored, or does not answer which ones are there."""

    def __init__(self, luck: Luck) -> None:
        super().__init__()
        self._luck = luck

    def append(self, table: Table, batch: int, rows: bytes) -> None:
        if self._luck.run_out():
            raise StorageFull
        super().append(table, batch, rows)
        if self._luck.run_out():
            raise StorageUnavailable

    def batches(self, table: Table, first: int) -> set[int]:
        if self._luck.run_out():
            raise StorageUnavailable
        return super().batches(table, first)


class UnluckyWorld(World):
    """A world over such stores. What fails is tried again, after a crash by an engine that knows nothing of before."""

    def __init__(self, luck: Luck, batch_size: int) -> None:
        self.luck = luck
        self._batch_size = batch_size
        super().__init__(batch_size, store=FailingStateStore(luck), events=FailingEventStore(luck))

    def _failed(self) -> None:
        if self.luck.crash():
            self.engine = Engine(self.store, self.events, FixedClock(), batch_size=self._batch_size)

    def _insist(self, action: Callable[[], T]) -> T:
        return self.luck.insist(action, self._failed)

    def create_journey(self, definition: Json) -> str:
        return self._insist(lambda: World.create_journey(self, definition))

    def send(self, events: Any, at: int) -> list[Json]:
        return self._insist(lambda: World.send(self, events, at))

    def change_profile(self, *change: Any, **more: Any) -> None:
        self._insist(lambda: World.change_profile(self, *change, **more))

    def run_to(self, instant: int) -> None:
        self._insist(lambda: World.run_to(self, instant))

    def _command(self, journey: str, type: str, at: int | None, **more: Any) -> None:
        # Two steps: a command that is in the log already must not be given again.
        command = {"at": at, **more}
        self._insist(lambda: self.engine.lifecycle.command(self.workspace, journey, type, "world", **command))
        self._insist(self._drain)

    def _drain(self) -> None:
        self.engine.drain()
