"""The wire format of profile changes: the body of `POST /api/v1/profiles` (D-2.4, D-2.5).

Owns the field names, their types and what a change must keep to. Must not know which profile it will reach.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from milepost.ingest import identifiers, pipeline
from milepost.ingest.decode import Body, Time, milliseconds
from milepost.ingest.identifiers import WireProfile, ranked
from milepost.ports.arrival import ProfileArrival, Rejection

MAX_TAG: Final = 255
MAX_ATTRIBUTE: Final = 255


class WireTags(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tags to add and to remove."""

    add: list[str] = []
    remove: list[str] = []


class WireConsents(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the profile says about each channel; null leaves it as it is."""

    email: bool | None = None
    sms: bool | None = None
    push: bool | None = None
    web_push: bool | None = None


class WireChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change on the wire."""

    profile: WireProfile | None = None
    attributes: dict[str, Any] | None = None
    tags: WireTags | None = None
    consents: WireConsents | None = None
    received_at: Time | None = None
    source: str | None = None


_BODY: Final = Body(WireChange, "profiles")


def parse(body: bytes, *, virtual: bool = False) -> list[ProfileArrival | Rejection]:
    """One change, a list of changes, or `{"profiles": [...]}`: each as an arrival or a rejection, in order.

    Raises TooLarge, Malformed and Invalid when the body as a whole cannot be taken.
    """
    return [
        item if isinstance(item, Rejection) else _arrival(index, item, virtual=virtual)
        for index, item in enumerate(_BODY.decode(body))
    ]


def _arrival(index: int, change: WireChange, *, virtual: bool) -> ProfileArrival | Rejection:
    tags = change.tags or WireTags()
    consents: dict[str, bool] = {} if change.consents is None else msgspec.to_builtins(change.consents)
    arrival = ProfileArrival(
        item=index,
        identifiers=ranked(change.profile),
        attributes=change.attributes or {},
        add_tags=tuple(tags.add),
        remove_tags=tuple(tags.remove),
        consents=consents,
        received_at=milliseconds(change.received_at),
        source="api" if change.source is None else change.source,
    )
    return _complaint(arrival, virtual=virtual) or arrival


def _complaint(arrival: ProfileArrival, *, virtual: bool) -> Rejection | None:
    index = arrival.item
    if rejection := identifiers.complaint(index, arrival.identifiers):
        return rejection
    if not 0 < len(arrival.source) <= pipeline.MAX_SOURCE:
        fix = f"Send 1 to {pipeline.MAX_SOURCE} characters, or leave it out."
        return Rejection(index, "invalid_length", "source", "`source` is empty or too long.", fix)
    for name in arrival.attributes:
        if not 0 < len(name) <= MAX_ATTRIBUTE:
            fix = f"Send 1 to {MAX_ATTRIBUTE} characters."
            return Rejection(index, "invalid_length", "attributes", "An attribute's name is empty or too long.", fix)
    if fault := pipeline.json_fault(arrival.attributes):
        return Rejection(index, "invalid_attributes", "attributes", *fault)
    size = len(msgspec.json.encode(arrival.attributes))
    if size > pipeline.MAX_PARAMS_BYTES:
        message = f"The attributes have {size:,} bytes as JSON; the limit is {pipeline.MAX_PARAMS_BYTES:,}."
        return Rejection(index, "attributes_too_large", "attributes", message, "Send less.")
    for tag in (*arrival.add_tags, *arrival.remove_tags):
        if not 0 < len(tag) <= MAX_TAG:
            fix = f"Send 1 to {MAX_TAG} characters."
            return Rejection(index, "invalid_length", "tags", "A tag is empty or too long.", fix)
    if both := set(arrival.add_tags) & set(arrival.remove_tags):
        message = f"The tag `{min(both)}` is to be added and removed."
        return Rejection(index, "contradiction", "tags", message, "Decide for one of them.")
    if arrival.received_at is not None:
        if not virtual:
            message = "This workspace has a real clock: the time of receipt is not for the sender to say."
            fix = "Leave it out, or use a virtual workspace."
            return Rejection(index, "received_at_not_allowed", "received_at", message, fix)
        if not 0 <= arrival.received_at <= pipeline.LAST_TIME:
            fix = "Send a time between 1970 and 9999; an integer counts milliseconds."
            return Rejection(index, "invalid_time", "received_at", "This time is out of range.", fix)
    return None
