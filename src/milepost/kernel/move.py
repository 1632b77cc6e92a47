"""A movement of one path between two steps (D-1.1 to D-1.4), and the ids that make writing it twice harmless.

Owns the `Moved` value, the exit reasons, and the pure functions from causes to ids. Must not know how a move is stored
or whether it is tracked: that is decided when it is committed (D-1.8).
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any, Final, Literal, NamedTuple

from milepost.kernel.event import END_PATH, PATH_EXIT, PATH_STEP, START_PATH

ExitReason = Literal["other_end", "joined", "goal", "exit_rule", "expired", "stopped", "merged", "erased", "failed"]

KINDS: Final = {START_PATH: "start", PATH_STEP: "step", END_PATH: "end", PATH_EXIT: "exit"}


class Moved(NamedTuple):
    """One move. Its `time` is the `now` of the wake that made it; times are milliseconds, UTC."""

    action: str
    """One of the four clientIsInPath actions."""
    path_id: str
    step: int
    """1, 2, 3 ... within the path; a path opened by a Split counts on from its parent."""
    node_id: str
    """Where the path arrived; for an exit, the node it leaves."""
    visit: int
    """This path's arrivals at the node, the present one included; for an exit, of the node it leaves."""
    cause_time: int
    from_node_id: str | None = None
    outlet: str | None = None
    reason: ExitReason | None = None
    why: dict[str, Any] | None = None
    """Values that chose the outlet which led here: the decision record. None where there was nothing to choose."""

    parent_path_id: str | None = None
    """For a path that a Split opened."""

    @property
    def id(self) -> str:
        """Pure function of (action, run, path, node, visit); the path id contains the run."""
        return f"{self.path_id}.{self.node_id}.{self.visit}.{KINDS[self.action]}"


def run_id(journey_id: str, profile: int, entry_key: str, event_id: str) -> str:
    """Id of the run that `event_id` starts: the same cause never starts a second run (D-1.4)."""
    text = f"{journey_id}\x1f{profile}\x1f{entry_key}\x1f{event_id}"
    return blake2b(text.encode(), digest_size=12).hexdigest()


def path_id(run: str, opener: str) -> str:
    """Id of the path that `opener` opens in `run`: a trigger's node and event, or a Split's path, node and outlet."""
    return f"{run}-{blake2b(opener.encode(), digest_size=5).hexdigest()}"


def entry_key_of(params: dict[str, Any], name: str | None) -> str:
    """The entry key as canonical JSON: 1 and 1.0 are one key, 1 and "1" are two, missing and null are one (D-3.3)."""
    if name is None:
        return ""
    return canonical(params.get(name))


def canonical(value: Any) -> str:
    """A JSON value as text, equal exactly when the values are equal as typed JSON."""
    return json.dumps(_normal(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _normal(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_normal(item) for item in value]
    return value
