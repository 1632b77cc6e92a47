"""Conditions: one language for filters, triggers, goals and the steps of an analysis (D-4).

Owns their JSON form, the rules they must keep, and the pure evaluator, which is the oracle for the SQL one.
Must not know how an insert is written or rendered: `compile_condition` is handed a function that binds values.

A name with dots walks into nested objects; a literal key with dots means the same. A name has a value when something
that is neither null nor an object stands at it; it exists when such a value stands at it or beneath it. Nothing is
coerced, a missing value or one of another type makes a positive operator false, and each `not_` operator is the exact
negation of its positive one.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self, cast, get_args

import re2
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from milepost.kernel import date
from milepost.kernel.duration import Duration
from milepost.kernel.profile import same_json

Op = Literal[
    "equal", "not_equal", "in", "not_in", "exists", "not_exists",
    "contains", "not_contains", "starts_with", "ends_with", "regex",
    "less", "less_or_equal", "greater", "greater_or_equal", "between",
    "is_true", "is_false",
    "before", "after", "on", "within_last", "within_next", "in_current",
    "contains_any", "contains_all", "is_empty",
]  # fmt: skip
Kind = Literal["param", "attribute"]

NEGATED: Final[dict[str, str]] = {
    "not_equal": "equal", "not_in": "in", "not_exists": "exists", "not_contains": "contains",
}  # fmt: skip
WITHOUT_VALUE: Final = frozenset({"exists", "not_exists", "is_true", "is_false", "is_empty"})
IGNORES_CASE: Final = frozenset(
    {"equal", "not_equal", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with", "regex"}
    | {"contains_any", "contains_all"}
)
DEEPEST: Final = 16
"""Groups inside groups."""
NAME: Final = r"^[^.\x00-\x1f]+(\.[^.\x00-\x1f]+)*$"
_MISSING_VALUE: Final = "{op} needs {what}"

#: Binds a value once: the result gives the value in a scope. None, and what is not JSON, count as missing.
Bind = Callable[[Any], Callable[[Any], Any]]
#: (params, attributes, scope for inserts, now in ms) -> whether it holds.
Predicate = Callable[[Mapping[str, Any], Mapping[str, Any], Any, int], bool]
Check = Callable[[Any, int], bool]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Test(_Shape):
    """One comparison: `{"param": "cart.total", "op": "greater", "value": 100}`."""

    __test__ = False  # its name is a word of the domain, and pytest collects by name

    param: str | None = Field(default=None, title="Event param", min_length=1, max_length=256, pattern=NAME)
    attribute: str | None = Field(default=None, title="Attribute", min_length=1, max_length=256, pattern=NAME)
    op: Op = Field(title="Operator")
    value: Any = Field(default=None, title="Value", validate_default=True)
    ignore_case: bool = Field(default=False, title="Ignore case")

    @property
    def subject(self) -> tuple[Kind, str]:
        """Where the value comes from, and its name."""
        return ("param", self.param) if self.param is not None else ("attribute", self.attribute or "")

    @property
    def positive(self) -> str:
        """The operator without its `not_`."""
        return NEGATED.get(self.op, self.op)

    @field_validator("value", mode="after")
    @classmethod
    def _operand(cls, value: Any, info: Any) -> Any:
        op = info.data.get("op")
        return value if op is None else _accept(NEGATED.get(op, op), value)

    @field_validator("ignore_case")
    @classmethod
    def _case(cls, value: bool, info: Any) -> bool:
        op = info.data.get("op")
        if value and op is not None and op not in IGNORES_CASE:
            raise PydanticCustomError("condition_case", "{op} compares no text, so it cannot ignore case", {"op": op})
        return value

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.param is None) == (self.attribute is None):
            raise PydanticCustomError("condition_subject", "name either a param or an attribute")
        return self


class All(_Shape):
    """Every one of them holds; an empty list holds. A bare list is short for it."""

    all: tuple[Condition, ...] = Field(title="All of", max_length=200)


class AnyOf(_Shape):
    """At least one of them holds."""

    any: tuple[Condition, ...] = Field(title="Any of", min_length=1, max_length=200)


class Not(_Shape):
    """It does not hold."""

    not_: Condition = Field(alias="not", title="Not")


def _listed(value: Any) -> Any:
    return {"all": value} if isinstance(value, list | tuple) else value


def _shape(value: Any) -> str:
    for key, model in (("all", All), ("any", AnyOf), ("not", Not)):
        if isinstance(value, model) or (isinstance(value, dict) and key in value):
            return f"<{key}>"
    return "<test>"


#: Tags stand in angle brackets because pydantic puts them into the place of an error; `place` takes them out.
Condition = Annotated[
    Annotated[Test, Tag("<test>")]
    | Annotated[All, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[Not, Tag("<not>")],
    Discriminator(_shape),
    BeforeValidator(_listed),
]
for _model in (All, AnyOf, Not):
    _model.model_rebuild()


def _not_too_deep(value: Any) -> Any:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise PydanticCustomError(
                "condition_depth", "groups are nested more than {deepest} deep", {"deepest": DEEPEST}
            )
        level = [child for item in level for child in _children(item)]
    return value


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        found = [value[key] for key in ("all", "any", "not") if key in value]
        return [child for item in found for child in (item if isinstance(item, list | tuple) else [item])]
    return list(value) if isinstance(value, list | tuple) else []


#: The type of a `where` field: a condition, or null for no condition.
Where = Annotated[Condition | None, BeforeValidator(_not_too_deep)]


def place(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The place of an error as the writer knows it: pydantic's `loc` without the names of the shapes."""
    return tuple(part for part in loc if not (isinstance(part, str) and part.startswith("<") and part.endswith(">")))


def _refuse(op: str, what: str) -> PydanticCustomError:
    return PydanticCustomError("condition_value", _MISSING_VALUE, {"op": op, "what": what})


def has_insert(value: Any) -> bool:
    """Whether a text is, or holds, an insert."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def _accept(op: str, value: Any) -> Any:
    """The operand, with a Duration in place of its JSON form; refused when no value of its type could ever match."""
    match op:
        case "within_last" | "within_next":
            return Duration.model_validate(value)
        case "in_current":
            if value not in get_args(date.Calendar):
                raise _refuse(op, "hour, day, month or year")
        case _ if op in WITHOUT_VALUE:
            if value is not None:
                raise _refuse(op, "no value")
        case _ if has_insert(value):
            pass
        case "equal" | "contains":
            if not _is_scalar(value):
                raise _refuse(op, "a text, a number, true or false")
        case "starts_with" | "ends_with" | "regex":
            if not isinstance(value, str):
                raise _refuse(op, "a text")
            if op == "regex" and _compile(value, False) is None:
                raise PydanticCustomError("condition_regex", "not a regular expression (RE2)")
        case "less" | "less_or_equal" | "greater" | "greater_or_equal":
            if not (_is_number(value) and _is_scalar(value)):
                raise _refuse(op, "a number")
        case "between":
            ends = value if isinstance(value, list) and len(value) == 2 else [None]
            if not all(_is_number(end) or has_insert(end) for end in ends):
                raise _refuse(op, "two numbers, both ends included")
        case "before" | "after" | "on":
            if date.parse(value, date.UTC) is None:
                raise _refuse(op, "a day such as 2026-03-29, or an instant with its zone such as 2026-03-29T10:00:00Z")
        case _:
            if not (isinstance(value, list) and 0 < len(value) <= 1_000 and all(map(_is_scalar, value))):
                raise _refuse(op, "a list of up to 1,000 texts, numbers, true or false")
    return value


def _tests(condition: Condition | None, at: tuple[int | str, ...] = ()) -> Iterator[tuple[tuple[int | str, ...], Test]]:
    match condition:
        case Test():
            yield at, condition
        case All(all=parts):
            for index, part in enumerate(parts):
                yield from _tests(part, (*at, "all", index))
        case AnyOf(any=parts):
            for index, part in enumerate(parts):
                yield from _tests(part, (*at, "any", index))
        case Not(not_=part):
            yield from _tests(part, (*at, "not"))


def subjects(condition: Condition | None) -> set[tuple[Kind, str]]:
    """Every param and attribute that the condition reads."""
    return {test.subject for _, test in _tests(condition)}


def inserts(condition: Condition | None) -> list[tuple[tuple[int | str, ...], str]]:
    """Every operand that holds an insert, with its place in the condition."""
    found = []
    for at, test in _tests(condition):
        values = enumerate(test.value) if isinstance(test.value, list) else [(None, test.value)]
        for index, value in values:
            if has_insert(value):
                found.append(((*at, "value") if index is None else (*at, "value", index), value))
    return found


def compile_condition(condition: Condition | None, bind: Bind | None = None, zone: date.Zone = date.UTC) -> Predicate:
    """A function that says whether the condition holds. Without `bind`, the condition must have no inserts.

    `zone` is the workspace's: it says when a day begins.
    """
    match condition:
        case None:
            return lambda params, attributes, scope, now: True
        case All(all=parts):
            holds = [compile_condition(part, bind, zone) for part in parts]
            if len(holds) == 1:
                return holds[0]
            return lambda params, attributes, scope, now: all(h(params, attributes, scope, now) for h in holds)
        case AnyOf(any=parts):
            some = [compile_condition(part, bind, zone) for part in parts]
            return lambda params, attributes, scope, now: any(h(params, attributes, scope, now) for h in some)
        case Not(not_=part):
            inner = compile_condition(part, bind, zone)
            return lambda params, attributes, scope, now: not inner(params, attributes, scope, now)
        case Test():
            return _compile_test(condition, bind, zone)


def _compile_test(test: Test, bind: Bind | None, zone: date.Zone) -> Predicate:
    kind, name = test.subject
    read = _exists if test.positive == "exists" else leaf if "." in name else _get
    expected = test.op not in NEGATED
    from_params = kind == "param"
    values = test.value if isinstance(test.value, list) else [test.value]
    if bind is None or not any(map(has_insert, values)):
        check = _check(test, test.value, zone)
        if from_params:
            return lambda params, attributes, scope, now: check(read(params, name), now) is expected
        return lambda params, attributes, scope, now: check(read(attributes, name), now) is expected
    resolve = _bound(test.value, bind)
    return lambda params, attributes, scope, now: (
        _check(test, resolve(scope), zone)(read(params if from_params else attributes, name), now) is expected
    )


def _bound(value: Any, bind: Bind) -> Callable[[Any], Any]:
    if not isinstance(value, list):
        return bind(value) if has_insert(value) else lambda scope: value
    each = [_bound(item, bind) for item in value]
    return lambda scope: [resolve(scope) for resolve in each]


def _get(source: Mapping[str, Any], name: str) -> Any:
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


def _exists(source: Mapping[str, Any], name: str) -> bool:
    for key, value in source.items():
        if key == name or key.startswith(f"{name}."):
            if _holds_value(value):
                return True
        elif isinstance(value, dict) and name.startswith(f"{key}.") and _exists(value, name[len(key) + 1 :]):
            return True
    return False


def _holds_value(value: Any) -> bool:
    return any(map(_holds_value, value.values())) if isinstance(value, dict) else value is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _compile(pattern: str, ignore_case: bool) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def _check(test: Test, operand: Any, zone: date.Zone) -> Check:
    """The positive operator as a function of (value, now)."""
    op = test.positive
    match op:
        case "exists":
            return lambda value, now: cast(bool, value)
        case "equal":
            same = _same(operand, test.ignore_case)
            return lambda value, now: same(value)
        case "in":
            return _any_of(_list(operand), test.ignore_case)
        case "contains":
            return _contains(operand, test.ignore_case)
        case "contains_any" | "contains_all":
            return _contains_each(_list(operand), test.ignore_case, every=op == "contains_all")
        case "starts_with" | "ends_with" | "regex":
            return _text(op, operand, test.ignore_case)
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
    folded = _compile(re2.escape(operand), True)
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
    if _is_number(operand):
        wanted = float(operand)
        return lambda items: any(_is_number(item) and float(item) == wanted for item in items)
    same = _same(operand, ignore_case)
    return lambda items: any(map(same, items))


def _contains(operand: Any, ignore_case: bool) -> Check:
    element = _element(operand, ignore_case)
    if not isinstance(operand, str):
        return lambda value, now: isinstance(value, list) and element(value)
    find = _compile(re2.escape(operand), ignore_case).search

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
    pattern = _compile({"starts_with": rf"\A{quoted}", "ends_with": rf"{quoted}\z"}.get(op, quoted), ignore_case)
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
        if len(ends) != 2 or not all(map(_is_number, ends)):
            return lambda value, now: False
        low, high = map(_exact, ends)
        return lambda value, now: _is_number(value) and low <= _exact(value) <= high
    if not _is_number(operand):
        return lambda value, now: False
    compare, bound = _COMPARE[op], _exact(operand)
    return lambda value, now: _is_number(value) and compare(_exact(value), bound)


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
