"""What a decision asks for. The kernel decides and never acts: commands are values, carried out by whoever called it.

Owns the commands besides `Moved`. Must not know outbox, stores or providers.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from milepost.kernel.move import Moved
from milepost.kernel.profile import ProfileChange

Channel = Literal["email", "webhook"]


class Opened(NamedTuple):
    """A Split has opened a path, which stands at its node: counted as `opened` (D-1.2)."""

    path_id: str
    node_id: str


class Emit(NamedTuple):
    """An event that a node brings about: appended to the log and taken as an event of that instant (D-3.2)."""

    id: str
    action: str
    params: dict[str, Any]
    label: str = ""
    left_out: Channel | None = None
    """Set where the event says that a message or web call was not handed over, and why."""


class Send(NamedTuple):
    """A message or web call handed over to the outbox (D-7)."""

    id: str
    """Pure function of (run, path, node, visit, ordinal)."""
    channel: Channel
    node_id: str
    payload: dict[str, Any]
    origin: dict[str, Any]


class UpdateProfile(NamedTuple):
    """A change of the profile; already folded into the profile that `advance` returns."""

    change: ProfileChange


Command = Moved | Opened | Emit | Send | UpdateProfile
