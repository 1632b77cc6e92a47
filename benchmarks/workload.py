"""The fixed workloads: journeys, their customers' events, and how many moves must come of them.

Owns the workloads. Must not measure anything.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import msgspec

HOUR: Final = 3_600_000

Json = dict[str, Any]


class Workload(NamedTuple):
    """A journey and who goes through it, from the trigger `start` to the End `end`."""

    definition: Json
    phases: tuple[Callable[[int, int], Iterator[bytes]], ...]
    """(customers, items in a request) -> requests; the next phase begins when all of the one before is stored."""
    moves: int
    """Of each customer."""
    events: int
    """From outside, of each customer."""
    waits: bool
    """Whether customers stand at a delay of an hour, called `wait`, once all events are in."""


def node(id: str, type: str, settings: Json, **outlets: str) -> Json:
    """A node of a definition."""
    return {"id": id, "type": type, "settings": settings, "outlets": outlets}


def requests(make: Callable[[int], Json], customers: int, size: int, *, each: int = 1) -> Iterator[bytes]:
    """Requests of `size` events; `make` gives the event of a number, of which each customer has `each` in a row."""
    count = customers * each
    for first in range(0, count, size):
        yield msgspec.json.encode([make(number) for number in range(first, min(first + size, count))])


def entry(number: int) -> Json:
    """What a customer enters by."""
    return {
        "profile": {"custom_id": f"customer-{number}"},
        "action": "cart.abandoned",
        "params": {"amount": number % 100, "currency": "EUR"},
    }


bodies: Final = functools.partial(requests, entry)
"""(customers, items in a request) -> one event for each customer, as it comes over HTTP."""

FIVE_MOVES: Final = Workload(
    {
        "name": "five moves",
        "nodes": [
            node("start", "profile_event", {"action": "cart.abandoned"}, next="big"),
            node(
                "big", "profile_filter", {"where": {"param": "amount", "op": "greater", "value": 50}},
                matched="wait", not_matched="wait",
            ),
            node("wait", "delay", {"duration": {"value": 1, "unit": "hour"}}, next="group"),
            node("group", "ab_test", {}, a="end", b="end"),
            node("end", "end", {}),
        ],
    },
    (bodies,),
    moves=5,
    events=1,
    waits=True,
)  # fmt: skip

FILTERS: Final = 20


def _conditions(number: int) -> Json:
    """Six comparisons in groups, as a marketer nests them; all hold for every customer."""
    return {
        "all": [
            {"param": "amount", "op": "less", "value": 100 + number},
            {"any": [
                {"param": "currency", "op": "in", "value": ["USD", "GBP"]},
                {"param": "currency", "op": "equal", "value": "eur", "ignore_case": True},
            ]},
            {"not": {"attribute": "blocked", "op": "is_true"}},
            {"param": "coupon", "op": "not_exists"},
            {"param": "currency", "op": "regex", "value": "^[A-Z]{3}$"},
        ]
    }  # fmt: skip


CONDITIONS: Final = Workload(
    {
        "name": "twenty filters",
        "nodes": [
            node("start", "profile_event", {"action": "cart.abandoned"}, next="f1"),
            *(
                node(
                    f"f{number}", "profile_filter", {"where": _conditions(number)},
                    matched=f"f{number + 1}" if number < FILTERS else "end", not_matched="end",
                )
                for number in range(1, FILTERS + 1)
            ),
            node("end", "end", {}),
        ],
    },
    (bodies,),
    moves=FILTERS + 2,
    events=1,
    waits=False,
)  # fmt: skip

VISITS: Final = 10


def _visit(number: int) -> Json:
    """The last visit of each customer is to the page that is waited for."""
    customer, visit = divmod(number, VISITS)
    return {
        "profile": {"custom_id": f"customer-{customer}"},
        "action": "page.visit",
        "params": {"url": "/done" if visit == VISITS - 1 else f"/page/{visit}"},
    }


FAN_IN: Final = Workload(
    {
        "name": "waiting for a page",
        "nodes": [
            node("start", "profile_event", {"action": "cart.abandoned"}, next="page"),
            node(
                "page", "event_filter",
                {
                    "action": "page.visit",
                    "where": {"param": "url", "op": "equal", "value": "/done"},
                    "limit": {"value": 1, "unit": "day"},
                },
                matched="end", not_matched="end",
            ),
            node("end", "end", {}),
        ],
    },
    (bodies, functools.partial(requests, _visit, each=VISITS)),
    moves=3,
    events=1 + VISITS,
    waits=False,
)  # fmt: skip

WORKLOADS: Final = {"five_moves": FIVE_MOVES, "conditions": CONDITIONS, "fan_in": FAN_IN}
