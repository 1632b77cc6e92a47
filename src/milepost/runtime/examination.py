"""An examination: is everything as it must be, in both stores and around them?

Owns the list of checks and what they are called. All numbers are of one moment: those of the state come from one
snapshot, and of the event store only batches count that this snapshot calls handed over. Changes nothing. Must not know
which stores these are: what only a store can tell of itself is handed in.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import msgspec
import zstandard

from milepost.errors import MilepostError
from milepost.kernel.event import MOVE_ACTIONS
from milepost.ports.clock import Clock
from milepost.ports.event_store import COLUMNS, EventStore, MoveCount
from milepost.ports.state_store import JourneyRow, StateStore, Transaction, WorkspaceRow
from milepost.runtime.conservation import Finding, Place, compare, repeated
from milepost.runtime.projector import MOST_BYTES
from milepost.runtime.tracking import Tracking

MOST_BATCHES: Final = 2_000
"""Batches not handed over yet that are counted; with more, the log of moves is too far behind to be compared."""
PAGE: Final = 10_000
LATE: Final = 60_000
"""Milliseconds after which a batch should have been handed over."""
LEAP: Final = 60_000
"""Milliseconds that the clock may stand behind the latest instant."""
COLUMN: Final = {name: place for place, name in enumerate(COLUMNS["activity"])}
ESCAPE: Final = re.compile(r"\\(.)")
MEANING: Final = {"t": "\t", "n": "\n", "r": "\r", "0": "\0"}


class Check(msgspec.Struct, frozen=True):
    """One question and what was found; nothing is good."""

    name: str
    about: str
    findings: list[Finding] = []
    error: bool = True
    """Whether findings mean that something is wrong; else they are worth knowing."""


class Report(msgspec.Struct, frozen=True):
    """What an examination has found."""

    checks: list[Check]

    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not any(check.findings and check.error for check in self.checks)


Look = Callable[[], list[str]]
"""What a part has to say against itself."""


class Part(NamedTuple):
    """A question that only an adapter can answer."""

    name: str
    about: str
    look: Look


def physical(parts: Iterable[Part]) -> list[Check]:
    """What the stores, the disk and the files say of themselves."""
    return [Check(part.name, part.about, [Finding(part.name, text) for text in part.look()]) for part in parts]


def logical(store: StateStore, events: EventStore, clock: Clock) -> list[Check]:
    """Whether what is in the stores agrees. Raises MilepostError when they cannot be read."""
    moves: list[Finding] = []
    doubled: list[Finding] = []
    empty: list[Finding] = []
    stray: list[Finding] = []
    letters: list[Finding] = []
    clocks: list[Finding] = []
    with store.reading() as tx:
        behind = tx.unprojected(limit=MOST_BATCHES + 1)
        too_far = len(behind) > MOST_BATCHES
        last, without = tx.last_batch(), [batch.number for batch in behind]
        pending = [(batch.workspace, batch.bodies["activity"]) for batch in behind if "activity" in batch.bodies]
        for workspace in tx.workspaces():
            letters += _letters(tx, workspace)
            clocks += _clock(workspace, clock.now())
            logged: dict[str, list[MoveCount]] = defaultdict(list)
            if not too_far:
                on_the_way = moves_in(body for key, body in pending if key == workspace.key)
                for move in [*events.moves(workspace.key, up_to=last, without=without), *on_the_way]:
                    logged[move.journey].append(move)
            tracking = Tracking(tx.tracking_changes(workspace.key))
            for journey in tx.journeys(workspace.key):
                name = f"journey {journey.id} ({workspace.name})"
                log = logged[journey.id]
                standing, runs, without_path = _standing(tx, journey)
                empty += [Finding(name, f"run {run} has no path") for run in without_path]
                doubled += repeated(name, log)
                if not too_far:
                    moves += compare(name, tx.counters([journey.key]), log, standing, runs)
                for node in sorted({move.node for move in log}):
                    intervals = tracking.intervals(journey.key, node)
                    if number := events.untracked(workspace.key, journey.id, node, intervals, up_to=last):
                        text = f"{number:,} moves are datapoints, but were not tracked at their time"
                        stray.append(Finding(f"{name}, node {node}", text))
        late = _late(tx, clock.now())
    if too_far:
        text = f"more than {MOST_BATCHES:,} batches are not handed over yet: nothing was compared; try again later"
        moves.append(Finding("log of moves", text))
    return [
        Check("conservation", "counters, log of moves and present positions agree (D-1.2, D-6)", moves),
        Check("repetition", "no move is in the log twice (D-1.4)", doubled),
        Check("runs", "every run that is going has a path", empty),
        Check("tracking", "every move among the datapoints was tracked at its time (D-1.8)", stray),
        Check("handover", "batches reach the event store within a minute", late, error=False),
        Check("dead letters", "no input was given up", letters, error=False),
        Check("clock", "the clock is not behind the latest instant", clocks),
    ]


def examined(name: str, look: Callable[[], list[Check]]) -> list[Check]:
    """The checks, or one that says why they could not be made."""
    try:
        return look()
    except MilepostError as error:
        return [Check(name, "it can be read", [Finding(name, error.message)])]


def _standing(tx: Transaction, journey: JourneyRow) -> tuple[dict[Place, int], int, list[str]]:
    """Paths by version and node, the number of runs, and the runs without a path."""
    found: Counter[Place] = Counter()
    runs, after, without = 0, 0, []
    while page := tx.runs_of_journey(journey.key, after=after, limit=PAGE):
        for row in page:
            # Only what is asked for: to make runs of ten million rows would take minutes.
            id, version, *_, paths = msgspec.msgpack.decode(row.state)
            found.update((version, path[1]) for path in paths)
            if not paths:
                without.append(id)
        runs += len(page)
        after = page[-1].key
    return dict(found), runs, without


def _letters(tx: Transaction, workspace: WorkspaceRow) -> list[Finding]:
    found = len(tx.dead_letters(workspace.key, limit=PAGE))
    text = f"{found:,} inputs are among the dead letters"
    return [Finding(workspace.name, text)] if found else []


def _clock(workspace: WorkspaceRow, now: int) -> list[Finding]:
    ahead = workspace.now - now
    if workspace.clock == "virtual" or ahead <= LEAP:
        return []
    text = f"the clock is {ahead // 1000:,} s behind the latest instant: until it has caught up, waits stand still"
    return [Finding(workspace.name, text)]


def _late(tx: Transaction, now: int) -> list[Finding]:
    number, since = tx.handover_backlog()
    if since is None or now - since <= LATE:
        return []
    return [Finding("hand-over", f"{number:,} batches wait, the first for {(now - since) // 1000:,} s")]


def moves_in(bodies: Iterable[bytes]) -> list[MoveCount]:
    """The moves in batches that are on their way, counted as the event store counts those that it has."""
    unpack = zstandard.ZstdDecompressor().decompress
    counts: Counter[tuple[str, int, str, str, str, str, str]] = Counter()
    ids: dict[tuple[str, int, str, str, str, str, str], set[str]] = defaultdict(set)
    for body in bodies:
        for line in unpack(body, max_output_size=MOST_BYTES).decode().splitlines():
            fields = line.split("\t")
            if fields[COLUMN["action"]] not in MOVE_ACTIONS:
                continue
            params: Mapping[str, object] = json.loads(_text(fields[COLUMN["params"]]))
            key = (
                _text(fields[COLUMN["journey"]]), int(str(params["journeyVersion"])), fields[COLUMN["node"]],
                fields[COLUMN["action"]], str(params.get("fromNodeId", "")), str(params.get("outlet", "")),
                str(params.get("reason", "")),
            )  # fmt: skip
            counts[key] += 1
            ids[key].add(fields[COLUMN["id"]])
    return [MoveCount(*key, number, len(ids[key])) for key, number in counts.items()]


def _text(field: str) -> str:
    return ESCAPE.sub(lambda found: MEANING.get(found[1], found[1]), field)
