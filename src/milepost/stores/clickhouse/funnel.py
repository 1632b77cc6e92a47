"""Funnel as SQL, equal to the reference answer in `analytics.funnel`.

Owns the two ways to follow an attempt, and how passages become numbers or members. Must not know other questions.

Every attempt is a row: the profile's events as sorted arrays, and the instant at which it begins. Where no event can
fit two different steps, the steps are found one by one (`_chain`): next event of the step's kind, at or after the step
before. Where one can, events of one instant must be shared out among the steps (`_fold`): the fold keeps every set of
steps that the instant's events can have filled, and goes on from the deepest. `windowFunnel` gives no times, no first
attempt, and lets one event fill two steps.
"""

from __future__ import annotations

import itertools
from typing import Any, Final

from milepost.analytics.funnel import Durations, Funnel, FunnelAnswer, FunnelMembers, Step, Tally, compose
from milepost.kernel.condition import All, Condition, Test
from milepost.kernel.profile import same_json
from milepost.stores.clickhouse.scope import Scope
from milepost.stores.clickhouse.sql import Arguments, Built
from milepost.stores.clickhouse.values import key

NEVER: Final = "18446744073709551615"
LONGEST: Final = 2**61
"""Of windows, in milliseconds: longer ones would leave 64 bits."""


def answer_query(funnel: Funnel, workspace: int) -> Built:
    """One row; for each step: reached, in progress, sum and median of the times from the start and the step before."""
    scope = Scope(workspace, funnel)
    passages = _passages(funnel, scope)
    still_open = _open(funnel, scope.arguments)
    columns = []
    for step in range(1, len(funnel.steps) + 1):
        there = f"length(reached) >= {step}"
        stopped = f"length(reached) = {step}" if step < len(funnel.steps) else "0"
        columns += [f"countIf({there})", f"countIf({stopped} AND {still_open})"]
        for base in (1, max(step - 1, 1)):
            taken = f"reached[{step}] - reached[{base}]"
            columns += [f"sumIf({taken}, {there})", f"quantileExactInclusiveIf(0.5)({taken}, {there})"]
    return Built(f"SELECT {', '.join(columns)} FROM ({passages})", scope.arguments.values)


def read_answer(funnel: Funnel, row: tuple[Any, ...]) -> FunnelAnswer:
    """The answer from that row."""
    tallies = []
    for reached, in_progress, total, median, total_step, median_step in zip(*[iter(row)] * 6, strict=True):
        whole, part = (
            Durations(reached, int(sum_), float(middle) if reached else None)
            for sum_, middle in ((total, median), (total_step, median_step))
        )
        tallies.append(Tally(reached, in_progress, whole, part))
    return compose(funnel, tallies)


def members_query(funnel: Funnel, workspace: int, whom: FunnelMembers) -> Built:
    """The profiles behind one number, in order."""
    scope = Scope(workspace, funnel)
    passages = _passages(funnel, scope)
    if whom.state == "reached":
        behind = f"length(reached) >= {whom.step}"
    elif whom.step >= len(funnel.steps):
        behind = "0"
    else:
        still_open = _open(funnel, scope.arguments)
        wanted = still_open if whom.state == "in_progress" else f"NOT {still_open}"
        behind = f"length(reached) = {whom.step} AND {wanted}"
    return Built(f"SELECT DISTINCT profile FROM ({passages}) WHERE {behind} ORDER BY profile", scope.arguments.values)


def _window(funnel: Funnel) -> int | None:
    return None if funnel.window is None else min(funnel.window.milliseconds, LONGEST)


def _open(funnel: Funnel, arguments: Arguments) -> str:
    window = _window(funnel)
    return "1" if window is None else f"(reached[1] >= {arguments.add((funnel.at or 0) - window, 'Int64')})"


def _passages(funnel: Funnel, scope: Scope) -> str:
    """Per profile (and held values) the attempt that counts: `reached`, the instants of its steps."""
    window = _window(funnel)
    last = None if window is None else funnel.last + window
    kinds, kind_of = _kinds(funnel)
    disjoint = all(_disjoint(one, other) for one, other in itertools.combinations(kinds, 2))
    fits = [_fits(kind, scope) for kind in kinds]
    held = f"[{', '.join(key('params', name) for name in funnel.hold)}]" if funnel.hold else "emptyArrayString()"
    source = scope.datapoints({step.action for step in funnel.steps}, funnel.first, last)
    first, end = scope.arguments.add(funnel.first, "Int64"), scope.arguments.add(funnel.last, "Int64")
    edge = NEVER if window is None else f"begin + {scope.arguments.add(window, 'UInt64')}"
    follow = _chain if disjoint else _fold
    attempts = follow(fits, kind_of, source, held, (first, end, edge))
    whole = "" if not funnel.hold else ", held"
    unit = "" if funnel.count == "profiles" else whole
    order = "begin, -length(reached), reached" if funnel.attempt == "first" else "-length(reached), reached"
    return f"SELECT profile{unit}, argMin(reached, ({order})) AS reached FROM ({attempts}) GROUP BY profile{unit}"


def _chain(fits: list[str], kind_of: list[int], source: str, held: str, bounds: tuple[str, str, str]) -> str:
    first, end, edge = bounds
    numbered = ", ".join(f"{fit}, {number + 1}" for number, fit in enumerate(fits))
    times = ", ".join(f"arraySort(groupArrayIf(time, kind = {number + 1})) AS t{number}" for number in range(len(fits)))
    kinds = ", ".join(f"t{number}" for number in range(len(fits)))
    rows = f"SELECT profile, time, {held} AS held, multiIf({numbered}, 0) AS kind FROM {source}"
    grouped = f"SELECT profile, held, {times} FROM ({rows}) WHERE kind > 0 AND NOT has(held, '') GROUP BY profile, held"
    begins = f"arrayDistinct(arrayFilter(t -> t >= {first} AND t <= {end}, t0))"
    query = (
        f"SELECT profile, held, {kinds}, begin, {edge} AS edge, begin AS r0, indexOf(t0, begin) AS i0"
        f" FROM ({grouped}) ARRAY JOIN {begins} AS begin"
    )
    for step in range(1, len(kind_of)):
        kind = kind_of[step]
        before = [earlier for earlier in range(step) if kind_of[earlier] == kind]
        found = f"t{kind}, arrayEnumerate(t{kind})"
        used = f" AND i > i{before[-1]}" if before else ""
        index = f"arrayFirstIndex((t, i) -> t >= r{step - 1} AND t <= edge{used}, {found})"
        query = f"SELECT *, {index} AS i{step}, if(i{step} = 0, {NEVER}, t{kind}[i{step}]) AS r{step} FROM ({query})"
    reached = ", ".join(f"r{step}" for step in range(len(kind_of)))
    return f"SELECT profile, held, begin, arrayFilter(r -> r < {NEVER}, [{reached}]) AS reached FROM ({query})"


def _fold(fits: list[str], kind_of: list[int], source: str, held: str, bounds: tuple[str, str, str]) -> str:
    first, end, edge = bounds
    steps = " + ".join(
        f"if({fit}, {sum(1 << step for step, of in enumerate(kind_of) if of == number)}, 0)"
        for number, fit in enumerate(fits)
    )
    rows = f"SELECT profile, time, {held} AS held, toUInt32({steps}) AS steps FROM {source}"
    grouped = (
        "SELECT profile, held, arraySort(groupArray((time, steps))) AS events"
        f" FROM ({rows}) WHERE steps > 0 AND NOT has(held, '') GROUP BY profile, held"
    )
    begin = f"arrayFilter(e -> bitTest(e.2, 0) AND e.1 >= {first} AND e.1 <= {end}, events)"
    begins = f"arrayDistinct(arrayMap(e -> e.1, {begin}))"
    query = f"SELECT profile, held, events, begin, {edge} AS edge FROM ({grouped}) ARRAY JOIN {begins} AS begin"
    # `state`: an instant, the sets of steps that its events so far can have filled, the instants of the steps before.
    deepest = "arrayMax(s -> bitCount(bitXor(s, toUInt32(s + 1))) - 1, state.2)"
    settled = f"arrayConcat(state.3, arrayWithConstant({deepest} - length(state.3), state.1))"
    reached = f"if(event.1 = state.1, state.3, {settled})"
    sets = f"if(event.1 = state.1, state.2, [toUInt32(bitShiftLeft(toUInt64(1), length({reached})) - 1)])"
    free = f"arrayFilter(step -> bitTest(event.2, step) AND NOT bitTest(s, step), range({len(kind_of)}))"
    one_more = f"arrayMap(s -> arrayMap(step -> toUInt32(bitOr(s, bitShiftLeft(toUInt32(1), step))), {free}), {sets})"
    grown = f"arrayDistinct(arrayConcat({sets}, arrayFlatten({one_more})))"
    usable = f"arrayConcat(arrayFilter(e -> e.1 >= begin AND e.1 <= edge, events), [({NEVER}, toUInt32(0))])"
    start = "(toUInt64(0), [toUInt32(0)], emptyArrayUInt64())"
    folded = f"arrayFold((state, event) -> (event.1, {grown}, {reached}), {usable}, {start})"
    return f"SELECT profile, held, begin, ({folded}).3 AS reached FROM ({query})"


def _kinds(funnel: Funnel) -> tuple[list[Step], list[int]]:
    """The different steps (by event and condition), and which of them each step is."""
    kinds: dict[str, tuple[int, Step]] = {}
    kind_of = []
    for step in funnel.steps:
        # As JSON: in Python a condition on 1 and one on true are equal.
        text = step.model_dump_json(include={"action", "where"})
        kinds.setdefault(text, (len(kinds), step))
        kind_of.append(kinds[text][0])
    return [step for _, step in kinds.values()], kind_of


def _fits(step: Step, scope: Scope) -> str:
    where = scope.conditions.translate(step.where, "params")
    return f"(action = {scope.arguments.add(step.action, 'String')} AND {where})"


def _disjoint(one: Step, other: Step) -> bool:
    """Whether no event can fit both: another event, or one param that must equal two different values."""
    if one.action != other.action:
        return True
    return any(
        left.subject == right.subject and not same_json(left.value, right.value)
        for left in _equalities(one.where)
        for right in _equalities(other.where)
    )


def _equalities(condition: Condition | None) -> list[Test]:
    match condition:
        case Test(op="equal", ignore_case=False):
            return [condition]
        case All(all=parts):
            return [test for part in parts for test in _equalities(part)]
    return []
