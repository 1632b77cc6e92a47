"""The body of `POST /api/v1/events`: what is taken, what is rejected, and what the sender is told (D-2.1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from milepost.errors import Invalid, Malformed, MilepostError, TooLarge
from milepost.ingest import native, registry
from milepost.ports.arrival import Arrival, Rejection
from milepost.ports.state_store import Identifier

GOOD: dict[str, Any] = {"profile": {"custom_id": "c1"}, "action": "page.visit"}


def body(*events: dict[str, Any]) -> bytes:
    return json.dumps(list(events)).encode()


def one(event: dict[str, Any], *, virtual: bool = False) -> Arrival | Rejection:
    (result,) = native.parse(json.dumps(event).encode(), virtual=virtual)
    return result


def taken(event: dict[str, Any], *, virtual: bool = False) -> Arrival:
    result = one(event, virtual=virtual)
    assert isinstance(result, Arrival), result
    return result


def rejected(event: dict[str, Any], *, virtual: bool = False) -> Rejection:
    result = one(event, virtual=virtual)
    assert isinstance(result, Rejection), result
    return result


def test_every_field_arrives() -> None:
    event = {
        "id": "i", "messageId": "m", "uuid": "u", "insert_id": "n", "eventSalt": "s",
        "profile": {"uuid": "anon", "email": "ann@example.com", "custom_id": "c1", "phone": "+31 6 1234"},
        "action": "order.placed-2_X", "label": "Order", "time": "2026-03-01T13:00:00.123456+01:00",
        "params": {"price": 12.5, "tags": ["a", {"b": None}]}, "source": "shop",
    }  # fmt: skip
    arrival = taken(event)
    assert arrival == Arrival(
        item=0,
        identifiers=(
            Identifier("custom_id", "c1"),
            Identifier("email", "ann@example.com"),
            Identifier("phone", "+31 6 1234"),
            Identifier("uuid", "anon"),
        ),
        action="order.placed-2_X",
        params={"price": 12.5, "tags": ["a", {"b": None}]},
        text=b'{"price":12.5,"tags":["a",{"b":null}]}',
        time=1_772_366_400_123,
        given_time=1_772_366_400_123,
        label="Order",
        source="shop",
        id="i",
        message_id="m",
        uuid="u",
        insert_id="n",
        event_salt="s",
    )


def test_little_is_enough() -> None:
    arrival = taken(GOOD)
    assert (arrival.time, arrival.params, arrival.text, arrival.source) == (None, {}, b"{}", "api")


def test_null_is_the_same_as_leaving_out() -> None:
    nothing = dict.fromkeys(("id", "label", "time", "params", "source", "eventSalt"))
    assert taken({**GOOD, **nothing}) == taken(GOOD)


@pytest.mark.parametrize(
    ("time", "milliseconds"),
    [
        (0, 0),
        (1_772_366_400_123, 1_772_366_400_123),
        ("1970-01-01T00:00:00Z", 0),
        ("2026-03-01T12:00:00+00:00", 1_772_366_400_000),
        ("2026-03-01T17:30:00.5+05:30", 1_772_366_400_500),
        ("2026-03-01T12:00:00.9999Z", 1_772_366_400_999),
    ],
)
def test_times_are_iso_with_a_zone_or_milliseconds(time: str | int, milliseconds: int) -> None:
    assert taken({**GOOD, "time": time}).time == milliseconds


def test_one_event_a_list_and_a_wrapped_list_are_the_same() -> None:
    text = json.dumps(GOOD).encode()
    assert native.parse(text) == native.parse(b"[" + text + b"]") == native.parse(b' {"events": [' + text + b"]}")


def test_the_later_of_two_equal_keys_counts_and_is_stored_once() -> None:
    """A store that reads the text must see what the kernel saw."""
    (arrival,) = native.parse(b'{"profile":{"uuid":"u"},"action":"a","params":{"x":1,"x":2}}')
    assert isinstance(arrival, Arrival)
    assert (arrival.params, arrival.text) == ({"x": 2}, b'{"x":2}')


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"profile": None}, "no_identifier", "profile"),
        ({"profile": {}}, "no_identifier", "profile"),
        ({"profile": {"custom_id": None}}, "no_identifier", "profile"),
        ({"profile": {"custom_id": " "}}, "invalid_identifier", "profile.custom_id"),
        ({"profile": {"custom_id": "a\nb"}}, "invalid_identifier", "profile.custom_id"),
        ({"profile": {"uuid": "x" * 256}}, "invalid_identifier", "profile.uuid"),
        ({"profile": {"email": "ann"}}, "invalid_identifier", "profile.email"),
        ({"profile": {"email": "a@b@c"}}, "invalid_identifier", "profile.email"),
        ({"profile": {"email": "Ann <ann@example.com>"}}, "invalid_identifier", "profile.email"),
        ({"profile": {"custom_id": 1}}, "wrong_type", "profile.custom_id"),
        ({"profile": "c1"}, "wrong_type", "profile"),
        ({"profile": {"name": "Ann"}}, "unknown_field", "profile.name"),
        ({"action": None}, "missing_field", "action"),
        ({"action": "a b"}, "invalid_action", "action"),
        ({"action": "a" * 256}, "invalid_action", "action"),
        ({"action": "café"}, "invalid_action", "action"),
        ({"action": "a\n"}, "invalid_action", "action"),
        ({"action": 5}, "wrong_type", "action"),
        ({"action": "automation.clientEndPath"}, "reserved_action", "action"),
        ({"action": "automation."}, "reserved_action", "action"),
        ({"label": "x" * 1025}, "invalid_length", "label"),
        ({"source": ""}, "invalid_length", "source"),
        ({"id": ""}, "invalid_length", "id"),
        ({"messageId": "x" * 256}, "invalid_length", "messageId"),
        ({"eventSalt": 7}, "wrong_type", "eventSalt"),
        ({"time": "yesterday"}, "invalid_time", "time"),
        ({"time": "2026-03-01T12:00:00"}, "invalid_time", "time"),
        ({"time": True}, "invalid_time", "time"),
        ({"time": 1.5}, "invalid_time", "time"),
        ({"time": -1}, "invalid_time", "time"),
        ({"time": 10**30}, "invalid_time", "time"),
        ({"params": [1]}, "wrong_type", "params"),
        ({"params": {"x": 2**64}}, "invalid_params", "params"),
        ({"params": {"x": [{"y": -(2**63) - 1}]}}, "invalid_params", "params"),
        ({"params": {"x": "y" * 65_536}}, "params_too_large", "params"),
        ({"received_at": 5}, "received_at_not_allowed", "received_at"),
        ({"parms": {}}, "unknown_field", "parms"),
    ],
)
def test_a_bad_event_is_rejected_naming_the_field(change: dict[str, Any], code: str, field: str) -> None:
    rejection = rejected({**GOOD, **change})
    assert (rejection.code, rejection.field) == (code, field)
    assert rejection.message
    assert rejection.fix


def test_a_misspelt_field_gets_a_suggestion() -> None:
    assert rejected({**GOOD, "parms": {}}).fix == "Did you mean `params`?"


def test_actions_that_only_look_reserved_are_free() -> None:
    assert taken({**GOOD, "action": "automation"}).action == "automation"
    assert taken({**GOOD, "action": "Automation.x"}).action == "Automation.x"


def test_numbers_out_of_range_are_rejected_and_large_integers_kept_exactly() -> None:
    (rejection,) = native.parse(b'[{"profile":{"uuid":"u"},"action":"a","params":{"x":1e999}}]')
    assert isinstance(rejection, Rejection)
    assert (rejection.code, rejection.field) == ("out_of_range", "params")
    exact = {"x": 2**64 - 1, "y": -(2**63), "z": 2**53 + 1}
    assert json.loads(taken({**GOOD, "params": exact}).text) == exact


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"x": 1}
    for _ in range(levels - 1):
        value = {"x": value}
    return value


def test_params_may_be_nested_16_levels_deep() -> None:
    assert taken({**GOOD, "params": nested(16)}).params == nested(16)
    assert rejected({**GOOD, "params": nested(17)}).code == "invalid_params"


def test_the_instant_is_the_senders_in_a_virtual_workspace_only() -> None:
    """D-3.8."""
    assert taken({**GOOD, "received_at": "1970-01-01T00:00:05Z"}, virtual=True).received_at == 5_000
    assert rejected({**GOOD, "received_at": -1}, virtual=True).field == "received_at"


def test_a_bad_item_does_not_touch_its_neighbours() -> None:
    results = native.parse(body(GOOD, {"action": 5}, {**GOOD, "action": "automation.x"}, {**GOOD, "action": "b"}))
    assert [type(result).__name__ for result in results] == ["Arrival", "Rejection", "Rejection", "Arrival"]
    assert [result.item for result in results] == [0, 1, 2, 3]


def test_what_is_no_object_in_a_list_is_rejected_for_itself() -> None:
    text = b"[3, " + json.dumps(GOOD).encode() + b', "x", [1], null]'
    results = native.parse(text)
    assert [r.code if isinstance(r, Rejection) else "" for r in results] == [
        "wrong_type", "", "wrong_type", "wrong_type", "wrong_type",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"", "line 1, column 1"),
        (b"[", "line 1, column 2"),
        (b'[{"action": "a",}]', "line 1, column 17"),
        (b'[\n  {"action": "\xc3\xa9" "b"}\n]', "line 2, column 18"),
        (b'{"profile": {"uuid": "u"}, "action": "a", "params": {"x": NaN}}', "line 1, column 59"),
        (b'{"profile": {"uuid": "u"}, "action": "a", "params": {"x": Infinity}}', "line 1, column 59"),
        (b'{"action": "\xff"}', "line 1, column 13"),
        (b"[{}] []", "line 1, column"),
        (b'[{"action": 5}, {"action": "\xff"}]', "line 1, column 29"),
        (b'[{"action": 5}, {"action": "\\ud800"}]', "line 1, column"),
        (b'[{"action": 5}, {"action": }]', "line 1, column 28"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(text: bytes, place: str) -> None:
    with pytest.raises(Malformed) as refusal:
        native.parse(text)
    assert place in refusal.value.message


@pytest.mark.parametrize("text", [b"[]", b'{"events": []}', b'{"events": 3}', b"3", b'"x"', b"null", b"[" * 100_000])
def test_a_body_without_events_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid):
        native.parse(text)


def test_nothing_stands_beside_the_list() -> None:
    with pytest.raises(Invalid) as refusal:
        native.parse(b'{"events": [{}], "batch": 1}')
    assert refusal.value.field == "batch"


def test_the_limits_are_1000_events_and_1_mb() -> None:
    assert len(native.parse(body(*[GOOD] * 1_000))) == 1_000
    with pytest.raises(TooLarge):
        native.parse(body(*[GOOD] * 1_001))
    padded = json.dumps(GOOD).encode().ljust(1_048_576)
    assert len(native.parse(padded)) == 1
    with pytest.raises(TooLarge):
        native.parse(padded + b" ")


def test_too_many_bad_items_are_too_many_all_the_same() -> None:
    with pytest.raises(TooLarge):
        native.parse(body(*[{"action": 5}] * 1_001))


def test_dialects_are_found_by_their_stem() -> None:
    assert registry.dialect("native").parse is native.parse
    assert "native" in registry.dialects()
    with pytest.raises(MilepostError, match="no dialect `nativ`"):
        registry.dialect("nativ")
