"""What intake makes of one item of a request: an arrival, or the reason why there is none.

Owns the values and the rules that need the instant or the profile, which only the writer knows: the time of receipt
(D-2.1) and the keys of idempotent intake (D-2.2). Must not know a wire format, a store or a clock.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from milepost.kernel.insert import iso
from milepost.ports.state_store import Identifier

ORIGINAL_TIME: Final = "originalTime"
"""The param that keeps the time an event came with when it lay in the future (D-2.1)."""


class Rejection(NamedTuple):
    """Why one item of a request was not taken. The other items are not affected."""

    item: int
    """Place in the request, from 0."""
    code: str
    """A stable word; listed in the events reference."""
    field: str
    """Dotted name of the field, empty for the item as a whole."""
    message: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.field}: " if self.field else ""
        return f"{place}{self.message} {self.fix}".strip()


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """An event as it came in, checked, still without profile, position and receipt. Times are milliseconds, UTC."""

    item: int
    identifiers: tuple[Identifier, ...]
    """At least one, in order of rank: custom_id, email, phone, uuid (D-2.4)."""
    action: str
    params: dict[str, Any]
    text: bytes
    """`params` as compact JSON: what is stored."""
    time: int | None = None
    given_time: int | None = None
    """The time the sender gave, whatever becomes of `time`: part of an `eventSalt`'s scope (D-2.2)."""
    received_at: int | None = None
    """The instant, given by the sender in a virtual workspace only (D-3.8); `at_receipt` fills it in."""
    label: str = ""
    source: str = "api"
    id: str | None = None
    message_id: str | None = None
    uuid: str | None = None
    insert_id: str | None = None
    event_salt: str | None = None


class ProfileArrival(msgspec.Struct, frozen=True, gc=False):
    """A change of a profile as it came in, checked (D-2.5)."""

    item: int
    identifiers: tuple[Identifier, ...]
    attributes: dict[str, Any]
    """Attribute to new value; None removes."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    consents: dict[str, bool] = {}
    received_at: int | None = None
    source: str = "api"


def at_receipt(arrival: Arrival, instant: int) -> Arrival:
    """The arrival with its receipt, and its time when it had none or one in the future (D-2.1).

    A time in the future is kept as the param `originalTime`, in ISO 8601.
    """
    if arrival.time is None:
        return replace(arrival, time=instant, received_at=instant)
    if arrival.time <= instant:
        return replace(arrival, received_at=instant)
    params = {**arrival.params, ORIGINAL_TIME: iso(arrival.time)}
    return replace(arrival, time=instant, received_at=instant, params=params, text=msgspec.json.encode(params))


def dedupe_keys(arrival: Arrival, profile: int) -> tuple[str, ...]:
    """The keys under which this event must be new in its workspace, each in its own namespace (D-2.2).

    `id`, `messageId` and `uuid` stand alone; `insert_id` counts together with profile and action; `eventSalt` with
    profile, action and the given time. The given text comes last, so that it cannot imitate another part.
    """
    keys = []
    if arrival.id is not None:
        keys.append(f"id:{arrival.id}")
    if arrival.message_id is not None:
        keys.append(f"messageId:{arrival.message_id}")
    if arrival.uuid is not None:
        keys.append(f"uuid:{arrival.uuid}")
    if arrival.insert_id is not None:
        keys.append(f"insert_id:{profile}:{arrival.action}:{arrival.insert_id}")
    if arrival.event_salt is not None:
        time = "" if arrival.given_time is None else arrival.given_time
        keys.append(f"eventSalt:{profile}:{arrival.action}:{time}:{arrival.event_salt}")
    return tuple(keys)
