"""Whom an input wakes, and in what order: the inputs of one profile, one after another (D-3.4, D-3.5, D-3.8).

Owns the order goal, exit rule, Event filters, triggers over all runs of a profile; entry keys and path limits; what is
kept for paused journeys; chains of runs. Pure. Must not know where inputs come from nor how effects are stored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Literal, NamedTuple

from milepost.kernel.advance import Entered, EventSeen, Input, Stopped, TimerDue, advance
from milepost.kernel.command import Command, Emit, Opened, Send, UpdateProfile
from milepost.kernel.effects import Effects, Failure, Handed, LeftOut, MoveMade
from milepost.kernel.event import Cause, Event
from milepost.kernel.insert import Scope
from milepost.kernel.journey import Journey, Phase
from milepost.kernel.move import Moved, entry_key_of, run_id
from milepost.kernel.profile import Profile, ProfileChange, fold
from milepost.kernel.run import Run

PHASES: Final[tuple[Phase, ...]] = ("goal", "exit_rule", "filter")
DEEPEST: Final = 10
"""Depth from which an event starts nothing (D-3.2, Generate event)."""
MOST_STARTS: Final = 1_000
"""Paths that triggers open on account of one outside event."""
START_REFUSED: Final = "automation.startRefused"

Key = tuple[int, int, int]
"""Order of inputs: (instant, rank, position); commands rank 0, events 1, timers 2."""


class Standing:
    """A journey as it stands: its state and its versions."""

    __slots__ = ("id", "key", "newest", "resumed_at", "state", "versions")

    def __init__(
        self,
        key: int,
        id: str,
        state: Literal["active", "paused", "finishing", "finished"],
        versions: dict[int, Journey],
        resumed_at: int,
    ) -> None:
        self.key = key
        self.id = id
        self.state = state
        self.versions = versions
        self.newest = versions[max(versions)]
        self.resumed_at = resumed_at
        """Nothing of the journey is taken at an earlier instant than its activation or last resume."""


class Automation:
    """Every journey in force, and what follows from all of them together."""

    def __init__(self, standings: Sequence[Standing]) -> None:
        self.standings = {standing.key: standing for standing in standings}
        going = [standing for standing in standings if standing.state != "finished"]
        self.triggered_by: dict[str, list[Standing]] = {}
        for standing in going:
            for action in standing.newest.trigger_actions:
                self.triggered_by.setdefault(action, []).append(standing)
        journeys = [journey for standing in going for journey in standing.versions.values()]
        self.reacts_to: frozenset[str] = frozenset().union(*(journey.reacts_to for journey in journeys))
        self.actions = self.reacts_to | self.triggered_by.keys()
        """Actions that mean something to some journey; other events are only recorded."""
        produced: frozenset[str] = frozenset().union(*(journey.produced for journey in journeys))
        self.counts_starts = bool(produced & self.triggered_by.keys())
        """Whether a run can start another, so that the starts of an outside event must be counted."""
        self.sends_mail = any(node.type == "send_email" for journey in journeys for node in journey.nodes.values())


HOUR: Final = 3_600_000


class Change(NamedTuple):
    """A change of the profile from outside, as an input."""

    position: int
    instant: int
    change: ProfileChange
    source: str


class Kept(NamedTuple):
    """An event that was kept while a journey was paused, as an input of that journey alone (D-3.5)."""

    position: int
    instant: int
    journey: int
    event: Event


Taken = Event | Change | Kept


class Turn:
    """One profile's inputs of one batch.

    `limit` is the last key that may be taken: everything up to it is at hand, nothing behind it may be.
    `now_of` gives the `now` of an instant (D-3.8). `answer` is the sandbox of a virtual workspace, which answers what
    is handed over at once; None where the outbox does it.
    """

    def __init__(
        self,
        automation: Automation,
        effects: Effects,
        profile: Profile,
        runs: list[Run],
        limit: Key,
        now_of: Callable[[int], int],
        starts: dict[str, int],
        answer: Callable[[Send], tuple[str, dict[str, object]] | None] | None = None,
    ) -> None:
        self.automation = automation
        self.effects = effects
        self.profile = profile
        self.runs = runs
        """Runs that are going, in order of start."""
        self.limit = limit
        self.now_of = now_of
        self.starts = starts
        """Outside event to starts so far, shared by the batch."""
        self.answer = answer
        self.produced: deque[Event] = deque()
        """Events brought about in this turn that may be taken in it, in order."""

    def take(self, inputs: Sequence[Taken]) -> None:
        """Take inputs in order of key, the produced events and due timers among them."""
        index, count = 0, len(inputs)
        while True:
            item: Taken | None = inputs[index] if index < count else None
            key = (_instant(item), 1, item.position) if item is not None else self.limit
            if self.produced:
                first = self.produced[0]
                produced_key = (first.received_at, 1, first.position)
                if item is None or produced_key < key:
                    item, key = first, produced_key
            timer = self.next_timer() if self.runs else None
            if timer is not None and (timer[0], 2, 0) < key:
                self.take_timer(*timer)
            elif item is None:
                return
            elif isinstance(item, Change):
                index += 1
                self.take_change(item)
            elif isinstance(item, Kept):
                index += 1
                self.take_kept(item)
            else:
                if self.produced and item is self.produced[0]:
                    self.produced.popleft()
                else:
                    index += 1
                self.take_event(item, self.now_of(item.received_at))

    def next_timer(self) -> tuple[int, Run, int | None] | None:
        """The first timer within the limit: by instant, start of the run, order of opening, the run's age last."""
        best: tuple[int, Run, int | None] | None = None
        standings = self.automation.standings
        for run in self.runs:
            if standings[run.journey].state == "paused":
                continue
            for index, path in enumerate(run.paths):
                if path.due is not None and (best is None or path.due < best[0]):
                    best = (path.due, run, index)
            if best is None or run.expires < best[0]:
                best = (run.expires, run, None)
        return best if best is not None and (best[0], 2, 0) <= self.limit else None

    def take_timer(self, due: int, run: Run, path: int | None) -> None:
        standing = self.automation.standings[run.journey]
        now = max(self.now_of(due), standing.resumed_at)
        self.wake(standing.versions[run.version], run, TimerDue(due, path), now)

    def take_change(self, item: Change) -> None:
        """Fold a change in; the events it produces follow at once (D-2.5)."""
        now = self.now_of(item.instant)
        self.profile, produced = fold(self.profile, item.change, now, item.source)
        self.effects.profiles[self.profile.key] = self.profile
        for ordinal, (action, params) in enumerate(produced, 1):
            id, position = f"profile.{item.position}.{ordinal}", next(self.effects.positions)
            event = Event(id, self.profile.key, action, now, now, position, params, source=item.source)
            self.take_event(event, now)

    def take_event(self, event: Event, now: int) -> None:
        """Record an event and let it act (D-3.4)."""
        self.effects.records.append(event)
        acted = self.act(event, now, list(self.runs)) if self.runs else set()
        for standing in self.automation.triggered_by.get(event.action, ()):
            self.trigger(standing, event, now, acted)

    def take_kept(self, item: Kept) -> None:
        """It may end or move the journey's runs, never open paths."""
        runs = [run for run in self.runs if run.journey == item.journey]
        self.act(item.event, self.now_of(item.instant), runs)

    def act(self, event: Event, now: int, runs: list[Run]) -> set[tuple[int, str]]:
        """Goal, exit rule, Event filters: each over all runs in order of start, at most once per run.

        Answers with (journey, entry key) of the runs in which the event acted.
        """
        acted: set[str] = set()
        keys: set[tuple[int, str]] = set()
        if event.action not in self.automation.reacts_to:
            return keys
        kept: set[int] = set()
        for phase in PHASES:
            for run in runs:
                standing = self.automation.standings[run.journey]
                journey = standing.versions[run.version]
                if run.id in acted or event.action not in journey.actions[phase]:
                    continue
                if standing.state == "paused":
                    if standing.key not in kept:
                        kept.add(standing.key)
                        self.effects.kept.append((standing.key, event))
                    continue
                if self.wake(journey, run, EventSeen(event, phase), max(now, standing.resumed_at)):
                    acted.add(run.id)
                    keys.add((run.journey, run.entry_key))
        return keys

    def trigger(self, standing: Standing, event: Event, now: int, acted: set[tuple[int, str]]) -> None:
        """Of several triggers that match, the first in the definition opens one path (D-3.3, D-3.4)."""
        journey = standing.newest
        trigger = self.match(journey, event, now)
        if trigger is None:
            return
        key = entry_key_of(event.params, journey.entry_key)
        going = next((run for run in self.runs if run.journey == standing.key and run.entry_key == key), None)
        reason = self.refusal(standing, journey, event, going, (standing.key, key) in acted)
        if reason is not None:
            _add(self.effects.refused, (journey, now // HOUR, trigger, reason))
            if reason in {"depth", "starts"} and event.action != START_REFUSED:
                # Said on the card, and once: a refusal is no link of a chain.
                params = {"reason": reason, "journeyId": journey.id}
                self.emit(Emit(f"{event.id}.{journey.id}.refused", START_REFUSED, params), event.cause, now)
            return
        if self.automation.counts_starts:
            _add(self.starts, event.root)
            _add(self.effects.starts, event.root)
        now = max(now, standing.resumed_at)
        if going is None:
            going = Run(
                run_id(journey.id, self.profile.key, key, event.id), journey.key, journey.version, key, now,
                now + journey.run_age, event.depth, event.root,
            )  # fmt: skip
            self.runs.append(going)
            _add(self.effects.runs, (journey, now // HOUR, "started"))
        self.wake(journey, going, Entered(event, trigger), now)

    def match(self, journey: Journey, event: Event, now: int) -> str | None:
        """The first trigger in the definition that the event fits."""
        for node, test, action in journey.triggers:
            if action != event.action:
                continue
            scope = partial(Scope, event, self.profile, journey.view, {}, now)
            try:
                if test(event.params, self.profile, scope, now):
                    return node.id
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the other customers
                failure = Failure(journey, "", self.profile.key, Entered(event, node.id), error)
                self.effects.failures.append(failure)
        return None

    def refusal(self, standing: Standing, journey: Journey, event: Event, going: Run | None, acted: bool) -> str | None:
        """Why a trigger that matches opens nothing; None if it does."""
        if standing.state != "active":
            return standing.state
        if event.received_at - event.time > journey.late_event_limit:
            return "late"
        if acted:
            return "acted"
        if going is not None and (going.opened >= journey.path_limit or going.version != journey.version):
            return "path_limit"
        if event.depth >= DEEPEST:
            return "depth"
        if self.automation.counts_starts and self.starts.get(event.root, 0) >= MOST_STARTS:
            return "starts"
        return None

    def stop(self, run: Run, cause_time: int, now: int) -> None:
        """End a run from outside (D-3.5)."""
        journey = self.automation.standings[run.journey].versions[run.version]
        self.wake(journey, run, Stopped(cause_time, "stopped"), now)

    def wake(self, journey: Journey, run: Run, input: Input, now: int) -> bool:
        """Advance a run and put down what comes of it. Answers whether anything did."""
        try:
            after, profile, commands = advance(journey, run, self.profile, input, now)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the other customers
            return self.fail(journey, run, input, error, now)
        if not commands:
            return False
        effects, hour = self.effects, now // HOUR
        effects.latest = max(effects.latest, now)
        if profile is not self.profile:
            self.profile = profile
            effects.profiles[profile.key] = profile
        cause = Cause(run.id, run.depth + 1, run.root)
        for command in commands:
            if isinstance(command, Moved):
                self.record(command, journey, run.id, now, hour)
            else:
                self.carry_out(command, journey, cause, now, hour)
        for path in run.paths:
            _add(effects.waiting, (journey, hour, path.node), -1)
            if path.due is not None:
                _add(effects.timers, (journey, path.node, path.due // HOUR), -1)
        for path in after.paths:
            _add(effects.waiting, (journey, hour, path.node))
            if path.due is not None:
                _add(effects.timers, (journey, path.node, path.due // HOUR))
        self.replace(run, after, journey, hour, commands[-1])
        return True

    def replace(self, run: Run, after: Run, journey: Journey, hour: int, last: Command) -> None:
        """Put the run's new state in place of the old one."""
        effects, index = self.effects, self.runs.index(run)
        if after.paths:
            self.runs[index] = after
            effects.changed[after.id] = (self.profile.key, after)
            return
        del self.runs[index]
        effects.changed.pop(after.id, None)
        if after.key:
            effects.ended.append(after.key)
        reason = last.reason if isinstance(last, Moved) and last.reason not in {None, "other_end"} else None
        _add(effects.runs, (journey, hour, "ended:finished" if after.finished else f"ended:{reason}"))

    def record(self, moved: Moved, journey: Journey, run_id: str, now: int, hour: int) -> None:
        """Put a move down for the log and the counters."""
        effects = self.effects
        effects.records.append(MoveMade(self.profile.key, run_id, journey, now, next(effects.positions), moved))
        action, _, _, node, _, _, origin, outlet, reason, _, _ = moved
        key = (journey, hour, action, origin, outlet, node, reason)
        effects.tally[key] = effects.tally.get(key, 0) + 1

    def carry_out(self, command: Command, journey: Journey, cause: Cause, now: int, hour: int) -> None:
        """Put down what a run asks for besides moves."""
        effects = self.effects
        match command:
            case Opened():
                _add(effects.opened, (journey, hour, command.node_id))
            case Emit():
                position = self.emit(command, cause, now)
                if command.left_out is not None:
                    effects.left_out.append(LeftOut(position, command, journey, self.profile.key, now))
            case Send():
                effects.handed.append(Handed(next(effects.positions), command, journey, self.profile.key, now, cause))
                answer = self.answer(command) if self.answer is not None else None
                if answer is not None:
                    self.emit(Emit(f"{command.id}.answer", answer[0], dict(answer[1])), cause, now)
            case UpdateProfile() | Moved():
                # A change is folded in already: the profile that came back has it. Moves are recorded by `record`.
                pass

    def emit(self, produced: Emit, cause: Cause | None, now: int) -> int:
        """Append an event: taken in this turn if the batch reaches so far, else later, never before what is there.

        Answers with its position.
        """
        params = produced.params
        if cause is not None:
            params = {**params, "causeRunId": cause.run_id, "depth": cause.depth}
        event = Event(
            produced.id, self.profile.key, produced.action, now, now, next(self.effects.positions), params,
            produced.label, "automation", cause,
        )  # fmt: skip
        if (now, 1, event.position) <= self.limit:
            self.produced.append(event)
        else:
            self.effects.appended.append(event)
        return event.position

    def fail(self, journey: Journey, run: Run, input: Input, error: Exception, now: int) -> bool:
        """Note an input that cannot be advanced; the paths it was for exit as failed (D-1.2)."""
        self.effects.failures.append(Failure(journey, run.id, self.profile.key, input, error))
        paths: tuple[int, ...] | None = None
        match input:
            case TimerDue(due, index):
                cause_time, paths = due, None if index is None else (index,)
            case EventSeen(event, "filter"):
                cause_time = event.time
                paths = tuple(
                    index
                    for index, path in enumerate(run.paths)
                    if event.action in journey.nodes[path.node].behaviour.listens_to
                )
            case EventSeen(event, _):
                cause_time = event.time
            case _:
                # No path was opened, or the way out itself fails: the run stays as it is.
                if run in self.runs and not run.paths:
                    self.runs.remove(run)
                    _add(self.effects.runs, (journey, now // HOUR, "ended:failed"))
                return False
        return self.wake(journey, run, Stopped(cause_time, "failed", paths), now)


def _instant(item: Taken) -> int:
    return item.received_at if isinstance(item, Event) else item.instant


def _add(counts: dict[Any, int], key: Any, number: int = 1) -> None:
    counts[key] = counts.get(key, 0) + number
