"""What happened to a profile: one event as the kernel sees it (D-2.1), and the names that only the product may write.

Owns the `Event` value and the reserved action names. Must not know where events come from or where they are stored.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, NamedTuple

from pydantic import AfterValidator, StringConstraints

RESERVED_PREFIX: Final = "automation."
START_PATH: Final = "automation.clientStartPath"
PATH_STEP: Final = "automation.clientPathStep"
END_PATH: Final = "automation.clientEndPath"
PATH_EXIT: Final = "automation.clientPathExit"

#: The clientIsInPath events: one family in pickers and filters (D-1.3).
MOVE_ACTIONS: Final = frozenset({START_PATH, PATH_STEP, END_PATH, PATH_EXIT})


def _open(action: str) -> str:
    if action.startswith(RESERVED_PREFIX):
        message = f"actions that begin with `{RESERVED_PREFIX}` are written by the product alone"
        raise ValueError(message)
    return action


def _no_move(action: str) -> str:
    if action in MOVE_ACTIONS:
        message = "a move cannot be the event of a trigger, Event filter, goal or exit rule"
        raise ValueError(message)
    return action


Action = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,255}$")]
OpenAction = Annotated[Action, AfterValidator(_open)]
"""An action that anyone may write (D-1.4)."""
TriggerAction = Annotated[Action, AfterValidator(_no_move)]
"""An action that journeys may react to: any but the four moves (D-1.4)."""


class Cause(NamedTuple):
    """Which run brought an event about (D-3.2, Generate event)."""

    run_id: str
    depth: int
    """One more than that of the event that started the run; an outside event has depth 0."""
    root: str
    """Id of the outside event at the head of the chain: at most 1,000 starts hang on one."""


class Event(NamedTuple):
    """One event. Times are integer milliseconds since 1970, UTC."""

    id: str
    profile: int
    """The profile's internal key."""
    action: str
    time: int
    """When it happened, by its own account; never later than `received_at`."""
    received_at: int
    """Its instant: assigned in the transaction that stored it (D-3.8)."""
    position: int
    """Its place in the workspace's log; events are ordered by (time, position)."""
    params: dict[str, Any]
    label: str = ""
    source: str = "api"
    cause: Cause | None = None

    @property
    def depth(self) -> int:
        """Length of the chain of runs behind this event; 0 when it came from outside."""
        return 0 if self.cause is None else self.cause.depth

    @property
    def root(self) -> str:
        """Id of the outside event that this one goes back to: its own when it came from outside."""
        return self.id if self.cause is None else self.cause.root
