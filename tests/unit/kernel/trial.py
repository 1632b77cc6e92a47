"""One node in a world of its own: a trigger before it, an End behind each of its outlets, one customer.

Owns the scaffolding of the tests of node types. Must not know any node type.
"""

from __future__ import annotations

from typing import Any

from milepost.kernel.event import MOVE_ACTIONS
from milepost.kernel.issues import Issue, issues
from milepost.kernel.journey import Definition
from milepost.kernel.node import registry
from milepost.testing import World

Json = dict[str, Any]
ANN: Json = {"custom_id": "ann"}
SECOND = 1_000
HOUR = 3_600_000
DAY = 24 * HOUR


def node(id: str, type: str, settings: Json | None = None, **outlets: str) -> Json:
    """One node of a definition; its title is its id."""
    return {"id": id, "type": type, "title": id, "settings": settings or {}, "outlets": outlets}


def trigger(to: str, action: str = "enter", id: str = "in", **settings: Any) -> Json:
    return node(id, "profile_event", {"action": action, **settings}, next=to)


def definition(*nodes: Json, **limits: Any) -> Json:
    return {"name": "Trial", "nodes": list(nodes), "settings": limits}


def around(kind: str, settings: Json, **limits: Any) -> Json:
    """The node `n` behind the trigger `in`, and an End `end-<outlet>` behind each of its outlets."""
    outlets = registry()[kind].model_validate(settings).outlets()
    ends = [node(f"end-{outlet}", "end") for outlet in outlets]
    tried = {**node("n", kind, settings), "outlets": {outlet: f"end-{outlet}" for outlet in outlets}}
    return definition(trigger("n"), tried, *ends, **limits)


def refused(kind: str, settings: Json) -> list[tuple[str | None, str]]:
    """(field, text) of every issue that the settings bring."""
    drawn = definition(trigger("n"), {**node("n", kind, settings), "outlets": {}})
    found = issues(Definition.model_validate(drawn))
    return [(issue.field, issue.text) for issue in found if _concerns_settings(issue)]


def _concerns_settings(issue: Issue) -> bool:
    return issue.node == "n" and issue.code in {"invalid_settings", "invalid_insert", "unknown_step"}


class Trial:
    """A journey, active since instant 0, and the customer Ann."""

    def __init__(
        self,
        drawn: Json,
        *,
        attributes: Json | None = None,
        consents: dict[str, bool] | None = None,
        email: str | None = None,
        batch_size: int = 10_000,
    ) -> None:
        self.world = World(batch_size=batch_size)
        identifiers = ANN if email is None else {**ANN, "email": email}
        self.world.change_profile(identifiers, attributes, consents)
        self.world.run_to(0)
        self.before = len(self.world.produced())
        self.journey = self.world.create_journey(drawn)
        self.world.activate(self.journey)

    def see(self, action: str, at: int, *, time: int | None = None, **params: Any) -> None:
        """Ann does something; everything up to that instant is taken."""
        own = {} if time is None else {"time": time}
        [result] = self.world.send([{"profile": ANN, "action": action, "params": params, **own}], at=at)
        assert result["stored"], result
        self.world.run_to(at)

    def enter(self, at: int = SECOND, **params: Any) -> None:
        """Ann does what the trigger waits for."""
        self.see("enter", at, **params)

    def way(self) -> list[str]:
        """Where the moves led, in order; an exit as `!reason`."""
        return [move["node"] if move["reason"] is None else f"!{move['reason']}" for move in self.world.moves()]

    def left(self, id: str = "n") -> list[tuple[str, int]]:
        """The outlets by which paths left a node, each with its time."""
        return [(move["outlet"], move["time"]) for move in self.world.moves() if move["from_node"] == id]

    def why(self, id: str = "n") -> list[Json | None]:
        """The records of the decisions at a node: they are kept with the move that follows."""
        rows = (row for row in self.world.activity() if row["action"] in MOVE_ACTIONS)
        return [row["why"] for row in rows if row["params"].get("fromNodeId") == id]

    def produced(self) -> list[tuple[str, Json]]:
        """(action, params) of what the journey brought about, moves left out, without where it comes from."""
        origin = ("journeyId", "journeyVersion", "runId", "pathId", "nodeId", "causeRunId", "depth")
        return [
            (event["action"], {name: value for name, value in event["params"].items() if name not in origin})
            for event in self.world.produced()[self.before :]
        ]

    def attributes(self) -> Json:
        """Ann's attributes as they are stored."""
        from milepost.runtime import codec

        key = self.world.profile_key("ann")
        with self.world.store.reading() as tx:
            return codec.decode_profile(tx.profiles([key])[key], []).attributes

    def payloads(self) -> list[Json]:
        """What was handed over to the outbox, in order."""
        from milepost.runtime import codec

        with self.world.store.reading() as tx:
            rows = tx.intents(self.world.workspace, limit=1_000)[::-1]
        return [codec.decode_intent(row.body)[0] for row in rows if row.state != "skipped"]
