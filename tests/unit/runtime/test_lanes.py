"""Lanes and paces: order within a lane, turns between lanes, and no more than a provider takes (D-7)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from milepost.ports.sender import Intent, Receipt
from milepost.ports.state_store import IntentRow
from milepost.runtime import codec
from milepost.runtime.engine import Engine
from milepost.runtime.lane import lane_of, parsed
from milepost.runtime.outbox import IN_A_LANE, Outbox
from milepost.runtime.pace import Pace
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock

START = 1_000_000
SENT = Receipt("sent", provider="test")


class Provider:
    """Answers as a function of the intent says, and writes down in which order it was asked."""

    name = "test"

    def __init__(self, channel: str, answer: Callable[[Intent], Receipt] = lambda intent: SENT) -> None:
        self.channel = channel
        self._answer = answer
        self._lock = threading.Lock()
        self.asked: list[str] = []

    def send(self, intent: Intent) -> Receipt:
        with self._lock:
            self.asked.append(intent.id)
        return self._answer(intent)

    def close(self) -> None:
        """Nothing to release."""


class Office:
    """An outbox over intents that the test puts there itself."""

    def __init__(self, *providers: Provider, rates: dict[str, float] | None = None) -> None:
        self.clock = FixedClock(START)
        self.store = MemoryStateStore()
        self.engine = Engine(self.store, MemoryEventStore(), self.clock)
        self.shops = [self.engine.create_workspace(name, "real").key for name in ("one", "two")]
        senders = {provider.channel: provider for provider in providers}
        self.outbox = Outbox(self.store, self.engine.log, self.clock, senders, rates=rates or {})
        self._position = 0

    def post(self, id: str, url: str | None = None, *, shop: int = 0, due: int = START) -> None:
        """One web call, or without an address one email."""
        self._position += 1
        channel: Any = "email" if url is None else "webhook"
        workspace, payload = self.shops[shop], {"url": url, "response_event": "answered"}
        intent = Intent(id, workspace, channel, 1, payload, {"runId": "r"}, ("r", 1, ""), START)
        row = IntentRow(
            id, self._position, workspace, 1, "n", 1, channel, "pending", due, 0, START, "",
            codec.encode_intent(intent), lane_of(workspace, channel, payload),
        )  # fmt: skip
        with self.store.writing() as tx:
            tx.add_intents([row])

    def work(self) -> None:
        while self.outbox.step(10):
            pass

    def states(self, shop: int = 0) -> Counter[str]:
        with self.store.reading() as tx:
            return Counter(tx.count_intents(self.shops[shop]))


# --- lanes -----------------------------------------------------------------------------------------------------------


def test_web_calls_to_one_host_and_messages_of_one_channel_share_a_lane() -> None:
    def lane(url: Any) -> str:
        return lane_of(7, "webhook", {"url": url})

    assert lane("https://Example.com/a?b") == lane("https://u:p@example.com/c") == "webhook 7 example.com"
    assert lane("https://example.com:8443/") != lane("https://example.com/")
    assert lane("http://[") == lane(None) == lane("nonsense") == "webhook 7"
    assert lane_of(7, "email", {"to": "ada@example.com"}) == "email 7"
    assert parsed("webhook 7 example.com") == ("webhook", 7, "example.com")
    assert parsed("email 12") == ("email", 12, "")


def test_intents_of_a_lane_are_begun_in_order() -> None:
    provider = Provider("email")
    office = Office(provider)
    office.outbox._ailing.add("email 1")  # so that one comes after the other
    for number in range(20):
        office.post(f"m{number:02}")
    office.work()
    assert provider.asked == sorted(provider.asked)
    assert len(provider.asked) == 20


def test_a_slow_host_and_a_dead_one_do_not_hold_up_the_others() -> None:
    goes_on = threading.Event()

    def answer(intent: Intent) -> Receipt:
        if "slow" in intent.payload["url"]:
            assert goes_on.wait(10)
        elif "dead" in intent.payload["url"]:
            return Receipt("retry", "unreachable: nobody listens")
        return SENT

    calls, mails = Provider("webhook", answer), Provider("email")
    office = Office(calls, mails)
    for number in range(50):
        office.post(f"a-slow-{number}", "https://slow.example/")
        office.post(f"b-dead-{number}", "https://dead.example/")
    for number in range(50):
        office.post(f"c-quick-{number}", "https://quick.example/")
        office.post(f"d-mail-{number}")
    quick = {f"c-quick-{number}" for number in range(50)}
    while not (quick <= set(calls.asked) and len(mails.asked) == 50):
        assert office.outbox.step(10)
    assert sum("slow" in id for id in calls.asked) == IN_A_LANE, "no more of them than a lane may have"
    goes_on.set()
    office.work()
    assert office.states() == {"sent": 150, "pending": 50}


def test_a_host_that_does_not_answer_is_asked_one_at_a_time_until_it_does() -> None:
    lock, now = threading.Lock(), 0
    most: list[int] = []
    healthy = False

    def answer(intent: Intent) -> Receipt:
        nonlocal now
        with lock:
            now += 1
            most.append(now)
        with lock:
            now -= 1
        return SENT if healthy else Receipt("retry", "unreachable: nobody listens")

    provider = Provider("webhook", answer)
    office = Office(provider)
    for number in range(30):
        office.post(f"c{number}", "https://dead.example/")
    assert office.outbox.step(10)
    first = len(provider.asked)
    assert first <= IN_A_LANE
    while office.outbox._under_way:
        office.outbox._collect(10)
    assert office.outbox.step(10)
    assert len(provider.asked) == first + 1
    healthy = True
    office.work()
    assert office.outbox._ailing == set()


def test_lanes_take_turns() -> None:
    """A workspace that hands ten thousand over does not keep another one waiting for its one."""
    provider = Provider("email")
    office = Office(provider, rates={"email": 4})
    for number in range(100):
        office.post(f"many-{number:03}")
    office.post("one", shop=1)
    office.clock.time += 1_000
    office.work()
    assert sorted(provider.asked) == ["many-000", "many-001", "many-002", "one"]


# --- paces -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.1, 0.5, 1, 2.5, 14, 100])
def test_a_pace_is_never_exceeded_in_any_stretch(rate: float) -> None:
    pace, begun = Pace(rate, 0), []
    for now in range(0, 40_000, 7):
        number = pace.free(now)
        pace.begin(number, now)
        begun += [now] * number
    stretch = 1_000 * max(1, int(rate)) / rate
    for index, first in enumerate(begun):
        assert sum(at < first + stretch for at in begun[index:]) <= max(1, int(rate))
    assert len(begun) >= 0.9 * (40_000 / 1_000 * rate - max(1, rate)), "nor is it much slower than it may be"


def test_the_outbox_waits_and_the_api_can_tell_until_when() -> None:
    """D-7: each provider has a rate limit."""
    provider = Provider("email")
    office = Office(provider, rates={"email": 2})
    for number in range(5):
        office.post(f"m{number}")
    office.work()
    assert provider.asked == [], "what a server before this one has sent in the last second is unknown"
    asked = []
    while (due := office.outbox.next_due()) is not None:
        office.clock.time = due
        office.work()
        asked.append((office.clock.time - START, len(provider.asked)))
    assert asked == [(1_000, 2), (2_000, 4), (3_000, 5)]
    assert sorted(provider.asked) == [f"m{number}" for number in range(5)]
    assert office.states() == {"sent": 5}


def test_a_channel_without_a_rate_does_not_wait_for_one_that_has() -> None:
    mails, calls = Provider("email"), Provider("webhook")
    office = Office(mails, calls, rates={"email": 0.1})
    office.post("m")
    office.post("c", "https://example.com/")
    office.work()
    assert (mails.asked, calls.asked) == ([], ["c"])
