"""Whatever fails for a while in the stores, and whenever: in the end all is as if it had not (ARCH-2, ARCH-5)."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.errors import StorageUnavailable
from milepost.ingest import native
from milepost.ports.sender import Intent, Receipt
from milepost.runtime.engine import Engine
from milepost.runtime.outbox import Outbox
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock, World
from tests.fault.failing import FailingEventStore, FailingStateStore, Luck, UnluckyWorld
from tests.property.scenarios import scenarios
from tests.reference.product import Game, play

Json = dict[str, Any]
seeds = st.integers(0, 2**32)


@given(scenario=scenarios(), seed=seeds, batch_size=st.sampled_from([1000, 1, 3]), stepwise=st.booleans())
@settings(max_examples=50)
def test_the_moves_are_the_same_and_none_is_there_twice(
    scenario: Json, seed: int, batch_size: int, stepwise: bool
) -> None:
    expected = play(scenario, batch_size=batch_size, stepwise=stepwise)
    found = Game({**scenario, "ab": expected["ab"]}, UnluckyWorld(Luck(seed), batch_size)).play(stepwise=stepwise)

    ids = [move.pop("id") for move in found["moves"]]
    assert len(set(ids)) == len(ids)
    for move in expected["moves"]:
        del move["id"]
    assert found == expected


class ForgetfulStateStore(MemoryStateStore):
    """Commits, and then does not know it: as when the connection to a server is lost while it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.until_it_forgets = 0

    @contextlib.contextmanager
    def writing(self) -> Iterator[Any]:
        with super().writing() as tx:
            yield tx
        self.until_it_forgets -= 1
        if self.until_it_forgets == 0:
            raise StorageUnavailable


@given(scenario=scenarios(), batch_size=st.sampled_from([1000, 1, 3]), forgotten=st.integers(1, 4))
@settings(max_examples=50)
def test_a_batch_that_was_stored_without_a_word_is_not_taken_again(
    scenario: Json, batch_size: int, forgotten: int
) -> None:
    class ForgetfulWorld(World):
        def run_to(self, instant: int) -> None:
            store.until_it_forgets = forgotten
            with contextlib.suppress(StorageUnavailable):
                super().run_to(instant)
            super().run_to(instant)

    store = ForgetfulStateStore()
    expected = play(scenario, batch_size=batch_size)
    found = Game({**scenario, "ab": expected["ab"]}, ForgetfulWorld(batch_size, store=store)).play(stepwise=False)

    for move in (*found["moves"], *expected["moves"]):
        del move["id"]
    assert found == expected


CALLS: Json = {
    "name": "Calls",
    "nodes": [
        {"id": "start", "type": "profile_event", "settings": {"action": "a"}, "outlets": {"next": "call"}},
        {"id": "call", "type": "webhook", "settings": {"url": "https://example.com"}, "outlets": {"next": "end"}},
        {"id": "end", "type": "end"},
    ],
}


class Counting:
    """A provider that takes everything, in the second attempt if told so."""

    channel = "webhook"
    name = "counting"

    def __init__(self, *, deferring: bool) -> None:
        self.attempts: Counter[str] = Counter()
        self._deferring = deferring

    def send(self, intent: Intent) -> Receipt:
        self.attempts[intent.id] += 1
        if self._deferring and self.attempts[intent.id] == 1:
            return Receipt("retry", "busy")
        return Receipt("sent", provider=self.name)

    def close(self) -> None:
        pass


@given(seed=seeds, deferring=st.booleans())
@settings(max_examples=30)
def test_what_a_provider_has_answered_is_not_lost_on_a_store_that_fails(seed: int, deferring: bool) -> None:  # D-7
    luck, clock = Luck(seed), FixedClock(1_000_000)
    store, events, provider = FailingStateStore(luck), MemoryEventStore(), Counting(deferring=deferring)
    engine = Engine(store, events, clock)
    outbox = Outbox(store, engine.log, clock, {"webhook": provider})
    workspace = engine.create_workspace("w", "real").key
    journey = engine.lifecycle.create(workspace, CALLS, "somebody").id
    engine.lifecycle.command(workspace, journey, "activate", "somebody")
    engine.drain()
    sent = [{"profile": {"custom_id": f"c{number}"}, "action": "a"} for number in range(20)]
    engine.intake.store_now([(workspace, native.parse(json.dumps(sent).encode()))])
    engine.drain()

    for _ in range(2):
        while luck.insist(outbox.step):
            pass
        clock.time += 60_000
    outbox.close()
    engine.drain()

    assert set(provider.attempts.values()) == {2 if deferring else 1}
    with store.reading() as tx:
        assert tx.count_intents(workspace) == {"sent": 20}
        keys = [row.key for row in tx.list_profiles(workspace, limit=100)]
    for key in keys:
        actions = [row.action for row in events.activity(workspace, key, limit=100)]
        assert actions.count("webhook.response") == 1


def test_hand_over_catches_up_when_the_event_store_is_back() -> None:  # ARCH-2
    luck, clock = Luck(1, chance=1), FixedClock(1_000_000)
    store, events = FailingStateStore(Luck(0)), FailingEventStore(luck)
    engine = Engine(store, events, clock)
    workspace = engine.create_workspace("w", "real").key
    luck.armed = True
    for number in range(40):
        body = f'{{"profile": {{"custom_id": "c"}}, "action": "a", "id": "e{number}"}}'
        engine.intake.store_now([(workspace, native.parse(body.encode()))])
        clock.time += 1
        while engine.step():
            pass
    with store.reading() as tx:
        assert tx.pending_inputs(workspace, limit=1) == []
        assert len(tx.unprojected(limit=100)) == 40
    luck.armed = False
    engine.drain()

    stored = [row.id for row in events.activity(workspace, 1, limit=100)]
    assert sorted(stored) == sorted(f"e{number}" for number in range(40))
    assert events.count(workspace, "datapoints") == 40
