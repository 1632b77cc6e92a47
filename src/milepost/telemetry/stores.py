"""Stores that say how long each call took: whatever store is chosen, wrapped.

Owns nothing but the passing on. Must not know which stores these are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from milepost.analytics.question import Answer, Members, Question
from milepost.kernel.condition import Condition
from milepost.ports.event_store import ActivityRow, Arrivals, EventStore, MoveCount, SeenAction, Table
from milepost.ports.observer import Observer
from milepost.ports.state_store import SequenceName, StateStore, Transaction


class ObservedStateStore:
    """A state store whose transactions are timed."""

    def __init__(self, store: StateStore, observer: Observer) -> None:
        self._store = store
        self._observer = observer

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        with self._observer.timed("state.read"), self._store.reading() as tx:
            yield tx

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        with self._observer.timed("state.write"), self._store.writing() as tx:
            yield tx

    def reserve(self, name: SequenceName, count: int) -> int:
        with self._observer.timed("state.write"):
            return self._store.reserve(name, count)

    def close(self) -> None:
        self._store.close()


class ObservedEventStore:
    """An event store whose inserts and questions are timed."""

    def __init__(self, store: EventStore, observer: Observer) -> None:
        self._store = store
        self._observer = observer

    def append(self, table: Table, batch: int, rows: bytes) -> None:
        with self._observer.timed("events.insert"):
            self._store.append(table, batch, rows)

    def batches(self, table: Table, first: int) -> set[int]:
        with self._observer.timed("events.read"):
            return self._store.batches(table, first)

    def activity(
        self,
        workspace: int,
        profile: int,
        *,
        limit: int,
        before: tuple[int, int] | None = None,
        since: int | None = None,
        until: int | None = None,
        actions: Sequence[str] = (),
        run: str | None = None,
    ) -> list[ActivityRow]:
        with self._observer.timed("events.read"):
            return self._store.activity(
                workspace, profile, limit=limit, before=before, since=since, until=until, actions=actions, run=run
            )

    def arrivals(
        self, workspace: int, journey: str, node: str, *, limit: int, after: int = 0
    ) -> tuple[int, list[Arrivals]]:
        with self._observer.timed("events.read"):
            return self._store.arrivals(workspace, journey, node, limit=limit, after=after)

    def matching(
        self, workspace: int, where: Condition, now: int, *, limit: int, after: int = 0
    ) -> tuple[int, list[int]]:
        with self._observer.timed("events.read"):
            return self._store.matching(workspace, where, now, limit=limit, after=after)

    def actions(self, workspace: int) -> list[SeenAction]:
        with self._observer.timed("events.read"):
            return self._store.actions(workspace)

    def samples(self, workspace: int, action: str, *, limit: int) -> list[dict[str, object]]:
        with self._observer.timed("events.read"):
            return self._store.samples(workspace, action, limit=limit)

    def answer(self, workspace: int, question: Question, now: int) -> Answer:
        with self._observer.timed("events.read"):
            return self._store.answer(workspace, question, now)

    def members(self, workspace: int, question: Question, members: Members, now: int) -> list[int]:
        with self._observer.timed("events.read"):
            return self._store.members(workspace, question, members, now)

    def count(self, workspace: int, table: Table) -> int:
        with self._observer.timed("events.read"):
            return self._store.count(workspace, table)

    def moves(self, workspace: int, *, up_to: int, without: Sequence[int] = ()) -> list[MoveCount]:
        with self._observer.timed("events.read"):
            return self._store.moves(workspace, up_to=up_to, without=without)

    def untracked(
        self, workspace: int, journey: str, node: str, intervals: Sequence[tuple[int, int]], *, up_to: int
    ) -> int:
        with self._observer.timed("events.read"):
            return self._store.untracked(workspace, journey, node, intervals, up_to=up_to)

    def delete_workspace(self, workspace: int) -> None:
        self._store.delete_workspace(workspace)

    def close(self) -> None:
        self._store.close()
