"""Conditions as SQL: the second evaluator, equal to `kernel.condition` on every case (D-4).

Owns the translation of each operator over a JSON column. Must not know tables or questions.
Every expression is 0 or 1, never NULL: `NOT (NULL = 'x')` is NULL, and a negation must be exact.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from milepost.analytics.datapoint import typed
from milepost.kernel import date
from milepost.kernel.check import span
from milepost.kernel.condition import All, AnyOf, Condition, Not, Test
from milepost.stores.clickhouse.sql import Arguments, beneath, path

_COMPARE: Final = {"less": "<", "less_or_equal": "<=", "greater": ">", "greater_or_equal": ">="}
_NUMBERS: Final = ("Int64", "UInt64", "Float64")


class Translator:
    """Translates conditions for one query: `now` (ms) and the workspace's zone are fixed, values go to `arguments`."""

    def __init__(self, arguments: Arguments, zone: date.Zone, now: int) -> None:
        self._arguments = arguments
        self._zone = zone
        self._now = now

    def translate(self, condition: Condition | None, column: str) -> str:
        """An expression over the JSON column that is 1 where the condition holds and 0 elsewhere."""
        match condition:
            case None:
                return "1"
            case All(all=parts):
                return f"({' AND '.join(self.translate(part, column) for part in parts)})" if parts else "1"
            case AnyOf(any=parts):
                return f"({' OR '.join(self.translate(part, column) for part in parts)})"
            case Not(not_=part):
                return f"(NOT {self.translate(part, column)})"
            case Test():
                positive = self._positive(condition, column)
                return positive if condition.op == condition.positive else f"(NOT {positive})"

    def _positive(self, test: Test, column: str) -> str:
        value = path(column, test.subject[1])
        operand = test.value
        op = test.positive
        match op:
            case "exists":
                under = beneath(column, test.subject[1])
                return f"(dynamicType({value}) != 'None' OR notEmpty(JSONAllPaths({under})))"
            case "equal":
                return self._same(value, operand, ignore_case=test.ignore_case)
            case "in":
                return self._in(value, operand, ignore_case=test.ignore_case)
            case "contains":
                listed = self._element(value, operand, ignore_case=test.ignore_case)
                if not isinstance(operand, str):
                    return listed
                return f"({self._text(value, op, operand, ignore_case=test.ignore_case)} OR {listed})"
            case "contains_any" | "contains_all":
                word = " AND " if op == "contains_all" else " OR "
                each = word.join(self._element(value, item, ignore_case=test.ignore_case) for item in operand)
                return f"({each})"
            case "starts_with" | "ends_with" | "regex":
                return self._text(value, op, operand, ignore_case=test.ignore_case)
            case "less" | "less_or_equal" | "greater" | "greater_or_equal":
                bound = self._number(operand)
                return self._any_number(value, lambda number: f"{number} {_COMPARE[op]} {bound}")
            case "between":
                low, high = map(self._number, operand)
                return self._any_number(value, lambda number: f"({number} >= {low} AND {number} <= {high})")
            case "is_true":
                return f"ifNull({value}.:Bool, 0)"
            case "is_false":
                return f"ifNull(NOT {value}.:Bool, 0)"
            case "is_empty":
                return f"({_is_array(value)} AND {_elements(value)} = [])"
            case _:
                return self._date(value, op, operand)

    def _in(self, value: str, operands: list[Any], *, ignore_case: bool) -> str:
        """Lists may be long, so each type is one look into a list; a number is looked up as each type it can have."""
        keys = [key for operand in operands if (key := typed(operand)) is not None]
        texts = [str(text) for kind, text in keys if kind == "s"]
        numbers = [number for kind, number in keys if kind == "n"]
        whole = [number for number in numbers if isinstance(number, int)]
        exact = [number for number in numbers if float(number) == number]
        parts = [f"ifNull({value}.:Bool = {flag}, 0)" for kind, flag in keys if kind == "b"]
        if texts and ignore_case:
            folded = "|".join(map(_quote, texts))
            any_text = self._arguments.add(pattern("equal", folded, ignore_case=True, quoted=True), "String")
            parts.append(f"ifNull(match({value}.:String, {any_text}), 0)")
        listed = (
            ("String", [] if ignore_case else texts),
            ("Int64", [number for number in whole if number < 2**63]),
            ("UInt64", [number for number in whole if number >= 0]),
            ("Float64", list(map(float, exact))),
        )
        for name, wanted in listed:
            if wanted:
                found = f"has({self._arguments.add(wanted, f'Array({name})')}, assumeNotNull({value}.:{name}))"
                parts.append(f"(isNotNull({value}.:{name}) AND {found})")
        return f"({' OR '.join(parts)})"

    def _same(self, value: str, operand: Any, *, ignore_case: bool) -> str:
        if isinstance(operand, bool):
            return f"ifNull({value}.:Bool = {operand}, 0)"
        if isinstance(operand, str):
            return self._text(value, "equal", operand, ignore_case=ignore_case)
        wanted = self._number(operand)
        return self._any_number(value, lambda number: f"{number} = {wanted}")

    def _text(self, value: str, op: str, operand: str, *, ignore_case: bool) -> str:
        text = f"{value}.:String"
        return f"ifNull({self._compare(text, op, operand, ignore_case=ignore_case)}, 0)"

    def _compare(self, text: str, op: str, operand: str, *, ignore_case: bool) -> str:
        if op == "regex" or ignore_case:
            return f"match({text}, {self._arguments.add(pattern(op, operand, ignore_case=ignore_case), 'String')})"
        wanted = self._arguments.add(operand, "String")
        return {
            "equal": f"{text} = {wanted}",
            "contains": f"position({text}, {wanted}) > 0",
            "starts_with": f"startsWith({text}, {wanted})",
            "ends_with": f"endsWith({text}, {wanted})",
        }[op]

    def _element(self, value: str, operand: Any, *, ignore_case: bool) -> str:
        """Whether a list holds the operand. Elements are read from their JSON text: a list may mix types."""
        if isinstance(operand, bool):
            is_it = f"e = '{str(operand).lower()}'"
        elif isinstance(operand, str):
            text = self._compare("JSONExtractString(e)", "equal", operand, ignore_case=ignore_case)
            is_it = f"JSONType(e) = 'String' AND {text}"
        else:
            wanted = self._arguments.add(float(operand), "Float64")
            is_it = f"JSONType(e) IN ('Int64', 'UInt64', 'Double') AND JSONExtractFloat(e) = {wanted}"
        return f"({_is_array(value)} AND arrayExists(e -> {is_it}, {_elements(value)}))"

    def _number(self, operand: Any) -> str:
        if isinstance(operand, int) and -(2**63) <= operand < 2**64:
            return self._arguments.add(operand, "Int64" if operand < 2**63 else "UInt64")
        return self._arguments.add(float(operand), "Float64")

    @staticmethod
    def _any_number(value: str, test: Callable[[str], str]) -> str:
        tests = [f"ifNull({test(value + '.:' + kind)}, 0)" for kind in _NUMBERS]
        return f"({' OR '.join(tests)})"

    def _date(self, value: str, op: str, operand: Any) -> str:
        stretch = span(op, operand, self._now, self._zone)
        if stretch is None:
            return "0"
        text = f"ifNull({value}.:String, '')"
        begin, end = (self._arguments.add(moment, "Int64") for moment in stretch)
        # A day in the data begins at midnight in the zone: compared as a day, so that SQL needs no zone.
        first, after = (
            self._arguments.add(date.first_day(moment, self._zone).isoformat(), "String") for moment in stretch
        )
        day = f"substring({text}, 1, 10)"
        moment = (
            f"(toInt64(toDate32OrZero({day})) * 86400000 + toInt64OrZero(substring({text}, 12, 2)) * 3600000"
            f" + toInt64OrZero(substring({text}, 15, 2)) * 60000"
            f" + toInt64OrZero(extract({text}, '^.{{16}}:([0-9]{{2}})')) * 1000"
            f" + toInt64OrZero(substring(concat(extract({text}, '\\\\.([0-9]+)'), '000'), 1, 3))"
            f" - if(endsWith({text}, 'Z'), 0, if(substring({text}, -6, 1) = '-', -60000, 60000)"
            f" * (toInt64OrZero(substring({text}, -5, 2)) * 60 + toInt64OrZero(substring({text}, -2, 2)))))"
        )
        is_day, is_instant = (
            self._arguments.add(rf"\A(?:{grammar})\z", "String") for grammar in (date.DAY, date.INSTANT)
        )
        return (
            f"(toString(toDate32OrNull({day})) = {day} AND ("
            f"(match({text}, {is_day}) AND {text} >= {first} AND {text} < {after})"
            f" OR (match({text}, {is_instant}) AND {moment} >= {begin} AND {moment} < {end})))"
        )


def pattern(op: str, operand: str, *, ignore_case: bool, quoted: bool = False) -> str:
    """The RE2 expression for a text operator. In ClickHouse a dot matches a line break unless told otherwise."""
    body = f"(?:{operand if quoted or op == 'regex' else _quote(operand)})"
    begin = r"\A" if op in {"equal", "starts_with"} else ""
    end = r"\z" if op in {"equal", "ends_with"} else ""
    return f"{'(?i-s)' if ignore_case else '(?-s)'}{begin}{body}{end}"


def _quote(text: str) -> str:
    return re.sub(r"([^\w])", lambda found: f"\\x{{{ord(found[1]):x}}}", text, flags=re.ASCII)


def _is_array(value: str) -> str:
    return f"startsWith(dynamicType({value}), 'Array')"


def _elements(value: str) -> str:
    return f"JSONExtractArrayRaw(ifNull(toJSONString({value}), ''))"
