"""How a profile is named in a list, and how a request names one.

Owns the reference `12` or `custom_id:ada`, the label, and which attributes are a name. Must not know what else a
profile has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, get_args

from fastapi import Path

from milepost.api.form import Told
from milepost.errors import NotFound
from milepost.kernel.condition import All, AnyOf, Condition, Test
from milepost.ports.state_store import Identifier, ProfileRow, Transaction
from milepost.runtime import codec

Kind = Literal["custom_id", "email", "phone", "uuid"]
_LARGEST_KEY: Final = 2**63 - 1
#: Attributes that hold a name, as they are usually spelled; of several the first counts.
_WHOLE: Final = ("name", "full_name", "fullName", "fullname")
_FIRST: Final = ("first_name", "firstName", "firstname")
_LAST: Final = ("last_name", "lastName", "lastname")

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
    name: str | None
    """From its attributes: `name`, or `first_name` and `last_name`, in their usual spellings."""
    identifiers: list[IdentifierOf]


def labels(tx: Transaction, keys: Sequence[int]) -> dict[int, Label]:
    """Label by key."""
    found = tx.identifiers(keys) if keys else {}
    rows = tx.profiles(keys) if keys else {}
    return {
        key: Label(
            profile=key,
            name=name_of(codec.decode_profile(rows[key], []).attributes) if key in rows else None,
            identifiers=[IdentifierOf(kind=one.kind, value=one.value) for one in found.get(key, [])],
        )
        for key in keys
    }


def name_of(attributes: Mapping[str, Any]) -> str | None:
    """What a profile is called, if its attributes say so."""

    def first(spellings: Sequence[str]) -> str:
        texts = (attributes.get(name) for name in spellings)
        return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")

    return first(_WHOLE) or f"{first(_FIRST)} {first(_LAST)}".strip() or None


def called(text: str) -> Condition:
    """A condition that holds for profiles whose first, last or whole name begins with the text, whatever the case."""

    def begins(spellings: Sequence[str], text: str) -> AnyOf:
        return AnyOf(
            any=tuple(Test(attribute=name, op="starts_with", value=text, ignore_case=True) for name in spellings)
        )

    given, space, family = text.partition(" ")
    both = (All(all=(begins(_FIRST, given), begins(_LAST, family.strip()))),) if space and family.strip() else ()
    return AnyOf(any=(begins((*_WHOLE, *_FIRST, *_LAST), text), *both))


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
