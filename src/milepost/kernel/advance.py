"""The one transition function: what happens next in a run (D-3.8).

Owns rounds, steps, forks, ends and exits of one wake. Pure: no clock, no I/O, no randomness; the same input at the same
instant makes the same moves for ever. Must not know other runs of the profile: their order is `dispatch`'s.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from milepost.kernel.command import Command, Opened
from milepost.kernel.event import END_PATH, PATH_EXIT, PATH_STEP, START_PATH, Event
from milepost.kernel.journey import Journey, Node, Phase
from milepost.kernel.move import ExitReason, Moved, path_id
from milepost.kernel.node import Decision, Finish, Fork, Hold, Leave, Step
from milepost.kernel.profile import Profile
from milepost.kernel.run import Path, Run, context_of


class Entered(NamedTuple):
    """A trigger opens a path in the run."""

    event: Event
    node: str
    """The trigger."""


class EventSeen(NamedTuple):
    """An event was taken; the phase is one of goal, exit rule, Event filters (D-3.4)."""

    event: Event
    phase: Phase


class TimerDue(NamedTuple):
    """A timer is due: of the path at `path` in order of opening, or the run's age (None)."""

    due: int
    path: int | None


class Stopped(NamedTuple):
    """Paths end from outside: all, or those at these places in order of opening."""

    cause_time: int
    reason: ExitReason
    paths: tuple[int, ...] | None = None


Input = Entered | EventSeen | TimerDue | Stopped


def advance(journey: Journey, run: Run, profile: Profile, input: Input, now: int) -> tuple[Run, Profile, list[Command]]:
    """The run and the profile after one input, and what it asks for, in order.

    Without commands nothing has happened and the run comes back as it was. A run without paths has ended.
    """
    match input:
        case EventSeen(event, "filter"):
            return _seen(journey, run, profile, event, now)
        case EventSeen(event, phase):
            wake = _Wake(journey, run, profile, event.time, now)
            if _rule_holds(journey, run, phase, event, wake.step, now):
                reason: ExitReason = "goal" if phase == "goal" else "exit_rule"
                wake.exit_all(reason, {"event": event.id})
            return wake.result()
        case Entered(event, node):
            wake = _Wake(journey, run, profile, event.time, now)
            wake.enter(journey.nodes[node], event)
        case TimerDue(due, None):
            wake = _Wake(journey, run, profile, due, now)
            wake.exit_all("expired", {"expires": due})
            return wake.result()
        case TimerDue(due, int(index)):
            wake = _Wake(journey, run, profile, due, now)
            path = wake.run.paths[index]
            wake.choose(path, journey.nodes[path.node].behaviour.due(wake.at(path)))
        case Stopped(cause_time, reason, paths):
            wake = _Wake(journey, run, profile, cause_time, now)
            wake.exit_all(reason, None, paths)
            return wake.result()
    wake.go()
    return wake.result()


def _seen(journey: Journey, run: Run, profile: Profile, event: Event, now: int) -> tuple[Run, Profile, list[Command]]:
    wake = _Wake(journey, run, profile, event.time, now)
    moved = False
    for path in wake.run.paths:
        behaviour = journey.nodes[path.node].behaviour
        if event.action in behaviour.listens_to:
            leave = behaviour.seen(wake.at(path), event)
            if leave is not None:
                # From here on this event is what inserts of the path see (D-3.7).
                path.context = context_of(event, journey.keeps_params)
                wake.capture(path)
                wake.choose(path, leave)
                moved = True
    if not moved:
        return run, profile, []
    wake.go()
    return wake.result()


def _rule_holds(journey: Journey, run: Run, phase: Phase, event: Event, step: Step, now: int) -> bool:
    rule = journey.rules.get(phase)
    if rule is None or rule.action != event.action or not run.paths:
        return False
    # Inserts in a rule see the context of the run's oldest path.
    step.path = run.paths[0]
    return rule.test(event.params, step.profile, step.scope, now)


class _Wake:
    """One wake of one run: works on a copy and collects the commands."""

    __slots__ = ("cause_time", "commands", "journey", "now", "run", "step")

    def __init__(self, journey: Journey, run: Run, profile: Profile, cause_time: int, now: int) -> None:
        self.journey = journey
        self.run = run.copy()
        self.cause_time = cause_time
        self.now = now
        self.commands: list[Command] = []
        self.step = Step(journey.view, self.run, profile, now, self.commands)

    def result(self) -> tuple[Run, Profile, list[Command]]:
        return self.run, self.step.profile, self.commands

    def at(self, path: Path) -> Step:
        """The step, turned to one path; things produced at its node count from 1."""
        self.step.path = path
        self.step.ordinal = 0
        return self.step

    def choose(self, path: Path, leave: Leave) -> None:
        path.outlet, path.why = leave

    def enter(self, node: Node, event: Event) -> None:
        """Open a path at a trigger."""
        run = self.run
        path = Path(
            path_id(run.id, f"{node.id}\x1f{event.id}"),
            node.id, 1, self.now, self.cause_time, None, context_of(event, self.journey.keeps_params),
        )  # fmt: skip
        run.opened += 1
        run.paths.append(path)
        self.commands.append(Moved(START_PATH, path.id, 1, node.id, 1, self.cause_time, why={"event": event.id}))
        self.act(path, node)

    def go(self) -> None:
        """Rounds: each path that can move makes one step, in order of opening, until none can (D-3.8)."""
        run = self.run
        while len(run.paths) == 1 and run.paths[0].outlet is not None:
            # One path alone, as most are: each of its steps is a round.
            self.make_step(run.paths[0])
        moving = [path for path in run.paths if path.outlet is not None]
        while moving:
            for path in moving:
                # An End in this round may have ended it.
                if path.outlet is not None:
                    self.make_step(path)
            moving = [path for path in run.paths if path.outlet is not None]

    def make_step(self, path: Path) -> None:
        """Leave by the chosen outlet, arrive, act and decide."""
        outlet, origin = path.outlet, path.node
        node = self.journey.nodes[origin].outlets[outlet or ""]
        path.node = node.id
        path.step += 1
        path.since = self.now
        path.arrived = self.cause_time
        path.due = None
        path.visit = 1
        ends = not node.outlets
        action = END_PATH if ends else PATH_STEP
        self.commands.append(
            Moved(action, path.id, path.step, node.id, 1, self.cause_time, origin, outlet, None, path.why, path.parent)
        )
        path.outlet = path.why = None
        self.act(path, node)

    def capture(self, path: Path) -> None:
        node = self.journey.nodes[path.node]
        if node.capture and path.context is not None:
            path.captured = {**(path.captured or {}), node.title: path.context}

    def act(self, path: Path, node: Node) -> None:
        """Act at the node just reached; the way out is taken in the next round."""
        if node.capture:
            self.capture(path)
        decision: Decision = node.behaviour.arrive(self.at(path))
        match decision:
            case Leave():
                self.choose(path, decision)
            case Hold(due):
                path.due = due
            case Fork(outlets):
                path.outlet = outlets[0]
                for outlet in outlets[1:]:
                    self.open_branch(path, node, outlet)
            case Finish(ends_others):
                self.run.finished += 1
                self.run.paths.remove(path)
                if ends_others:
                    self.exit_all("other_end", {"path": path.id})

    def open_branch(self, parent: Path, node: Node, outlet: str) -> None:
        """A path of its own, which stands at the Split and moves in the next round."""
        path = parent.copy()
        path.id = path_id(self.run.id, f"{parent.id}\x1f{node.id}\x1f{outlet}")
        path.parent = parent.id
        # It has not arrived at the Split: its parent has.
        path.visit = 0
        path.outlet = outlet
        self.run.paths.append(path)
        self.commands.append(Opened(path.id, node.id))

    def exit_all(self, reason: ExitReason, why: dict[str, Any] | None, only: tuple[int, ...] | None = None) -> None:
        """End every path that is going, or only those at these places, in order of opening."""
        leaving = self.run.paths if only is None else [self.run.paths[index] for index in only]
        for path in leaving:
            path.outlet = None
            self.commands.append(
                Moved(
                    PATH_EXIT, path.id, path.step + 1, path.node, path.visit, self.cause_time,
                    reason=reason, why=why, parent_path_id=path.parent,
                )
            )  # fmt: skip
        self.run.paths = [path for path in self.run.paths if path not in leaving] if only is not None else []
