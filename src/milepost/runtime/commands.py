"""Commands: what people say to a journey, taken by the cycle in order of instant like any input (D-3.5, D-1.8).

Owns the state changes of a journey and the turning of a node's switch. Must not know who may say what: that is asked
before a command is stored.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, Final

from milepost.errors import Conflict, Invalid, JourneyHasIssues, MilepostError, NotFound
from milepost.kernel.dispatch import Turn
from milepost.kernel.effects import Effects
from milepost.kernel.issues import issues
from milepost.kernel.journey import Definition
from milepost.kernel.profile import Profile
from milepost.ports.state_store import (
    InputRow,
    JourneyRow,
    LifeRow,
    StateStore,
    TrackingChange,
    Transaction,
    VersionRow,
    WorkspaceRow,
)
from milepost.runtime import codec
from milepost.runtime.commit import Batch, Committer
from milepost.runtime.definitions import DefinitionsCache, workspace_of
from milepost.runtime.log import Log
from milepost.runtime.tracking import on_by_default

#: From which states a command leads where; `toggle` leads nowhere.
TRANSITIONS: Final[dict[str, dict[str, str]]] = {
    "activate": {"draft": "active"},
    "pause": {"active": "paused"},
    "resume": {"paused": "active"},
    "finish": {"active": "finishing", "paused": "finishing"},
    "exit": {"active": "finished", "paused": "finished", "finishing": "finished"},
}


class Answers:
    """Who waits for which command. A command that nobody waits for any more is carried out all the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[dict[str, Any]]] = {}

    def expect(self, position: int) -> Future[dict[str, Any]]:
        """A future that holds the command's outcome or its MilepostError once it has been taken."""
        future: Future[dict[str, Any]] = Future()
        with self._lock:
            self._waiting[position] = future
        return future

    def forget(self, position: int) -> None:
        """Nobody waits any more."""
        with self._lock:
            self._waiting.pop(position, None)

    def give(self, position: int, outcome: dict[str, Any] | MilepostError) -> None:
        """The command has been taken."""
        with self._lock:
            future = self._waiting.pop(position, None)
        if future is None or not future.set_running_or_notify_cancel():
            return
        if isinstance(outcome, MilepostError):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


class Commands:
    """Takes the commands of one workspace."""

    def __init__(
        self,
        store: StateStore,
        workspace: int,
        committer: Committer,
        definitions: DefinitionsCache,
        answers: Answers,
        log: Log,
        batch_size: int,
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._committer = committer
        self._definitions = definitions
        self._answers = answers
        self._log = log
        self._batch_size = batch_size
        with store.reading() as tx:
            self._moved_before = workspace_of(tx, workspace).now
        """No move that an earlier process committed has a later time."""

    def take(self, row: InputRow, now: int) -> None:
        """Carry a command out at `now`; one that the present state does not allow is refused and gone."""
        command = codec.decode_command(row.body)
        try:
            if command["type"] == "exit":
                self._exit_runs(command, now)
            with self._store.writing() as tx:
                outcome = self._carry_out(tx, command, now)
                tx.delete_inputs([row.position])
        except (Conflict, JourneyHasIssues, NotFound, Invalid) as refusal:
            with self._store.writing() as tx:
                tx.delete_inputs([row.position])
            self._answers.give(row.position, refusal)
        else:
            self._answers.give(row.position, outcome)

    def _carry_out(self, tx: Transaction, command: dict[str, Any], now: int) -> dict[str, Any]:
        workspace = workspace_of(tx, self._workspace)
        journey = journey_of(tx, self._workspace, command["journey"])
        if command["type"] == "toggle":
            return self._toggle(tx, workspace, journey, command, now)
        after = transition(journey, command["type"])
        if command["type"] == "activate":
            journey = self._publish(tx, workspace, journey, now)
        if command["type"] == "finish" and not tx.runs_of_journey(journey.key, limit=1):
            after = "finished"
        if command["type"] == "exit":
            tx.delete_kept(journey.key)
        resumed_at = now if after in {"active", "finishing"} else journey.resumed_at
        tx.update_journey(journey._replace(state=after, resumed_at=resumed_at, updated=now))  # type: ignore[arg-type]
        tx.add_life(
            LifeRow(journey.key, now, command["who"], command["type"], journey.state, after, command.get("why", ""))
        )
        if now > workspace.now:
            tx.put_workspace(workspace._replace(now=now))
        return {"state": after, "at": now}

    def _publish(self, tx: Transaction, workspace: WorkspaceRow, journey: JourneyRow, now: int) -> JourneyRow:
        """Make the draft the next version, and turn the switches on that are on by default (D-1.5)."""
        definition = Definition.model_validate_json(journey.draft)
        refuse_issues(definition)
        number = journey.version + 1
        tx.put_version(VersionRow(journey.key, number, now, journey.draft))
        turned = {change.node for change in tx.tracking_changes(self._workspace) if change.journey == journey.key}
        tx.add_tracking_changes([
            TrackingChange(self._workspace, journey.key, node.id, now, True, "default")
            for node in definition.nodes
            if node.id not in turned and on_by_default(node.type, workspace.track_by_default)
        ])  # fmt: skip
        return journey._replace(version=number)

    def _toggle(
        self, tx: Transaction, workspace: WorkspaceRow, journey: JourneyRow, command: dict[str, Any], now: int
    ) -> dict[str, Any]:
        """Turn a switch, at an instant later than the time of every move (D-1.8)."""
        nodes = {node.id for node in Definition.model_validate_json(journey.draft).nodes}
        for version in tx.versions([journey.key]):
            nodes |= {node.id for node in Definition.model_validate_json(version.definition).nodes}
        if command["node"] not in nodes:
            message = f"The journey has no node `{command['node']}`."
            raise NotFound(message, field="node", fix="Name a node by its id.")
        last_move = self._committer.last_moves.get(self._workspace, self._moved_before)
        at = max(now, last_move + 1)
        tx.add_tracking_changes([
            TrackingChange(self._workspace, journey.key, command["node"], at, command["on"], command["who"])
        ])  # fmt: skip
        # In a real workspace no later move may have an earlier time; in a virtual one `now` is the inputs' affair.
        if workspace.clock == "real" and at > workspace.now:
            tx.put_workspace(workspace._replace(now=at))
        return {"node": command["node"], "on": command["on"], "at": at}

    def _exit_runs(self, command: dict[str, Any], now: int) -> None:
        """End every run of the journey, page by page; a crash in between is made good by the command itself (D-3.5)."""
        for page in self._pages(command["journey"]):
            with self._store.reading() as tx:
                definitions = self._definitions.read(tx)
                batch = Batch(definitions, now, [], [], Effects(self._log.positions.each()))
                batch.finishes_journeys = False
                for row in page:
                    run = codec.decode_run(row.key, row.journey, row.state)
                    profile = Profile(row.profile, {})
                    turn = Turn(
                        definitions.automation, batch.effects, profile, [run], (0, 0, 0), lambda instant: instant, {}
                    )
                    turn.stop(run, now, now)
            self._committer.commit(batch)

    def _pages(self, journey_id: str) -> Iterator[list[Any]]:
        with self._store.reading() as tx:
            journey = journey_of(tx, self._workspace, journey_id)
            transition(journey, "exit")
        while True:
            with self._store.reading() as tx:
                page = tx.runs_of_journey(journey.key, limit=self._batch_size)
            if not page:
                return
            yield page


def journey_of(tx: Transaction, workspace: int, id: str) -> JourneyRow:
    """The journey. Raises NotFound."""
    journey = tx.journey(workspace, id)
    if journey is None:
        message = f"There is no journey `{id}`."
        raise NotFound(message)
    return journey


def transition(journey: JourneyRow, command: str) -> str:
    """The state that a command leads to. Raises Conflict where it leads nowhere."""
    allowed = TRANSITIONS[command]
    if journey.state not in allowed:
        states = " or ".join(allowed)
        message = f"The journey is {journey.state}; `{command}` is possible while it is {states}."
        raise Conflict(message, field="state", fix=f"Bring it to {states} first, or leave it as it is.")
    return allowed[journey.state]


def refuse_issues(definition: Definition) -> None:
    """Raise JourneyHasIssues with the list, if there are any (D-3.1)."""
    found = issues(definition)
    if found:
        number = "1 issue" if len(found) == 1 else f"{len(found)} issues"
        message = f"The journey has {number} and cannot be activated."
        raise JourneyHasIssues(
            message, fix="Put right what `details` lists.", details=[issue._asdict() for issue in found]
        )
