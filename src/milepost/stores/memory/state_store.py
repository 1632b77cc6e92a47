"""The state store in dicts, with the same promises as the others but durability.

A transaction that writes copies a table the first time it changes it, and its tables take the place of the old ones
when it ends. So a rollback is to forget them, and a snapshot is to hold on to those of now. Lookups other than by key
go through the whole table: meant for worlds of some ten thousand profiles.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from milepost.errors import Conflict, NotFound, StorageUnavailable
from milepost.ports.event_store import Table
from milepost.ports.state_store import (
    EVERY_INTENT,
    AccountRow,
    ApiKeyRow,
    AttemptRow,
    BatchRow,
    CounterKey,
    DeadLetterRow,
    Identifier,
    ImportRow,
    InputRow,
    IntentChoice,
    IntentRow,
    JourneyRow,
    KeptRow,
    LeaseRow,
    LifeRow,
    ProfileRow,
    Repeats,
    RunRow,
    SequenceName,
    SessionRow,
    TimerKey,
    TrackingChange,
    VersionRow,
    WorkspaceRow,
)

#: Last values of sequences, stamps, and the lease: its epoch, and when its time is over.
NUMBERS: Final = (
    "position", "profile", "run", "journey", "batch", "definitions", "workspace", "epoch", "lease",
)  # fmt: skip


def _numbers() -> dict[str, int]:
    return dict.fromkeys(NUMBERS, 0)


@dataclasses.dataclass(slots=True)
class _Tables:
    numbers: dict[str, int] = dataclasses.field(default_factory=_numbers)
    workspaces: dict[int, WorkspaceRow] = dataclasses.field(default_factory=dict)
    api_keys: dict[str, ApiKeyRow] = dataclasses.field(default_factory=dict)
    accounts: dict[int, AccountRow] = dataclasses.field(default_factory=dict)
    sessions: dict[str, SessionRow] = dataclasses.field(default_factory=dict)
    inputs: dict[int, InputRow] = dataclasses.field(default_factory=dict)
    event_ids: dict[tuple[int, str], int] = dataclasses.field(default_factory=dict)
    identifiers: dict[tuple[int, Identifier], tuple[int, int]] = dataclasses.field(default_factory=dict)
    profiles: dict[int, ProfileRow] = dataclasses.field(default_factory=dict)
    journeys: dict[int, JourneyRow] = dataclasses.field(default_factory=dict)
    versions: dict[tuple[int, int], VersionRow] = dataclasses.field(default_factory=dict)
    life: list[LifeRow] = dataclasses.field(default_factory=list)
    tracking: list[TrackingChange] = dataclasses.field(default_factory=list)
    runs: dict[int, RunRow] = dataclasses.field(default_factory=dict)
    kept: dict[tuple[int, int], KeptRow] = dataclasses.field(default_factory=dict)
    counters: dict[CounterKey, int] = dataclasses.field(default_factory=dict)
    cause_starts: dict[tuple[int, str], tuple[int, int]] = dataclasses.field(default_factory=dict)
    """Starts, and when they expire."""
    timers: dict[TimerKey, int] = dataclasses.field(default_factory=dict)
    intents: dict[str, IntentRow] = dataclasses.field(default_factory=dict)
    attempts: dict[tuple[str, int], AttemptRow] = dataclasses.field(default_factory=dict)
    imports: dict[str, ImportRow] = dataclasses.field(default_factory=dict)
    batches: dict[int, BatchRow] = dataclasses.field(default_factory=dict)
    dead_letters: list[DeadLetterRow] = dataclasses.field(default_factory=list)


class MemoryStateStore:
    """A state store that nothing outlives. Threads may share it."""

    def __init__(self) -> None:
        self._tables = _Tables()
        self._write_lock = threading.Lock()
        self._writing_thread: int | None = None
        self._closed = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[MemoryTransaction]:
        """A snapshot as of now."""
        self._refuse_when_closed()
        yield MemoryTransaction(self._tables, writes=False)

    @contextlib.contextmanager
    def writing(self) -> Iterator[MemoryTransaction]:
        """Takes effect as a whole when the block ends, and not at all when it raises."""
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("this thread is inside a writing block already")
        with self._write_lock:
            self._refuse_when_closed()
            self._writing_thread = threading.get_ident()
            try:
                transaction = MemoryTransaction(self._tables, writes=True)
                yield transaction
                self._tables = transaction.tables
            finally:
                self._writing_thread = None

    def reserve(self, name: SequenceName, count: int) -> int:
        """Take `count` numbers; never called inside `writing`."""
        if count < 1:
            raise ValueError(f"cannot reserve {count} numbers")
        with self.writing() as transaction:
            return transaction.move_on(name, count) - count + 1

    def close(self) -> None:
        """Refuse from now on."""
        with self._write_lock:
            self._closed = True

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StorageUnavailable("The state store is closed.")


class MemoryTransaction:
    """All verbs of the state store's port. Valid inside the block of the store that made it."""

    def __init__(self, tables: _Tables, *, writes: bool) -> None:
        self.tables = dataclasses.replace(tables)
        self._writes = writes
        self._copied: set[str] = set()

    def _changing(self, *names: str) -> _Tables:
        """The tables, with those named copied once so that they can be changed."""
        if not self._writes:
            raise StorageUnavailable("The state store cannot be written while it is read.")
        for name in names:
            if name not in self._copied:
                setattr(self.tables, name, getattr(self.tables, name).copy())
                self._copied.add(name)
        return self.tables

    def move_on(self, number: str, by: int = 1) -> int:
        """The next value of a sequence or stamp."""
        numbers = self._changing("numbers").numbers
        numbers[number] += by
        return numbers[number]

    # the lease of the active worker

    def lease(self) -> LeaseRow:
        numbers = self.tables.numbers
        return LeaseRow(numbers["epoch"], held=numbers["lease"] > _present())

    def hold_lease(self, epoch: int, milliseconds: int) -> None:
        self._changing("numbers").numbers.update(epoch=epoch, lease=_present() + milliseconds)

    # workspaces and API keys

    def workspaces(self) -> list[WorkspaceRow]:
        return sorted(self.tables.workspaces.values())

    def next_workspace(self) -> int:
        return self.tables.numbers["workspace"] + 1

    def put_workspace(self, row: WorkspaceRow) -> None:
        found = self.tables.workspaces.get(row.key)
        self._changing("workspaces").workspaces[row.key] = row
        if found is None or found._replace(now=row.now, run_until=row.run_until) != row:
            numbers = self._changing("numbers").numbers
            numbers["workspace"] = max(numbers["workspace"], row.key)
            self.move_on("definitions")

    def delete_workspace(self, key: int) -> None:
        tables = self._changing(*_Tables.__slots__)
        journeys = {row.key for row in self.journeys(key)}
        _drop(tables.attempts, lambda place, _: self._is_of(key, place[0]))
        owned: tuple[dict[Any, Any], ...] = (
            tables.api_keys, tables.inputs, tables.profiles, tables.runs, tables.intents, tables.batches,
            tables.imports,
        )  # fmt: skip
        for rows in owned:
            _drop(rows, lambda _, row: row.workspace == key)
        keyed: tuple[dict[Any, Any], ...] = (tables.event_ids, tables.identifiers, tables.cause_starts)
        for rows in keyed:
            _drop(rows, lambda place, _: place[0] == key)
        of_journeys: tuple[dict[Any, Any], ...] = (tables.versions, tables.kept, tables.counters, tables.timers)
        for rows in of_journeys:
            _drop(rows, lambda place, _: place[0] in journeys)
        tables.tracking = [change for change in tables.tracking if change.journey not in journeys]
        tables.life = [row for row in tables.life if row.journey not in journeys]
        tables.dead_letters = [row for row in tables.dead_letters if row.workspace != key]
        _delete(tables.journeys, journeys)
        _delete(tables.workspaces, [key])
        self.move_on("definitions")

    def api_key(self, hash: str) -> ApiKeyRow | None:
        return self.tables.api_keys.get(hash)

    def api_keys(self, workspace: int) -> list[ApiKeyRow]:
        rows = (row for row in self.tables.api_keys.values() if row.workspace == workspace)
        return sorted(rows, key=lambda row: (row.created, row.hash))

    def put_api_key(self, row: ApiKeyRow) -> None:
        self._changing("api_keys").api_keys[row.hash] = row

    # accounts and sessions

    def accounts(self) -> list[AccountRow]:
        return sorted(self.tables.accounts.values())

    def account(self, email: str) -> AccountRow | None:
        return next((row for row in self.tables.accounts.values() if row.email == email), None)

    def put_account(self, row: AccountRow) -> None:
        other = self.account(row.email)
        if other is not None and other.key != row.key:
            raise Conflict(f"The store refuses this: {row.email} has an account already.")
        self._changing("accounts").accounts[row.key] = row

    def session(self, hash: str) -> SessionRow | None:
        return self.tables.sessions.get(hash)

    def put_session(self, row: SessionRow) -> None:
        self._changing("sessions").sessions[row.hash] = row

    def delete_session(self, hash: str) -> None:
        _delete(self._changing("sessions").sessions, [hash])

    def delete_sessions(self, account: int) -> None:
        self._drop_sessions(lambda row: row.account == account)

    def forget_sessions(self, before: int) -> int:
        return self._drop_sessions(lambda row: row.expires < before)

    def _drop_sessions(self, dropped: Callable[[SessionRow], bool]) -> int:
        return _drop(self._changing("sessions").sessions, lambda _, row: dropped(row))

    # the log of inputs

    def append_inputs(self, rows: Sequence[InputRow]) -> None:
        _insert(self._changing("inputs").inputs, ((row.position, row) for row in rows))

    def pending_inputs(self, workspace: int, *, limit: int, until: int | None = None) -> list[InputRow]:
        rows = (
            row
            for row in self.tables.inputs.values()
            if row.workspace == workspace and (until is None or row.instant <= until)
        )
        return sorted(rows, key=lambda row: (row.instant, row.rank, row.position))[:limit]

    def delete_inputs(self, positions: Sequence[int]) -> None:
        _delete(self._changing("inputs").inputs, positions)

    def last_instant(self, workspace: int) -> int | None:
        return max((row.instant for row in self.tables.inputs.values() if row.workspace == workspace), default=None)

    def known_ids(self, workspace: int, ids: Sequence[str]) -> set[str]:
        return {id for id in ids if (workspace, id) in self.tables.event_ids}

    def remember_ids(self, workspace: int, ids: Sequence[str], expires: int) -> set[str]:
        known = self.known_ids(workspace, ids)
        self._changing("event_ids").event_ids.update(((workspace, id), expires) for id in ids if id not in known)
        return known

    def forget_ids(self, before: int, limit: int) -> int:
        return _forget(self._changing("event_ids").event_ids, before, limit, lambda expires: expires)

    # profiles and identifiers

    def resolve(self, workspace: int, identifiers: Sequence[Identifier]) -> dict[Identifier, int]:
        bound = self.tables.identifiers
        return {wanted: bound[workspace, wanted][0] for wanted in identifiers if (workspace, wanted) in bound}

    def bind(self, workspace: int, identifiers: Mapping[Identifier, int], since: int = 0) -> None:
        bound = self._changing("identifiers").identifiers
        bound.update(((workspace, identifier), (profile, since)) for identifier, profile in identifiers.items())

    def identifiers(self, profiles: Sequence[int]) -> dict[int, list[Identifier]]:
        found: dict[int, list[tuple[str, int, Identifier]]] = {profile: [] for profile in profiles}
        for (_, identifier), (profile, since) in self.tables.identifiers.items():
            if profile in found:
                found[profile].append((identifier.kind, since, identifier))
        return {profile: [identifier for _, _, identifier in sorted(rows)] for profile, rows in found.items()}

    def profiles(self, keys: Sequence[int]) -> dict[int, ProfileRow]:
        return {key: self.tables.profiles[key] for key in keys if key in self.tables.profiles}

    def put_profiles(self, rows: Sequence[ProfileRow]) -> None:
        profiles = self._changing("profiles").profiles
        for row in rows:
            found = profiles.get(row.key, row)
            profiles[row.key] = found._replace(version=row.version, body=row.body)

    def list_profiles(self, workspace: int, *, limit: int, after: int = 0) -> list[ProfileRow]:
        rows = (row for row in self.tables.profiles.values() if row.workspace == workspace and row.key > after)
        return sorted(rows)[:limit]

    def count_profiles(self, workspace: int) -> int:
        return sum(row.workspace == workspace for row in self.tables.profiles.values())

    # journeys

    def journeys(self, workspace: int) -> list[JourneyRow]:
        return sorted(row for row in self.tables.journeys.values() if row.workspace == workspace)

    def journey(self, workspace: int, id: str) -> JourneyRow | None:
        return next((row for row in self.journeys(workspace) if row.id == id), None)

    def insert_journey(self, row: JourneyRow) -> int:
        if self.journey(row.workspace, row.id):
            raise Conflict(f"There is a journey with the id {row.id} already.", field="id")
        key = self.move_on("journey")
        self._changing("journeys").journeys[key] = row._replace(key=key)
        self.move_on("definitions")
        return key

    def update_journey(self, row: JourneyRow) -> None:
        if row.key not in self.tables.journeys:
            raise NotFound(f"There is no journey {row.id}.")
        other = self.journey(row.workspace, row.id)
        if other and other.key != row.key:
            raise Conflict(f"There is a journey with the id {row.id} already.", field="id")
        self._changing("journeys").journeys[row.key] = row
        self.move_on("definitions")

    def delete_journey(self, key: int) -> None:
        tables = self._changing("journeys", "versions", "tracking")
        _delete(tables.journeys, [key])
        _delete(tables.versions, [place for place in tables.versions if place[0] == key])
        tables.tracking = [change for change in tables.tracking if change.journey != key]
        self.move_on("definitions")

    def versions(self, journeys: Sequence[int]) -> list[VersionRow]:
        wanted = set(journeys)
        return sorted(row for row in self.tables.versions.values() if row.journey in wanted)

    def put_version(self, row: VersionRow) -> None:
        self._require_journey(row.journey)
        _insert(self._changing("versions").versions, [((row.journey, row.number), row)])
        self.move_on("definitions")

    def add_life(self, row: LifeRow) -> None:
        self._changing("life").life.append(row)

    def life(self, journey: int) -> list[LifeRow]:
        return sorted((row for row in self.tables.life if row.journey == journey), key=lambda row: row.at)

    def definitions_stamp(self) -> int:
        return self.tables.numbers["definitions"]

    def tracking_changes(self, workspace: int) -> list[TrackingChange]:
        rows = (row for row in self.tables.tracking if row.workspace == workspace)
        return sorted(rows, key=lambda row: (row.journey, row.node, row.at))

    def add_tracking_changes(self, rows: Sequence[TrackingChange]) -> None:
        if rows:
            for row in rows:
                self._require_journey(row.journey)
            self._changing("tracking").tracking.extend(rows)
            self.move_on("definitions")

    def _require_journey(self, key: int) -> None:
        if key not in self.tables.journeys:
            raise Conflict(f"The store refuses this: there is no journey {key}.")

    # runs and timers

    def runs_of_profiles(self, workspace: int, profiles: Sequence[int]) -> list[RunRow]:
        wanted = set(profiles)
        return sorted(row for row in self.tables.runs.values() if row.profile in wanted and row.workspace == workspace)

    def due_profiles(self, journeys: Sequence[int], until: int, *, limit: int) -> list[tuple[int, int]]:
        due = sorted((at, profile) for at, profile in self._timers(journeys) if at <= until)
        return [(profile, at) for at, profile in due[:limit]]

    def next_due(self, journeys: Sequence[int]) -> int | None:
        return min((at for at, _ in self._timers(journeys)), default=None)

    def count_due(self, journeys: Sequence[int], until: int) -> int:
        return sum(at <= until for at, _ in self._timers(journeys))

    def _timers(self, journeys: Sequence[int]) -> Iterator[tuple[int, int]]:
        wanted = set(journeys)
        for row in self.tables.runs.values():
            if row.due is not None and row.journey in wanted:
                yield row.due, row.profile

    def runs_of_journey(self, journey: int, *, after: int = 0, limit: int) -> list[RunRow]:
        return sorted(row for row in self.tables.runs.values() if row.journey == journey and row.key > after)[:limit]

    def put_runs(self, rows: Sequence[RunRow]) -> None:
        runs = self._changing("runs").runs
        for row in rows:
            runs[row.key] = runs.get(row.key, row)._replace(due=row.due, state=row.state)

    def delete_runs(self, keys: Sequence[int]) -> None:
        _delete(self._changing("runs").runs, keys)

    # calendar of timers

    def add_timers(self, deltas: Mapping[TimerKey, int]) -> None:
        timers = self._changing("timers").timers
        for key, delta in deltas.items():
            timers[key] = timers.get(key, 0) + delta
        _drop(timers, lambda _, number: number == 0)

    def timers(self, journeys: Sequence[int], until: int) -> dict[TimerKey, int]:
        wanted = set(journeys)
        return {key: number for key, number in self.tables.timers.items() if key.journey in wanted and key.hour < until}

    def timers_are_counted(self) -> bool:
        return True

    def tell_timers_counted(self) -> None:
        """They are, from the first run on."""

    # paused journeys

    def add_kept(self, rows: Sequence[KeptRow]) -> None:
        _insert(self._changing("kept").kept, (((row.journey, row.position), row) for row in rows))

    def kept(self, journeys: Sequence[int], *, limit: int) -> list[KeptRow]:
        wanted = set(journeys)
        rows = sorted(
            (row for row in self.tables.kept.values() if row.journey in wanted),
            key=lambda row: (row.profile, row.instant, row.position, row.journey),
        )
        result: list[KeptRow] = []
        for _, group in itertools.groupby(rows, key=lambda row: row.profile):
            of_profile = list(group)
            if result and len(result) + len(of_profile) > limit:
                break
            result += of_profile
        return result

    def delete_kept(self, journey: int, positions: Sequence[int] | None = None) -> None:
        kept = self._changing("kept").kept
        wanted = None if positions is None else set(positions)
        _delete(kept, [place for place in kept if place[0] == journey and (wanted is None or place[1] in wanted)])

    # counters

    def add_counters(self, deltas: Mapping[CounterKey, int]) -> None:
        counters = self._changing("counters").counters
        for key, delta in deltas.items():
            counters[key] = counters.get(key, 0) + delta

    def counters(
        self, journeys: Sequence[int], since: int | None = None, until: int | None = None
    ) -> dict[CounterKey, int]:
        wanted = set(journeys)
        sums: defaultdict[CounterKey, int] = defaultdict(int)
        for key, value in self.tables.counters.items():
            started = since is None or key.hour >= since
            if key.journey in wanted and started and (until is None or key.hour < until):
                sums[key._replace(hour=0)] += value
        return dict(sums)

    def add_cause_starts(self, workspace: int, deltas: Mapping[str, int], expires: int) -> None:
        rows = self._changing("cause_starts").cause_starts
        for root, delta in deltas.items():
            starts, until = rows.get((workspace, root), (0, expires))
            rows[workspace, root] = (starts + delta, max(until, expires))

    def cause_starts(self, workspace: int, roots: Sequence[str]) -> dict[str, int]:
        rows = self.tables.cause_starts
        return {root: rows[workspace, root][0] for root in roots if (workspace, root) in rows}

    def forget_cause_starts(self, before: int, limit: int) -> int:
        return _forget(self._changing("cause_starts").cause_starts, before, limit, lambda row: row[1])

    # outbox and ledger

    def add_intents(self, rows: Sequence[IntentRow]) -> None:
        intents = self._changing("intents").intents
        for row in rows:
            intents.setdefault(row.id, row)

    def claim_intents(self, lane: str, now: int, *, limit: int) -> list[IntentRow]:
        due = [row for row in self._intents("pending") if row.lane == lane and row.due <= now][:limit]
        claimed = [row._replace(state="sending", attempts=row.attempts + 1) for row in due]
        self._changing("intents").intents.update((row.id, row) for row in claimed)
        return claimed

    def settle_intents(self, rows: Sequence[IntentRow]) -> None:
        intents = self._changing("intents").intents
        for row in rows:
            if row.id in intents:
                intents[row.id] = intents[row.id]._replace(
                    state=row.state, due=row.due, attempts=row.attempts, result=row.result, decision=row.decision
                )

    def unsettled_intents(self) -> list[IntentRow]:
        return self._intents("sending")

    def due_lanes(self) -> dict[str, int]:
        # The first of each, since they come in order.
        return {row.lane: row.due for row in reversed(self._intents("pending"))}

    def waiting_lanes(self) -> dict[str, int]:
        return dict(Counter(row.lane for row in self._intents("pending")))

    def _intents(self, state: str) -> list[IntentRow]:
        rows = (row for row in self.tables.intents.values() if row.state == state)
        return sorted(rows, key=lambda row: (row.due, row.position))

    def intent(self, workspace: int, id: str) -> IntentRow | None:
        return self.tables.intents[id] if self._is_of(workspace, id) else None

    def _is_of(self, workspace: int, intent: str) -> bool:
        row = self.tables.intents.get(intent)
        return row is not None and row.workspace == workspace

    def intents(
        self,
        workspace: int,
        *,
        limit: int,
        before: tuple[int, int] | None = None,
        choice: IntentChoice = EVERY_INTENT,
    ) -> list[IntentRow]:
        rows = (
            row for row in self._chosen(workspace, choice) if before is None or (row.created, row.position) < before
        )
        return sorted(rows, key=lambda row: (-row.created, -row.position))[:limit]

    def count_intents(self, workspace: int, since: int | None = None, until: int | None = None) -> dict[str, int]:
        return dict(Counter(row.state for row in self._chosen(workspace, IntentChoice(since=since, until=until))))

    def _chosen(self, workspace: int, choice: IntentChoice) -> Iterator[IntentRow]:
        *equals, since, until = choice
        for row in self.tables.intents.values():
            of_row = (row.state, row.channel, row.journey, row.node, row.profile)
            if (
                row.workspace == workspace
                and all(wanted in {None, value} for wanted, value in zip(equals, of_row, strict=True))
                and (since is None or row.created >= since)
                and (until is None or row.created < until)
            ):
                yield row

    def count_repeats(self, workspace: int, since: int | None = None, until: int | None = None) -> Repeats:
        again = unknown = 0
        for row in self._chosen(workspace, IntentChoice(since=since, until=until)):
            tries = self.attempts([row.id])
            again += sum(one.outcome == "sent" for one in tries) > 1
            unknown += any(one.outcome == "uncertain" and one.number < row.attempts for one in tries)
        return Repeats(again, unknown)

    def put_attempts(self, rows: Sequence[AttemptRow]) -> None:
        attempts = self._changing("attempts").attempts
        for row in rows:
            place = (row.intent, row.number)
            attempts[place] = row._replace(begun=attempts.get(place, row).begun)

    def attempts(self, intents: Sequence[str]) -> list[AttemptRow]:
        wanted = set(intents)
        return sorted(row for row in self.tables.attempts.values() if row.intent in wanted)

    def outbox_depth(self) -> dict[tuple[str, str], int]:
        rows = self.tables.intents.values()
        return dict(Counter((row.channel, row.state) for row in rows if row.state in {"pending", "sending"}))

    # files that are imported

    def put_import(self, row: ImportRow) -> None:
        self._changing("imports").imports[row.id] = row

    def import_of(self, workspace: int, id: str) -> ImportRow | None:
        row = self.tables.imports.get(id)
        return row if row is not None and row.workspace == workspace else None

    def imports(self, workspace: int, *, limit: int) -> list[ImportRow]:
        rows = [row for row in self.tables.imports.values() if row.workspace == workspace]
        return sorted(rows, key=lambda row: (row.created, row.id), reverse=True)[:limit]

    def running_imports(self) -> list[ImportRow]:
        rows = [row for row in self.tables.imports.values() if row.state == "running"]
        return sorted(rows, key=lambda row: (row.created, row.id))

    def delete_import(self, id: str) -> None:
        _delete(self._changing("imports").imports, [id])

    # hand-over

    def add_batch(self, row: BatchRow) -> None:
        _insert(self._changing("batches").batches, [(row.number, row._replace(bodies=dict(row.bodies)))])
        numbers = self._changing("numbers").numbers
        numbers["batch"] = max(numbers["batch"], row.number)

    def last_batch(self) -> int:
        return self.tables.numbers["batch"]

    def unprojected(self, *, limit: int) -> list[BatchRow]:
        rows = (row for row in self.tables.batches.values() if row.projected is None)
        return sorted(rows, key=lambda row: row.number)[:limit]

    def handover_backlog(self) -> tuple[int, int | None]:
        left = sorted(row.number for row in self.tables.batches.values() if row.projected is None)
        return len(left), self.tables.batches[left[0]].committed if left else None

    def kept_batches(self) -> dict[int, frozenset[Table]]:
        return {number: frozenset(row.bodies) for number, row in sorted(self.tables.batches.items())}

    def mark_projected(self, numbers: Sequence[int], at: int | None) -> None:
        batches = self._changing("batches").batches
        for number in numbers:
            if number in batches:
                batches[number] = batches[number]._replace(projected=at)

    def delete_batches(self, projected_before: int) -> int:
        batches = self._changing("batches").batches
        rows = batches.values()
        old = [row.number for row in rows if row.projected is not None and row.projected < projected_before]
        _delete(batches, old)
        return len(old)

    # dead letters

    def add_dead_letters(self, rows: Sequence[DeadLetterRow]) -> None:
        self._changing("dead_letters").dead_letters.extend(rows)

    def dead_letters(self, workspace: int, *, limit: int) -> list[DeadLetterRow]:
        rows = [row for row in self.tables.dead_letters if row.workspace == workspace]
        rows.reverse()  # before a stable sort: of the same instant the last one added comes first
        return sorted(rows, key=lambda row: -row.at)[:limit]


def _present() -> int:
    return time.time_ns() // 1_000_000


def _insert(table: dict[Any, Any], rows: Iterable[tuple[Any, Any]]) -> None:
    for key, row in rows:
        if key in table:
            raise Conflict(f"The store refuses this: {key} is there already.")
        table[key] = row


def _delete(table: dict[Any, Any], keys: Iterable[Any]) -> None:
    for key in keys:
        table.pop(key, None)


def _drop(table: dict[Any, Any], dropped: Callable[[Any, Any], bool]) -> int:
    """Delete the rows for which this holds, by key and row; answer with how many."""
    old = [key for key, row in table.items() if dropped(key, row)]
    _delete(table, old)
    return len(old)


def _forget(table: dict[Any, Any], before: int, limit: int, expires: Callable[[Any], int]) -> int:
    old = sorted((expires(row), key) for key, row in table.items() if expires(row) < before)[:limit]
    _delete(table, (key for _, key in old))
    return len(old)
