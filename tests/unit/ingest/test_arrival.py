"""What only the writer can say: the time of receipt (D-2.1), and what makes an event new (D-2.2)."""

from __future__ import annotations

import json

from msgspec.structs import replace

from milepost.ports.arrival import Arrival, at_receipt, dedupe_keys
from milepost.ports.state_store import Identifier

ARRIVAL = Arrival(0, (Identifier("custom_id", "c1"),), "order.placed", {"n": 1}, b'{"n":1}')
NOW = 1_772_366_400_000


def test_a_missing_time_is_the_time_of_receipt() -> None:
    received = at_receipt(ARRIVAL, NOW)
    assert (received.time, received.received_at, received.params) == (NOW, NOW, {"n": 1})


def test_a_time_in_the_past_stays() -> None:
    for time in (0, NOW - 1, NOW):
        received = at_receipt(replace(ARRIVAL, time=time, given_time=time), NOW)
        assert (received.time, received.received_at, received.params) == (time, NOW, {"n": 1})


def test_a_time_in_the_future_becomes_the_receipt_and_is_kept_beside() -> None:
    received = at_receipt(replace(ARRIVAL, time=NOW + 1, given_time=NOW + 1), NOW)
    assert (received.time, received.received_at) == (NOW, NOW)
    assert received.params == {"n": 1, "originalTime": "2026-03-01T12:00:00.001Z"}
    assert json.loads(received.text) == received.params
    assert ARRIVAL.params == {"n": 1}


def test_an_event_without_ids_is_always_new() -> None:
    assert dedupe_keys(ARRIVAL, 7) == ()


def test_ids_of_the_workspace_do_not_depend_on_the_profile() -> None:
    arrival = replace(ARRIVAL, id="x", message_id="x", uuid="x")
    keys = dedupe_keys(arrival, 7)
    assert len(set(keys)) == 3, "each has its own namespace"
    assert keys == dedupe_keys(replace(arrival, action="other", given_time=5), 8)


def test_insert_id_counts_with_profile_and_action() -> None:
    arrival = replace(ARRIVAL, insert_id="x")
    variants = {
        dedupe_keys(arrival, 7),
        dedupe_keys(arrival, 8),
        dedupe_keys(replace(arrival, action="other"), 7),
        dedupe_keys(replace(arrival, insert_id="y"), 7),
    }
    assert len(variants) == 4
    assert dedupe_keys(replace(arrival, given_time=5), 7) == dedupe_keys(arrival, 7)


def test_event_salt_counts_with_profile_action_and_the_given_time() -> None:
    arrival = replace(ARRIVAL, event_salt="x", time=5, given_time=5)
    variants = {
        dedupe_keys(arrival, 7),
        dedupe_keys(arrival, 8),
        dedupe_keys(replace(arrival, action="other"), 7),
        dedupe_keys(replace(arrival, given_time=6), 7),
        dedupe_keys(replace(arrival, given_time=None), 7),
        dedupe_keys(replace(arrival, event_salt="y"), 7),
    }
    assert len(variants) == 6


def test_the_receipt_does_not_change_what_is_a_repetition() -> None:
    """The same event in the future, sent twice, is received at two instants."""
    arrival = replace(ARRIVAL, event_salt="x", time=NOW + 9, given_time=NOW + 9)
    assert dedupe_keys(at_receipt(arrival, NOW), 7) == dedupe_keys(at_receipt(arrival, NOW + 5), 7)


def test_given_text_cannot_imitate_another_part() -> None:
    one = replace(ARRIVAL, action="a", event_salt="5:x")
    other = replace(ARRIVAL, action="a", given_time=5, event_salt="x")
    assert dedupe_keys(one, 7) != dedupe_keys(other, 7)
    assert dedupe_keys(replace(ARRIVAL, id="uuid:x"), 7) != dedupe_keys(replace(ARRIVAL, uuid="x"), 7)
