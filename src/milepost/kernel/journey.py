"""A journey: its definition as people write it, the issues that keep it from being activated, and the compiled version.

Owns the public JSON form, the rules of the graph (D-3.1) and the limits of a journey (D-3.3, D-3.4).
Must not know any single node type, nor who is inside.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from milepost.kernel.condition import Where, inserts
from milepost.kernel.duration import Duration
from milepost.kernel.event import TriggerAction
from milepost.kernel.insert import steps_read
from milepost.kernel.node import Behaviour, Check, NodeSettings, compiled, registry

_FORM = ConfigDict(extra="forbid", frozen=True)
Phase = Literal["goal", "exit_rule", "filter"]


class Position(BaseModel):
    """Where a node stands on the canvas; of no effect."""

    model_config = _FORM

    x: float
    y: float


class NodeDefinition(BaseModel):
    """One node of the graph."""

    model_config = _FORM

    id: str = Field(title="Id", pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Stable and never reused")
    type: str = Field(title="Type")
    title: str = Field("", title="Title", max_length=200, description="Unique within the journey")
    settings: dict[str, Any] = Field({}, title="Settings", description="As the node type says")
    outlets: dict[str, str] = Field({}, title="Outlets", description="Outlet to the id of the node it leads to")
    position: Position | None = None


class Rule(BaseModel):
    """An event with conditions: a goal or an exit rule (D-3.4)."""

    model_config = _FORM

    action: TriggerAction = Field(title="Event", examples=["order.completed"])
    where: Where = Field(None, title="Conditions", description="All on the same event")


class JourneySettings(BaseModel):
    """Limits and rules of a journey."""

    model_config = _FORM

    entry_key: str | None = Field(
        None,
        title="Entry key",
        max_length=200,
        description="One run per profile and value of this param of the trigger's event",
    )
    path_limit: int = Field(
        1, title="Path limit", ge=1, le=1_000, description="Paths that triggers may open in one run"
    )
    run_age: Duration = Field(
        Duration(value=60, unit="day"), title="Run age", description="A run that lasts longer exits as expired"
    )
    late_event_limit: Duration = Field(
        Duration(value=1, unit="hour"), title="Late event limit", description="Older events trigger nothing"
    )
    goal: Rule | None = Field(None, title="Goal", description="Ends the run at once")
    exit_rule: Rule | None = Field(None, title="Exit rule", description="Ends the run at once")


class Definition(BaseModel):
    """A journey as it is drawn. A draft may be incomplete; `issues` says what is missing."""

    model_config = _FORM

    name: str = Field(title="Name", min_length=1, max_length=200)
    nodes: tuple[NodeDefinition, ...] = Field((), title="Nodes", max_length=500)
    settings: JourneySettings = Field(JourneySettings(), title="Settings")


class Node:
    """A node of a compiled journey."""

    __slots__ = ("behaviour", "capture", "id", "outlets", "settings", "title", "type")

    def __init__(self, definition: NodeDefinition, settings: NodeSettings, read: set[str]) -> None:
        self.id = definition.id
        self.title = definition.title or settings.label
        self.type = settings.kind
        self.settings = settings
        self.behaviour: Behaviour = settings.behaviour(definition.id)
        self.outlets: dict[str, Node] = {}
        self.capture = self.title in read
        """Whether some insert reads what was known here by `steps['Title']`."""


class _Rule:
    __slots__ = ("action", "test")

    def __init__(self, rule: Rule) -> None:
        self.action = rule.action
        self.test: Check = compiled(rule.where)


class Journey:
    """One immutable version, compiled. Build it only from a definition without issues."""

    def __init__(self, key: int, id: str, version: int, definition: Definition) -> None:
        self.key = key
        self.id = id
        self.version = version
        self.name = definition.name
        self.view = {"id": id, "name": definition.name, "version": version}
        limits = definition.settings
        self.entry_key = limits.entry_key
        self.path_limit = limits.path_limit
        self.run_age = limits.run_age.milliseconds
        self.late_event_limit = limits.late_event_limit.milliseconds
        self.rules: dict[Phase, _Rule] = {}
        if limits.goal is not None:
            self.rules["goal"] = _Rule(limits.goal)
        if limits.exit_rule is not None:
            self.rules["exit_rule"] = _Rule(limits.exit_rule)
        settings = {node.id: registry()[node.type].model_validate(node.settings) for node in definition.nodes}
        rules = [rule for rule in (limits.goal, limits.exit_rule) if rule is not None]
        ruled = [text for rule in rules for _, text in inserts(rule.where)]
        read = set().union(*(node.steps_read() for node in settings.values()), *map(steps_read, ruled))
        self.nodes = {node.id: Node(node, settings[node.id], read) for node in definition.nodes}
        for node in definition.nodes:
            self.nodes[node.id].outlets = {outlet: self.nodes[target] for outlet, target in node.outlets.items()}
        self.triggers = [
            (self.nodes[node.id], compiled(getattr(settings[node.id], "where", None)), settings[node.id].action)  # type: ignore[attr-defined]
            for node in definition.nodes
            if settings[node.id].family == "trigger"
        ]
        self.keeps_params = bool(ruled) or any(node.reads_event() for node in settings.values())
        listened: set[str] = set().union(*(node.behaviour.listens_to for node in self.nodes.values()))
        self.actions: Final[dict[Phase, frozenset[str]]] = {
            "goal": frozenset({self.rules["goal"].action}) if "goal" in self.rules else frozenset(),
            "exit_rule": frozenset({self.rules["exit_rule"].action}) if "exit_rule" in self.rules else frozenset(),
            "filter": frozenset(listened),
        }
        self.reacts_to = frozenset().union(*self.actions.values())
        """Actions that may end or move a run that is going."""
        self.trigger_actions = frozenset(action for _, _, action in self.triggers)
        self.produced = frozenset(action for node in settings.values() for action in node.produced())
        """Actions of events that its nodes may bring about."""
