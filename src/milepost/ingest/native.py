"""Milepost's own wire format for events: the body of `POST /api/v1/events` (D-2.1).

Owns the field names and their types. Must not know what becomes of an arrival.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from milepost.ingest import pipeline
from milepost.ingest.decode import Body, Time, milliseconds
from milepost.ingest.identifiers import WireProfile, ranked
from milepost.ingest.registry import Dialect
from milepost.ports.arrival import Arrival, Rejection


class WireEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event on the wire; null is the same as leaving a field out."""

    profile: WireProfile | None = None
    action: str | None = None
    label: str | None = None
    time: Time | None = None
    received_at: Time | None = None
    params: dict[str, Any] | None = None
    source: str | None = None
    id: str | None = None
    message_id: str | None = msgspec.field(default=None, name="messageId")
    uuid: str | None = None
    insert_id: str | None = None
    event_salt: str | None = msgspec.field(default=None, name="eventSalt")


_BODY: Final = Body(WireEvent, "events")


def parse(body: bytes, *, virtual: bool = False) -> list[Arrival | Rejection]:
    """One event, a list of events, or `{"events": [...]}`: each as an arrival or a rejection, in order.

    `virtual` says whether the workspace's clock is virtual, so that `received_at` is the sender's to give (D-3.8).
    Raises TooLarge, Malformed and Invalid when the body as a whole cannot be taken.
    """
    steps = pipeline.COMMON if virtual else pipeline.REAL
    return [
        item if isinstance(item, Rejection) else pipeline.run(_arrival(index, item), steps)
        for index, item in enumerate(_BODY.decode(body))
    ]


def _arrival(index: int, event: WireEvent) -> Arrival:
    time = milliseconds(event.time)
    return Arrival(
        item=index,
        identifiers=ranked(event.profile),
        action=event.action or "",
        params=event.params or {},
        text=b"{}",
        time=time,
        given_time=time,
        received_at=milliseconds(event.received_at),
        label=event.label or "",
        source="api" if event.source is None else event.source,
        id=event.id,
        message_id=event.message_id,
        uuid=event.uuid,
        insert_id=event.insert_id,
        event_salt=event.event_salt,
    )


DIALECT: Final = Dialect("native", parse)
