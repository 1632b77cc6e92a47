"""Who gets which instant and which place in the log (D-3.8)."""

from __future__ import annotations

import pytest

from milepost.kernel.event import Event
from milepost.ports.state_store import WorkspaceRow
from milepost.runtime import codec
from milepost.runtime.codec import Logged
from milepost.runtime.log import MOST_IN_A_ROW, Log
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock

REAL = WorkspaceRow(1, "real", "real", 0, None, "UTC", False, 0)
VIRTUAL = WorkspaceRow(2, "virtual", "virtual", 500, None, "UTC", False, 0)


def made(now: int = 1_000) -> tuple[Log, FixedClock, MemoryStateStore]:
    clock, store = FixedClock(now), MemoryStateStore()
    log = Log(store, clock)
    log.positions.prepare(1_000)
    return log, clock, store


def logged(position: int, instant: int) -> Logged:
    return codec.logged(Event(f"e{position}", 7, "a", instant, instant, position, {"n": position}))


def test_receipt_never_goes_back_though_the_clock_does() -> None:
    log, clock, _ = made()
    assert log.instant(REAL) == 1_000
    clock.time = 400
    assert log.instant(REAL) == 1_000
    clock.time = 1_001
    assert log.instant(REAL) == 1_001


def test_after_a_restart_it_does_not_go_back_behind_what_the_cycle_has_used() -> None:
    log, _, _ = made(now=400)
    assert log.instant(REAL._replace(now=900)) == 900


def test_the_clock_of_a_virtual_workspace_is_its_own() -> None:
    log, _, _ = made()
    assert log.instant(VIRTUAL) == 500
    assert log.instant(REAL) == 1_000


def test_nothing_is_forgotten_before_its_time_by_either_clock() -> None:
    """Memory is swept by the real clock; a virtual one may lie in the past, or far ahead."""
    log, _, _ = made()
    assert log.memory_until(500, 10) == 1_010
    assert log.memory_until(5_000, 10) == 5_010


def test_events_of_one_instant_share_a_row() -> None:
    log, _, store = made()
    with store.writing() as tx:
        log.append_events(tx, 1, [logged(1, 10), logged(2, 10), logged(3, 20), logged(4, 10)])
    with store.reading() as tx:
        rows = tx.pending_inputs(1, limit=10)
    assert [(row.instant, row.position, row.size) for row in rows] == [(10, 1, 2), (10, 4, 1), (20, 3, 1)]
    assert [event.event().params for event in codec.decode_events(rows[0].body)] == [{"n": 1}, {"n": 2}]


def test_a_row_has_a_limit() -> None:
    log, _, store = made()
    with store.writing() as tx:
        log.append_events(tx, 1, (logged(position, 10) for position in range(MOST_IN_A_ROW + 1)))
    with store.reading() as tx:
        assert [row.size for row in tx.pending_inputs(1, limit=10)] == [MOST_IN_A_ROW, 1]


def test_nothing_makes_no_row() -> None:
    log, _, store = made()
    with store.writing() as tx:
        log.append_events(tx, 1, [])
        log.append_changes(tx, 1, [])
        assert tx.pending_inputs(1, limit=10) == []


@pytest.mark.parametrize("stored_first", [True, False])
def test_a_command_comes_before_the_events_of_its_instant(stored_first: bool) -> None:
    log, _, store = made()
    with store.writing() as tx:
        if stored_first:
            log.append_command(tx, 1, 10, {"type": "pause"})
        log.append_events(tx, 1, [logged(log.positions.take(1), 10)])
        if not stored_first:
            log.append_command(tx, 1, 10, {"type": "pause"})
    with store.reading() as tx:
        assert [row.kind for row in tx.pending_inputs(1, limit=10)] == ["command", "events"]


def test_what_comes_back_from_outside_is_received_now_and_happened_no_later() -> None:
    log, clock, store = made()
    answers = [Event(f"r{time}", 7, "message.sent", time, time, 0, {}) for time in (900, 5_000)]
    clock.time = 1_200
    with store.writing() as tx:
        log.append_produced(tx, REAL, answers)
    with store.reading() as tx:
        [row] = tx.pending_inputs(1, limit=10)
    found = codec.decode_events(row.body)
    assert [(event.time, event.received_at) for event in found] == [(900, 1_200), (1_200, 1_200)]
    assert found[0].position < found[1].position
