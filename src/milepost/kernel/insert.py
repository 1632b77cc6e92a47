"""Inserts in settings and conditions: `{{ event.params.x }}`, `{% if %}` and `{% customer x %}` (D-3.7).

Owns the small, bounded expression language: compiled once per version to closures, no loops, no calls, no I/O.
Must not know message bodies: those are full templates, rendered in `delivery` in a process of their own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from milepost.kernel.event import Event
from milepost.kernel.operation import FILTERS, MISSING, as_text, compute, holds, is_number, number
from milepost.kernel.profile import Profile

ROOTS: Final = frozenset({"event", "customer", "steps", "journey", "run", "now"})
MAX_OUTPUT: Final = 65_536
"""Characters that one text with inserts may come to."""
DEEPEST: Final = 100
"""Expressions and `if` inside one another."""
#: How the tag `customer` stands in the tree. Nobody can write it as a filter: it is no name.
_REQUIRED: Final = "customer tag"


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
        return nodes.Output([nodes.Filter(nodes.Const(name), _REQUIRED, [], [], None, None)], lineno=line)


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
        constant = number(value) if is_number(value) else value
        return lambda scope: constant
    tree = _parse(value)
    if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) and len(tree.body[0].nodes) == 1:
        return _expression(tree.body[0].nodes[0])
    return _text(tree.body)


def text(value: str) -> Callable[[Scope], str]:
    """Compile a setting that is always text: what is missing renders empty."""
    render = bind(value)
    return lambda scope: as_text(render(scope))[:MAX_OUTPUT]


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


def _parse(source: str) -> nodes.Template:
    try:
        tree = _ENVIRONMENT.parse(source)
    except jinja2.TemplateSyntaxError as error:
        message = f"line {error.lineno}: {error.message}"
        raise InsertError(message) from error
    except (RecursionError, ValueError) as error:
        # What Python's own reader of literals and the stack refuse, whoever wrote it.
        message = "it is nested too deeply, or a number in it is too long"
        raise InsertError(message) from error
    level: list[nodes.Node] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level:
            return tree
    message = f"expressions and `if` go at most {DEEPEST} deep"
    raise InsertError(message)


def _customer_tags(source: str) -> Iterator[str]:
    for node in _parse(source).find_all(nodes.Filter):
        if node.name == _REQUIRED and isinstance(node.node, nodes.Const):
            yield node.node.value


def _text(body: list[nodes.Node]) -> Callable[[Scope], str]:
    parts = [_statement(node) for node in body]

    def render(scope: Scope) -> str:
        result = ""
        for part in parts:
            result += part(scope)
            if len(result) >= MAX_OUTPUT:
                return result[:MAX_OUTPUT]
        return result

    return render


def _statement(node: nodes.Node) -> Callable[[Scope], str]:
    if isinstance(node, nodes.Output):
        return _text_of(node)
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


def _text_of(node: nodes.Output) -> Callable[[Scope], str]:
    parts = [_expression(item) for item in node.nodes]

    def render(scope: Scope) -> str:
        result = ""
        for part in parts:
            result += as_text(part(scope))
            if len(result) >= MAX_OUTPUT:
                return result[:MAX_OUTPUT]
        return result

    return render


def _expression(node: nodes.Node) -> Render:
    match node:
        case nodes.TemplateData():
            data = node.data
            return lambda scope: data
        case nodes.Const():
            return _constant(node)
        case nodes.Name():
            return _name(node)
        case nodes.Getattr():
            return _member(node.node, node.attr)
        case nodes.Getitem(arg=nodes.Const()):
            return _member(node.node, node.arg.as_const())
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
            return lambda scope: compute("-", 0, inner(scope))
        case nodes.Test(name="defined", args=[], kwargs=[]):
            inner = _expression(node.node)
            return lambda scope: inner(scope) is not MISSING
        case _:
            message = f"line {node.lineno}: `{type(node).__name__.lower()}` is not possible in an insert"
            raise InsertError(message)


def _constant(node: nodes.Const) -> Render:
    value = node.value
    if is_number(value):
        value = number(value)
    elif isinstance(value, str) and not _is_unicode(value):
        message = f"line {node.lineno}: a text has half of a character pair"
        raise InsertError(message)
    return lambda scope: value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _name(node: nodes.Name) -> Render:
    match node.name:
        case "event":
            return lambda scope: event_view(scope.event) if scope.event is not None else MISSING
        case "customer":
            return lambda scope: scope.profile.attributes
        case "steps":
            return lambda scope: {title: {"event": event_view(event)} for title, event in scope.steps.items()}
        case "journey":
            return lambda scope: scope.journey
        case "run":
            return lambda scope: scope.run
        case "now":
            return lambda scope: iso(scope.now)
        case _:
            message = f"line {node.lineno}: there is no variable `{node.name}`; there are {', '.join(sorted(ROOTS))}"
            raise InsertError(message)


#: An event as texts see it.
_OF_EVENT: Final[dict[str, Callable[[Event], Any]]] = {
    "id": lambda event: event.id,
    "action": lambda event: event.action,
    "label": lambda event: event.label,
    "time": lambda event: iso(event.time),
    "params": lambda event: event.params,
}


def event_view(event: Event) -> dict[str, Any]:
    """An event as texts see it."""
    return {name: read(event) for name, read in _OF_EVENT.items()}


def _member(owner: nodes.Node, name: Any) -> Render:
    if isinstance(owner, nodes.Name) and owner.name == "event":
        part = _OF_EVENT.get(name)
        return lambda scope: part(scope.event) if part is not None and scope.event is not None else MISSING
    whole = _expression(owner)

    def read(scope: Scope) -> Any:
        value = whole(scope)
        if isinstance(value, dict):
            return value.get(name, MISSING) if isinstance(name, str) else MISSING
        if isinstance(value, list) and type(name) is int and name < len(value):
            return value[name]
        return MISSING

    return read


def _compare(node: nodes.Compare) -> Render:
    first = _expression(node.expr)
    steps = [(operand.op, _expression(operand.expr)) for operand in node.ops]

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
    return lambda scope: compute(operator, left(scope), right(scope))


def _filter(node: nodes.Filter) -> Render:
    if node.name == _REQUIRED and isinstance(node.node, nodes.Const):
        return required_attribute(node.node.value)
    known = FILTERS.get(node.name)
    if known is None or node.node is None:
        message = f"line {node.lineno}: there is no filter `{node.name}`; there are {', '.join(sorted(FILTERS))}"
        raise InsertError(message)
    if node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) > known.arguments:
        message = f"line {node.lineno}: the filter `{node.name}` takes {known.arguments or 'no'} argument"
        raise InsertError(message)
    apply, inner, arguments = known.apply, _expression(node.node), [_expression(item) for item in node.args]

    def render(scope: Scope) -> Any:
        value = apply(inner(scope), *(argument(scope) for argument in arguments))
        # Some filters make a text longer, and there may be many of them.
        return value[:MAX_OUTPUT] if isinstance(value, str) else value

    return render


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
