"""What inserts can do with values: read as text, compare, compute, filter (D-3.7).

Owns the operations, which never fail: what makes no sense is missing. Numbers stay within what JSON readers and the
stores hold: whole numbers of 64 bits, finite doubles. Must not know how an insert is written.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from milepost.kernel.profile import same_json

MOST_DIGITS: Final = 15
"""Digits to which `round` rounds, on either side of the point."""


class _Missing:
    """A value that is not there: false, empty as text, equal to nothing."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return ""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


def is_number(value: Any) -> bool:
    """Whether it is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(value: float) -> Any:
    """A number as it may be stored: whole ones beyond 64 bits become doubles, what is not finite is missing."""
    if isinstance(value, int):
        if -(2**63) <= value < 2**64:
            return value
        try:
            value = float(value)
        except OverflowError:
            return MISSING
    return value if math.isfinite(value) else MISSING


def as_text(value: Any) -> str:
    """A value as it stands in text: what is missing is empty, lists and objects are JSON."""
    if isinstance(value, str):
        return value
    if value is MISSING or value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def holds(op: str, left: Any, right: Any) -> bool:
    """A comparison; `op` is a word of Jinja's. Nothing is coerced, and order is among numbers and among texts only."""
    match op:
        case "eq" | "ne":
            return same_json(left, right) == (op == "eq")
        case "in" | "notin":
            return _inside(left, right) == (op == "in")
    if not (is_number(left) and is_number(right)) and not (isinstance(left, str) and isinstance(right, str)):
        return False
    return bool({"lt": left < right, "lteq": left <= right, "gt": left > right, "gteq": left >= right}[op])


def _inside(value: Any, container: Any) -> bool:
    if isinstance(container, list):
        return any(same_json(value, item) for item in container)
    return isinstance(value, str) and isinstance(container, dict | str) and value in container


def compute(operator: str, a: Any, b: Any) -> Any:
    """`+ - * /` of two numbers."""
    if not (is_number(a) and is_number(b)):
        return MISSING
    match operator:
        case "+":
            return number(a + b)
        case "-":
            return number(a - b)
        case "*":
            return number(a * b)
    return number(a / b) if b else MISSING


def _quoted(letter: str) -> str:
    if letter.isascii() and (letter.isalnum() or letter in "-._~"):
        return letter
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))


def _rounded(value: Any, digits: Any = 0) -> Any:
    if not is_number(value) or type(digits) is not int or abs(digits) > MOST_DIGITS:
        return MISSING
    return number(round(value, digits) if digits else round(value))


class Filter(NamedTuple):
    """What stands behind `|`."""

    apply: Callable[..., Any]
    arguments: int = 0
    """How many it takes at most, beside the value."""


FILTERS: Final[dict[str, Filter]] = {
    "default": Filter(lambda value, other="": other if value is MISSING or value is None else value, 1),
    "upper": Filter(lambda value: as_text(value).upper()),
    "lower": Filter(lambda value: as_text(value).lower()),
    "capitalize": Filter(lambda value: as_text(value).capitalize()),
    "title": Filter(lambda value: as_text(value).title()),
    "trim": Filter(lambda value: as_text(value).strip()),
    "length": Filter(lambda value: len(value) if isinstance(value, str | list | dict) else 0),
    "round": Filter(_rounded, 1),
    "string": Filter(as_text),
    "urlencode": Filter(lambda value: "".join(map(_quoted, as_text(value)))),
    "tojson": Filter(lambda value: json.dumps(None if value is MISSING else value, ensure_ascii=False)),
}
