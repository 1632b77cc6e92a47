"""A machine's clock that is set back while the server runs, or between two runs of it (D-3.8)."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from milepost.ingest import native
from milepost.kernel.event import MOVE_ACTIONS
from milepost.ports.event_store import ActivityRow
from milepost.runtime.engine import Engine
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock

Json = dict[str, Any]
START = 1_772_355_600_000
DELAY = 10_000
JOURNEY: Json = {
    "name": "Wait",
    "settings": {"entry_key": "number"},
    "nodes": [
        {"id": "start", "type": "profile_event", "settings": {"action": "a"}, "outlets": {"next": "wait"}},
        {"id": "wait", "type": "delay", "settings": {"duration": {"value": DELAY, "unit": "millisecond"}},
         "outlets": {"next": "end"}},
        {"id": "end", "type": "end"},
    ],
}  # fmt: skip


class Place:
    """A real workspace on a machine whose clock is the test's, and which can be switched off and on."""

    def __init__(self) -> None:
        self.clock = FixedClock(START)
        self.store, self.events = MemoryStateStore(), MemoryEventStore()
        self.restart()
        self.workspace = self.engine.create_workspace("w", "real").key
        journey = self.engine.lifecycle.create(self.workspace, JOURNEY, "somebody").id
        self.engine.lifecycle.command(self.workspace, journey, "activate", "somebody")
        self.engine.drain()
        self.sent = 0

    def restart(self) -> None:
        """Nothing but what is stored outlives it."""
        self.engine = Engine(self.store, self.events, self.clock)

    def send(self) -> None:
        self.sent += 1
        event = {"profile": {"custom_id": "c"}, "action": "a", "params": {"number": self.sent}, "id": f"e{self.sent}"}
        self.engine.intake.store_now([(self.workspace, native.parse(json.dumps(event).encode()))])

    def card(self) -> list[ActivityRow]:
        """In order of the log."""
        return sorted(self.events.activity(self.workspace, 1, limit=10_000), key=lambda row: row.position)


steps = st.one_of(
    st.tuples(st.just("forward"), st.sampled_from([1, 7, 1_000, DELAY, DELAY + 1])),
    st.tuples(st.sampled_from(["back", "back at a restart"]), st.sampled_from([-1, -7, -1_000, -DELAY, -3_600_000])),
    st.tuples(st.sampled_from(["send", "send", "work"]), st.just(0)),
)


@given(st.lists(steps, min_size=4, max_size=30))
@example([("forward", 1_000), ("send", 0), ("back at a restart", -1_000), ("send", 0)])
@settings(max_examples=300)
def test_receipt_and_now_never_go_back_and_no_timer_is_lost(taken: list[tuple[str, int]]) -> None:
    place = Place()
    for what, by in taken:
        place.clock.time += by
        if what == "send":
            place.send()
        elif what == "work":
            place.engine.drain()
        elif what == "back at a restart":
            place.restart()
    place.engine.drain()
    # The clock passes the place where it was, and the longest wait.
    place.clock.time = START + sum(abs(by) for _, by in taken) + DELAY + 2
    place.engine.drain()

    card = place.card()
    events = [row for row in card if row.action == "a"]
    assert [row.id for row in events] == [f"e{number}" for number in range(1, place.sent + 1)]
    assert [row.received_at for row in events] == sorted(row.received_at for row in events)
    moves = [row for row in card if row.action in MOVE_ACTIONS]
    assert [row.time for row in moves] == sorted(row.time for row in moves)
    runs: dict[str, list[ActivityRow]] = defaultdict(list)
    for row in moves:
        runs[row.run].append(row)
    assert len(runs) == place.sent
    for start, wait, end in runs.values():
        assert (start.node, wait.node, end.node) == ("start", "wait", "end")
        assert end.time >= wait.time + DELAY


def test_a_wait_goes_on_while_the_clock_catches_up() -> None:
    place = Place()
    place.send()
    place.engine.drain()
    place.clock.time -= 3_600_000
    place.engine.drain()
    place.restart()
    place.send()
    place.engine.drain()
    assert [row.node for row in place.card() if row.action in MOVE_ACTIONS] == ["start", "wait", "start", "wait"]
    # Until then it is the instant at which it was set back.
    assert {row.time for row in place.card()} == {START}
    place.clock.time = START + DELAY
    place.engine.drain()
    assert "end" not in [row.node for row in place.card()]
    place.clock.time += 1
    place.engine.drain()
    assert [row.node for row in place.card() if row.action in MOVE_ACTIONS][4:] == ["end", "end"]
