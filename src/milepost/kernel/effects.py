"""What the turns of a batch bring about, as values: moves, events, intents, counters, runs and profiles to write.

Owns the collection. Must not know who fills it nor how it is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from milepost.kernel.advance import Input
from milepost.kernel.command import Emit, Send
from milepost.kernel.event import Cause, Event
from milepost.kernel.journey import Journey
from milepost.kernel.move import Moved
from milepost.kernel.profile import Profile
from milepost.kernel.run import Run


class MoveMade(NamedTuple):
    """A move with what it needs to be recorded."""

    profile: int
    run_id: str
    journey: Journey
    time: int
    position: int
    moved: Moved


class Handed(NamedTuple):
    """A message or web call to be carried out, with the cause of the events that come back."""

    position: int
    send: Send
    journey: Journey
    profile: int
    time: int
    cause: Cause


class LeftOut(NamedTuple):
    """A message or web call that was not handed over, as the event says that is at the same place in the log."""

    position: int
    emit: Emit
    journey: Journey
    profile: int
    time: int


class Failure(NamedTuple):
    """An input that the kernel could not advance."""

    journey: Journey
    run_id: str
    profile: int
    input: Input
    error: Exception


class Effects:
    """What the turns of a batch bring about, in order."""

    def __init__(self, positions: Iterator[int]) -> None:
        self.positions = positions
        self.records: list[Event | MoveMade] = []
        """Events and moves for the log."""
        self.tally: dict[tuple[Journey, int, str, str | None, str | None, str, str | None], int] = {}
        """(journey, hour, action, from node, outlet, node, reason) to number of moves."""
        self.opened: dict[tuple[Journey, int, str], int] = {}
        self.waiting: dict[tuple[Journey, int, str], int] = {}
        self.runs: dict[tuple[Journey, int, str], int] = {}
        """(journey, hour, `started`, `ended:finished` or `ended:<reason>`) to number of runs."""
        self.refused: dict[tuple[Journey, int, str, str], int] = {}
        """(journey, hour, trigger, reason) to number of triggers that opened nothing."""
        self.timers: dict[tuple[Journey, str, int], int] = {}
        """(journey, node, hour in which they are due) to more or fewer timers."""
        self.handed: list[Handed] = []
        self.left_out: list[LeftOut] = []
        self.appended: list[Event] = []
        """Events for the log: they are taken later."""
        self.kept: list[tuple[int, Event]] = []
        """(journey, event) for paused journeys."""
        self.changed: dict[str, tuple[int, Run]] = {}
        """(profile, run) to write, by id of the run, in order of start."""
        self.ended: list[int] = []
        """Keys of stored runs that have ended."""
        self.profiles: dict[int, Profile] = {}
        """Profiles to write."""
        self.starts: dict[str, int] = {}
        """Outside event to further starts on its account."""
        self.latest = 0
        """Greatest `now` of a wake."""
        self.failures: list[Failure] = []
