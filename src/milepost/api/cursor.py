"""Cursors: where a page of a list in order of time ends, as a text that says nothing to whoever sends it back.

Owns the text. Must not know any list.
"""

from __future__ import annotations

import base64
import binascii

from milepost.errors import Invalid


def written(time: int, position: int) -> str:
    """The cursor of a place in a list."""
    return base64.urlsafe_b64encode(f"{time}.{position}".encode()).decode().rstrip("=")


def read(cursor: str | None) -> tuple[int, int] | None:
    """The place, (time, position). Raises Invalid."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        time, position = text.split(".")
        place = int(time), int(position)
        if min(place) < 0 or max(place) >= 2**63:
            raise ValueError(cursor)
    except (binascii.Error, ValueError):
        message = "This is not a cursor."
        raise Invalid(message, field="cursor", fix="Send `next` of the page before, or leave it out.") from None
    return place
