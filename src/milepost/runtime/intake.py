"""Durable intake: one writer thread stores what many requests bring, in one transaction for all that wait.

Owns idempotence (D-2.2), order within a request (D-3.8) and the promise that an answer means *stored*. What is in no
hurry, as a file that is imported, stands behind everybody else. Must not know HTTP: a request is a list of arrivals, an
answer says for each whether it was stored.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from milepost.errors import IdentifierConflict, MilepostError, StorageUnavailable, WorkspaceGone
from milepost.ports.arrival import Arrival, ProfileArrival, Rejection, at_receipt, dedupe_keys
from milepost.ports.observer import SILENT, Observer
from milepost.ports.state_store import StateStore, Transaction, WorkspaceRow
from milepost.runtime.codec import Logged, LoggedChange
from milepost.runtime.definitions import workspace_of
from milepost.runtime.identity import Identities
from milepost.runtime.log import Log

MEMORY_OF_IDS: Final = 30 * 86_400_000
"""How long the id of an event is remembered, in milliseconds (D-2.2)."""
MOST_IN_A_GROUP: Final = 20_000
"""Items that one transaction takes at most."""


class Stored(NamedTuple):
    """An item that is in the log now; or was already, by an earlier request with the same id."""

    item: int
    id: str
    profile: int
    duplicate: bool = False


Item = Arrival | ProfileArrival | Rejection
Result = Stored | Rejection
Also = Callable[[Transaction, list[Result]], None]
"""What else is to be written in the transaction that stores a request, given the results.

Called once more when the transaction was not committed; what it raises keeps its request from being stored.
"""


class _Request(NamedTuple):
    workspace: int
    items: Sequence[Item]
    answer: Future[list[Result]]
    also: Also | None = None


class _Place(NamedTuple):
    """Where a request stands in line; without one, everybody before was the last."""

    rank: int
    number: int
    request: _Request | None


FIRST: Final = 0
BEHIND: Final = 1
LAST: Final = 2


class Intake:
    """Stores requests. `store_now` works in the caller's thread; `submit` hands over to the writer thread."""

    def __init__(
        self,
        store: StateStore,
        log: Log,
        *,
        guard: Callable[[], None] = lambda: None,
        stored: Callable[[], None] = lambda: None,
        observer: Observer = SILENT,
    ) -> None:
        self._observer = observer
        self._store = store
        self._log = log
        self._guard = guard
        """Raises StorageFull before the disk is; called once per group."""
        self._stored = stored
        """Called after each commit: there is something to take."""
        self._requests: queue.PriorityQueue[_Place] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        self._open = threading.Lock()
        """Held while a request is put in line, so that none stands behind the last one."""

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="intake", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Store what was submitted, then end the thread."""
        with self._open:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            self._requests.put(_Place(LAST, next(self._numbers), None))
        thread.join()

    def submit(self, workspace: int, items: Sequence[Item]) -> Future[list[Result]]:
        """Store a request durably; the future holds one result per item, in order, or a MilepostError."""
        return self._put(FIRST, _Request(workspace, items, Future()))

    def submit_behind(self, workspace: int, items: Sequence[Item], also: Also) -> Future[list[Result]]:
        """The same behind all others that wait, with something else that is written in the same transaction."""
        return self._put(BEHIND, _Request(workspace, items, Future(), also))

    def _put(self, rank: int, request: _Request) -> Future[list[Result]]:
        with self._open:
            if self._thread is not None:
                self._requests.put(_Place(rank, next(self._numbers), request))
                return request.answer
        request.answer.set_exception(StorageUnavailable("The server is stopping.", fix="Try again in a moment."))
        return request.answer

    def _work(self) -> None:
        ending = False
        while not ending:
            first = self._requests.get().request
            if first is None:
                return
            group, size = [first], len(first.items)
            while size < MOST_IN_A_GROUP:
                try:
                    request = self._requests.get_nowait().request
                except queue.Empty:
                    break
                if request is None:
                    ending = True
                    break
                group.append(request)
                size += len(request.items)
            # One that nobody waits for any more is left out: whoever sent it has no answer and sends it again.
            self._store_group([request for request in group if request.answer.set_running_or_notify_cancel()])

    def _store_group(self, group: list[_Request]) -> None:
        try:
            answers = self.store_now(
                [(request.workspace, request.items) for request in group], [request.also for request in group]
            )
        except Exception as error:  # noqa: BLE001 - every waiting request must hear of it
            if len(group) == 1 or (isinstance(error, MilepostError) and not isinstance(error, WorkspaceGone)):
                for request in group:
                    request.answer.set_exception(error)
            else:
                # What one of them met is not the others' affair: a defect, or a workspace that is gone.
                for request in group:
                    self._store_group([request])
        else:
            for request, results in zip(group, answers, strict=True):
                request.answer.set_result(results)

    def store_now(
        self, group: Sequence[tuple[int, Sequence[Item]]], also: Sequence[Also | None] = ()
    ) -> list[list[Result]]:
        """Store requests in one transaction, all or nothing. Raises WorkspaceGone."""
        with self._observer.timed("intake"):
            answers = self._stored_now(group, also)
        self._observer.took_in(*_taken(answers))
        self._stored()
        return answers

    def _stored_now(
        self, group: Sequence[tuple[int, Sequence[Item]]], also: Sequence[Also | None]
    ) -> list[list[Result]]:
        self._guard()
        count = sum(len(items) for _, items in group)
        self._log.positions.prepare(count + 1)
        self._log.profiles.prepare(count + 1)
        with self._store.writing() as tx:
            answers: list[list[Result]] = [[] for _ in group]
            for key in dict.fromkeys(workspace for workspace, _ in group):
                mine = [index for index, (workspace, _) in enumerate(group) if workspace == key]
                stored = _Group(tx, self._log, workspace_of(tx, key), [group[index][1] for index in mine]).store()
                for index, results in zip(mine, stored, strict=True):
                    answers[index] = results
            for write, results in zip(also, answers, strict=False):
                if write is not None:
                    write(tx, results)
        return answers


def _taken(answers: list[list[Result]]) -> tuple[int, int, Counter[str]]:
    """How many items were stored, how many were so before, and how many were refused by code."""
    rejected = Counter(result.code for results in answers for result in results if isinstance(result, Rejection))
    duplicates = sum(result.duplicate for results in answers for result in results if isinstance(result, Stored))
    return sum(map(len, answers)) - duplicates - rejected.total(), duplicates, rejected


class _Group:
    """The requests of one workspace in one transaction."""

    def __init__(self, tx: Transaction, log: Log, workspace: WorkspaceRow, requests: Sequence[Sequence[Item]]) -> None:
        self.tx = tx
        self.log = log
        self.workspace = workspace
        self.requests = requests
        self.instant = log.instant(workspace)
        identified = [item.identifiers for items in requests for item in items if not isinstance(item, Rejection)]
        self.identities = Identities(tx, workspace.key, identified, log.profiles)
        self.fresh: dict[str, None] = {}

    def store(self) -> list[list[Result]]:
        resolved = [self.resolve(items) for items in self.requests]
        keys = [key for found in resolved for _, _, item_keys in found for key in item_keys]
        known = self.tx.known_ids(self.workspace.key, keys) if keys else set()
        answers = [
            self.keep(items, found, known) for items, found in zip(self.requests, resolved, strict=True)
        ]  # fmt: skip
        if self.fresh:
            self.tx.remember_ids(
                self.workspace.key, list(self.fresh), self.log.memory_until(self.instant, MEMORY_OF_IDS)
            )
        self.identities.write(self.instant)
        return answers

    def resolve(self, items: Sequence[Item]) -> list[tuple[Item, int, tuple[str, ...]]]:
        """Each item with its profile and its dedupe keys; a rejection in place of one that cannot be taken."""
        found: list[tuple[Item, int, tuple[str, ...]]] = []
        for item in items:
            if isinstance(item, Rejection):
                found.append((item, 0, ()))
                continue
            checked = self.at_instant(item)
            if isinstance(checked, Rejection):
                found.append((checked, 0, ()))
                continue
            try:
                profile = self.identities.profile_of(checked.identifiers)
            except IdentifierConflict as error:
                rejection = Rejection(item.item, error.code, error.field or "", error.message, error.fix or "")
                found.append((rejection, 0, ()))
                continue
            keys = dedupe_keys(checked, profile) if isinstance(checked, Arrival) else ()
            found.append((checked, profile, keys))
        return found

    def at_instant(self, item: Arrival | ProfileArrival) -> Item:
        """The item with its receipt; only a virtual workspace lets the sender say it (D-3.8)."""
        given = item.received_at
        if given is not None and self.workspace.clock == "real":
            return Rejection(
                item.item, "received_at_not_allowed", "received_at", "The clock of this workspace is real.",
                "Leave `received_at` out, or send to a workspace with a virtual clock.",
            )  # fmt: skip
        instant = self.instant if given is None else given
        if instant < self.instant:
            return Rejection(
                item.item, "before_clock", "received_at",
                f"The workspace's clock stands at {self.instant} already.",
                "Send inputs in order of time, none before the clock.",
            )  # fmt: skip
        if isinstance(item, Arrival):
            return at_receipt(item, instant)
        return replace(item, received_at=instant)

    def keep(
        self, items: Sequence[Item], found: list[tuple[Item, int, tuple[str, ...]]], known: set[str]
    ) -> list[Result]:
        """Drop duplicates by position in the request, then store in order of own time and position (D-2.2, D-3.8)."""
        results: dict[int, Result] = {}
        events: list[tuple[Arrival, int, str]] = []
        changes: list[tuple[ProfileArrival, int]] = []
        for original, (item, profile, keys) in zip(items, found, strict=True):
            if isinstance(item, Rejection):
                results[original.item] = item
            elif isinstance(item, ProfileArrival):
                changes.append((item, profile))
            else:
                id = event_id(item, keys)
                if any(key in known or key in self.fresh for key in keys):
                    results[original.item] = Stored(item.item, id, profile, duplicate=True)
                else:
                    self.fresh.update(dict.fromkeys(keys))
                    events.append((item, profile, id))
        events.sort(key=lambda entry: (entry[0].received_at, entry[0].time, entry[0].item))
        first = self.log.positions.take(len(events) + len(changes))
        logged: list[Logged] = []
        for position, (item, profile, id) in enumerate(events, first):
            id = id or f"e{position:x}"  # noqa: PLW2901 - an event without an id of its own is named by its place
            results[item.item] = Stored(item.item, id, profile)
            logged.append(
                Logged(
                    id, profile, item.action, item.time or 0, item.received_at or 0, position, item.text, item.label,
                    item.source, None,
                )
            )  # fmt: skip
        self.log.append_events(self.tx, self.workspace.key, logged)
        written: list[LoggedChange] = []
        for position, (change, profile) in enumerate(changes, first + len(events)):
            results[change.item] = Stored(change.item, "", profile)
            written.append(_logged_change(change, profile, position))
        self.log.append_changes(self.tx, self.workspace.key, written)
        return [results[item.item] for item in items]


def event_id(item: Arrival, keys: tuple[str, ...]) -> str:
    """The id an event goes by: the given one, else one made from its first dedupe key; empty where there is none."""
    if item.id is not None:
        return item.id
    return blake2b(keys[0].encode(), digest_size=12).hexdigest() if keys else ""


def _logged_change(item: ProfileArrival, profile: int, position: int) -> LoggedChange:
    attributes: dict[str, Any] = dict(item.attributes)
    return LoggedChange(
        position, item.received_at or 0, profile, attributes, item.add_tags, item.remove_tags, dict(item.consents),
        item.source,
    )  # fmt: skip
