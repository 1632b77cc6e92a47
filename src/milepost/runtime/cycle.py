"""The cycle: take a batch of inputs, load what they concern, advance, commit once (ARCH-5).

Owns which inputs make a batch and up to which key they may be taken, so that the order of D-3.8 holds whatever the
size of a batch. Must not know a rule of journeys (that is the kernel's) nor what a command does (`commands`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from milepost.kernel.dispatch import Change, Kept, Key, Taken, Turn
from milepost.kernel.effects import Effects
from milepost.kernel.event import Event
from milepost.kernel.profile import Profile
from milepost.kernel.run import Run
from milepost.ports.state_store import InputRow, KeptRow, StateStore, Transaction
from milepost.runtime import codec, sandbox
from milepost.runtime.commands import Answers, Commands
from milepost.runtime.commit import Batch, Committer
from milepost.runtime.definitions import Definitions, DefinitionsCache, workspace_of
from milepost.runtime.log import COMMAND_RANK, Log

TO_THE_END: Final = 2**62
"""`run_until` of a virtual workspace that runs until nothing is due."""
LAST_RANK: Final = 3
IMPORTED: Final = "import"
"""Source of events that were imported without being replayed."""
ROWS_AT_ONCE: Final = 64
"""Rows of the log that a batch of a real workspace reads at most: each may hold thousands of inputs."""


class Plan(NamedTuple):
    """What one batch takes."""

    rows: list[InputRow]
    limit: Key
    """Last key that may be taken: every input up to it is in `rows` or in the store as a timer."""
    kept: list[KeptRow]
    due: list[tuple[int, int]]
    """(profile, due) of timers."""
    command: InputRow | None = None
    finished: bool = False
    """A virtual run has reached its end."""


class Cycle:
    """The cycle of one workspace; one thread at a time."""

    def __init__(
        self,
        store: StateStore,
        log: Log,
        workspace: int,
        committer: Committer,
        *,
        answers: Answers,
        batch_size: int = 10_000,
    ) -> None:
        self._store = store
        self._log = log
        self._workspace = workspace
        self._committer = committer
        self._batch_size = batch_size
        self._definitions = DefinitionsCache(workspace)
        self._commands = Commands(store, workspace, committer, self._definitions, answers, log, batch_size)

    def step(self) -> bool:
        """Take one batch or one command. Answers whether there was anything to do."""
        present = self._present()
        with self._store.reading() as tx:
            definitions = self._definitions.read(tx)
            plan = self._plan(tx, definitions, present)
            if plan is None:
                return False
            # Read again: what is in the plan was received before this moment, perhaps after the one above.
            now = self._log.instant(definitions.workspace)
            if plan.command is None and not plan.finished:
                batch = self._advance(tx, definitions, plan, now)
        if plan.finished:
            self._finish_run(definitions)
        elif plan.command is not None:
            self._commands.take(plan.command, max(now, plan.command.instant))
        else:
            self._committer.commit(batch)
            if plan.due and definitions.workspace.clock == "real":
                self._committer.observer.woke([due for _, due in plan.due], now)
        return True

    def next_due(self) -> int | None:
        """When the earliest timer of a real workspace is due; None if none is, or its clock is virtual."""
        with self._store.reading() as tx:
            definitions = self._definitions.read(tx)
            return None if definitions.workspace.clock == "virtual" else tx.next_due(definitions.going())

    def _present(self) -> int:
        """The present instant: all that was received before it is in the store, and nothing will be any more.

        Receipt is assigned inside the transaction that stores an input, and those come one after another: one that
        has its instant already, and is not committed yet, is waited for.
        """
        with self._store.writing() as tx:
            return self._log.instant(workspace_of(tx, self._workspace))

    # --- take --------------------------------------------------------------------------------------------------------

    def _plan(self, tx: Transaction, definitions: Definitions, present: int) -> Plan | None:
        """What the next batch takes, and up to where."""
        workspace, going = definitions.workspace, definitions.going()
        kept = tx.kept(going, limit=self._batch_size) if going else []
        if kept:
            # What was kept over a pause goes first: nothing else was taken since the resume (D-3.5).
            resumed = max(definitions.automation.standings[row.journey].resumed_at for row in kept)
            return Plan([], (resumed, 0, 0), kept, [])
        virtual = workspace.clock == "virtual"
        until = None
        if virtual:
            until = workspace.run_until if workspace.run_until is not None else workspace.now
        limit_rows = self._batch_size if virtual else ROWS_AT_ONCE
        rows = tx.pending_inputs(self._workspace, limit=limit_rows + 1, until=until)
        if virtual and workspace.run_until is None:
            # Without a run only commands at the instant where the clock stands are taken.
            return Plan([], (0, 0, 0), [], [], rows[0]) if rows and rows[0].rank == COMMAND_RANK else None
        taken, following = self._cut(rows, limit_rows)
        if following is not None:
            limit = (following.instant, following.rank, following.position - 1)
        elif virtual:
            limit = (until or 0, LAST_RANK, 0)
        else:
            limit = (present - 1, LAST_RANK, 0)
            if taken:
                last = taken[-1]
                limit = max(limit, (last.instant, last.rank, last.position + last.size - 1))
        last_due = limit[0] if limit[1] >= LAST_RANK else limit[0] - 1
        due = tx.due_profiles(going, last_due, limit=self._batch_size) if going else []
        if not taken and not due:
            if following is not None:
                return Plan([], limit, [], [], following)
            return Plan([], limit, [], [], finished=True) if virtual else None
        return Plan(taken, limit, [], due)

    def _cut(self, rows: list[InputRow], limit_rows: int) -> tuple[list[InputRow], InputRow | None]:
        """Rows for one batch, and the row behind them: a command, or what does not fit."""
        count = 0
        for index, row in enumerate(rows):
            if row.kind == "command" or index == limit_rows or (index and count + row.size > self._batch_size):
                return rows[:index], row
            count += row.size
        return rows, None

    # --- load and advance --------------------------------------------------------------------------------------------

    def _advance(self, tx: Transaction, definitions: Definitions, plan: Plan, now: int) -> Batch:
        automation = definitions.automation
        virtual = definitions.workspace.clock == "virtual"
        batch = Batch(definitions, now, plan.rows, plan.kept, Effects(self._log.positions.each()))
        inputs: dict[int, list[Taken]] = {profile: [] for profile, _ in plan.due}
        for row in plan.rows:
            if row.kind == "events":
                for logged in codec.decode_events(row.body):
                    batch.latest = max(batch.latest, logged.received_at)
                    # What was imported from the past moves nobody (D-2.10).
                    if logged.action in automation.actions and logged.source != IMPORTED:
                        inputs.setdefault(logged.profile, []).append(batch.read(logged))
                    else:
                        batch.plain.append(logged)
            else:
                for change in codec.decode_changes(row.body):
                    batch.latest = max(batch.latest, change.instant)
                    inputs.setdefault(change.profile, []).append(
                        Change(change.position, change.instant, change.change(), change.source)
                    )
        for kept in plan.kept:
            event = codec.decode_event(kept.body).event()
            inputs.setdefault(kept.profile, []).append(Kept(kept.position, kept.instant, kept.journey, event))
        now_of: Callable[[int], int] = (lambda instant: instant) if virtual else (lambda instant: now)
        self._take_turns(tx, definitions, batch, inputs, plan.limit, now_of)
        return batch

    def _take_turns(
        self,
        tx: Transaction,
        definitions: Definitions,
        batch: Batch,
        inputs: dict[int, list[Taken]],
        limit: Key,
        now_of: Callable[[int], int],
    ) -> None:
        automation, keys = definitions.automation, list(inputs)
        answer = sandbox.answer if sandbox.sandboxed(definitions.workspace) else None
        rows = tx.profiles(keys)
        identifiers = tx.identifiers(keys) if automation.sends_mail else {}
        runs: dict[int, list[Run]] = {}
        for row in tx.runs_of_profiles(self._workspace, keys):
            runs.setdefault(row.profile, []).append(codec.decode_run(row.key, row.journey, row.state))
        starts: dict[str, int] = {}
        if automation.counts_starts:
            roots = {item.root for items in inputs.values() for item in items if isinstance(item, Event)}
            # A timer or a kept event may go on with a chain as well.
            roots |= {run.root for going in runs.values() for run in going}
            starts = tx.cause_starts(self._workspace, sorted(roots))
        for key, items in inputs.items():
            found = rows.get(key)
            profile = codec.decode_profile(found, identifiers.get(key, [])) if found else Profile(key, {})
            turn = Turn(automation, batch.effects, profile, runs.get(key, []), limit, now_of, starts, answer)
            turn.take(items)

    # --- a virtual run -----------------------------------------------------------------------------------------------

    def _finish_run(self, definitions: Definitions) -> None:
        target = definitions.workspace.run_until
        with self._store.writing() as tx:
            workspace = workspace_of(tx, self._workspace)
            if workspace.run_until != target:
                # Told to run on since: this run is not over.
                return
            now = workspace.now if target is None or target == TO_THE_END else max(workspace.now, target)
            tx.put_workspace(workspace._replace(now=now, run_until=None))
