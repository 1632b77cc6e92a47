"""Inserts in settings and conditions: `{{ event.params.x }}`, `{% if %}` and `{% customer x %}` (D-3.7).

Owns the small, bounded expression language: compiled once per version to closures, no loops, no calls, no I/O.
Must not know message bodies: those are full templates, rendered in `delivery` in a process of their own.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from milepost.kernel.event import Event
from milepost.kernel.profile import Profile, same_json

ROOTS: Final = frozenset({"event", "customer", "steps", "journey", "run", "now"})
MAX_OUTPUT: Final = 65_536
"""Characters that one text with inserts may come to."""


class _Missing:
    """A value that is not there: false, empty as text, equal to nothing."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return ""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


class InsertError(ValueError):
    """The text of an insert cannot be understood; the message says what and where."""


class MissingAttribute(Exception):
    """`{% customer x %}` met a profile without x: the node's action is skipped."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(slots=True)
class Scope:
    """What an insert can see, at the moment at which a node acts."""

    event: Event | None
    profile: Profile
    journey: dict[str, Any]
    run: dict[str, Any]
    now: int
    steps: Mapping[str, Event] = field(default_factory=dict)


Render = Callable[[Scope], Any]


class _CustomerTag(Extension):
    """Parses `{% customer x %}` into a filter call, which the compiler below knows."""

    tags = {"customer"}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        name = parser.stream.expect("name").value
        while parser.stream.skip_if("dot"):
            name += "." + parser.stream.expect("name").value
        return nodes.Output([nodes.Filter(nodes.Const(name), "__customer__", [], [], None, None)], lineno=line)


# Finalising constants while parsing would need an environment that evaluates; the optimiser is not wanted either.
_ENVIRONMENT: Final = jinja2.Environment(extensions=[_CustomerTag], autoescape=False, optimized=False)  # noqa: S701


def has_insert(value: Any) -> bool:
    """Whether a setting's value is text with an insert in it."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def bind(value: Any) -> Render:
    """Compile a setting's value. Text that is exactly one insert keeps its type; lists and objects are compiled within.

    Raises InsertError when the text is not valid or names an unknown variable.
    """
    if isinstance(value, dict):
        parts = {key: bind(item) for key, item in value.items()}
        return lambda scope: {key: render(scope) for key, render in parts.items()}
    if isinstance(value, list):
        items = [bind(item) for item in value]
        return lambda scope: [render(scope) for render in items]
    if not has_insert(value):
        return lambda scope: value
    tree = _parse(value)
    if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) and len(tree.body[0].nodes) == 1:
        return _expression(tree.body[0].nodes[0])
    return _text(tree.body)


def text(value: str) -> Callable[[Scope], str]:
    """Compile a setting that is always text: what is missing renders empty."""
    render = bind(value)
    return lambda scope: as_text(render(scope))


def roots(source: str) -> set[str]:
    """The variables that a text begins its expressions with. Raises InsertError for text that cannot be parsed."""
    names = {node.name for node in _parse(source).find_all(nodes.Name) if node.ctx == "load"}
    if any(True for _ in _customer_tags(source)):
        names.add("customer")
    return names - {"loop"}


def local_names(source: str) -> set[str]:
    """Names that a template gives a value to itself: by `set`, `for`, a macro's arguments."""
    return {node.name for node in _parse(source).find_all(nodes.Name) if node.ctx in {"store", "param"}} | {
        node.name for node in _parse(source).find_all(nodes.Macro)
    }


def required(source: str) -> set[str]:
    """The attributes that a message body requires by `{% customer x %}`, so that a skip needs no rendering."""
    return set(_customer_tags(source))


def steps_read(source: str) -> set[str]:
    """Titles that a text reads by `steps['Title']`."""
    return {
        node.arg.value
        for node in _parse(source).find_all(nodes.Getitem)
        if isinstance(node.node, nodes.Name) and node.node.name == "steps" and isinstance(node.arg, nodes.Const)
    } | {
        node.attr
        for node in _parse(source).find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "steps"
    }


def strings(value: Any) -> Iterator[str]:
    """Every text with an insert inside a JSON value."""
    if has_insert(value):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def without_missing(value: Any) -> Any:
    """A rendered JSON value without what was missing: gone from objects, null in lists and alone."""
    if isinstance(value, dict):
        return {key: without_missing(item) for key, item in value.items() if item is not MISSING}
    if isinstance(value, list):
        return [without_missing(item) for item in value]
    return None if value is MISSING else value


def variables(scope: Scope, names: set[str]) -> dict[str, Any]:
    """What a message body reads, as plain JSON for the process that renders it."""
    values: dict[str, Any] = {}
    if "event" in names and scope.event is not None:
        values["event"] = event_view(scope.event)
    if "customer" in names:
        values["customer"] = scope.profile.attributes
    if "steps" in names:
        values["steps"] = {title: {"event": event_view(event)} for title, event in scope.steps.items()}
    if "journey" in names:
        values["journey"] = scope.journey
    if "run" in names:
        values["run"] = scope.run
    if "now" in names:
        values["now"] = iso(scope.now)
    return values


def iso(milliseconds: int) -> str:
    """ISO 8601 with milliseconds, UTC."""
    moment = datetime.datetime.fromtimestamp(milliseconds // 1000, tz=datetime.UTC)
    return f"{moment.isoformat()[:19]}.{milliseconds % 1000:03d}Z"


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


def _parse(source: str) -> nodes.Template:
    try:
        return _ENVIRONMENT.parse(source)
    except jinja2.TemplateSyntaxError as error:
        message = f"line {error.lineno}: {error.message}"
        raise InsertError(message) from error


def _customer_tags(source: str) -> Iterator[str]:
    for node in _parse(source).find_all(nodes.Filter):
        if node.name == "__customer__" and isinstance(node.node, nodes.Const):
            yield node.node.value


def _text(body: list[nodes.Node]) -> Callable[[Scope], str]:
    parts = [_statement(node) for node in body]

    def render(scope: Scope) -> str:
        result = "".join(part(scope) for part in parts)
        return result if len(result) <= MAX_OUTPUT else result[:MAX_OUTPUT]

    return render


def _statement(node: nodes.Node) -> Callable[[Scope], str]:
    if isinstance(node, nodes.Output):
        parts = [_expression(item) for item in node.nodes]
        return lambda scope: "".join(as_text(part(scope)) for part in parts)
    if isinstance(node, nodes.If):
        branches = [(_expression(branch.test), _text(branch.body)) for branch in (node, *node.elif_)]
        otherwise = _text(node.else_)

        def render(scope: Scope) -> str:
            for test, then in branches:
                if test(scope):
                    return then(scope)
            return otherwise(scope)

        return render
    kind = type(node).__name__.lower()
    message = f"line {node.lineno}: `{kind}` is not possible here; inserts know expressions and `if`"
    raise InsertError(message)


def _expression(node: nodes.Node) -> Render:
    match node:
        case nodes.TemplateData():
            data = node.data
            return lambda scope: data
        case nodes.Const():
            constant = node.value
            return lambda scope: constant
        case nodes.Name():
            return _name(node)
        case nodes.Getattr():
            return _member(_expression(node.node), node.attr)
        case nodes.Getitem(arg=nodes.Const()):
            return _member(_expression(node.node), node.arg.as_const())
        case nodes.Compare():
            return _compare(node)
        case nodes.And():
            left, right = _expression(node.left), _expression(node.right)
            return lambda scope: left(scope) and right(scope)
        case nodes.Or():
            left, right = _expression(node.left), _expression(node.right)
            return lambda scope: left(scope) or right(scope)
        case nodes.Not():
            inner = _expression(node.node)
            return lambda scope: not inner(scope)
        case nodes.CondExpr():
            test, then = _expression(node.test), _expression(node.expr1)
            otherwise = _expression(node.expr2) if node.expr2 else lambda scope: MISSING
            return lambda scope: then(scope) if test(scope) else otherwise(scope)
        case nodes.Filter():
            return _filter(node)
        case nodes.Add() | nodes.Sub() | nodes.Mul() | nodes.Div():
            return _arithmetic(node)
        case nodes.Neg():
            inner = _expression(node.node)
            return lambda scope: -value if _is_number(value := inner(scope)) else MISSING
        case nodes.Test(name="defined"):
            inner = _expression(node.node)
            return lambda scope: inner(scope) is not MISSING
        case _:
            message = f"line {node.lineno}: `{type(node).__name__.lower()}` is not possible in an insert"
            raise InsertError(message)


def _name(node: nodes.Name) -> Render:
    match node.name:
        case "event":
            return lambda scope: scope.event if scope.event is not None else MISSING
        case "customer":
            return lambda scope: scope.profile.attributes
        case "steps":
            return lambda scope: {title: {"event": event} for title, event in scope.steps.items()}
        case "journey":
            return lambda scope: scope.journey
        case "run":
            return lambda scope: scope.run
        case "now":
            return lambda scope: iso(scope.now)
        case _:
            message = f"line {node.lineno}: there is no variable `{node.name}`; there are {', '.join(sorted(ROOTS))}"
            raise InsertError(message)


def event_view(event: Event) -> dict[str, Any]:
    """An event as texts see it."""
    return {
        "id": event.id,
        "action": event.action,
        "label": event.label,
        "time": iso(event.time),
        "source": event.source,
        "params": event.params,
    }


def _member(owner: Render, name: Any) -> Render:
    def read(scope: Scope) -> Any:
        value = owner(scope)
        if isinstance(value, Event):
            value = event_view(value)
        if isinstance(value, dict):
            return value.get(name, MISSING) if isinstance(name, str) else MISSING
        if isinstance(value, list) and isinstance(name, int) and -len(value) <= name < len(value):
            return value[name]
        return MISSING

    return read


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compare(node: nodes.Compare) -> Render:
    first = _expression(node.expr)
    steps = [(operand.op, _expression(operand.expr)) for operand in node.ops]

    def holds(op: str, left: Any, right: Any) -> bool:
        if op in {"eq", "ne"}:
            return same_json(left, right) == (op == "eq")
        if op in {"in", "notin"}:
            inside = isinstance(right, list | dict) and left in right
            inside = inside or (isinstance(right, str) and isinstance(left, str) and left in right)
            return inside == (op == "in")
        if not (_is_number(left) and _is_number(right)) and not (isinstance(left, str) and isinstance(right, str)):
            return False
        return bool({"lt": left < right, "lteq": left <= right, "gt": left > right, "gteq": left >= right}[op])

    def test(scope: Scope) -> bool:
        left = first(scope)
        for op, expression in steps:
            right = expression(scope)
            if not holds(op, left, right):
                return False
            left = right
        return True

    return test


def _arithmetic(node: nodes.BinExpr) -> Render:
    left, right, operator = _expression(node.left), _expression(node.right), node.operator

    def compute(scope: Scope) -> Any:
        a, b = left(scope), right(scope)
        if not (_is_number(a) and _is_number(b)):
            return MISSING
        if operator == "+":
            return a + b
        if operator == "-":
            return a - b
        if operator == "*":
            return a * b if abs(a) < 1e150 and abs(b) < 1e150 else MISSING
        return a / b if b else MISSING

    return compute


def _quoted(letter: str) -> str:
    if letter.isascii() and (letter.isalnum() or letter in "-._~"):
        return letter
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))


def _rounded(value: Any, digits: Any = 0) -> Any:
    if not _is_number(value) or not isinstance(digits, int):
        return MISSING
    return round(value, digits) if digits else round(value)


_FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "default": lambda value, other="": other if value is MISSING or value is None else value,
    "upper": lambda value: as_text(value).upper(),
    "lower": lambda value: as_text(value).lower(),
    "capitalize": lambda value: as_text(value).capitalize(),
    "title": lambda value: as_text(value).title(),
    "trim": lambda value: as_text(value).strip(),
    "length": lambda value: len(value) if isinstance(value, str | list | dict) else 0,
    "round": _rounded,
    "string": as_text,
    "urlencode": lambda value: "".join(map(_quoted, as_text(value))),
    "tojson": lambda value: json.dumps(None if value is MISSING else value, ensure_ascii=False),
}


def _filter(node: nodes.Filter) -> Render:
    if node.name == "__customer__" and isinstance(node.node, nodes.Const):
        return required_attribute(node.node.value)
    function = _FILTERS.get(node.name)
    if function is None or node.node is None:
        message = f"line {node.lineno}: there is no filter `{node.name}`; there are {', '.join(sorted(_FILTERS))}"
        raise InsertError(message)
    inner, arguments = _expression(node.node), [_expression(item) for item in node.args]
    return lambda scope: function(inner(scope), *(argument(scope) for argument in arguments))


def required_attribute(name: str) -> Render:
    """Read an attribute that must be there; raises MissingAttribute."""
    parts = name.split(".")

    def read(scope: Scope) -> Any:
        value: Any = scope.profile.attributes
        for part in parts:
            value = value.get(part, MISSING) if isinstance(value, dict) else MISSING
        if value is MISSING or value is None:
            raise MissingAttribute(name)
        return value

    return read
