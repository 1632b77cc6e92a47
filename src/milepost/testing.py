"""An in-memory world with a clock you move: for tests of journeys, ours and yours.

Owns the convenience of plain values in and out. The parts are the real ones: intake, cycle, projector, over the
stores in memory.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from milepost.errors import Invalid
from milepost.ingest import native, profile
from milepost.kernel.event import MOVE_ACTIONS
from milepost.kernel.journey import Definition
from milepost.ports.event_store import EventStore
from milepost.ports.state_store import Identifier, StateStore
from milepost.runtime.cycle import TO_THE_END
from milepost.runtime.engine import Engine
from milepost.runtime.intake import Stored
from milepost.runtime.statistics import node_numbers, over_versions
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore

Json = dict[str, Any]

if not structlog.is_configured():
    # A world in a test says what deserves a look, and not every batch.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))


class FixedClock:
    """A clock that stands until it is told otherwise."""

    def __init__(self, now: int = 0) -> None:
        self.time = now

    def now(self) -> int:
        return self.time


class World:
    """A virtual workspace whose clock begins at 0; nothing is taken until `run_to`, except commands at the clock."""

    def __init__(
        self,
        batch_size: int = 10_000,
        *,
        store: StateStore | None = None,
        events: EventStore | None = None,
    ) -> None:
        self.store = MemoryStateStore() if store is None else store
        self.events = MemoryEventStore() if events is None else events
        self.engine = Engine(self.store, self.events, FixedClock(), batch_size=batch_size)
        self.workspace = self.engine.create_workspace("world", "virtual").key

    # --- journeys ----------------------------------------------------------------------------------------------------

    def create_journey(self, definition: Json) -> str:
        """Store a draft and answer with its id."""
        return self.engine.lifecycle.create(self.workspace, definition, "world").id

    def activate(self, journey: str, at: int | None = None) -> None:
        self._command(journey, "activate", at)

    def pause(self, journey: str, at: int | None = None) -> None:
        self._command(journey, "pause", at)

    def resume(self, journey: str, at: int | None = None) -> None:
        self._command(journey, "resume", at)

    def stop(self, journey: str, mode: str = "finish", at: int | None = None) -> None:
        self._command(journey, mode, at)

    def toggle(self, journey: str, node: str, on: bool, at: int | None = None) -> None:
        """Turn the switch *Track datapoints* of a node."""
        self._command(journey, "toggle", at, node=node, on=on)

    def _command(self, journey: str, type: str, at: int | None, **more: Any) -> None:
        _, outcome = self.engine.lifecycle.command(self.workspace, journey, type, "world", at=at, **more)
        self.engine.drain()
        if outcome.done():
            outcome.result()

    # --- inputs ------------------------------------------------------------------------------------------------------

    def send(self, events: Sequence[Json], at: int) -> list[Json]:
        """One request of events in the native format, received at an instant; one result per event."""
        body = json.dumps([{**event, "received_at": at} for event in events]).encode()
        results = self.engine.intake.store_now([(self.workspace, native.parse(body, virtual=True))])[0]
        return [
            {"stored": not result.duplicate, "id": result.id, "profile": result.profile}
            if isinstance(result, Stored)
            else {"stored": False, "error": result._asdict()}
            for result in results
        ]

    def change_profile(
        self, identifiers: Json, attributes: Json | None = None, consents: Json | None = None, at: int = 0
    ) -> None:
        """Set attributes and consents, at an instant."""
        change = {
            "profile": identifiers, "attributes": attributes or {}, "consents": consents or {}, "received_at": at
        }  # fmt: skip
        parsed = profile.parse(json.dumps([change]).encode(), virtual=True)
        for result in self.engine.intake.store_now([(self.workspace, parsed)])[0]:
            if not isinstance(result, Stored):
                raise Invalid(str(result))

    def run_to(self, instant: int) -> None:
        """Take everything up to an instant, that instant included."""
        self.engine.lifecycle.run_until(self.workspace, instant)
        self.engine.drain()

    def run_to_end(self) -> None:
        """Take everything until nothing is due."""
        self.run_to(TO_THE_END)

    # --- what came of it ---------------------------------------------------------------------------------------------

    def profile_key(self, custom_id: str) -> int:
        with self.store.reading() as tx:
            identifier = Identifier("custom_id", custom_id)
            return tx.resolve(self.workspace, [identifier])[identifier]

    def activity(self) -> list[Json]:
        """Every event of every profile, in order of the log, as plain values."""
        with self.store.reading() as tx:
            keys = [row.key for row in tx.list_profiles(self.workspace, limit=1_000_000)]
            identifiers = tx.identifiers(keys)
        rows = [
            {**row._asdict(), "profile": _name(identifiers.get(key, []), key)}
            for key in keys
            for row in self.events.activity(self.workspace, key, limit=1_000_000)
        ]
        return sorted(rows, key=lambda row: row["position"])

    def moves(self) -> list[Json]:
        """Every move, in order of the log."""
        return [
            {
                "action": row["action"], "profile": row["profile"], "run_id": params["runId"],
                "path_id": params["pathId"], "parent_path_id": params.get("parentPathId"), "step": params["step"],
                "node": params["nodeId"], "from_node": params.get("fromNodeId"), "outlet": params.get("outlet"),
                "reason": params.get("reason"), "time": row["time"], "cause_time": _ms(params["causeTime"]),
                "tracked": row["tracked"], "id": row["id"], "journey_id": params["journeyId"],
                "visit": params["visit"],
            }
            for row in self.activity()
            if row["action"] in MOVE_ACTIONS
            for params in [row["params"]]
        ]  # fmt: skip

    def produced(self) -> list[Json]:
        """Every other event that the product made."""
        return [
            {"action": row["action"], "profile": row["profile"], "params": row["params"]}
            for row in self.activity()
            if row["action"] not in MOVE_ACTIONS
            and (row["source"] == "automation" or row["action"].startswith("profile."))
        ]

    def counters(self, journey: str) -> dict[str, Json]:
        """Numbers by node (D-1.2)."""
        with self.store.reading() as tx:
            row = tx.journey(self.workspace, journey)
            counters = tx.counters([row.key]) if row is not None else {}
        definition = Definition.model_validate_json(self.engine.lifecycle.read(self.workspace, journey).draft)
        numbers = over_versions(node_numbers(counters), definition)
        return {
            node: {key: value for key, value in one._asdict().items() if key != "refused"}
            for node, one in numbers.items()
        }

    def intents(self) -> list[Json]:
        """Messages and web calls that were handed over, in order."""
        with self.store.reading() as tx:
            rows = tx.intents(self.workspace, limit=1_000_000)[::-1]
            identifiers = tx.identifiers([row.profile for row in rows])
        return [
            {"node": row.node, "channel": row.channel, "profile": _name(identifiers.get(row.profile, []), row.profile)}
            for row in rows
            if row.state != "skipped"
        ]

    def show_in_crm(self, journey: str, node: str) -> list[str]:
        """The profiles that *Show in CRM* lists (D-1.9)."""
        _, arrivals = self.events.arrivals(self.workspace, journey, node, limit=1_000_000)
        with self.store.reading() as tx:
            identifiers = tx.identifiers([row.profile for row in arrivals])
        return [_name(identifiers.get(row.profile, []), row.profile) for row in arrivals]

    def dead_letters(self) -> list[str]:
        """Errors of inputs that the kernel could not advance."""
        with self.store.reading() as tx:
            return [row.error for row in tx.dead_letters(self.workspace, limit=1_000)]

    def state(self, journey: str) -> str:
        return self.engine.lifecycle.read(self.workspace, journey).state


def _name(identifiers: list[Identifier], key: int) -> str:
    return next((identifier.value for identifier in identifiers if identifier.kind == "custom_id"), str(key))


def _ms(text: str) -> int:
    moment = msgspec.convert(text, type=datetime.datetime)
    return round(moment.timestamp() * 1000)
