"""Customers who place orders, and the journeys that they go through: load whose outcome no delay can change.

Whoever pays has time enough for it, and whoever is not waited for long does not pay: so this load makes the same moves
however often the server is killed. Owns journeys and requests. Must not know servers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]

CUSTOMERS: Final = 480
ORDERS: Final = 2
"""Orders of each customer."""
AT_ONCE: Final = 8
"""Customers in one request."""


def second(value: int) -> Json:
    return {"value": value, "unit": "second"}


SAME_ORDER: Final = {"param": "order", "op": "equal", "value": "{{ event.params.order }}"}


def journeys(web_port: int) -> list[Json]:
    """The definitions. A run of the first can start one of the second."""
    orders = {
        "name": "Orders",
        "settings": {"entry_key": "order", "goal": {"action": "order.cancelled", "where": SAME_ORDER}},
        "nodes": [
            {"id": "placed", "type": "profile_event", "settings": {"action": "order.placed"},
             "outlets": {"next": "big"}},
            {"id": "big", "type": "profile_filter",
             "settings": {"where": {"param": "amount", "op": "greater", "value": 50}},
             "outlets": {"matched": "paid", "not_matched": "soon"}},
            # These pay or cancel for certain.
            {"id": "paid", "type": "event_filter",
             "settings": {"action": "order.paid", "where": SAME_ORDER, "limit": {"value": 1, "unit": "hour"}},
             "outlets": {"matched": "rest", "not_matched": "never"}},
            {"id": "rest", "type": "delay", "settings": {"duration": second(1)}, "outlets": {"next": "group"}},
            {"id": "group", "type": "ab_test", "outlets": {"a": "remember", "b": "follow"}},
            {"id": "remember", "type": "update_profile",
             "settings": {"increment": {"remembered": 1}, "add_tags": ["buyer"]},
             "outlets": {"next": "follow"}},
            {"id": "follow", "type": "generate_event",
             "settings": {"action": "order.followed", "params": {"order": "{{ event.params.order }}"}},
             "outlets": {"next": "done"}},
            {"id": "done", "type": "end"},
            # These do nothing more.
            {"id": "soon", "type": "event_filter",
             "settings": {"action": "order.paid", "where": SAME_ORDER, "limit": second(1)},
             "outlets": {"matched": "never", "not_matched": "fork"}},
            {"id": "fork", "type": "split", "settings": {"outlets": ["mail", "call", "late"]},
             "outlets": {"mail": "letter", "call": "hook", "late": "later"}},
            {"id": "letter", "type": "send_email",
             "settings": {"subject": "Order {{ event.params.order }}", "body": "Dear {{ customer.name }}, pay it.",
                          "sender": "shop@example.com", "transactional": True},
             "outlets": {"next": "mailed"}},
            {"id": "hook", "type": "webhook",
             "settings": {"url": f"http://127.0.0.1:{web_port}/", "body": {"order": "{{ event.params.order }}"}},
             "outlets": {"next": "called"}},
            {"id": "later", "type": "delay", "settings": {"duration": second(2)}, "outlets": {"next": "waited"}},
            *({"id": id, "type": "end", "settings": {"ends_others": False}} for id in ("mailed", "called", "waited")),
            {"id": "never", "type": "end"},
        ],
    }  # fmt: skip
    follow_up = {
        "name": "Follow-up",
        "settings": {"entry_key": "order"},
        "nodes": [
            {"id": "followed", "type": "profile_event", "settings": {"action": "order.followed"},
             "outlets": {"next": "later"}},
            {"id": "later", "type": "delay", "settings": {"duration": second(1)}, "outlets": {"next": "end"}},
            {"id": "end", "type": "end"},
        ],
    }  # fmt: skip
    return [orders, follow_up]


TRACKED: Final = {0: ("paid", "letter", "fork"), 1: ("later",)}
"""Nodes to track besides triggers and Ends, by place of the journey."""


def profile(customer: int) -> Json:
    return {"custom_id": f"c{customer}"}


def profiles() -> list[Json]:
    """What makes the customers known, in order."""
    return [
        {"profile": {**profile(customer), "email": f"c{customer}@example.com"}, "attributes": {"name": f"C {customer}"}}
        for customer in range(CUSTOMERS)
    ]


def event(customer: int, order: int, action: str) -> Json:
    """An event with an id; what an order costs decides over its way."""
    name = f"{customer}-{order}"
    amount = 20 if (customer + order) % 3 == 0 else 80
    return {
        "id": f"{action}-{name}", "profile": profile(customer), "action": action,
        "params": {"order": name, "amount": amount},
    }  # fmt: skip


def requests(customers: list[int], seed: int) -> Iterator[tuple[str, list[Json]]]:
    """What one client sends, in order: (path, items). Sending one twice, before the next, changes nothing."""
    draw = random.Random(seed)
    for order in range(ORDERS):
        for first in range(0, len(customers), AT_ONCE):
            group = customers[first : first + AT_ONCE]
            placed = [event(customer, order, "order.placed") for customer in group]
            answers = [
                event(customer, order, "order.cancelled" if customer % 5 == 0 else "order.paid")
                for customer, one in zip(group, placed, strict=True)
                if one["params"]["amount"] > 50
            ]
            visits = [event(customer, order, "page.visit") for customer in group]
            if draw.random() < 0.3:
                yield "/events", placed + answers + visits
            else:
                yield "/events", placed
                seen = {f"seen{order}": True}
                yield "/profiles", [{"profile": profile(customer), "attributes": seen} for customer in group]
                yield "/events", visits + answers
