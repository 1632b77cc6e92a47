"""What keeps a journey from being activated (D-3.1): a list of issues, each with its place and its fix.

Owns the rules of a complete graph and their stable codes. Must not know states or stores: a definition goes in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pydantic import ValidationError

from milepost.kernel import insert
from milepost.kernel.condition import inserts
from milepost.kernel.journey import Definition, JourneySettings, NodeDefinition
from milepost.kernel.node import Family, NodeSettings, registry
from milepost.kernel.wording import complaint, title


class Issue(NamedTuple):
    """One thing to put right."""

    code: str
    node: str | None
    """Id of the node, None for the journey as a whole."""
    text: str
    fix: str
    field: str | None = None
    """Setting of the node, as a dotted path."""


#: Every code, with what it means: the reference page lists them.
CODES: Final[dict[str, str]] = {
    "no_trigger": "The journey has no trigger.",
    "no_end": "The journey has no End.",
    "duplicate_id": "Two nodes have the same id.",
    "duplicate_title": "Two nodes have the same title.",
    "unknown_type": "There is no such node type.",
    "invalid_settings": "A setting is missing or not valid.",
    "invalid_insert": "A text with inserts cannot be understood, or names an unknown variable.",
    "unknown_step": "An insert reads a step whose title no node has.",
    "unknown_outlet": "The node has no outlet of this name.",
    "loose_outlet": "An outlet leads nowhere.",
    "unknown_target": "An outlet leads to a node that does not exist.",
    "into_trigger": "An outlet leads into a trigger.",
    "cycle": "The journey goes round in a circle.",
    "unreachable": "No trigger leads to the node.",
}


def issues(definition: Definition) -> list[Issue]:
    """Everything that is wrong, in order of the nodes; empty when the journey can be activated."""
    found: list[Issue] = []
    settings: dict[str, NodeSettings] = {}
    families: dict[str, Family | None] = {}
    titles: set[str] = set()
    for node in definition.nodes:
        if node.id in families:
            found.append(Issue("duplicate_id", node.id, f"Two nodes have the id `{node.id}`.", "Give one another id."))
            continue
        kind = registry().get(node.type)
        families[node.id] = None if kind is None else kind.family
        parsed = _settings(node, found)
        if parsed is not None:
            settings[node.id] = parsed
        if node.title and node.title in titles:
            text = f"Two nodes have the title “{node.title}”."
            found.append(Issue("duplicate_title", node.id, text, "Change one of the titles."))
        titles.add(node.title or ("" if kind is None else kind.label))
    for node in definition.nodes:
        if node.id in settings:
            found.extend(_texts(node, settings[node.id], titles))
    found.extend(_rules(definition, titles))
    found.extend(_outlets(definition, settings, families))
    if "trigger" not in families.values():
        found.append(Issue("no_trigger", None, CODES["no_trigger"], "Add a trigger: it says when customers enter."))
    if "end" not in families.values():
        found.append(Issue("no_end", None, CODES["no_end"], "Add an End and lead the last outlets to it."))
    found.extend(_graph(definition, families))
    return found


def _settings(node: NodeDefinition, found: list[Issue]) -> NodeSettings | None:
    kind = registry().get(node.type)
    if kind is None:
        known = ", ".join(registry())
        found.append(Issue("unknown_type", node.id, f"There is no node type `{node.type}`.", f"Use one of: {known}."))
        return None
    try:
        return kind.model_validate(node.settings)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            place, text, fix = complaint(problem, kind, node.settings)
            found.append(Issue("invalid_settings", node.id, text, fix, place or None))
        return None


def _check(source: str, titles: set[str], *, body: bool) -> Iterator[tuple[str, str]]:
    try:
        if not body:
            insert.bind(source)
        unknown = sorted(insert.roots(source) - insert.ROOTS - insert.local_names(source))
        if unknown:
            yield "invalid_insert", f"there is no variable `{unknown[0]}`; there are {', '.join(sorted(insert.ROOTS))}"
        for title in sorted(insert.steps_read(source) - titles):
            yield "unknown_step", f"no node has the title “{title}”"
    except insert.InsertError as error:
        yield "invalid_insert", str(error)


def _texts(node: NodeDefinition, settings: NodeSettings, titles: set[str]) -> Iterator[Issue]:
    sources = [(name, text, False) for name, value in settings.texts() for text in insert.strings(value)]
    sources += [(name, text, True) for name, text in settings.bodies() if insert.has_insert(text)]
    for name, source, body in sources:
        for code, text in _check(source, titles, body=body):
            yield Issue(
                code, node.id, f"{title(type(settings), name)}: {text}.", "Correct the text between the braces.", name
            )


def _rules(definition: Definition, titles: set[str]) -> Iterator[Issue]:
    rules = {"goal": definition.settings.goal, "exit_rule": definition.settings.exit_rule}
    for name, rule in rules.items():
        for _, source in inserts(rule.where) if rule is not None else ():
            for code, text in _check(source, titles, body=False):
                fix = "Correct the text between the braces."
                yield Issue(code, None, f"{title(JourneySettings, name)}: {text}.", fix, f"settings.{name}.where")


def _outlets(
    definition: Definition, settings: dict[str, NodeSettings], families: dict[str, Family | None]
) -> Iterator[Issue]:
    for node in definition.nodes:
        if node.id not in settings:
            continue
        names = settings[node.id].outlets()
        for name in names:
            if name not in node.outlets:
                yield Issue(
                    "loose_outlet", node.id, f"The outlet `{name}` leads nowhere.", "Connect it to the next node.", name
                )
        for name, target in node.outlets.items():
            if name not in names:
                known = ", ".join(names) or "none"
                yield Issue(
                    "unknown_outlet", node.id, f"There is no outlet `{name}`.", f"The outlets are: {known}.", name
                )
            elif target not in families:
                yield Issue(
                    "unknown_target", node.id, f"The outlet `{name}` leads to `{target}`, which does not exist.",
                    "Connect it to a node of this journey.", name,
                )  # fmt: skip
            elif families[target] == "trigger":
                yield Issue(
                    "into_trigger", node.id, f"The outlet `{name}` leads into the trigger `{target}`.",
                    "Lead it to another node: a trigger only begins a journey.", name,
                )  # fmt: skip


def _graph(definition: Definition, families: dict[str, Family | None]) -> Iterator[Issue]:
    edges: dict[str, list[str]] = {id: [] for id in families}
    for node in definition.nodes:
        edges[node.id] += [target for target in node.outlets.values() if target in families]
    reached: set[str] = set()
    for id, family in families.items():
        if family == "trigger":
            _reach(id, edges, reached)
    for id, family in families.items():
        if id not in reached and family not in {"trigger", None}:
            yield Issue("unreachable", id, CODES["unreachable"], "Lead an outlet to it, or delete it.")
    for id, back in _circles(edges):
        text = f"From `{id}` the journey comes back to `{back}`, where it has been."
        yield Issue("cycle", back, text, f"Lead `{id}` somewhere else.")


def _reach(start: str, edges: dict[str, list[str]], reached: set[str]) -> None:
    stack = [start]
    while stack:
        node = stack.pop()
        if node not in reached:
            reached.add(node)
            stack.extend(edges[node])


def _circles(edges: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """The connections that close a circle, each once: without them there is none. Depth first, without recursion."""
    done: set[str] = set()
    for start, first in edges.items():
        way: dict[str, Iterator[str]] = {} if start in done else {start: iter(dict.fromkeys(first))}
        while way:
            node, targets = next(reversed(way.items()))
            target = next(targets, None)
            if target is None:
                way.popitem()
                done.add(node)
            elif target in way:
                yield node, target
            elif target not in done:
                way[target] = iter(dict.fromkeys(edges[target]))
