"""Rows for the tests of the stores: say what matters, leave the rest."""

from __future__ import annotations

from milepost.ports.state_store import (
    AccountRow,
    AttemptRow,
    BatchRow,
    DeadLetterRow,
    Identifier,
    ImportRow,
    ImportState,
    InputRow,
    IntentRow,
    IntentState,
    JourneyRow,
    KeptRow,
    LifeRow,
    ProfileRow,
    RunRow,
    SessionRow,
    TimerKey,
    TrackingChange,
    UncertainRule,
    VersionRow,
    WorkspaceRow,
)


def workspace(
    key: int = 1,
    *,
    now: int = 0,
    run_until: int | None = None,
    name: str = "Shop",
    demo: bool = False,
    uncertain: UncertainRule = "ask",
) -> WorkspaceRow:
    return WorkspaceRow(
        key, name, "virtual", now, run_until, "Europe/Warsaw", track_by_default=True, created=5, demo=demo,
        uncertain=uncertain,
    )  # fmt: skip


def account(key: int = 1, *, email: str = "ada@example.com", name: str = "Ada") -> AccountRow:
    return AccountRow(key, email, name, "hash", 6)


def session(hash: str = "s", *, account: int = 1, seen: int = 7, expires: int = 9) -> SessionRow:
    return SessionRow(hash, account, 7, seen, expires)


def entry(position: int, *, workspace: int = 1, instant: int = 10, rank: int = 1, body: bytes = b"body") -> InputRow:
    return InputRow(position, workspace, instant, rank, "events", 1, body)


def email(value: str) -> Identifier:
    return Identifier("email", value)


def profile(key: int, *, workspace: int = 1, version: int = 1, body: bytes = b"{}") -> ProfileRow:
    return ProfileRow(key, workspace, 7, version, body)


def journey(id: str = "welcome", *, workspace: int = 1, key: int = 0, name: str = "Welcome") -> JourneyRow:
    return JourneyRow(key, workspace, id, name, "draft", 0, "{}", 1, 0, 20, 21)


def version(journey: int, number: int = 1) -> VersionRow:
    return VersionRow(journey, number, 30, '{"nodes": []}')


def life(journey: int, at: int, action: str = "activate") -> LifeRow:
    return LifeRow(journey, at, "anna", action, "draft", "active", "because")


def switch(journey: int, node: str = "n1", at: int = 40, *, on: bool = True, workspace: int = 1) -> TrackingChange:
    return TrackingChange(workspace, journey, node, at, on, "anna")


def run(
    key: int,
    *,
    workspace: int = 1,
    journey: int = 1,
    profile: int = 1,
    due: int | None = None,
    state: bytes = b"state",
) -> RunRow:
    return RunRow(key, workspace, journey, profile, due, state)


def kept(position: int, *, journey: int = 1, profile: int = 1, instant: int = 50) -> KeptRow:
    return KeptRow(position, journey, profile, instant, b"event")


def intent(
    id: str,
    *,
    workspace: int = 1,
    due: int = 60,
    state: IntentState = "pending",
    body: bytes = b"message",
    lane: str = "email 1",
    created: int = 55,
    journey: int = 1,
    node: str = "n1",
    profile: int = 1,
    channel: str = "email",
    decision: str = "",
) -> IntentRow:
    # The ids of these tests are short: their bytes are a place, too.
    position = int.from_bytes(id.encode()[:7].ljust(7, b"\0"))
    return IntentRow(
        id, position, workspace, journey, node, profile, channel, state, due, 0, created, "", body, lane, decision
    )  # fmt: skip


def attempt(
    intent: str, number: int = 1, *, begun: int = 61, ended: int | None = None, outcome: str = "", reason: str = ""
) -> AttemptRow:
    return AttemptRow(intent, number, begun, ended, outcome, reason, "smtp", "250 OK")


def timer(hour: int, *, journey: int = 1, version: int = 1, node: str = "n1") -> TimerKey:
    return TimerKey(journey, version, node, hour)


def file(
    id: str = "i",
    *,
    workspace: int = 1,
    state: ImportState = "running",
    created: int = 80,
    stored: int = 2,
    error: str = "",
) -> ImportRow:
    return ImportRow(
        id, workspace, "anna", "loans.csv", "{}", "print", state, 9, 8, 7, 6, stored, 3, 1, 0, "{}", 40, created, 81,
        error,
    )  # fmt: skip


def batch(number: int, *, workspace: int = 1) -> BatchRow:
    return BatchRow(number, workspace, 70, None, {"activity": b"a\tb\n", "profiles": b"p\n"})


def dead_letter(at: int, *, workspace: int = 1, error: str = "KeyError") -> DeadLetterRow:
    return DeadLetterRow(workspace, at, 1, "r1", 1, error, b"event")
