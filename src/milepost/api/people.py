"""How a profile is named in a list, and how a request names one.

Owns the reference `12` or `custom_id:ada`, and the label with identifiers. Must not know what else a profile has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal, get_args

from fastapi import Path

from milepost.api.form import Told
from milepost.errors import NotFound
from milepost.ports.state_store import Identifier, ProfileRow, Transaction

Kind = Literal["custom_id", "email", "phone", "uuid"]
_LARGEST_KEY: Final = 2**63 - 1

Reference = Annotated[
    str,
    Path(
        description="The profile's key, or one of its identifiers as `custom_id:ada`.",
        examples=["12", "custom_id:ada", "email:ada@example.com"],
    ),
]


class IdentifierOf(Told):
    """One identifier."""

    kind: Kind
    value: str


class Label(Told):
    """Which profile."""

    profile: int
    """The profile's key."""
    identifiers: list[IdentifierOf]


def labels(tx: Transaction, keys: Sequence[int]) -> dict[int, Label]:
    """Label by key."""
    found = tx.identifiers(keys) if keys else {}
    return {
        key: Label(
            profile=key, identifiers=[IdentifierOf(kind=one.kind, value=one.value) for one in found.get(key, [])]
        )
        for key in keys
    }


def profile_of(tx: Transaction, workspace: int, reference: str) -> ProfileRow:
    """The profile that a reference names. Raises NotFound."""
    kind, colon, value = reference.partition(":")
    key: int | None = None
    if reference.isdecimal() and reference.isascii():
        key = int(reference)
    elif colon and kind in get_args(Kind):
        identifier = Identifier(kind, value)  # type: ignore[arg-type] # checked by the line above
        key = tx.resolve(workspace, [identifier]).get(identifier)
    row = tx.profiles([key]).get(key) if key is not None and key <= _LARGEST_KEY else None
    if row is None or row.workspace != workspace:
        message = f"There is no profile `{reference}`."
        raise NotFound(message, fix="Name it by its key, or by an identifier as `custom_id:ada`.")
    return row
