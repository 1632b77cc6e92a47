"""The five-move journey and its customers: what every measurement of the cycle uses.

Owns the workload. Must not measure anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

HOUR: Final = 3_600_000
MOVES: Final = 5
"""Trigger, filter, delay, A/B test, End."""

JOURNEY: Final[dict[str, Any]] = {
    "name": "five moves",
    "nodes": [
        {
            "id": "start",
            "type": "profile_event",
            "settings": {"action": "cart.abandoned"},
            "outlets": {"next": "big"},
        },
        {
            "id": "big",
            "type": "profile_filter",
            "settings": {"where": {"param": "amount", "op": "greater", "value": 50}},
            "outlets": {"matched": "wait", "not_matched": "wait"},
        },
        {
            "id": "wait",
            "type": "delay",
            "settings": {"duration": {"value": 1, "unit": "hour"}},
            "outlets": {"next": "group"},
        },
        {"id": "group", "type": "ab_test", "settings": {}, "outlets": {"a": "end", "b": "end"}},
        {"id": "end", "type": "end", "outlets": {}},
    ],
}


def bodies(customers: int, size: int = 1_000) -> Iterator[bytes]:
    """Requests of `size` events, one event per customer, as they come over HTTP."""
    for first in range(0, customers, size):
        yield msgspec.json.encode([
            {
                "profile": {"custom_id": f"customer-{number}"},
                "action": "cart.abandoned",
                "params": {"amount": number % 100, "currency": "EUR"},
            }
            for number in range(first, min(first + size, customers))
        ])  # fmt: skip
