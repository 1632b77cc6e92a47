"""What a node type is, and the registry of those there are.

Owns the contract: settings as a pydantic model (schema, form, validation) and, compiled from them once per version, a
behaviour that decides. Must not know any single node type: one file each in `nodes/`, found by name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from milepost.kernel import insert
from milepost.kernel.command import Channel, Emit, Send, UpdateProfile
from milepost.kernel.condition import Condition, compile_condition, inserts
from milepost.kernel.event import Event
from milepost.kernel.profile import Profile, ProfileChange, fold
from milepost.kernel.run import event_of

if TYPE_CHECKING:
    from milepost.kernel.command import Command
    from milepost.kernel.run import Path, Run

Family = Literal["trigger", "condition", "flow", "action", "end"]


class Leave(NamedTuple):
    """Go on by this outlet, in the next round."""

    outlet: str
    why: dict[str, Any] | None = None
    """The values that chose it."""


class Hold(NamedTuple):
    """Stand here until an event comes or the timer is due (None: for as long as it takes)."""

    due: int | None


class Fork(NamedTuple):
    """Go on by the first outlet; each further one opens a path of its own (D-3.2, Split)."""

    outlets: tuple[str, ...]


class Finish(NamedTuple):
    """The path ends here."""

    ends_others: bool


Decision = Leave | Hold | Fork | Finish
NEXT = Leave("next")


class Step:
    """What a behaviour sees while one path acts, and where it puts what it asks for."""

    __slots__ = ("commands", "journey_view", "now", "ordinal", "path", "profile", "run")

    def __init__(
        self,
        journey_view: dict[str, Any],
        run: Run,
        profile: Profile,
        now: int,
        commands: list[Command],
    ) -> None:
        self.journey_view = journey_view
        """`id`, `name`, `version`: what inserts see as `journey`."""
        self.run = run
        self.profile = profile
        self.now = now
        self.commands = commands
        self.path: Path
        self.ordinal = 0

    def scope(self) -> insert.Scope:
        """What inserts see at this moment."""
        key = self.profile.key
        captured = self.path.captured or {}
        steps = {title: event for title, context in captured.items() if (event := event_of(context, key))}
        return insert.Scope(
            event_of(self.path.context, key),
            self.profile,
            self.journey_view,
            {"id": self.run.id, "started": insert.iso(self.run.started), "entry_key": self.run.entry_key},
            self.now,
            steps,
        )

    def params(self) -> dict[str, Any]:
        """Params of the context's event."""
        return self.path.context[3] if self.path.context is not None else {}

    def origin_of(self) -> dict[str, Any]:
        """What every event that a node produces carries (D-7)."""
        return {
            "journeyId": self.journey_view["id"],
            "journeyVersion": self.journey_view["version"],
            "runId": self.run.id,
            "pathId": self.path.id,
            "nodeId": self.path.node,
        }

    def new_id(self) -> str:
        """Id of the next thing produced here: a pure function of (run, path, node, visit, ordinal)."""
        self.ordinal += 1
        return f"{self.path.id}.{self.path.node}.{self.path.visit}.{self.ordinal}"

    def emit(self, action: str, params: dict[str, Any], label: str = "", *, left_out: Channel | None = None) -> None:
        """Produce an event, marked with where it comes from."""
        self.commands.append(Emit(self.new_id(), action, {**params, **self.origin_of()}, label, left_out))

    def send(self, channel: Channel, payload: dict[str, Any], /, **origin: Any) -> None:
        """Hand a message or web call over to the outbox."""
        self.commands.append(Send(self.new_id(), channel, self.path.node, payload, {**self.origin_of(), **origin}))

    def update(self, change: ProfileChange) -> None:
        """Change the profile; later nodes of the wake see it."""
        self.profile, produced = fold(self.profile, change, self.now, "automation")
        self.commands.append(UpdateProfile(change))
        for event in produced:
            self.emit(event.action, event.params)

    def skip(self, reason: str, *, left_out: Channel | None = None, **params: Any) -> None:
        """Say on the card that the action was skipped, and why; the path goes on (D-3.3)."""
        self.emit("automation.actionSkipped", {"reason": reason, **params}, left_out=left_out)


class Behaviour:
    """A node at work. `arrive` acts and decides; the other two answer what a waiting path is woken by."""

    listens_to: frozenset[str] = frozenset()
    """Actions that can move a path waiting here."""

    def arrive(self, step: Step) -> Decision:
        """A path has arrived."""
        raise NotImplementedError

    def due(self, step: Step) -> Leave:
        """The timer that `Hold` asked for is due."""
        raise NotImplementedError

    def seen(self, step: Step, event: Event) -> Leave | None:
        """An event this node listens to was taken while the path waits here; None: it is not the one."""
        raise NotImplementedError


class NodeSettings(BaseModel):
    """Base of all node types: subclass it in `nodes/<kind>.py` and it is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ClassVar[str]
    family: ClassVar[Family]
    label: ClassVar[str]
    """Name in the palette."""
    produces: ClassVar[tuple[str, ...]] = ()
    """Actions of events that the node may bring about, so that chains of runs can be foreseen."""
    sends: ClassVar[Channel | None] = None
    """Channel of what it hands over, so that messages can be foreseen."""

    def outlets(self) -> tuple[str, ...]:
        """Names of the ways out, in order."""
        return ("next",)

    def holds(self) -> bool:
        """Whether paths may stand here."""
        return False

    def when_due(self) -> str | None:
        """The outlet by which a path leaves when its timer here is due; None where there is no timer."""
        return None

    def behaviour(self, node_id: str) -> Behaviour:
        """Compile. Raises InsertError for a text that `texts` has not excluded."""
        raise NotImplementedError

    def texts(self) -> Iterator[tuple[str, Any]]:
        """(setting, value) of every setting in which the kernel renders inserts."""
        yield from ()

    def bodies(self) -> Iterator[tuple[str, str]]:
        """(setting, text) of message bodies, which are full templates."""
        yield from ()

    def reads_event(self) -> bool:
        """Whether the settings read params of the context's event."""
        return any(insert.roots(text) & {"event", "steps"} for text in self._sources())

    def steps_read(self) -> set[str]:
        """Titles that the settings read by `steps['Title']`."""
        return {title for text in self._sources() for title in insert.steps_read(text)}

    def produced(self) -> tuple[str, ...]:
        """Actions of events that this node, as set, may bring about."""
        return self.produces

    def _sources(self) -> Iterator[str]:
        for _, value in self.texts():
            yield from insert.strings(value)
        for _, body in self.bodies():
            if insert.has_insert(body):
                yield body


Check = Callable[[dict[str, Any], Profile, Callable[[], insert.Scope], int], bool]
"""(params, profile, scope for inserts, now) -> whether a condition holds."""


def compiled(condition: Condition | None) -> Check:
    """A condition as a check; the scope is made only where it has inserts."""
    predicate = compile_condition(condition, _operand)
    if inserts(condition):
        return lambda params, profile, scope, now: predicate(params, profile.attributes, scope(), now)
    return lambda params, profile, scope, now: predicate(params, profile.attributes, None, now)


def _operand(value: Any) -> insert.Render:
    render = insert.bind(value)

    def read(scope: insert.Scope) -> Any:
        try:
            return render(scope)
        except insert.MissingAttribute:
            # A condition has no action to skip: what a value requires and does not find is missing (D-4).
            return None

    return read


def operands(condition: Condition | None) -> list[str]:
    """The texts with inserts in a condition."""
    return [text for _, text in inserts(condition)]


@cache
def registry() -> dict[str, type[NodeSettings]]:
    """Every node type by its kind, in alphabetical order: one module each in `milepost.kernel.nodes`."""
    package = importlib.import_module("milepost.kernel.nodes")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return {kind.kind: kind for kind in sorted(NodeSettings.__subclasses__(), key=lambda kind: kind.kind)}
