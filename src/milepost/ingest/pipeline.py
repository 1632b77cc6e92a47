"""What an event must keep to, as an ordered list of named steps: `arrival -> arrival | rejection`.

Owns the steps, their order and the limits. Must not know the wire format, the store or the clock. To add a rule, write
a function, put it into `COMMON`, and give its code a row in the events reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from milepost.ingest import identifiers
from milepost.kernel.event import RESERVED_PREFIX
from milepost.ports.arrival import Arrival, Rejection

MAX_ID: Final = 255
MAX_LABEL: Final = 1_024
MAX_SOURCE: Final = 64
MAX_PARAMS_BYTES: Final = 65_536
MAX_PARAMS_DEPTH: Final = 16
LAST_TIME: Final = 253_402_300_799_999
"""31 December 9999: what ISO 8601 with four digits can say."""

_ACTION: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")
_LEAST_INTEGER: Final = -(2**63)
_GREATEST_INTEGER: Final = 2**64 - 1

Step = Callable[[Arrival], Arrival | Rejection]


def identifiers_present(arrival: Arrival) -> Arrival | Rejection:
    """Whose event is it? (D-2.4)."""
    return identifiers.complaint(arrival.item, arrival.identifiers) or arrival


def action_allowed(arrival: Arrival) -> Arrival | Rejection:
    """Letters, digits, `.`, `-`, `_` (D-2.1), and not one of the product's own (D-1.4)."""
    action = arrival.action
    if not action:
        return Rejection(arrival.item, "missing_field", "action", "`action` is missing.", "Add it, as `page.visit`.")
    if not _ACTION.fullmatch(action):
        fix = "Use 1 to 255 of: letters, digits, `.`, `-`, `_`."
        return Rejection(arrival.item, "invalid_action", "action", "This cannot be the name of an action.", fix)
    if action.startswith(RESERVED_PREFIX):
        message = f"Actions that begin with `{RESERVED_PREFIX}` are written by Milepost alone."
        return Rejection(arrival.item, "reserved_action", "action", message, "Choose another name.")
    return arrival


def texts_bounded(arrival: Arrival) -> Arrival | Rejection:
    """Ids, label and source are short."""
    if len(arrival.label) > MAX_LABEL:
        return _too_long(arrival.item, "label", MAX_LABEL)
    if not 0 < len(arrival.source) <= MAX_SOURCE:
        return _too_long(arrival.item, "source", MAX_SOURCE)
    for field, value in (
        ("id", arrival.id),
        ("messageId", arrival.message_id),
        ("uuid", arrival.uuid),
        ("insert_id", arrival.insert_id),
        ("eventSalt", arrival.event_salt),
    ):
        if value is not None and not 0 < len(value) <= MAX_ID:
            return _too_long(arrival.item, field, MAX_ID)
    return arrival


def times_possible(arrival: Arrival) -> Arrival | Rejection:
    """Between 1970 and 9999."""
    for field, value in (("time", arrival.time), ("received_at", arrival.received_at)):
        if value is not None and not 0 <= value <= LAST_TIME:
            fix = "Send a time between 1970 and 9999; an integer counts milliseconds."
            return Rejection(arrival.item, "invalid_time", field, "This time is out of range.", fix)
    return arrival


def params_bounded(arrival: Arrival) -> Arrival | Rejection:
    """Params are small, flat enough, and have numbers that every store can keep. Fills in their text."""
    if not arrival.params:
        return arrival
    if fault := json_fault(arrival.params):
        return Rejection(arrival.item, "invalid_params", "params", *fault)
    text = msgspec.json.encode(arrival.params)
    if len(text) > MAX_PARAMS_BYTES:
        message = f"The params have {len(text):,} bytes as JSON; the limit is {MAX_PARAMS_BYTES:,}."
        return Rejection(arrival.item, "params_too_large", "params", message, "Send less, or a link to it.")
    return replace(arrival, text=text)


def instant_left_to_us(arrival: Arrival) -> Arrival | Rejection:
    """Only in a virtual workspace does an input carry its instant (D-3.8)."""
    if arrival.received_at is None:
        return arrival
    message = "This workspace has a real clock: the time of receipt is not for the sender to say."
    return Rejection(
        arrival.item, "received_at_not_allowed", "received_at", message, "Leave it out, or use a virtual workspace."
    )


COMMON: Final[tuple[Step, ...]] = (
    identifiers_present,
    action_allowed,
    texts_bounded,
    times_possible,
    params_bounded,
)
REAL: Final = (*COMMON, instant_left_to_us)
"""The steps in a workspace with a real clock; a virtual one has `COMMON`."""


def run(arrival: Arrival, steps: Iterable[Step]) -> Arrival | Rejection:
    """Take the arrival through the steps, up to the first that rejects it."""
    for step in steps:
        result = step(arrival)
        if isinstance(result, Rejection):
            return result
        arrival = result
    return arrival


def json_fault(value: Any, depth: int = 0) -> tuple[str, str] | None:
    """What keeps a JSON value from being stored, with its remedy: depth or a number beyond 64 bits."""
    if isinstance(value, dict):
        items: Iterable[Any] = value.values()
    elif isinstance(value, list):
        items = value
    elif isinstance(value, int) and not _LEAST_INTEGER <= value <= _GREATEST_INTEGER:
        return "There is an integer of more than 64 bits.", "Send it as a string."
    else:
        return None
    if depth >= MAX_PARAMS_DEPTH:
        return f"It is nested more than {MAX_PARAMS_DEPTH} levels deep.", "Flatten it."
    for item in items:
        if not isinstance(item, str) and (fault := json_fault(item, depth + 1)):
            return fault
    return None


def _too_long(index: int, field: str, limit: int) -> Rejection:
    message = f"`{field}` is empty or too long."
    return Rejection(index, "invalid_length", field, message, f"Send 1 to {limit:,} characters, or leave it out.")
