"""A small shop: a few customers, what they did, and the journey of the README at work.

Owns what is sent. Must not know what is looked at.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.acceptance.conftest import CART
from tests.browser.workspace import Json, Workspace
from tests.fault.servers import until

MARKUP: Final = "<b>Bobby</b> <img src=x onerror=alert(1)>"
RIGHT_TO_LEFT: Final = "ليلى 🛒"

DELAYED: Final[Json] = {
    "name": "Thanks",
    "nodes": [
        {
            "id": "order", "type": "profile_event", "title": "Ordered", "outlets": {"next": "day"},
            "settings": {"action": "order.completed"},
        },
        {
            "id": "day", "type": "delay", "title": "A day", "outlets": {"next": "end"},
            "settings": {"duration": {"value": 1, "unit": "day"}},
        },
        {"id": "end", "type": "end", "title": "End"},
    ],
}  # fmt: skip


class Shop(NamedTuple):
    cart: str
    """Id of the journey of the README, active."""
    eve: int
    """The profile who left a cart and waits now."""


def open_shop(workspace: Workspace) -> Shop:
    """Two customers who saw a page, left a cart of 60, and of whom Bobby bought something for 90 in the end."""
    cart = workspace.journey(CART)
    workspace.journey(DELAYED, active=False)
    eve, bobby = {"email": "eve@example.com"}, {"custom_id": "bobby"}
    workspace.post(
        "/profiles",
        [
            {"profile": eve, "attributes": {"first_name": RIGHT_TO_LEFT, "tier": "gold"}, "tags": {"add": ["new"]}},
            {"profile": bobby, "attributes": {"first_name": MARKUP, "tier": "iron"}},
        ],
    )
    for who in (eve, bobby):
        workspace.send({"profile": who, "action": "page.visit", "params": {"url": "/shoes", "price": 60}})
        workspace.send({"profile": who, "action": "cart.abandoned", "label": "Cart", "params": {"total": 60}})
    key = workspace.profile("custom_id:bobby")
    until(lambda: workspace.actions(key).count("automation.clientPathStep") == 1, "bobby waits in the journey")
    workspace.send({"profile": bobby, "action": "order.completed", "params": {"total": 90, "note": MARKUP}})
    until(lambda: "automation.clientEndPath" in workspace.actions(key), "bobby's run has ended")
    return Shop(cart, workspace.profile("email:eve@example.com"))
