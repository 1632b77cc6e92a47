"""What people do with journeys: draw, check, activate, pause, resume, stop, turn a switch; and what they ask of them.

Owns the verbs behind the API. A draft is edited at once; whatever acts on customers becomes a command in the log, so
that it has its instant among the inputs (D-3.8). Must not know HTTP.
"""

from __future__ import annotations

import secrets
from concurrent.futures import Future
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from milepost.errors import Conflict, Invalid
from milepost.kernel.issues import Issue, issues
from milepost.kernel.journey import Definition
from milepost.kernel.wording import complaint
from milepost.ports.state_store import JourneyRow, LifeRow, StateStore
from milepost.runtime.commands import Answers, journey_of, refuse_issues, transition
from milepost.runtime.definitions import workspace_of
from milepost.runtime.log import Log


class Lifecycle:
    """The verbs, for every workspace."""

    def __init__(self, store: StateStore, log: Log, answers: Answers) -> None:
        self._store = store
        self._log = log
        self._answers = answers

    # --- drafts ------------------------------------------------------------------------------------------------------

    def create(self, workspace: int, definition: Any, who: str) -> JourneyRow:
        """Store a new draft."""
        parsed = parse(definition)
        with self._store.writing() as tx:
            now = self._log.instant(workspace_of(tx, workspace))
            row = JourneyRow(
                0, workspace, f"j-{secrets.token_hex(6)}", parsed.name, "draft", 0, text_of(parsed), 1, 0, now, now
            )
            key = tx.insert_journey(row)
            tx.add_life(LifeRow(key, now, who, "create", "", "draft", ""))
        return row._replace(key=key)

    def edit(self, workspace: int, id: str, definition: Any, revision: int | None) -> JourneyRow:
        """Replace the draft. Raises Conflict if it was edited since `revision`, or is no longer a draft."""
        parsed = parse(definition)
        with self._store.writing() as tx:
            row = journey_of(tx, workspace, id)
            if row.state != "draft":
                message = f"The journey is {row.state}; only a draft can be edited."
                raise Conflict(message, field="state", fix="Make a copy of it and edit that.")
            if revision is not None and revision != row.revision:
                message = f"The draft was edited meanwhile: it is at revision {row.revision}, not {revision}."
                raise Conflict(message, field="revision", fix="Read it again and apply your change to what is there.")
            now = self._log.instant(workspace_of(tx, workspace))
            row = row._replace(name=parsed.name, draft=text_of(parsed), revision=row.revision + 1, updated=now)
            tx.update_journey(row)
        return row

    def delete(self, workspace: int, id: str) -> None:
        """Delete a draft. What has run stays: its moves are on the cards of customers."""
        with self._store.writing() as tx:
            row = journey_of(tx, workspace, id)
            if row.state != "draft":
                message = f"The journey is {row.state}; only a draft can be deleted."
                raise Conflict(message, field="state", fix="Stop it instead.")
            tx.delete_journey(row.key)

    def read(self, workspace: int, id: str) -> JourneyRow:
        """The journey. Raises NotFound."""
        with self._store.reading() as tx:
            return journey_of(tx, workspace, id)

    def issues(self, workspace: int, id: str) -> list[Issue]:
        """What keeps the draft from being activated."""
        return issues(Definition.model_validate_json(self.read(workspace, id).draft))

    # --- commands ----------------------------------------------------------------------------------------------------

    def command(
        self, workspace: int, journey: str, type: str, who: str, *, why: str = "", at: int | None = None, **more: Any
    ) -> tuple[int, Future[dict[str, Any]]]:
        """Put a command into the log: (position, future of its outcome).

        `at` is its instant in a virtual workspace. What the present state forbids is refused at once; the state that
        counts is the one at the command's instant. Raises Conflict, JourneyHasIssues, NotFound, Invalid.
        """
        self._log.positions.prepare(1)
        with self._store.writing() as tx:
            row = journey_of(tx, workspace, journey)
            virtual = workspace_of(tx, workspace)
            instant = self._log.instant(virtual)
            if at is not None:
                if virtual.clock == "real":
                    message = "The clock of this workspace is real: a command is taken now."
                    raise Invalid(message, field="at", fix="Leave `at` out.")
                if at < instant:
                    message = f"The workspace's clock stands at {instant} already."
                    raise Invalid(message, field="at", fix="Name an instant that is not before the clock.")
            if at is None or at == instant:
                if type != "toggle":
                    transition(row, type)
                if type == "activate":
                    refuse_issues(Definition.model_validate_json(row.draft))
            command = {"type": type, "journey": journey, "who": who, "why": why, **more}
            position = self._log.append_command(tx, workspace, instant if at is None else at, command)
            # Before the commit: once it is in the log, it may be taken at any moment.
            outcome = self._answers.expect(position)
        return position, outcome

    # --- the clock of a virtual workspace ----------------------------------------------------------------------------

    def run_until(self, workspace: int, target: int) -> None:
        """Let a virtual workspace run up to an instant, that instant included (D-3.8)."""
        with self._store.writing() as tx:
            row = workspace_of(tx, workspace)
            if row.clock == "real":
                message = "The clock of this workspace is real: it runs by itself."
                raise Conflict(message, field="clock", fix="Use a workspace with a virtual clock.")
            if target < row.now:
                message = f"The workspace's clock stands at {row.now} already; it never goes back."
                raise Invalid(message, field="to", fix="Name a later instant.")
            if row.run_until is not None and target < row.run_until:
                message = "A run to a later instant is going on."
                raise Conflict(message, field="to", fix="Wait until it has arrived.")
            tx.put_workspace(row._replace(run_until=target))

    def turn_real(self, workspace: int) -> None:
        """Turn a virtual clock to real, once and for good, at the present instant (D-3.8)."""
        with self._store.writing() as tx:
            row = workspace_of(tx, workspace)
            if row.clock == "real":
                message = "The clock of this workspace is real already."
                raise Conflict(message, field="clock", fix="There is nothing to do.")
            now = self._log.present()
            waiting = tx.last_instant(workspace)
            if row.run_until is not None or row.now > now or (waiting is not None and waiting > now):
                message = "The workspace is still running, or its clock or an input lies in the future."
                raise Conflict(message, field="clock", fix="Let it run to the end of what was sent, then try again.")
            tx.put_workspace(row._replace(clock="real", now=now))


def parse(definition: Any) -> Definition:
    """A definition from JSON values or from the model. Raises Invalid, naming the first wrong field."""
    if isinstance(definition, Definition):
        return definition
    try:
        return Definition.model_validate(definition)
    except ValidationError as error:
        complaints = [complaint(found, Definition, definition) for found in error.errors(include_url=False)]
        details = [{"field": place, "message": text, "fix": fix} for place, text, fix in complaints]
        first = complaints[0]
        raise Invalid(first.text, field=first.place or None, fix=first.fix, details=details) from error


def text_of(definition: Definition) -> str:
    """A definition as it is stored. Raises Invalid for text that is not Unicode."""
    try:
        return definition.model_dump_json(by_alias=True, exclude_none=True)
    except PydanticSerializationError as error:
        message = "A text has half of a character pair: it is not valid Unicode."
        raise Invalid(message, field="nodes", fix="Correct the text.") from error
