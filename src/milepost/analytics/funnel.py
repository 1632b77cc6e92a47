"""Funnel: how far do profiles get through a series of events, in order, within a window (D-5).

Owns the question, its rules, its answer, and the reference answer that every store must equal. Must not know any store.

What is meant, exactly:
- An attempt begins at an instant in the date range at which there is an event that fits step 1. Later steps may fall
  after the range, but not after the window, which is counted from the attempt's begin and includes its edge.
- Steps happen in the stated order; at one instant any order of events is good. One event fills one step.
- Each step is reached at the earliest instant at which it and all before it can be filled.
- Of a profile's attempts counts the deepest, then the earliest; or, with `attempt: first`, the earliest.
- Held params: all events of an attempt carry equal values. An event on which one is missing, or is not a text, a number
  or a boolean, takes part in no attempt. With `count: held_values` each profile counts once per held values (per run).
- Who has not reached the last step is in progress while the window is open at the question's moment, dropped after.
"""

from __future__ import annotations

import itertools
import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from milepost.analytics.datapoint import Attributes, Datapoint, Scalar, typed
from milepost.analytics.period import Asked, Frozen, without
from milepost.kernel.check import leaf
from milepost.kernel.condition import NAME, Condition, Where, compile_condition
from milepost.kernel.duration import Duration


class Step(Frozen):
    """One step: an event that fits."""

    action: str = Field(title="Event", min_length=1, max_length=256)
    where: Where = Field(default=None, title="Condition on its params")
    label: str | None = Field(default=None, title="Label", max_length=256)

    @field_validator("where")
    @classmethod
    def _params_only(cls, value: Condition | None) -> Condition | None:
        return without(
            value, "attribute", "step_where", "a step asks about params: attributes belong to the profile filter"
        )


class Funnel(Asked):
    """The question."""

    kind: Literal["funnel"] = "funnel"
    order: Literal["ordered"] = Field(default="ordered", title="Order of the steps")
    steps: tuple[Step, ...] = Field(title="Steps")
    window: Duration | None = Field(default=None, title="Window", description="From the first step; null is unlimited.")
    attempt: Literal["best", "first"] = Field(default="best", title="Attempt")
    hold: tuple[str, ...] = Field(default=(), title="Hold constant", description="Params that are equal on every step.")
    count: Literal["profiles", "held_values"] = Field(default="profiles", title="Count")

    @field_validator("steps")
    @classmethod
    def _some_steps(cls, value: tuple[Step, ...]) -> tuple[Step, ...]:
        if not 1 <= len(value) <= 20:
            raise PydanticCustomError("funnel_steps", "a funnel has 1 to 20 steps")
        return value

    @field_validator("hold")
    @classmethod
    def _held_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) > 5 or len(set(value)) < len(value) or not all(re.fullmatch(NAME, name) for name in value):
            raise PydanticCustomError("funnel_hold", "hold takes up to 5 different names of params")
        return value

    @model_validator(mode="after")
    def _held_to_count(self) -> Self:
        if self.count == "held_values" and not self.hold:
            raise PydanticCustomError("funnel_count", "to count held values, hold at least one param")
        return self


class Timing(Frozen):
    """Seconds; null when nobody took them."""

    mean: float | None
    median: float | None


class StepAnswer(Frozen):
    """One step: `count` reached it or went further; the others are shares from 0 to 1, null where they have no base."""

    label: str
    count: int
    from_start: float | None
    from_previous: float | None
    dropped: int
    """Reached this step, not the next, and the window has closed."""
    in_progress: int
    """Reached this step, not the next, and the window is open."""
    seconds_from_start: Timing
    seconds_from_previous: Timing


class FunnelAnswer(Frozen):
    """The answer, with the question tied to its moment: click-through asks exactly that."""

    kind: Literal["funnel"] = "funnel"
    question: Funnel
    steps: tuple[StepAnswer, ...]


class FunnelMembers(Frozen):
    """Whom to list: those behind one number. Steps count from 1."""

    kind: Literal["funnel"] = "funnel"
    step: int = Field(title="Step", ge=1, le=20)
    state: Literal["reached", "dropped", "in_progress"] = Field(default="reached", title="State")


class Passage(NamedTuple):
    """The attempt that counts: when each step was reached, in milliseconds."""

    profile: int
    reached: tuple[int, ...]


class Durations(NamedTuple):
    """Milliseconds: sum and median over `passages`."""

    passages: int
    total: int
    median: float | None


class Tally(NamedTuple):
    """What a store counts for one step; `timing` turns it into seconds."""

    reached: int
    in_progress: int
    from_start: Durations
    from_previous: Durations


def answer(funnel: Funnel, datapoints: Iterable[Datapoint], attributes: Attributes, now: int) -> FunnelAnswer:
    """The reference answer."""
    asked, passages = _passages(funnel, datapoints, attributes, now)
    tallies = []
    for index in range(len(asked.steps)):
        there = [passage.reached for passage in passages if len(passage.reached) > index]
        stopped = [reached for reached in there if len(reached) == index + 1 < len(asked.steps)]
        tallies.append(
            Tally(
                reached=len(there),
                in_progress=sum(is_open(asked, reached[0]) for reached in stopped),
                from_start=_durations([reached[index] - reached[0] for reached in there]),
                from_previous=_durations([reached[index] - reached[max(index - 1, 0)] for reached in there]),
            )
        )
    return compose(asked, tallies)


def members(
    funnel: Funnel, datapoints: Iterable[Datapoint], attributes: Attributes, whom: FunnelMembers, now: int
) -> list[int]:
    """The reference list: keys of the profiles behind one number, in order."""
    asked, passages = _passages(funnel, datapoints, attributes, now)
    final = len(asked.steps)
    found = set()
    for profile, reached in passages:
        if whom.state == "reached":
            behind = len(reached) >= whom.step
        else:
            wanted = whom.state == "in_progress"
            behind = len(reached) == whom.step < final and is_open(asked, reached[0]) is wanted
        if behind:
            found.add(profile)
    return sorted(found)


def compose(asked: Funnel, tallies: Sequence[Tally]) -> FunnelAnswer:
    """The answer from what was counted; shared by the reference and the stores."""
    steps = []
    for index, (step, tally) in enumerate(zip(asked.steps, tallies, strict=True)):
        further = tallies[index + 1].reached if index + 1 < len(tallies) else tally.reached
        steps.append(
            StepAnswer(
                label=step.label or step.action,
                count=tally.reached,
                from_start=_share(tally.reached, tallies[0].reached),
                from_previous=_share(tally.reached, tallies[max(index - 1, 0)].reached),
                dropped=tally.reached - further - tally.in_progress,
                in_progress=tally.in_progress,
                seconds_from_start=_timing(tally.from_start, first=index == 0),
                seconds_from_previous=_timing(tally.from_previous, first=index == 0),
            )
        )
    return FunnelAnswer(question=asked, steps=tuple(steps))


def is_open(asked: Funnel, begin: int) -> bool:
    """Whether an attempt that began at `begin` could still go on at the question's moment."""
    return asked.window is None or asked.at is None or asked.at <= begin + asked.window.milliseconds


def _passages(
    funnel: Funnel, datapoints: Iterable[Datapoint], attributes: Attributes, now: int
) -> tuple[Funnel, list[Passage]]:
    datapoints = list(datapoints)
    asked = funnel.pinned(now, max((point.position for point in datapoints), default=0))
    at = now if asked.at is None else asked.at
    fits = [compile_condition(step.where, zone=asked.zone) for step in asked.steps]
    belongs = compile_condition(asked.profile_filter, zone=asked.zone)
    everybody: dict[int, dict[tuple[tuple[str, Scalar], ...], list[tuple[int, frozenset[int]]]]] = defaultdict(dict)
    for point in datapoints:
        steps = frozenset(
            index
            for index, step in enumerate(asked.steps)
            if step.action == point.action and fits[index](point.params, {}, None, at)
        )
        held = tuple(key for name in asked.hold if (key := typed(leaf(point.params, name))) is not None)
        seen = asked.as_of is None or point.position <= asked.as_of
        if steps and seen and len(held) == len(asked.hold):
            everybody[point.profile].setdefault(held, []).append((point.time, steps))
    passages = []
    for profile, by_held in everybody.items():
        if not belongs({}, attributes.get(profile, {}), None, at):
            continue
        each = [(held, _attempts(asked, events)) for held, events in by_held.items()]
        if asked.count == "held_values":
            counting = [_chosen(asked, attempts) for _, attempts in each if attempts]
        else:
            every = [attempt for _, attempts in each for attempt in attempts]
            counting = [_chosen(asked, every)] if every else []
        passages += [Passage(profile, reached) for reached in counting]
    return asked, passages


def _chosen(asked: Funnel, attempts: list[tuple[int, ...]]) -> tuple[int, ...]:
    """The attempt that counts; of several that begin at one instant with different held values, the deepest."""
    if asked.attempt == "first":
        begin = min(reached[0] for reached in attempts)
        attempts = [reached for reached in attempts if reached[0] == begin]
    return min(attempts, key=lambda reached: (-len(reached), reached))


def _attempts(asked: Funnel, events: list[tuple[int, frozenset[int]]]) -> list[tuple[int, ...]]:
    """Every attempt that the events allow, as the instants at which its steps were reached."""
    begins = sorted({time for time, steps in events if 0 in steps and asked.first <= time <= asked.last})
    return [attempt(asked, events, begin) for begin in begins]


def attempt(asked: Funnel, events: list[tuple[int, frozenset[int]]], begin: int) -> tuple[int, ...]:
    """When each step is reached by the attempt that begins at `begin`; events are (time, steps that they fit)."""
    end = None if asked.window is None else begin + asked.window.milliseconds
    usable = sorted((time, sorted(steps)) for time, steps in events if begin <= time and (end is None or time <= end))
    reached: list[int] = []
    for time, group in itertools.groupby(usable, key=lambda event: event[0]):
        here = [set(steps) for _, steps in group]
        taken: dict[int, int] = {}
        while len(reached) < len(asked.steps) and _place(len(reached), here, taken, set()):
            reached.append(time)
    return tuple(reached)


def _place(step: int, events: list[set[int]], taken: dict[int, int], tried: set[int]) -> bool:
    """Give the step an event of this instant; a step that has one already may move to another to make room."""
    for index, fits in enumerate(events):
        if step in fits and index not in tried:
            tried.add(index)
            if index not in taken or _place(taken[index], events, taken, tried):
                taken[index] = step
                return True
    return False


def _durations(each: list[int]) -> Durations:
    return Durations(len(each), sum(each), float(statistics.median(each)) if each else None)


def _timing(durations: Durations, *, first: bool) -> Timing:
    if first or not durations.passages or durations.median is None:
        return Timing(mean=None, median=None)
    return Timing(mean=durations.total / durations.passages / 1_000, median=durations.median / 1_000)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
