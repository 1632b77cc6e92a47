"""What keeps a journey from being activated (D-3.1): a list of issues, each with its place and its fix.

Owns the rules of a complete graph and their stable codes. Must not know states or stores: a definition goes in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pydantic import ValidationError

from milepost.kernel import insert
from milepost.kernel.condition import inserts, place
from milepost.kernel.journey import Definition, NodeDefinition
from milepost.kernel.node import NodeSettings, registry


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
    seen: set[str] = set()
    titles: set[str] = set()
    for node in definition.nodes:
        if node.id in seen:
            found.append(Issue("duplicate_id", node.id, f"Two nodes have the id `{node.id}`.", "Give one another id."))
            continue
        seen.add(node.id)
        parsed = _settings(node, found)
        if parsed is not None:
            settings[node.id] = parsed
        title = node.title or (parsed.label if parsed else "")
        if node.title and title in titles:
            found.append(
                Issue("duplicate_title", node.id, f"Two nodes have the title “{title}”.", "Change one of the titles.")
            )
        titles.add(title)
    for node in definition.nodes:
        if node.id in settings:
            found.extend(_texts(node, settings[node.id], titles))
    found.extend(_rules(definition))
    found.extend(_outlets(definition, settings))
    if not any(parsed.family == "trigger" for parsed in settings.values()):
        found.append(Issue("no_trigger", None, CODES["no_trigger"], "Add a trigger: it says when customers enter."))
    if not any(parsed.family == "end" for parsed in settings.values()):
        found.append(Issue("no_end", None, CODES["no_end"], "Add an End and lead the last outlets to it."))
    found.extend(_graph(definition, settings))
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
            where = ".".join(str(part) for part in place(problem["loc"]))
            text = problem["msg"].removeprefix("Value error, ")
            fix = f"Fill in or correct `{where}`." if where else "Correct the settings."
            found.append(Issue("invalid_settings", node.id, f"{where}: {text}" if where else text, fix, where or None))
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
            yield Issue(code, node.id, f"{name}: {text}", "Correct the text between the braces.", name)


def _rules(definition: Definition) -> Iterator[Issue]:
    titles = {node.title for node in definition.nodes}
    rules = {"goal": definition.settings.goal, "exit_rule": definition.settings.exit_rule}
    for name, rule in rules.items():
        for _, source in inserts(rule.where) if rule is not None else ():
            for code, text in _check(source, titles, body=False):
                fix = "Correct the text between the braces."
                yield Issue(code, None, f"{name}: {text}", fix, f"settings.{name}.where")


def _outlets(definition: Definition, settings: dict[str, NodeSettings]) -> Iterator[Issue]:
    ids = {node.id for node in definition.nodes}
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
            elif target not in ids:
                yield Issue(
                    "unknown_target", node.id, f"The outlet `{name}` leads to `{target}`, which does not exist.",
                    "Connect it to a node of this journey.", name,
                )  # fmt: skip
            elif target in settings and settings[target].family == "trigger":
                yield Issue(
                    "into_trigger", node.id, f"The outlet `{name}` leads into the trigger `{target}`.",
                    "Lead it to another node: a trigger only begins a journey.", name,
                )  # fmt: skip


def _graph(definition: Definition, settings: dict[str, NodeSettings]) -> Iterator[Issue]:
    edges = {node.id: [t for t in node.outlets.values() if t in settings] for node in definition.nodes}
    reached: set[str] = set()
    done: set[str] = set()
    for node in definition.nodes:
        if node.id in settings and settings[node.id].family == "trigger":
            _reach(node.id, edges, reached)
    for node in definition.nodes:
        if node.id not in reached and node.id in settings and settings[node.id].family != "trigger":
            yield Issue("unreachable", node.id, CODES["unreachable"], "Lead an outlet to it, or delete it.")
    for node in definition.nodes:
        circle = _circle(node.id, edges, done)
        if circle is not None:
            yield Issue(
                "cycle", circle, f"From `{circle}` the journey comes back to itself.", "Remove one of the connections."
            )


def _reach(start: str, edges: dict[str, list[str]], reached: set[str]) -> None:
    stack = [start]
    while stack:
        node = stack.pop()
        if node not in reached:
            reached.add(node)
            stack.extend(edges.get(node, []))


def _circle(start: str, edges: dict[str, list[str]], done: set[str]) -> str | None:
    """A node on a circle that can be reached from `start`; `done` holds what earlier calls have seen to the end."""
    open_: dict[str, int] = {}
    stack = [start]
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
            continue
        targets = edges.get(node, [])
        index = open_.get(node, 0)
        if index == len(targets):
            done.add(stack.pop())
            open_.pop(node, None)
            continue
        open_[node] = index + 1
        if targets[index] in open_:
            return targets[index]
        stack.append(targets[index])
    return None
