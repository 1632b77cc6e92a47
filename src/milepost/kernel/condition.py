"""Conditions: one language for filters, triggers, goals and the steps of an analysis (D-4).

Owns their JSON form, the rules they must keep, and the pure evaluator, which is the oracle for the SQL one.
Must not know how an insert is written or rendered: `compile_condition` is handed a function that binds values.

Each `not_` operator is the exact negation of its positive one; what the positive ones say is in `check`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from milepost.kernel import date
from milepost.kernel.check import check, exists, get, is_number, is_scalar, leaf, regex
from milepost.kernel.duration import Duration

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


class _OrBareList:
    """Tells the JSON schema of what `_listed` takes, which pydantic cannot see in a function."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core)
        if handler.mode == "serialization":
            return schema
        return {"oneOf": [*schema["oneOf"], {"type": "array", "items": schema}]}


def _shape(value: Any) -> str:
    for key, model in (("all", All), ("any", AnyOf), ("not", Not)):
        if isinstance(value, model) or (isinstance(value, dict) and key in value):
            return f"<{key}>"
    return "<test>"


#: Tags stand in angle brackets because pydantic puts them into the place of an error: no field is called so.
Condition = Annotated[
    Annotated[Test, Tag("<test>")]
    | Annotated[All, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[Not, Tag("<not>")],
    Discriminator(_shape),
    BeforeValidator(_listed),
    _OrBareList(),
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
            if not is_scalar(value):
                raise _refuse(op, "a text, a number, true or false")
        case "starts_with" | "ends_with" | "regex":
            if not isinstance(value, str):
                raise _refuse(op, "a text")
            if op == "regex" and regex(value) is None:
                raise PydanticCustomError("condition_regex", "not a regular expression (RE2)")
        case "less" | "less_or_equal" | "greater" | "greater_or_equal":
            if not (is_number(value) and is_scalar(value)):
                raise _refuse(op, "a number")
        case "between":
            ends = value if isinstance(value, list) and len(value) == 2 else [None]
            if not all(is_number(end) or has_insert(end) for end in ends):
                raise _refuse(op, "two numbers, both ends included")
        case "before" | "after" | "on":
            if date.parse(value, date.UTC) is None:
                raise _refuse(op, "a day such as 2026-03-29, or an instant with its zone such as 2026-03-29T10:00:00Z")
        case _:
            if not (isinstance(value, list) and 0 < len(value) <= 1_000 and all(map(is_scalar, value))):
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
    read = exists if test.positive == "exists" else leaf if "." in name else get
    expected = test.op not in NEGATED
    from_params = kind == "param"
    values = test.value if isinstance(test.value, list) else [test.value]
    if bind is None or not any(map(has_insert, values)):
        holds = check(test.positive, test.value, test.ignore_case, zone)
        if from_params:
            return lambda params, attributes, scope, now: holds(read(params, name), now) is expected
        return lambda params, attributes, scope, now: holds(read(attributes, name), now) is expected
    resolve = _bound(test.value, bind)

    def bound(params: Mapping[str, Any], attributes: Mapping[str, Any], scope: Any, now: int) -> bool:
        found = read(params if from_params else attributes, name)
        return check(test.positive, resolve(scope), test.ignore_case, zone)(found, now) is expected

    return bound


def _bound(value: Any, bind: Bind) -> Callable[[Any], Any]:
    if not isinstance(value, list):
        return bind(value) if has_insert(value) else lambda scope: value
    each = [_bound(item, bind) for item in value]
    return lambda scope: [resolve(scope) for resolve in each]
