"""What the parts say of their work while they do it: how much and how long, never whose.

Owns the verbs, and the observer that does nothing: what runs unless a server is put together with another one. Each is
called once per request, batch or transaction, never once per event. Must not know who listens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final, Literal, Protocol, Self

Part = Literal["intake", "cycle", "projector", "outbox", "imports"]
"""A thread of the server."""
Call = Literal["state.read", "state.write", "events.insert", "events.read"]
"""What is asked of a store."""


class Timing:
    """A piece of work that is being timed. What turned out to be none is not counted."""

    __slots__ = ("idle",)

    def __init__(self) -> None:
        self.idle = False
        """Set it to have the piece of work left out."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """A timing that nobody reads ends without a trace."""


class Observer(Protocol):
    """May be called by any thread. Never raises."""

    def timed(self, work: Part | Call) -> AbstractContextManager[Timing]:
        """Time a piece of work; one that is done inside another by the same thread is part of it."""

    def took_in(self, accepted: int, duplicates: int, rejected: Mapping[str, int]) -> None:
        """A group of requests was stored: items that were new, items that were not, items refused by code."""

    def committed(self, inputs: int, moves: Mapping[str, int]) -> None:
        """A batch was committed: rows of inputs and timers that it took, moves that it made by action."""

    def woke(self, dues: Sequence[int], now: int) -> None:
        """Runs were woken at `now` by timers that were due at `dues`, in order; all in milliseconds."""

    def handed_over(self, batches: int) -> None:
        """Batches have reached the event store."""

    def settled(self, channel: str, outcome: str) -> None:
        """An attempt to carry out an intent has ended."""

    def answered(self, method: str, route: str, status: int, seconds: float, parent: str) -> None:
        """A request was answered; `route` is the pattern that it fits, `parent` the caller's `traceparent` if any."""


class Silent:
    """Observes nothing."""

    def timed(self, work: Part | Call) -> AbstractContextManager[Timing]:
        del work
        return Timing()

    def took_in(self, accepted: int, duplicates: int, rejected: Mapping[str, int]) -> None:
        """Nobody listens."""

    def committed(self, inputs: int, moves: Mapping[str, int]) -> None:
        """Nobody listens."""

    def woke(self, dues: Sequence[int], now: int) -> None:
        """Nobody listens."""

    def handed_over(self, batches: int) -> None:
        """Nobody listens."""

    def settled(self, channel: str, outcome: str) -> None:
        """Nobody listens."""

    def answered(self, method: str, route: str, status: int, seconds: float, parent: str) -> None:
        """Nobody listens."""


SILENT: Final = Silent()
