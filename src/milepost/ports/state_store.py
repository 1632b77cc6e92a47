"""The state store: definitions, the log of inputs, runs, counters, outbox, hand-over. One writer, transactions.

Owns the rows and the verbs of the port, all of them set-based: one call for a whole batch. Must not know what the
bytes in a row mean, nor any rule of the domain: those live in `runtime`. Every row carries a workspace (D-8).
Times are integer milliseconds, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final, Literal, NamedTuple, Protocol

from milepost.ports.event_store import Table

SequenceName = Literal["position", "profile", "run"]
IntentState = Literal["pending", "sending", "sent", "failed", "skipped", "uncertain"]
UncertainRule = Literal["ask", "send_again", "leave"]
ImportState = Literal["uploading", "running", "finished", "failed", "cancelled"]


class WorkspaceRow(NamedTuple):
    """One separate world. `now` is the latest instant that its cycle has used; it never goes back (D-3.8)."""

    key: int
    name: str
    clock: Literal["real", "virtual"]
    now: int
    run_until: int | None
    """Virtual only: the instant that a *run to T* in progress goes to, so that a restart goes on with it."""
    timezone: str
    track_by_default: bool
    created: int
    demo: bool = False
    """Its visitors are simulated, and it may be deleted."""
    uncertain: UncertainRule = "ask"
    """What becomes of an effect of which nobody knows whether it arrived (D-7)."""


class LeaseRow(NamedTuple):
    """Which worker may write, where there can be several."""

    epoch: int
    """Grows with each worker that takes over; 0 before the first."""
    held: bool
    """Whether its time is not over yet, by the store's own clock: those of workers may differ."""


class ApiKeyRow(NamedTuple):
    """A key is stored by its hash only."""

    hash: str
    workspace: int
    name: str
    created: int


class AccountRow(NamedTuple):
    """Somebody who may sign in."""

    key: int
    email: str
    """Unique, and compared as it is: `access.accounts` makes all spellings of one the same."""
    name: str
    password: str
    """Its slow, salted hash."""
    created: int


class SessionRow(NamedTuple):
    """An account that is signed in with one browser."""

    hash: str
    """Of the token, which is not stored."""
    account: int
    created: int
    seen: int
    """When it was last used, coarsely."""
    expires: int


class InputRow(NamedTuple):
    """Inputs of one kind and one instant, in order; taken in order of (instant, rank, position) (D-3.8)."""

    position: int
    """Place in the log of the first input in the row; unique."""
    workspace: int
    instant: int
    rank: int
    """At the same instant commands (0) come before events and profile changes (1)."""
    kind: Literal["events", "profiles", "command"]
    size: int
    """Number of inputs in the row."""
    body: bytes


class ProfileRow(NamedTuple):
    """A profile's present state; `body` holds attributes, tags and consents, encoded."""

    key: int
    workspace: int
    created: int
    version: int
    """Position of the input that wrote it last: later wins."""
    body: bytes


class Identifier(NamedTuple):
    """One identifier of a profile; unique in its workspace (D-2.4)."""

    kind: Literal["custom_id", "email", "phone", "uuid"]
    value: str


class JourneyRow(NamedTuple):
    """A journey: its draft, its newest published version, and where it is in its life (D-3.5)."""

    key: int
    workspace: int
    id: str
    name: str
    state: Literal["draft", "active", "paused", "finishing", "finished"]
    version: int
    """Newest published version; 0 while there is none."""
    draft: str
    """Definition as JSON text."""
    revision: int
    """Counts the edits of the draft: an edit names the one it began from."""
    resumed_at: int
    """Instant of the last activation or resume: what was kept is taken then; 0 before the first."""
    created: int
    updated: int


class VersionRow(NamedTuple):
    """A published, immutable definition."""

    journey: int
    number: int
    published: int
    definition: str


class LifeRow(NamedTuple):
    """One change in a journey's life: kept for ever."""

    journey: int
    at: int
    who: str
    action: str
    before: str
    after: str
    why: str


class TrackingChange(NamedTuple):
    """One turn of a node's switch (D-1.8). The switch belongs to the node id, not to a version."""

    workspace: int
    journey: int
    node: str
    at: int
    on: bool
    who: str


class RunRow(NamedTuple):
    """A run that is going. Its key is a dense integer in order of entry, so key order is order of start."""

    key: int
    workspace: int
    journey: int
    profile: int
    due: int | None
    """Earliest instant at which a timer of the run is due."""
    state: bytes


class KeptRow(NamedTuple):
    """An event kept for the runs of a paused journey (D-3.5)."""

    position: int
    journey: int
    profile: int
    instant: int
    body: bytes


class CounterKey(NamedTuple):
    """What is counted: per journey, version, node and hour (D-6)."""

    journey: int
    version: int
    node: str
    """Empty for counters of the journey itself."""
    kind: str
    """`entered`, `opened`, `left:<outlet>`, `finished`, `exited:<reason>`, `waiting`, `refused:<reason>` ..."""
    hour: int
    """Start of the hour of the moves' time, in hours since 1970."""


class IntentRow(NamedTuple):
    """An effect in the outbox or its ledger (D-7)."""

    id: str
    position: int
    """Place in the log at which it was handed over: the ledger's order."""
    workspace: int
    journey: int
    node: str
    profile: int
    channel: str
    state: IntentState
    due: int
    """When the next attempt may be made."""
    attempts: int
    created: int
    """When it was handed over; with the position the ledger's order."""
    result: str
    """Provider's last answer, or why it was skipped, as JSON text."""
    body: bytes
    lane: str = ""
    """Whom it waits for: those of one lane are begun in order, those of different lanes do not hold each other up."""
    decision: str = ""
    """What was last decided about it when it was uncertain, as JSON text."""


class AttemptRow(NamedTuple):
    """One try to carry an intent out."""

    intent: str
    number: int
    """1, 2, 3 ... within the intent."""
    begun: int
    ended: int | None
    """None while it is under way, and where a crash took its end."""
    outcome: str
    """`sent`, `failed`, `retry` or `uncertain`; empty while it is under way."""
    reason: str
    provider: str
    reference: str
    """What the provider calls it, as far as it said so."""


class IntentChoice(NamedTuple):
    """Which intents of a workspace; None leaves open."""

    state: IntentState | None = None
    channel: str | None = None
    journey: int | None = None
    node: str | None = None
    profile: int | None = None
    since: int | None = None
    """Created at or after this instant."""
    until: int | None = None
    """Created before this instant."""


EVERY_INTENT: Final = IntentChoice()


class Repeats(NamedTuple):
    """Numbers of intents of which more than one attempt may have arrived."""

    accepted_again: int
    """More than one attempt was accepted."""
    after_uncertain: int
    """Tried again after an attempt of which nobody knows what became."""


class TimerKey(NamedTuple):
    """Timers that are counted together: those of one node of one version that are due in one hour."""

    journey: int
    version: int
    node: str
    hour: int
    """In hours since 1970."""


class BatchRow(NamedTuple):
    """A committed batch on its way to the event store; bodies are compressed TabSeparated rows."""

    number: int
    workspace: int
    committed: int
    projected: int | None
    bodies: dict[Table, bytes]


class DeadLetterRow(NamedTuple):
    """An input that the kernel could not advance, with its error; it never stops the others."""

    workspace: int
    at: int
    journey: int
    run: str
    profile: int
    error: str
    body: bytes


class ImportRow(NamedTuple):
    """A file that the server imports, and how far it is: written in the transaction that stores the events (D-2.10)."""

    id: str
    workspace: int
    who: str
    name: str
    """Of the file: its ending says its format, and ids of events are made of it."""
    mapping: str
    """What the columns are, and which rows are read, as JSON text."""
    fingerprint: str
    """By which whoever sends the file knows it again; empty if they do not."""
    state: ImportState
    size: int
    """Bytes of the whole file."""
    received: int
    """Bytes of it that are here, durable."""
    position: int
    """Bytes of it that have been read."""
    rows: int
    """Rows that have been read: where reading goes on."""
    stored: int
    duplicates: int
    rejected: int
    left_out: int
    slugged: str
    """Number of values that `slug` had to change by field, as JSON text."""
    rejects: int
    """Bytes of the file of rejects that count."""
    created: int
    updated: int
    error: str
    """Why it failed, as JSON text; empty otherwise."""


class Transaction(Protocol):
    """One transaction. Reads see its own writes. Lists of keys may be of any length."""

    # the lease of the active worker
    def lease(self) -> LeaseRow: ...
    def hold_lease(self, epoch: int, milliseconds: int) -> None:
        """Hold it under this epoch for so long from now, by the store's own clock."""
        ...

    # workspaces and API keys
    def workspaces(self) -> list[WorkspaceRow]: ...
    def next_workspace(self) -> int:
        """A key that no workspace has or ever had."""
        ...

    def put_workspace(self, row: WorkspaceRow) -> None:
        """Store a workspace. Setting nothing but `now` and `run_until` leaves the stamp of the definitions as it is."""
        ...

    def delete_workspace(self, key: int) -> None:
        """Drop a workspace with all that is in it, batches on their way included. No other workspace gets its key."""
        ...

    def api_key(self, hash: str) -> ApiKeyRow | None: ...
    def api_keys(self, workspace: int) -> list[ApiKeyRow]:
        """A workspace's keys, oldest first."""
        ...

    def put_api_key(self, row: ApiKeyRow) -> None: ...

    # accounts and sessions
    def accounts(self) -> list[AccountRow]:
        """All of them, in order of key."""
        ...

    def account(self, email: str) -> AccountRow | None: ...
    def put_account(self, row: AccountRow) -> None:
        """Store an account, or change the one with this key; Conflict if another has the email."""
        ...

    def session(self, hash: str) -> SessionRow | None: ...
    def put_session(self, row: SessionRow) -> None: ...
    def delete_session(self, hash: str) -> None: ...
    def delete_sessions(self, account: int) -> None:
        """Drop all sessions of an account."""
        ...

    def forget_sessions(self, before: int) -> int:
        """Drop the sessions that expired before an instant; answer with how many."""
        ...

    # the log of inputs
    def append_inputs(self, rows: Sequence[InputRow]) -> None:
        """Conflict if a position is taken."""
        ...

    def pending_inputs(self, workspace: int, *, limit: int, until: int | None = None) -> list[InputRow]:
        """Untaken rows in order of (instant, rank, position), instant <= `until`; at most `limit` rows."""
        ...

    def delete_inputs(self, positions: Sequence[int]) -> None: ...
    def last_instant(self, workspace: int) -> int | None:
        """The greatest instant among the untaken rows."""
        ...

    # idempotent intake (D-2.2)
    def known_ids(self, workspace: int, ids: Sequence[str]) -> set[str]:
        """Those that are remembered."""
        ...

    def remember_ids(self, workspace: int, ids: Sequence[str], expires: int) -> set[str]:
        """Remember ids that are new; answer with those that were known before the call, and stay as they were."""
        ...

    def forget_ids(self, before: int, limit: int) -> int:
        """Forget up to `limit` ids, oldest first, whose memory ended before an instant; answer with how many."""
        ...

    # profiles and identifiers
    def resolve(self, workspace: int, identifiers: Sequence[Identifier]) -> dict[Identifier, int]:
        """The profiles of those identifiers that are known."""
        ...

    def bind(self, workspace: int, identifiers: Mapping[Identifier, int], since: int = 0) -> None:
        """Give identifiers to profiles from an instant on; one that another profile has passes to the new one."""
        ...

    def identifiers(self, profiles: Sequence[int]) -> dict[int, list[Identifier]]:
        """For each of the profiles its identifiers, in order of rank (D-2.4), the oldest of a kind first."""
        ...

    def profiles(self, keys: Sequence[int]) -> dict[int, ProfileRow]: ...
    def put_profiles(self, rows: Sequence[ProfileRow]) -> None:
        """Store profiles; of one that is there, version and body change."""
        ...

    def list_profiles(self, workspace: int, *, limit: int, after: int = 0) -> list[ProfileRow]: ...
    def count_profiles(self, workspace: int) -> int: ...

    # journeys
    def journeys(self, workspace: int) -> list[JourneyRow]: ...
    def journey(self, workspace: int, id: str) -> JourneyRow | None: ...
    def insert_journey(self, row: JourneyRow) -> int:
        """Store a new journey (its `key` is ignored) and answer with its key; Conflict if the id exists."""
        ...

    def update_journey(self, row: JourneyRow) -> None:
        """NotFound if there is none with this key; Conflict if another has the id."""
        ...

    def delete_journey(self, key: int) -> None:
        """Drop a journey with its versions and tracking changes. Its life stays, and no other journey gets its key."""
        ...

    def versions(self, journeys: Sequence[int]) -> list[VersionRow]: ...
    def put_version(self, row: VersionRow) -> None:
        """Conflict if the number is taken or there is no such journey."""
        ...

    def add_life(self, row: LifeRow) -> None: ...
    def life(self, journey: int) -> list[LifeRow]:
        """In order of time; at the same time, as they were added."""
        ...

    def definitions_stamp(self) -> int:
        """Grows with every change of workspaces, journeys, versions and tracking: lets a reader cache them.

        Cache only what was read in a transaction that did not roll back.
        """
        ...

    # tracking
    def tracking_changes(self, workspace: int) -> list[TrackingChange]:
        """All changes in order of journey, node and instant; at the same instant, as they were added."""
        ...

    def add_tracking_changes(self, rows: Sequence[TrackingChange]) -> None:
        """Conflict if there is no such journey."""
        ...

    # runs and timers
    def runs_of_profiles(self, workspace: int, profiles: Sequence[int]) -> list[RunRow]:
        """Every run of the profiles, in order of key."""
        ...

    def due_profiles(self, journeys: Sequence[int], until: int, *, limit: int) -> list[tuple[int, int]]:
        """(profile, due) of up to `limit` runs in these journeys due by `until`, in order of (due, profile)."""
        ...

    def next_due(self, journeys: Sequence[int]) -> int | None:
        """When the earliest timer of these journeys is due."""
        ...

    def count_due(self, journeys: Sequence[int], until: int) -> int:
        """How many runs of these journeys are due by `until`."""
        ...

    def runs_of_journey(self, journey: int, *, after: int = 0, limit: int) -> list[RunRow]:
        """A journey's runs in order of key, in pages."""
        ...

    def put_runs(self, rows: Sequence[RunRow]) -> None:
        """Store runs; of one that is there, due and state change: a run keeps its journey and profile."""
        ...

    def delete_runs(self, keys: Sequence[int]) -> None: ...

    # calendar of timers
    def add_timers(self, deltas: Mapping[TimerKey, int]) -> None:
        """Add to the numbers of timers; what has come to 0 is forgotten."""
        ...

    def timers(self, journeys: Sequence[int], until: int) -> dict[TimerKey, int]:
        """Numbers of timers due in hours before `until`, in hours since 1970."""
        ...

    def timers_are_counted(self) -> bool:
        """Whether the numbers hold all runs: not so in a store that is older than they are, until they were told."""
        ...

    def tell_timers_counted(self) -> None: ...

    # paused journeys
    def add_kept(self, rows: Sequence[KeptRow]) -> None:
        """Conflict if a journey keeps the event at this position already."""
        ...

    def kept(self, journeys: Sequence[int], *, limit: int) -> list[KeptRow]:
        """Kept events of the first profiles, each in order of (instant, position).

        Whole profiles only: as many as fit in `limit` rows, and at least one.
        """
        ...

    def delete_kept(self, journey: int, positions: Sequence[int] | None = None) -> None:
        """Drop a journey's kept events: those at these positions, or all."""
        ...

    # counters
    def add_counters(self, deltas: Mapping[CounterKey, int]) -> None: ...
    def counters(
        self, journeys: Sequence[int], since: int | None = None, until: int | None = None
    ) -> dict[CounterKey, int]:
        """Counters summed over the hours in [since, until) (in hours since 1970), each returned with `hour` 0."""
        ...

    def add_cause_starts(self, workspace: int, deltas: Mapping[str, int], expires: int) -> None: ...
    def cause_starts(self, workspace: int, roots: Sequence[str]) -> dict[str, int]:
        """How many runs hang on each outside event so far (D-3.2, Generate event)."""
        ...

    def forget_cause_starts(self, before: int, limit: int) -> int:
        """Forget up to `limit` counts that expired before an instant; answer with how many."""
        ...

    # outbox and ledger
    def add_intents(self, rows: Sequence[IntentRow]) -> None:
        """Store new intents; one whose id exists is left as it is."""
        ...

    def claim_intents(self, lane: str, now: int, *, limit: int) -> list[IntentRow]:
        """Pending intents of a lane that are due, marked `sending`; earliest first. Each has one attempt more now."""
        ...

    def settle_intents(self, rows: Sequence[IntentRow]) -> None:
        """Write back state, due, attempts, result and decision; ids that are not there are passed over."""
        ...

    def unsettled_intents(self) -> list[IntentRow]:
        """Those left in `sending`, by a crash: nobody knows whether the provider got them."""
        ...

    def due_lanes(self) -> dict[str, int]:
        """Lanes that have pending intents, with when the first of each is due."""
        ...

    def waiting_lanes(self) -> dict[str, int]:
        """Number of pending intents by lane, in all workspaces."""
        ...

    def intent(self, workspace: int, id: str) -> IntentRow | None: ...
    def intents(
        self,
        workspace: int,
        *,
        limit: int,
        before: tuple[int, int] | None = None,
        choice: IntentChoice = EVERY_INTENT,
    ) -> list[IntentRow]:
        """A page of the ledger, newest first: intents whose (created, position) is smaller than `before`."""
        ...

    def count_intents(self, workspace: int, since: int | None = None, until: int | None = None) -> dict[str, int]:
        """Number of intents per state, of those created in [since, until)."""
        ...

    def count_repeats(self, workspace: int, since: int | None = None, until: int | None = None) -> Repeats:
        """Intents created in [since, until) that may have arrived more than once, counted from their attempts."""
        ...

    def put_attempts(self, rows: Sequence[AttemptRow]) -> None:
        """Store attempts; of one that is there, all but its begin changes."""
        ...

    def attempts(self, intents: Sequence[str]) -> list[AttemptRow]:
        """The attempts of these intents, in order of intent and number."""
        ...

    def outbox_depth(self) -> dict[tuple[str, str], int]:
        """Number of intents that are not carried out yet, in all workspaces, by (channel, state)."""
        ...

    # files that are imported
    def put_import(self, row: ImportRow) -> None:
        """Store an import, or what has become of the one with this id."""
        ...

    def import_of(self, workspace: int, id: str) -> ImportRow | None: ...
    def imports(self, workspace: int, *, limit: int) -> list[ImportRow]:
        """The newest ones, newest first."""
        ...

    def running_imports(self) -> list[ImportRow]:
        """Those of all workspaces that are running, oldest first."""
        ...

    def delete_import(self, id: str) -> None: ...

    # hand-over
    def add_batch(self, row: BatchRow) -> None:
        """Conflict if the number is taken."""
        ...

    def last_batch(self) -> int:
        """The greatest number ever used; 0 when there was none."""
        ...

    def unprojected(self, *, limit: int) -> list[BatchRow]:
        """The first ones, in order of number."""
        ...

    def handover_backlog(self) -> tuple[int, int | None]:
        """How many batches were not handed over, and when the first of them was committed."""
        ...

    def kept_batches(self) -> dict[int, frozenset[Table]]:
        """The tables that each batch has rows for, by number, in order; marked ones too. Reads all of them: seldom."""
        ...

    def mark_projected(self, numbers: Sequence[int], at: int | None) -> None:
        """Note when batches were handed over; None takes the note back."""
        ...

    def delete_batches(self, projected_before: int) -> int:
        """Drop batches projected before an instant; answer with how many."""
        ...

    # dead letters
    def add_dead_letters(self, rows: Sequence[DeadLetterRow]) -> None: ...
    def dead_letters(self, workspace: int, *, limit: int) -> list[DeadLetterRow]:
        """The newest ones, newest first."""
        ...


class StateStore(Protocol):
    """Transactions over one database. A write waits for the write before it; reads never wait for writes."""

    def reading(self) -> AbstractContextManager[Transaction]:
        """A consistent snapshot."""

    def writing(self) -> AbstractContextManager[Transaction]:
        """Commits, durable, when the block ends; rolls back, leaving nothing, when it raises.

        A block that the store has refused something ends with that error: it must not go on after it.

        Raises StorageFull when the disk is full and StorageUnavailable when the database cannot be written.
        """

    def reserve(self, name: SequenceName, count: int) -> int:
        """Take `count` consecutive numbers off a sequence, durable at once; answers with the first. Starts at 1.

        Never inside this thread's own `writing` block. It costs a sync of the disk: take many at a time.
        """

    def close(self) -> None:
        """Close every connection."""
