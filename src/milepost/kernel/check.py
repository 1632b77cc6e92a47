"""What stands at a name, and what each positive operator says of it: the heart of the pure evaluator (D-4).

Owns the reading of names and the operators, as functions built once. Must not know conditions, inserts or negation.

A name with dots walks into nested objects; a literal key with dots means the same. A name has a value when something
that is neither null nor an object stands at it; it exists when such a value stands at it or beneath it. Nothing is
coerced; a missing value or one of another type makes an operator false.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import re2

from milepost.kernel import date
from milepost.kernel.profile import same_json

#: (value, now in ms) -> whether the operator holds.
Check = Callable[[Any, int], bool]


def get(source: Mapping[str, Any], name: str) -> Any:
    """What stands at a name without dots, or None."""
    return source.get(name)


def leaf(source: Mapping[str, Any], name: str) -> Any:
    """What stands at a name, or None. Of two spellings of one name the first in the object counts."""
    found = None
    for key, value in source.items():
        if key == name:
            candidate = value
        elif isinstance(value, dict) and name.startswith(key) and name[len(key) : len(key) + 1] == ".":
            candidate = leaf(value, name[len(key) + 1 :])
        else:
            continue
        if candidate is not None and not isinstance(candidate, dict):
            return candidate
        found = candidate if found is None else found
    return found


def exists(source: Mapping[str, Any], name: str) -> bool:
    """Whether a value stands at a name or beneath it."""
    for key, value in source.items():
        if key == name or key.startswith(f"{name}."):
            if _holds_value(value):
                return True
        elif isinstance(value, dict) and name.startswith(f"{key}.") and exists(value, name[len(key) + 1 :]):
            return True
    return False


def _holds_value(value: Any) -> bool:
    return any(map(_holds_value, value.values())) if isinstance(value, dict) else value is not None


def is_number(value: Any) -> bool:
    """Whether it is a number in JSON: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_scalar(value: Any) -> bool:
    """Whether it is a text, a finite number, true or false."""
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def regex(pattern: str, ignore_case: bool = False) -> Any:
    """The compiled RE2 expression, or None if it is not one."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def check(op: str, operand: Any, ignore_case: bool, zone: date.Zone) -> Check:
    """A positive operator as a function of (value, now in ms). An operand of the wrong type matches nothing."""
    match op:
        case "exists":
            return lambda value, now: cast(bool, value)
        case "equal":
            same = _same(operand, ignore_case)
            return lambda value, now: same(value)
        case "in":
            return _any_of(_list(operand), ignore_case)
        case "contains":
            return _contains(operand, ignore_case)
        case "contains_any" | "contains_all":
            return _contains_each(_list(operand), ignore_case, every=op == "contains_all")
        case "starts_with" | "ends_with" | "regex":
            return _text(op, operand, ignore_case)
        case "less" | "less_or_equal" | "greater" | "greater_or_equal" | "between":
            return _number(op, operand)
        case "is_true":
            return lambda value, now: value is True
        case "is_false":
            return lambda value, now: value is False
        case "is_empty":
            return lambda value, now: isinstance(value, list) and not value
        case _:
            return _date(op, operand, zone)


def _list(operand: Any) -> list[Any]:
    return operand if isinstance(operand, list) else []


def _same(operand: Any, ignore_case: bool) -> Callable[[Any], bool]:
    if operand is None:
        return lambda value: False
    if not isinstance(operand, str):
        wanted = _exact(operand)
        return lambda value: value is not None and same_json(_exact(value), wanted)
    if not ignore_case:
        return lambda value: bool(value == operand)
    folded = regex(re2.escape(operand), True)
    return lambda value: isinstance(value, str) and folded.fullmatch(value) is not None


def _exact(value: Any) -> Any:
    """Whole numbers beyond 64 bits are doubles everywhere, as they are in the event store."""
    if type(value) is int and not -(2**63) <= value < 2**64:
        return float(value)
    return value


def _any_of(operands: list[Any], ignore_case: bool) -> Check:
    if not ignore_case and all(isinstance(item, str) for item in operands):
        wanted = frozenset(operands)
        return lambda value, now: isinstance(value, str) and value in wanted
    same = [_same(item, ignore_case) for item in operands]
    return lambda value, now: any(is_it(value) for is_it in same)


def _element(operand: Any, ignore_case: bool) -> Callable[[list[Any]], bool]:
    """Whether a list has an element that equals the operand; numbers in lists are compared as doubles."""
    if is_number(operand):
        wanted = float(operand)
        return lambda items: any(is_number(item) and float(item) == wanted for item in items)
    same = _same(operand, ignore_case)
    return lambda items: any(map(same, items))


def _contains(operand: Any, ignore_case: bool) -> Check:
    element = _element(operand, ignore_case)
    if not isinstance(operand, str):
        return lambda value, now: isinstance(value, list) and element(value)
    find = regex(re2.escape(operand), ignore_case).search

    def check(value: Any, now: int) -> bool:
        if isinstance(value, str):
            return operand in value if not ignore_case else find(value) is not None
        return isinstance(value, list) and element(value)

    return check


def _contains_each(operands: list[Any], ignore_case: bool, *, every: bool) -> Check:
    elements = [_element(item, ignore_case) for item in operands]
    quantifier = all if every else any
    return lambda value, now: isinstance(value, list) and bool(elements) and quantifier(has(value) for has in elements)


def _text(op: str, operand: Any, ignore_case: bool) -> Check:
    if not isinstance(operand, str):
        return lambda value, now: False
    if op != "regex" and not ignore_case:
        begins = op == "starts_with"
        return lambda value, now: (
            isinstance(value, str) and (value.startswith(operand) if begins else value.endswith(operand))
        )
    quoted = operand if op == "regex" else re2.escape(operand)
    pattern = regex({"starts_with": rf"\A{quoted}", "ends_with": rf"{quoted}\z"}.get(op, quoted), ignore_case)
    if pattern is None:
        return lambda value, now: False
    return lambda value, now: isinstance(value, str) and pattern.search(value) is not None


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "less": operator.lt,
    "less_or_equal": operator.le,
    "greater": operator.gt,
    "greater_or_equal": operator.ge,
}


def _number(op: str, operand: Any) -> Check:
    if op == "between":
        ends = _list(operand)
        if len(ends) != 2 or not all(map(is_number, ends)):
            return lambda value, now: False
        low, high = map(_exact, ends)
        return lambda value, now: is_number(value) and low <= _exact(value) <= high
    if not is_number(operand):
        return lambda value, now: False
    compare, bound = _COMPARE[op], _exact(operand)
    return lambda value, now: is_number(value) and compare(_exact(value), bound)


def _date(op: str, operand: Any, zone: date.Zone) -> Check:
    fixed = span(op, operand, 0, zone) if op in {"before", "after", "on"} else None

    def check(value: Any, now: int) -> bool:
        moment = date.parse(value, zone)
        stretch = fixed or span(op, operand, now, zone)
        return moment is not None and stretch is not None and stretch[0] <= moment < stretch[1]

    return check


def span(op: str, operand: Any, now: int, zone: date.Zone) -> tuple[int, int] | None:
    """The stretch of time, end not included, in which a date operator holds; None if the operand is not a date.

    A day stands for all of it: `before` ends when it begins, `after` begins when it ends. `on` is the operand's day.
    """
    begin, end = date.RANGE
    match op:
        case "within_last":
            return date.clamp(now - operand.milliseconds), date.clamp(now + 1)
        case "within_next":
            return date.clamp(now), date.clamp(now + operand.milliseconds + 1)
        case "in_current":
            return date.calendar(now, operand, zone)
    moment = date.parse(operand, zone)
    if moment is None:
        return None
    whole_day = len(operand) == 10
    match op:
        case "before":
            return begin, moment
        case "after":
            return (date.calendar(moment, "day", zone)[1] if whole_day else moment + 1), end
        case _:
            return date.calendar(moment, "day", zone)
