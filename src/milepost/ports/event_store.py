"""The event store: the log that the card reads (activity) and what Analytics may see (datapoints).

Owns the columns of its tables and the verbs of the port. A batch arrives as TabSeparated text, ready to be stored;
its number makes writing it twice avoidable: after a crash the projector asks which numbers are there (ARCH-2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple, Protocol

from milepost.analytics.question import Answer, Members, Question
from milepost.kernel.condition import Condition

Table = Literal["activity", "datapoints", "profiles"]

#: Columns of the TabSeparated rows, in order. Times are integer milliseconds, UTC; `tracked` is 0 or 1; `params`, `why`
#: (empty when there is none), `attributes` and `tags` (a list) are JSON text. Text goes through `tab_separated`.
#: JSON text has no duplicate keys, no lone surrogates, and no whole numbers beyond 64 bits (write them as doubles).
COLUMNS: Final[dict[Table, tuple[str, ...]]] = {
    "activity": (
        "workspace", "profile", "time", "position", "received_at", "id", "action", "label", "source",
        "journey", "node", "run", "tracked", "params", "why", "batch",
    ),
    "datapoints": (
        "workspace", "profile", "time", "position", "received_at", "id", "action", "label", "source",
        "journey", "node", "run", "params", "batch",
    ),
    "profiles": ("workspace", "profile", "version", "attributes", "tags", "batch"),
}  # fmt: skip


_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})


def tab_separated(value: str) -> str:
    """The text as a field of a TabSeparated row."""
    return value.translate(_ESCAPES)


class ActivityRow(NamedTuple):
    """One event on the card."""

    profile: int
    time: int
    position: int
    received_at: int
    id: str
    action: str
    label: str
    source: str
    journey: str
    """Id of the journey for a move or an event that a node produced, else empty."""
    node: str
    run: str
    tracked: bool
    """For a move: what the switch said then (D-1.8). Always true for other events (D-1.6)."""
    params: dict[str, Any]
    why: dict[str, Any] | None


class Arrivals(NamedTuple):
    """A profile's arrivals at a node among the datapoints (D-1.9)."""

    profile: int
    arrivals: int
    first: int
    """When, in milliseconds."""
    last: int


class SeenAction(NamedTuple):
    """An action among the datapoints (D-2.9)."""

    action: str
    datapoints: int
    last: int
    """Time of the newest, in milliseconds."""


class MoveCount(NamedTuple):
    """Moves of one kind along one edge of one version (D-1.4)."""

    journey: str
    version: int
    node: str
    action: str
    from_node: str
    """Empty where there is none, like the two below."""
    outlet: str
    reason: str
    number: int
    distinct: int
    """How many different ids they have; as many, unless one was stored twice."""


class EventStore(Protocol):
    """May be called from any thread; implementations keep a connection per thread."""

    def append(self, table: Table, batch: int, rows: bytes) -> None:
        """Store all of the rows or nothing; they may be of several batches, of which `batch` is the first.

        `rows` is never empty; each line ends with a newline. Raises LeaseLost when another process has asked, since
        this one last did, which batches are there.
        """

    def batches(self, table: Table, first: int) -> set[int]:
        """The numbers of the batches from `first` on that the table holds.

        Whatever was sent before it was asked, by whomever, is among them or will never be there. Raises LeaseLost.
        """

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
        """A profile's events older than `before`, newest first by (time, position); `since`, `until` are included."""

    def arrivals(
        self, workspace: int, journey: str, node: str, *, limit: int, after: int = 0
    ) -> tuple[int, list[Arrivals]]:
        """Show in CRM: how many profiles have an arrival at the node among the datapoints, and a page by key."""

    def matching(
        self, workspace: int, where: Condition, now: int, *, limit: int, after: int = 0
    ) -> tuple[int, list[int]]:
        """How many profiles that have had attributes fit a condition on them, and a page of their keys, in order."""

    def actions(self, workspace: int) -> list[SeenAction]:
        """Every action among the datapoints, by name."""

    def samples(self, workspace: int, action: str, *, limit: int) -> list[dict[str, Any]]:
        """The params of an action's newest datapoints, newest first; dotted names come back as nested objects."""

    def answer(self, workspace: int, question: Question, now: int) -> Answer:
        """The answer to a question; equal to the question's reference answer over the same datapoints.

        The question in the answer is tied to `now` (ms) and to the newest datapoint, unless it was tied already.
        """

    def members(self, workspace: int, question: Question, members: Members, now: int) -> list[int]:
        """The keys of the profiles behind one number, in order. Pass the question of the answer to get just those."""

    def count(self, workspace: int, table: Table) -> int:
        """How many events (of `profiles`: profiles) of a workspace the table holds."""

    def moves(self, workspace: int, *, up_to: int, without: Sequence[int] = ()) -> list[MoveCount]:
        """The moves on the cards in batches up to a number, but for some, counted."""

    def untracked(
        self, workspace: int, journey: str, node: str, intervals: Sequence[tuple[int, int]], *, up_to: int
    ) -> int:
        """How many moves at a node are datapoints though their time lies in none of [on, off): in batches up to one."""

    def delete_workspace(self, workspace: int) -> None:
        """Remove all rows of a workspace, soon from the disk too; may be called again after it was cut short."""

    def close(self) -> None:
        """Release every connection; afterwards the folder may be opened by another process."""
