"""One customer as a decision sees them: attributes, tags, consents, addresses (D-2.4, D-2.5).

Owns the `Profile` value and how a change folds into it, with the events that the change produces.
Must not know the profile's history, its runs, or how identifiers are resolved.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class Consent(NamedTuple):
    """What the profile last said about one channel. No record means no."""

    granted: bool
    time: int
    source: str


class Profile(NamedTuple):
    """A profile at one moment. Replace, never mutate: runs of one batch share it."""

    key: int
    """Internal dense integer; identifiers live in the state store alone."""
    attributes: dict[str, Any]
    tags: frozenset[str] = frozenset()
    consents: Mapping[str, Consent] = _NONE
    email: str | None = None
    phone: str | None = None


class ProfileChange(NamedTuple):
    """What to change, in the order: clear, set, increment, tags, consents."""

    set: Mapping[str, Any] = _NONE
    """Attribute to new value; `None` removes (D-2.5)."""
    increment: Mapping[str, float] = _NONE
    """Attribute to amount; a missing attribute starts at 0."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    consents: Mapping[str, bool] = _NONE


class Produced(NamedTuple):
    """An event that a change brings about, still without id, time and profile."""

    action: str
    params: dict[str, Any]


def same_json(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal without coercion: 1 and 1.0 are, 1 and true or "1" are not."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same_json(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same_json, left, right))
    return bool(left == right)


def _sum(old: Any, amount: float) -> Any:
    """Whole numbers beyond 64 bits are doubles in the stores, so they are from the start; what overflows stays."""
    total = old + amount
    if isinstance(total, int) and not -(2**63) <= total < 2**63:
        total = float(total)
    return total if math.isfinite(total) else old


def fold(profile: Profile, change: ProfileChange, now: int, source: str) -> tuple[Profile, list[Produced]]:
    """The profile after `change`, and one produced event for each thing that really became different (D-2.5).

    An increment of an attribute that is not a number leaves it as it is and produces nothing.
    """
    attributes = dict(profile.attributes)
    produced: list[Produced] = []

    def put(name: str, value: Any) -> None:
        old = attributes.get(name)
        if same_json(old, value):
            return
        if value is None:
            del attributes[name]
        else:
            attributes[name] = value
        produced.append(Produced("profile.updated", {"attribute": name, "old": old, "new": value}))

    for name, value in change.set.items():
        put(name, value)
    for name, amount in change.increment.items():
        old = attributes.get(name, 0)
        if isinstance(old, int | float) and not isinstance(old, bool):
            put(name, _sum(old, amount))
    tags = profile.tags
    for tag in change.add_tags:
        if tag not in tags:
            tags |= {tag}
            produced.append(Produced("profile.tagAdded", {"tag": tag}))
    for tag in change.remove_tags:
        if tag in tags:
            tags -= {tag}
            produced.append(Produced("profile.tagRemoved", {"tag": tag}))
    consents = profile.consents
    for channel, granted in change.consents.items():
        known = consents.get(channel)
        if known is None or known.granted != granted:
            consents = {**consents, channel: Consent(granted, now, source)}
            produced.append(Produced("profile.consentChanged", {"channel": channel, "granted": granted}))
    return profile._replace(attributes=attributes, tags=tags, consents=consents), produced
