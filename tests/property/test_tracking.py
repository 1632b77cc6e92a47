"""Whatever happens, the card, the datapoints, Show in CRM and the counters say the same (D-1.1 to D-1.9)."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.kernel.event import END_PATH, MOVE_ACTIONS, PATH_EXIT
from milepost.ports.state_store import StateStore
from milepost.runtime import codec
from milepost.runtime.statistics import node_numbers
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.stores.sqlite import SqliteStore
from milepost.testing import World
from tests.property.scenarios import scenarios
from tests.reference.product import Game

Json = dict[str, Any]
Node = tuple[str, str]
"""Journey and node, by the product's names."""


class Audited(World):
    """Looks at the counters after each batch."""

    def __init__(self, batch_size: int, store: StateStore) -> None:
        self.log = MemoryEventStore()
        super().__init__(batch_size, store=store, events=self.log)
        self.batches = 0
        self.engine.committer._committed = self.audit

    def audit(self) -> None:
        """D-1.2, at every node and version; and who is counted as waiting stands there."""
        self.batches += 1
        with self.store.reading() as tx:
            journeys = [row.key for row in tx.journeys(self.workspace)]
            numbers = {key: node_numbers(tx.counters([key])) for key in journeys}
            rows = [row for key in journeys for row in tx.runs_of_journey(key, limit=1_000)]
        standing: Counter[tuple[int, int, str]] = Counter()
        for row in rows:
            run = codec.decode_run(row.key, row.journey, row.state)
            standing.update((row.journey, run.version, path.node) for path in run.paths)
        for journey, places in numbers.items():
            for (version, node), one in places.items():
                assert one.drift() == 0, (node, one)
                assert one.waiting == standing.pop((journey, version, node), 0), node
        assert not standing

    def tracked_intervals(self) -> dict[Node, list[tuple[int, float]]]:
        """From the turns of each switch, the naive way: from each *on* to the first *off* behind it."""
        with self.store.reading() as tx:
            names = {row.key: row.id for row in tx.journeys(self.workspace)}
            changes = tx.tracking_changes(self.workspace)
        turns: dict[Node, list[tuple[int, bool]]] = {}
        for change in changes:
            turns.setdefault((names[change.journey], change.node), []).append((change.at, change.on))
        return {
            node: [
                (at, next((off for off, on_again in found[place:] if not on_again), float("inf")))
                for place, (at, on) in enumerate(found)
                if on
            ]
            for node, found in turns.items()
        }


@st.composite
def worlds(draw: st.DrawFn) -> Json:
    """A scenario with some more turns of its switches: several at one instant, some of no effect."""
    scenario = draw(scenarios())
    nodes = [(one["id"], node["id"]) for one in scenario["journeys"] for node in one["nodes"]]
    for _ in range(draw(st.integers(0, 8))):
        place = draw(st.integers(0, len(scenario["inputs"]) - 1))
        journey, node = draw(st.sampled_from(nodes))
        turn = {
            "kind": "toggle", "t": scenario["inputs"][place]["t"], "journey": journey, "node": node,
            "on": draw(st.booleans()),
        }  # fmt: skip
        scenario["inputs"].insert(place, turn)
    return scenario


def check(world: Audited, scenario: Json, *, stepwise: bool) -> None:
    game = Game(scenario, world)
    answer = game.play(stepwise=stepwise)
    assert world.batches
    card = world.activity()
    moves = [row for row in card if row["action"] in MOVE_ACTIONS]
    datapoints = world.log._of("datapoints", world.workspace)

    # D-1.1: on the card exactly once, whatever the switches say.
    assert len({row["id"] for row in moves}) == len(moves)
    arrivals: Counter[Node] = Counter()
    ends: Counter[Node] = Counter()
    exits: Counter[tuple[Node, str]] = Counter()
    for move in moves:
        place = (move["journey"], move["node"])
        if move["action"] == PATH_EXIT:
            exits[place, move["params"]["reason"]] += 1
        else:
            arrivals[place] += 1
            ends[place] += move["action"] == END_PATH
    for name, there in game.ids.items():
        for node, one in world.counters(there).items():
            place = (there, node)
            assert (one["entered"], one["finished"]) == (arrivals[place], ends[place]), (name, node)
            assert one["exited"] == {reason: n for (where, reason), n in exits.items() if where == place}

    # D-1.6, D-1.8: a move is a datapoint when its time lies in a tracked interval of its node; all else always is one.
    intervals = world.tracked_intervals()
    expected = {
        row["id"]
        for row in moves
        if any(on <= row["time"] < off for on, off in intervals.get((row["journey"], row["node"]), []))
    }
    seen = Counter(row["id"] for row in datapoints)
    assert set(seen.values()) <= {1}
    assert {id for id in seen if id in {row["id"] for row in moves}} == expected
    assert {row["id"] for row in moves if row["tracked"]} == expected, "what the card says was so then"
    assert {row["id"] for row in card if row["action"] not in MOVE_ACTIONS} == seen.keys() - expected

    # D-1.9: Show in CRM lists the profiles with an arrival among the datapoints.
    shown: dict[Node, set[str]] = {}
    for row in moves:
        if row["id"] in expected and row["action"] != PATH_EXIT:
            shown.setdefault((row["journey"], row["node"]), set()).add(row["profile"])
    for definition in game.definitions:
        for node in definition["nodes"]:
            place = (game.ids[definition["id"]], game.names[node["id"]])
            assert answer["show_in_crm"][node["id"]] == sorted(shown.get(place, set()))


@given(scenario=worlds(), batch_size=st.sampled_from([1, 2, 7, 1000]), stepwise=st.booleans())
@settings(max_examples=120)
def test_card_datapoints_and_counters_agree(scenario: Json, batch_size: int, stepwise: bool) -> None:
    check(Audited(batch_size, MemoryStateStore()), scenario, stepwise=stepwise)


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The file of an empty state store, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "state.db"
    SqliteStore(path).close()
    return path


@contextlib.contextmanager
def fresh(database: pathlib.Path) -> Iterator[SqliteStore]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(pathlib.Path(shutil.copy(database, folder)))
        with contextlib.closing(store):
            yield store


@given(scenario=worlds(), batch_size=st.sampled_from([1, 2, 7, 1000]))
@settings(max_examples=15)
def test_card_datapoints_and_counters_agree_on_sqlite(
    empty_database: pathlib.Path, scenario: Json, batch_size: int
) -> None:
    with fresh(empty_database) as store:
        check(Audited(batch_size, store), scenario, stepwise=True)
