"""Tracked intervals made from turns of the switch: [on, off), by a move's time alone (D-1.8)."""

from __future__ import annotations

import pytest

from milepost.ports.state_store import TrackingChange
from milepost.runtime.tracking import FOR_EVER, Interval, Tracking

J, NODE = 1, "n"


def turned(*turns: tuple[int, bool]) -> Tracking:
    return Tracking(TrackingChange(1, J, NODE, at, on, "ann") for at, on in turns)


def tracked(tracking: Tracking, *times: int) -> list[bool]:
    return [tracking.tracked(J, NODE, time) for time in times]


def test_a_node_that_was_never_turned_is_not_tracked() -> None:
    tracking = turned()
    assert tracking.intervals(J, NODE) == []
    assert not tracking.is_on(J, NODE)
    assert not tracking.tracked(J, NODE, 5)


def test_a_tracked_interval_includes_on_and_not_off() -> None:
    tracking = turned((10, True), (20, False))
    assert tracking.intervals(J, NODE) == [Interval(10, 20)]
    assert tracked(tracking, 9, 10, 19, 20) == [False, True, True, False]
    assert not tracking.is_on(J, NODE)


def test_while_the_switch_is_on_the_interval_has_no_end() -> None:
    tracking = turned((10, True), (20, False), (30, True))
    assert tracking.intervals(J, NODE) == [Interval(10, 20), Interval(30, FOR_EVER)]
    assert tracked(tracking, 15, 25, 30, 10**15) == [True, False, True, True]
    assert tracking.is_on(J, NODE)


def test_turning_it_where_it_stands_changes_nothing() -> None:
    tracking = turned((5, False), (10, True), (15, True), (20, False), (25, False))
    assert tracking.intervals(J, NODE) == [Interval(10, 20)]


@pytest.mark.parametrize(
    ("turns", "intervals", "times"),
    [
        ([(10, True), (10, False)], [], {9: False, 10: False, 11: False}),
        ([(10, False), (10, True)], [(10, FOR_EVER)], {9: False, 10: True}),
        ([(5, True), (10, False), (10, True)], [(5, 10), (10, FOR_EVER)], {9: True, 10: True}),
        ([(5, True), (10, False), (10, True), (10, False)], [(5, 10)], {9: True, 10: False, 11: False}),
        ([(10, True), (10, False), (10, True)], [(10, FOR_EVER)], {9: False, 10: True, 11: True}),
        ([(10, True), (10, False), (12, True), (14, False)], [(12, 14)], {10: False, 12: True, 13: True, 14: False}),
    ],
)
def test_turns_at_the_same_instant_count_in_their_order(
    turns: list[tuple[int, bool]], intervals: list[tuple[int, int]], times: dict[int, bool]
) -> None:
    tracking = turned(*turns)
    assert tracking.intervals(J, NODE) == [Interval(*interval) for interval in intervals]
    assert tracked(tracking, *times) == list(times.values())


def test_each_node_of_each_journey_has_its_own_switch() -> None:
    tracking = Tracking([TrackingChange(1, J, NODE, 10, True, "ann"), TrackingChange(1, 2, "m", 20, True, "ann")])
    assert tracking.is_on(J, NODE)
    assert tracking.is_on(2, "m")
    assert not tracking.is_on(J, "m")
    assert not tracking.tracked(2, NODE, 30)
