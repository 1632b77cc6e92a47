"""One transaction for a batch: runs, timers, profiles, counters, outbox, produced events, the rows for the event store.

Owns what is written together. Must not decide anything: the effects are given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog
import zstandard

from milepost.kernel.effects import Effects, Handed, LeftOut
from milepost.kernel.event import END_PATH, PATH_EXIT, Event
from milepost.ports.clock import Clock
from milepost.ports.event_store import Table
from milepost.ports.observer import SILENT, Observer
from milepost.ports.sender import Intent
from milepost.ports.state_store import (
    BatchRow,
    CounterKey,
    DeadLetterRow,
    InputRow,
    IntentRow,
    KeptRow,
    LifeRow,
    ProfileRow,
    RunRow,
    StateStore,
    TimerKey,
    Transaction,
    WorkspaceRow,
)
from milepost.runtime import codec
from milepost.runtime.codec import Logged
from milepost.runtime.definitions import Definitions, workspace_of
from milepost.runtime.lane import lane_of
from milepost.runtime.log import Log
from milepost.runtime.records import RecordWriter
from milepost.runtime.sandbox import PROVIDER, sandboxed

MEMORY_OF_STARTS: Final = 400 * 86_400_000
"""How long the starts of an outside event are counted, in milliseconds: longer than a run lasts."""

_log = structlog.get_logger()


class Batch:
    """A batch on its way through the cycle."""

    def __init__(
        self, definitions: Definitions, now: int, rows: list[InputRow], kept: list[KeptRow], effects: Effects
    ) -> None:
        self.definitions = definitions
        self.now = now
        self.rows = rows
        self.kept = kept
        self.effects = effects
        self.plain: list[Logged] = []
        """Events that mean nothing to any journey: recorded as they are."""
        self.latest = 0
        """Greatest instant among the inputs."""
        self.finishes_journeys = True
        """Whether a finishing journey is finished when its last path has ended; not where a command is about to."""
        self._given: dict[int, Logged] = {}

    def read(self, logged: Logged) -> Event:
        """An event for the kernel; the text of its params is remembered, so that it is recorded as it came in."""
        self._given[logged.position] = logged
        return logged.event()

    def given(self, event: Event) -> Logged:
        """The event as it came in, or as it will go into the log."""
        return self._given.get(event.position) or codec.logged(event)

    def size(self) -> tuple[int, Counter[str]]:
        """How many inputs were taken, and how many moves came of them by action."""
        moves: Counter[str] = Counter()
        for key, number in self.effects.tally.items():
            moves[key[2]] += number
        return sum(row.size for row in self.rows) + len(self.kept), moves


class Committer:
    """Writes batches. `committed` is called after each, outside of the transaction."""

    def __init__(
        self,
        store: StateStore,
        clock: Clock,
        log: Log,
        committed: Callable[[], None] = lambda: None,
        observer: Observer = SILENT,
    ) -> None:
        self.observer = observer
        self._store = store
        self._clock = clock
        self._log = log
        self._committed = committed
        self._compress = zstandard.ZstdCompressor(level=1).compress
        self._number: int | None = None
        self.last_moves: dict[int, int] = {}
        """By workspace: the greatest time of a move that this process has committed."""

    def commit(self, batch: Batch) -> None:
        """All of it, durable, or nothing. Raises WorkspaceGone when the workspace is gone."""
        number = self._next_number()
        versions = {key: next(batch.effects.positions) for key in batch.effects.profiles}
        bodies = self._bodies(batch, number, versions)
        self._log.runs.prepare(len(batch.effects.changed))
        workspace = batch.definitions.workspace.key
        # Should the commit fail, the store is asked: where a connection was lost, it may have happened all the same.
        self._number = None
        with self._store.writing() as tx:
            # Read again: since the batch was begun it may have been deleted, and then nothing of it must come back; or
            # it was told to run on.
            self._write(tx, batch, versions, workspace_of(tx, workspace))
            if bodies:
                tx.add_batch(BatchRow(number, workspace, self._clock.now(), None, bodies))
        self._number = number if bodies else number - 1
        if batch.effects.tally:
            self.last_moves[workspace] = max(batch.effects.latest, self.last_moves.get(workspace, 0))
        inputs, moves = batch.size()
        self.observer.committed(inputs, moves)
        _log.debug("batch committed", batch=number, workspace=workspace, inputs=inputs, moves=moves.total())
        for failure in batch.effects.failures:
            # Neither the error's text nor the input: customers' data may stand in both.
            _log.error(
                "an input could not be taken; it is among the dead letters", run=failure.run_id,
                journey=failure.journey.id, error=type(failure.error).__name__,
            )  # fmt: skip
        self._committed()

    def _next_number(self) -> int:
        if self._number is None:
            with self._store.reading() as tx:
                self._number = tx.last_batch()
        return self._number + 1

    def _bodies(self, batch: Batch, number: int, versions: dict[int, int]) -> dict[Table, bytes]:
        effects, definitions = batch.effects, batch.definitions
        writer = RecordWriter(definitions.workspace.key, number, definitions.tracking)
        for logged in batch.plain:
            writer.event(logged)
        for record in effects.records:
            if isinstance(record, Event):
                writer.event(batch.given(record))
            else:
                writer.move(record)
        for profile in effects.profiles.values():
            writer.profile(profile, versions[profile.key])
        return {table: self._compress(body) for table, body in writer.bodies().items()}

    def _write(self, tx: Transaction, batch: Batch, versions: dict[int, int], workspace: WorkspaceRow) -> None:
        effects = batch.effects
        self._write_runs(tx, workspace.key, effects)
        if effects.profiles:
            known = tx.profiles(list(effects.profiles))
            tx.put_profiles([
                ProfileRow(key, workspace.key, known[key].created, versions[key], codec.encode_profile(profile))
                for key, profile in effects.profiles.items()
            ])  # fmt: skip
        deltas = counter_deltas(effects)
        if deltas:
            tx.add_counters(deltas)
        if effects.timers:
            tx.add_timers({
                TimerKey(journey.key, journey.version, node, hour): number
                for (journey, node, hour), number in effects.timers.items()
                if number
            })  # fmt: skip
        if effects.handed:
            kept_here = sandboxed(workspace)
            tx.add_intents([self._intent(handed, workspace.key, kept_here) for handed in effects.handed])
        if effects.left_out:
            tx.add_intents([self._skipped(left_out, workspace.key) for left_out in effects.left_out])
        if effects.appended:
            self._log.append_events(tx, workspace.key, [codec.logged(event) for event in effects.appended])
        if effects.kept:
            tx.add_kept([
                KeptRow(event.position, journey, event.profile, event.received_at, codec.encode_event(given))
                for journey, event in effects.kept
                for given in [batch.given(event)]
            ])  # fmt: skip
        if effects.starts:
            tx.add_cause_starts(workspace.key, effects.starts, self._log.memory_until(batch.now, MEMORY_OF_STARTS))
        if effects.failures:
            tx.add_dead_letters([
                DeadLetterRow(
                    workspace.key, batch.now, failure.journey.key, failure.run_id, failure.profile,
                    f"{type(failure.error).__name__}: {failure.error}", repr(failure.input).encode(),
                )
                for failure in effects.failures
            ])  # fmt: skip
        if batch.rows:
            tx.delete_inputs([row.position for row in batch.rows])
        for journey in {row.journey for row in batch.kept}:
            tx.delete_kept(journey, [row.position for row in batch.kept if row.journey == journey])
        latest = max(batch.now, batch.latest, effects.latest)
        if latest > workspace.now:
            tx.put_workspace(workspace._replace(now=latest))
        if batch.finishes_journeys:
            self._finish_journeys(tx, batch, latest)

    def _write_runs(self, tx: Transaction, workspace: int, effects: Effects) -> None:
        new = [run for _, run in effects.changed.values() if not run.key]
        if new:
            for key, run in enumerate(new, self._log.runs.take(len(new))):
                run.key = key
        if effects.changed:
            tx.put_runs([
                RunRow(run.key, workspace, run.journey, profile, run.due(), codec.encode_run(run))
                for profile, run in effects.changed.values()
            ])  # fmt: skip
        if effects.ended:
            tx.delete_runs(effects.ended)

    @staticmethod
    def _intent(handed: Handed, workspace: int, kept_here: bool) -> IntentRow:
        send, cause = handed.send, handed.cause
        intent = Intent(
            send.id,
            workspace,
            send.channel,
            handed.profile,
            send.payload,
            send.origin,
            (cause.run_id, cause.depth, cause.root),
            handed.time,
        )
        result = codec.json_text({"provider": PROVIDER}) if kept_here else ""
        return IntentRow(
            send.id, handed.position, workspace, handed.journey.key, send.node_id, handed.profile, send.channel,
            "sent" if kept_here else "pending", handed.time, 0, handed.time, result, codec.encode_intent(intent),
            lane_of(workspace, send.channel, send.payload),
        )  # fmt: skip

    @staticmethod
    def _skipped(left_out: LeftOut, workspace: int) -> IntentRow:
        emit = left_out.emit
        why = {name: emit.params[name] for name in ("reason", "attribute") if name in emit.params}
        return IntentRow(
            emit.id, left_out.position, workspace, left_out.journey.key, emit.params["nodeId"], left_out.profile,
            emit.left_out or "", "skipped", left_out.time, 0, left_out.time, codec.json_text(why), b"",
        )  # fmt: skip

    def _finish_journeys(self, tx: Transaction, batch: Batch, at: int) -> None:
        """A finishing journey whose last path has ended is finished (D-3.5)."""
        ended = {journey.key for journey, _, kind in batch.effects.runs if kind != "started"}
        for key in ended:
            row = batch.definitions.rows[key]
            if row.state == "finishing" and not tx.runs_of_journey(key, limit=1):
                tx.update_journey(row._replace(state="finished", updated=at))
                tx.add_life(
                    LifeRow(key, at, "milepost", "finished", "finishing", "finished", "the last path has ended")
                )


def counter_deltas(effects: Effects) -> dict[CounterKey, int]:
    """What a batch adds to the counters (D-1.2, D-6)."""
    deltas: dict[CounterKey, int] = {}

    def add(journey: int, version: int, node: str, kind: str, hour: int, number: int) -> None:
        key = CounterKey(journey, version, node, kind, hour)
        deltas[key] = deltas.get(key, 0) + number

    for (journey, hour, action, from_node, outlet, node, reason), number in effects.tally.items():
        where = (journey.key, journey.version)
        if action == PATH_EXIT:
            add(*where, node, f"exited:{reason}", hour, number)
            continue
        add(*where, node, "entered", hour, number)
        if from_node is not None:
            add(*where, from_node, f"left:{outlet}", hour, number)
        if action == END_PATH:
            add(*where, node, "finished", hour, number)
    for (journey, hour, node), number in effects.opened.items():
        add(journey.key, journey.version, node, "opened", hour, number)
    for (journey, hour, node), number in effects.waiting.items():
        if number:
            add(journey.key, journey.version, node, "waiting", hour, number)
    for (journey, hour, kind), number in effects.runs.items():
        add(journey.key, journey.version, "", kind, hour, number)
    for (journey, hour, trigger, reason), number in effects.refused.items():
        add(journey.key, journey.version, trigger, f"refused:{reason}", hour, number)
    return deltas
