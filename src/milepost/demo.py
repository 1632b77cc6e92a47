"""The *Demo* workspace: two journeys at work, thirty days of simulated visitors, and a slow live trickle.

Owns the made-up shop. The history is made by the same engine on a virtual clock, which is then turned to real; its
messages stay in the sandbox. Must not touch any other workspace.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import structlog

from milepost.app import App
from milepost.errors import MilepostError
from milepost.ingest import native, profile
from milepost.runtime.engine import Engine

WORKSPACE: Final = "Demo"
SOURCE: Final = "simulated"
DAY: Final = 86_400_000
HISTORY: Final = 30 * DAY
VISITORS: Final = 1_500
IN_ONE_REQUEST: Final = 1_000
TRICKLE: Final = 4.0
"""Seconds between two visits of the live trickle."""
PATIENCE: Final = 120.0

_log = structlog.get_logger()

FIRST_NAMES: Final = (
    "Ada", "Bruno", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hana", "Iñigo", "Jonas", "Katarzyna", "Liu", "Maya",
    "Nadia", "Olu", "Priya", "Quinn", "Rosa", "Søren", "Tomás", "Uma", "Viktor", "Wanjiru", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
LAST_NAMES: Final = (
    "Andersson", "Baker", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ito", "Jansen", "Kowalska",
    "Larsen", "Moreau", "Novák", "Okafor", "Petrov", "Quist", "Rossi", "Singh", "Tanaka", "Ueda", "Vogel", "Weber",
)  # fmt: skip
PRODUCTS: Final = (
    ("trail-shoes", 119.0), ("rain-jacket", 149.0), ("wool-socks", 18.0), ("day-pack", 89.0), ("head-torch", 45.0),
    ("thermos", 32.0), ("map-case", 24.0), ("tent", 399.0), ("sleeping-bag", 229.0), ("water-filter", 54.0),
)  # fmt: skip

CART: Final[dict[str, Any]] = {
    "name": "Abandoned cart – reminder",
    "settings": {"goal": {"action": "order.placed"}, "run_age": {"value": 14, "unit": "day"}},
    "nodes": [
        {
            "id": "cart", "type": "profile_event", "title": "Cart abandoned", "position": {"x": 320, "y": 0},
            "settings": {"action": "cart.abandoned", "where": {"param": "value", "op": "greater", "value": 20}},
            "outlets": {"next": "wait-1h"},
        },
        {
            "id": "wait-1h", "type": "delay", "title": "Wait 1 hour", "position": {"x": 320, "y": 200},
            "settings": {"duration": {"value": 1, "unit": "hour"}}, "outlets": {"next": "worth"},
        },
        {
            "id": "worth", "type": "profile_filter", "title": "Worth a discount?", "position": {"x": 320, "y": 400},
            "settings": {"where": {"param": "value", "op": "greater", "value": 120}},
            "outlets": {"matched": "ab", "not_matched": "plain"},
        },
        {
            "id": "ab", "type": "ab_test", "title": "Discount or none", "position": {"x": 140, "y": 600},
            "settings": {"groups": [{"name": "discount", "share": 50}, {"name": "none", "share": 50}]},
            "outlets": {"discount": "offer", "none": "plain"},
        },
        {
            "id": "offer", "type": "send_email", "title": "10 % for you", "position": {"x": 0, "y": 800},
            "settings": {
                "subject": "{{ customer.first_name }}, your cart is waiting – with 10 % off",
                "body": "Hello {{ customer.first_name }},\nyour {{ event.params.product }} is still here.",
                "sender": "Trailhead <hello@trailhead.example>",
            },
            "outlets": {"next": "bought"},
        },
        {
            "id": "plain", "type": "send_email", "title": "Reminder email", "position": {"x": 480, "y": 800},
            "settings": {
                "subject": "{{ customer.first_name }}, you left something behind",
                "body": "Hello {{ customer.first_name }},\nyour {{ event.params.product }} is still here.",
                "sender": "Trailhead <hello@trailhead.example>",
            },
            "outlets": {"next": "bought"},
        },
        {
            "id": "bought", "type": "event_filter", "title": "Back within 3 days?", "position": {"x": 240, "y": 1000},
            "settings": {"action": "page.visit", "limit": {"value": 3, "unit": "day"}},
            "outlets": {"matched": "back", "not_matched": "tag"},
        },
        {
            "id": "tag", "type": "update_profile", "title": "Mark as lost cart", "position": {"x": 480, "y": 1200},
            "settings": {"add_tags": ["lost-cart"], "increment": {"lost_carts": 1}}, "outlets": {"next": "lost"},
        },
        {"id": "back", "type": "end", "title": "Came back", "position": {"x": 60, "y": 1400}},
        {"id": "lost", "type": "end", "title": "Did not come back", "position": {"x": 480, "y": 1400}},
    ],
}  # fmt: skip

WELCOME: Final[dict[str, Any]] = {
    "name": "Welcome series",
    "settings": {"exit_rule": {"action": "account.closed"}},
    "nodes": [
        {
            "id": "joined", "type": "profile_event", "title": "Account created", "position": {"x": 260, "y": 0},
            "settings": {"action": "account.created"}, "outlets": {"next": "hello"},
        },
        {
            "id": "hello", "type": "send_email", "title": "Welcome email", "position": {"x": 260, "y": 200},
            "settings": {
                "subject": "Welcome, {{ customer.first_name }}", "transactional": True,
                "body": "Good to have you with us, {{ customer.first_name }}.",
                "sender": "Trailhead <hello@trailhead.example>",
            },
            "outlets": {"next": "first-order"},
        },
        {
            "id": "first-order", "type": "event_filter", "title": "First order in 5 days?",
            "position": {"x": 260, "y": 400},
            "settings": {"action": "order.placed", "limit": {"value": 5, "unit": "day"}},
            "outlets": {"matched": "customer", "not_matched": "nudge"},
        },
        {
            "id": "customer", "type": "update_profile", "title": "Becomes a customer", "position": {"x": 60, "y": 600},
            "settings": {"set": {"stage": "customer", "first_order": "{{ event.params.value }}"}},
            "outlets": {"next": "done"},
        },
        {
            "id": "nudge", "type": "send_email", "title": "Guide: what to pack", "position": {"x": 460, "y": 600},
            "settings": {
                "subject": "What to pack for your first hike", "body": "Hello {{ customer.first_name }}, …",
                "sender": "Trailhead <hello@trailhead.example>",
            },
            "outlets": {"next": "done"},
        },
        {"id": "done", "type": "end", "title": "Done", "position": {"x": 260, "y": 800}},
    ],
}  # fmt: skip


class Visitor:
    """One made-up customer and what they do; the same seed makes the same person."""

    def __init__(self, number: int, chance: random.Random) -> None:
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        self.identifiers = {"custom_id": f"demo-{number}", "email": f"{number}.{last.lower()}@example.com"}
        self.attributes = {"first_name": first, "last_name": last, "name": f"{first} {last}"} | {
            "country": chance.choice(("DE", "ES", "FR", "IN", "JP", "NG", "PL", "SE", "US")),
            "source": chance.choice(("search", "friend", "newsletter", "advert")),
        }
        self.consents = {"email": chance.random() < 0.8}

    def events(self, chance: random.Random, begin: int, end: int) -> Iterator[dict[str, Any]]:
        """What the visitor happens to do from a first visit to the end, not in order of time."""
        time = begin
        yield self._event(time, "account.created", {"plan": "free"})
        while time < end:
            product, price = chance.choice(PRODUCTS)
            quantity = chance.choice((1, 1, 1, 2, 3))
            value = round(price * quantity, 2)
            for page in range(chance.randint(1, 4)):
                seen = {"url": f"/products/{product}", "product": product}
                yield self._event(time + page * 40_000, "page.visit", seen)
            if chance.random() < 0.6:
                cart = {"product": product, "quantity": quantity, "value": value}
                yield self._event(time + 200_000, "cart.add", cart)
                if chance.random() < 0.35:
                    yield self._event(time + 420_000, "order.placed", {**cart, "orderId": f"o-{time}"})
                else:
                    yield self._event(time + 1_800_000, "cart.abandoned", cart)
                    if chance.random() < 0.3:
                        later = time + chance.randint(2, 60) * 3_600_000
                        yield self._event(later, "order.placed", {**cart, "orderId": f"o-{later}"})
            time += int(chance.expovariate(1 / (4 * DAY))) + 3_600_000

    def _event(self, time: int, action: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"profile": self.identifiers, "action": action, "time": time, "params": params, "source": SOURCE}


def make(engine: Engine, now: int, *, visitors: int = VISITORS, seed: int = 20_260_101) -> int:
    """Make the workspace and its history up to `now`, in milliseconds; answers with its key.

    The engine's threads must be running. Raises MilepostError when the workspace is there already.
    """
    chance = random.Random(seed)
    begin = now - HISTORY
    workspace = engine.create_workspace(WORKSPACE, "virtual", now=begin, demo=True).key
    for definition in (CART, WELCOME):
        journey = engine.lifecycle.create(workspace, definition, "demo").id
        _, outcome = engine.lifecycle.command(workspace, journey, "activate", "demo")
        engine.work.set()
        outcome.result(PATIENCE)
    changes: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for number in range(1, visitors + 1):
        visitor = Visitor(number, chance)
        first = begin + int(HISTORY * chance.random() ** 0.8)
        changes.append({
            "profile": visitor.identifiers, "attributes": visitor.attributes, "consents": visitor.consents,
            "received_at": first, "source": SOURCE,
        })  # fmt: skip
        events.extend(event for event in visitor.events(chance, first, now) if event["time"] < now)
    _send(engine, workspace, sorted(changes, key=lambda change: change["received_at"]), profile.parse)
    events.sort(key=lambda event: event["time"])
    _send(engine, workspace, [{**event, "received_at": event["time"]} for event in events], native.parse)
    engine.lifecycle.run_until(workspace, now)
    engine.work.set()
    return workspace


def _send(engine: Engine, workspace: int, items: list[dict[str, Any]], parse: Any) -> None:
    for start in range(0, len(items), IN_ONE_REQUEST):
        body = msgspec.json.encode(items[start : start + IN_ONE_REQUEST])
        engine.intake.submit(workspace, parse(body, virtual=True)).result(PATIENCE)


class Trickle:
    """Visits that go on: a few events every few seconds, while the demo is there."""

    def __init__(self, engine: Engine, *, make_it: bool) -> None:
        self._engine = engine
        self._make_it = make_it
        """Whether this is a new data folder: who has deleted the demo does not get it back."""
        self._chance = random.Random()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        try:
            self._prepare()
            while not self._stopping.wait(TRICKLE):
                self.visit()
        except MilepostError as error:
            # Deleted, or the server is stopping: the demo has no claim to stay.
            _log.info("the demo has ended", reason=str(error))

    def _prepare(self) -> None:
        if self._make_it:
            make(self._engine, self._engine.clock.now())
        while not self._stopping.wait(0.05):
            row = self._engine.workspace(WORKSPACE)
            if row.clock == "real":
                return
            if row.run_until is None:
                self._engine.lifecycle.turn_real(row.key)

    def visit(self) -> None:
        """One visit of a visitor, old or new."""
        chance, now = self._chance, self._engine.clock.now()
        workspace = self._engine.workspace(WORKSPACE).key
        number = chance.randint(1, VISITORS) if chance.random() < 0.8 else VISITORS + now // 1_000 % 10_000_000
        visitor = Visitor(number, random.Random(number))
        if number > VISITORS:
            change = {"profile": visitor.identifiers, "attributes": visitor.attributes, "consents": visitor.consents}
            self._engine.intake.submit(workspace, profile.parse(msgspec.json.encode([change]))).result(PATIENCE)
        known = {"account.created"} if number <= VISITORS else set()
        events = visitor.events(chance, now, now + 1)
        visit = [{**event, "time": now} for event in events if event["action"] not in known]
        self._engine.intake.submit(workspace, native.parse(msgspec.json.encode(visit))).result(PATIENCE)


@contextmanager
def living(app: App) -> Iterator[None]:
    """The demo, made at the first start and alive as long as the server."""
    trickle = Trickle(app.engine, make_it=app.is_new)
    trickle.start()
    try:
        yield
    finally:
        trickle.stop()
