"""One customer's passage through a journey: a run and its paths, as state between two wakes.

Owns the state, its form as plain tuples, and when it is next due. Must not know how it is stored.
"""

from __future__ import annotations

from typing import Any

from milepost.kernel.event import Event

Context = tuple[str, str, int, dict[str, Any], str]
"""The event that inserts see: id, action, time, params, label."""


class Path:
    """One line of progress. Stands at `node` until an outlet is chosen, its timer is due or its event comes."""

    __slots__ = (
        "arrived", "captured", "context", "due", "id", "node", "outlet", "parent", "since", "step", "visit", "why",
    )  # fmt: skip

    def __init__(
        self,
        id: str,
        node: str,
        step: int,
        since: int,
        arrived: int,
        due: int | None,
        context: Context | None,
        captured: dict[str, Context] | None = None,
        visit: int = 1,
        parent: str | None = None,
    ) -> None:
        self.id = id
        self.node = node
        self.step = step
        self.since = since
        """`time` of the arrival: deadlines count from it."""
        self.arrived = arrived
        """`causeTime` of the arrival: an event older than this cannot be the one that is waited for (D-3.2)."""
        self.due = due
        self.context = context
        self.captured = captured
        """Contexts captured at nodes that inserts read by `steps['Title']`."""
        self.visit = visit
        self.parent = parent
        """Id of the path from which a Split opened this one."""
        # Only inside a wake:
        self.outlet: str | None = None
        self.why: dict[str, Any] | None = None

    def state(self) -> tuple[Any, ...]:
        return (
            self.id, self.node, self.step, self.since, self.arrived, self.due, self.context, self.captured,
            self.visit, self.parent,
        )  # fmt: skip

    def copy(self) -> Path:
        return Path(
            self.id,
            self.node,
            self.step,
            self.since,
            self.arrived,
            self.due,
            self.context,
            self.captured,
            self.visit,
            self.parent,
        )


class Run:
    """A run that is going; it has ended when it has no path left."""

    __slots__ = (
        "depth", "entry_key", "expires", "finished", "id", "journey", "key", "opened", "paths", "root", "started",
        "version",
    )  # fmt: skip

    def __init__(
        self,
        id: str,
        journey: int,
        version: int,
        entry_key: str,
        started: int,
        expires: int,
        depth: int = 0,
        root: str = "",
        opened: int = 0,
        finished: int = 0,
        paths: list[Path] | None = None,
        key: int = 0,
    ) -> None:
        self.id = id
        self.journey = journey
        """Internal key of the journey."""
        self.version = version
        self.entry_key = entry_key
        self.started = started
        self.expires = expires
        """Instant at which the run's age ends it (D-3.3)."""
        self.depth = depth
        """Depth of the event that started it."""
        self.root = root
        """Id of the outside event that it goes back to."""
        self.opened = opened
        """Paths that triggers have opened, the first included."""
        self.finished = finished
        """Paths that have reached an End."""
        self.paths = [] if paths is None else paths
        """Paths that are going, in order of opening."""
        self.key = key
        """Dense integer in order of start; 0 until it has one."""

    def due(self) -> int | None:
        """The earliest instant at which a timer is due; None when the run has ended."""
        if not self.paths:
            return None
        due = self.expires
        for path in self.paths:
            if path.due is not None and path.due < due:
                due = path.due
        return due

    def state(self) -> tuple[Any, ...]:
        """The run as plain values, without its key and journey."""
        return (
            self.id, self.version, self.entry_key, self.started, self.expires, self.depth, self.root, self.opened,
            self.finished, [path.state() for path in self.paths],
        )  # fmt: skip

    @classmethod
    def of(cls, key: int, journey: int, state: tuple[Any, ...]) -> Run:
        """The run back from `state()`, lists in place of tuples allowed."""
        id, version, entry_key, started, expires, depth, root, opened, finished, paths = state
        return cls(
            id, journey, version, entry_key, started, expires, depth, root, opened, finished,
            [Path(*path) for path in paths], key,
        )  # fmt: skip

    def copy(self) -> Run:
        return Run(
            self.id, self.journey, self.version, self.entry_key, self.started, self.expires, self.depth, self.root,
            self.opened, self.finished, [path.copy() for path in self.paths], self.key,
        )  # fmt: skip


def context_of(event: Event, keep_params: bool) -> Context:
    """What to remember of an event. Params are dropped where no insert or condition of the journey reads them."""
    return (event.id, event.action, event.time, event.params if keep_params else {}, event.label)


def event_of(context: Context | None, profile: int) -> Event | None:
    """The remembered event as a value that inserts and conditions can read."""
    if context is None:
        return None
    id, action, time, params, label = context
    return Event(id, profile, action, time, time, 0, params, label)
