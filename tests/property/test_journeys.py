"""Whatever the journey, inputs and batch size: the product makes the reference's moves (D-3.8), and keeps D-1."""

from __future__ import annotations

import pathlib
import shutil
import tempfile
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from milepost.stores.sqlite import SqliteStore
from tests.postgresql import Server
from tests.property.scenarios import scenarios
from tests.reference.interpreter import interpret
from tests.reference.product import play

Json = dict[str, Any]

batch_sizes = st.sampled_from([1000, 1, 2, 7])


def per_profile(rows: list[Json], *, without: tuple[str, ...] = ()) -> dict[str, list[Json]]:
    """Rows in order for each profile: between profiles there is no order to keep."""
    found: dict[str, list[Json]] = {}
    for row in rows:
        kept = {name: value for name, value in row.items() if name not in without}
        found.setdefault(row["profile"], []).append(kept)
    return found


def comparable(answer: Json) -> Json:
    return {
        "moves": per_profile(answer["moves"], without=("id",)),
        "counters": answer["counters"],
        "intents": per_profile(answer["intents"]),
        "produced": per_profile(answer["produced"], without=("node",)),
        "show_in_crm": answer["show_in_crm"],
        "state": answer["state"],
    }


@given(scenario=scenarios(), batch_size=batch_sizes, stepwise=st.booleans())
@settings(max_examples=300)
def test_product_makes_the_moves_of_the_reference(scenario: Json, batch_size: int, stepwise: bool) -> None:
    product = play(scenario, batch_size=batch_size, stepwise=stepwise)
    reference = interpret({**scenario, "ab": product["ab"]})

    assert comparable(product) == comparable(reference)


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The file of an empty state store, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "state.db"
    SqliteStore(path).close()
    return path


@given(scenario=scenarios(), batch_size=batch_sizes, stepwise=st.booleans())
@settings(max_examples=40)
def test_product_on_sqlite_makes_the_moves_of_the_reference(
    empty_database: pathlib.Path, scenario: Json, batch_size: int, stepwise: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(shutil.copy(empty_database, folder))
        product = play(scenario, batch_size=batch_size, stepwise=stepwise, store=store)
        store.close()
    reference = interpret({**scenario, "ab": product["ab"]})

    assert comparable(product) == comparable(reference)


@given(scenario=scenarios(), batch_size=batch_sizes, stepwise=st.booleans())
@settings(max_examples=20)
def test_product_on_postgresql_makes_the_moves_of_the_reference(
    postgresql: Server, scenario: Json, batch_size: int, stepwise: bool
) -> None:
    product = play(scenario, batch_size=batch_size, stepwise=stepwise, store=postgresql.empty_store())
    reference = interpret({**scenario, "ab": product["ab"]})

    assert comparable(product) == comparable(reference)


@given(scenario=scenarios(), batch_size=batch_sizes)
@settings(max_examples=100)
def test_moves_are_complete_and_consistent(scenario: Json, batch_size: int) -> None:
    answer = play(scenario, batch_size=batch_size)

    ids = [move["id"] for move in answer["moves"]]
    assert len(ids) == len(set(ids)), "one event for each move (D-1.1, D-1.4)"
    for row in answer["counters"].values():  # D-1.2
        came = row["entered"] + row["opened"]
        assert came == sum(row["left"].values()) + row["finished"] + row["waiting"] + sum(row["exited"].values())
    paths: dict[tuple[str, int, int], list[Json]] = {}
    for move in answer["moves"]:
        paths.setdefault((move["profile"], move["run"], move["path"]), []).append(move)
    for (profile, run, _), moves in paths.items():
        first, *later = moves
        if first["parent"] is None:
            assert (first["kind"], first["step"]) == ("start", 1)
        else:  # step counts on from the parent's (D-3.2)
            parent = paths[profile, run, first["parent"]]
            split = first["node"] if first["kind"] == "exit" else first["from"]
            assert first["step"] - 1 in [move["step"] for move in parent if move["node"] == split]
        assert [move["step"] for move in later] == [first["step"] + n for n in range(1, len(moves))]
        assert all(move["kind"] in ("step", "start") for move in moves[:-1]), "nothing after an end or exit"
        for before, move in zip(moves, later, strict=False):
            assert (move["node"] if move["kind"] == "exit" else move["from"]) == before["node"]
            assert move["time"] >= before["time"], "the clock never goes back (D-3.8)"


@given(scenario=scenarios(), data=st.data())
@settings(max_examples=100)
def test_the_switch_changes_nothing_but_the_datapoints(scenario: Json, data: st.DataObject) -> None:
    """D-1.6, D-1.7: no toggles, or others, and the same journeys: only `tracked` and what reads it differ."""
    nodes = [(journey["id"], node["id"]) for journey in scenario["journeys"] for node in journey["nodes"]]
    toggles = data.draw(st.lists(st.tuples(st.sampled_from(nodes), st.booleans()), max_size=4))
    begin = scenario["inputs"][0]["t"]
    others = [
        {"kind": "toggle", "t": begin, "journey": journey, "node": node, "on": on} for (journey, node), on in toggles
    ]
    others += [item for item in scenario["inputs"] if item["kind"] != "toggle"]

    answers = [comparable(play(one)) for one in (scenario, {**scenario, "inputs": others})]

    for answer in answers:
        del answer["show_in_crm"]
        for moves in answer["moves"].values():
            for move in moves:
                del move["tracked"]
    assert answers[0] == answers[1]


def test_a_switch_turned_at_the_instant_of_other_commands_holds_from_that_instant() -> None:
    """D-1.8, D-3.8: a tracked interval is [on, off), and at one instant commands come first, whatever they are."""
    nodes: list[Json] = [
        {"id": "t", "type": "trigger", "action": "a", "where": [], "out": {"next": "w"}},
        {"id": "w", "type": "webhook", "out": {"next": "e"}},
        {"id": "e", "type": "end", "out": {}},
    ]
    commands: list[Json] = [{"kind": "pause"}, {"kind": "resume"}, {"kind": "toggle", "node": "w", "on": True}]
    event = {"kind": "event", "profile": "u", "action": "a", "params": {}}
    scenario = {
        "journey": {"id": "j", "entry_key": None, "path_limit": 1, "goal": None, "exit_rule": None, "nodes": nodes},
        "profiles": {}, "inputs": [{**item, "t": 5_000} for item in (event, *commands)], "until": None, "ab": {},
    }  # fmt: skip

    for answer in (interpret(scenario), play(scenario)):
        assert [move["tracked"] for move in answer["moves"]] == [True, True, True]


EXPECTED = (
    *("start", "step", "end", "exit other_end", "exit goal", "exit exit_rule", "exit expired", "exit stopped"),
    *("filter matched", "filter not_matched", "event_filter matched", "event_filter not_matched"),
    *("a timer kept over a pause", "exit at the Split", "late", "a further path by a trigger", "a caused event starts"),
    *("intent", "profile.updated", "message.skipped", "consent changed", "state paused", "state finished"),
    *("tracked in the middle", "untracked at the edge", "several runs at once"),
)


def by_timer(move: Json) -> bool:
    return (move["from"] or "").endswith("delay") or (
        move["outlet"] == "not_matched" and "event_filter" in move["from"]
    )


def happenings(answer: Json) -> set[str]:
    """What this answer shows, in the words of `EXPECTED`."""
    found = {f"state {state}" for state in answer["state"].values()}
    found |= {event["action"] for event in answer["produced"]} | ({"intent"} if answer["intents"] else set())
    if answer["deepest"]:
        found.add("a caused event starts")
    if any(event["action"] == "profile.consentChanged" for event in answer["produced"]):
        found.add("consent changed")
    open_paths: Counter[tuple[str, int]] = Counter()
    for move in answer["moves"]:
        found.add(f"{move['kind']} {move['reason']}" if move["reason"] else move["kind"])
        if move["from"]:
            found.add(f"{move['from'].split('-')[1]} {move['outlet']}")
        checks = {
            "a timer kept over a pause": move["time"] > move["causeTime"] and by_timer(move),
            "late": move["time"] > move["causeTime"] and not by_timer(move),
            "exit at the Split": move["kind"] == "exit" and "split" in move["node"],
            "a further path by a trigger": move["kind"] == "start" and move["path"] > 1,
            "tracked in the middle": move["kind"] == "step" and move["tracked"],
            "untracked at the edge": move["kind"] in ("start", "end") and not move["tracked"],
        }
        found |= {name for name, holds in checks.items() if holds}
        run = (move["profile"], move["run"])
        if move["kind"] == "start":
            open_paths[run] += 1
            found |= (
                {"several runs at once"} if sum(n > 0 and r[0] == run[0] for r, n in open_paths.items()) > 1 else set()
            )
        elif move["kind"] in ("end", "exit"):
            open_paths[run] -= 1
    return found


@pytest.mark.slow
def test_scenarios_are_worth_their_time() -> None:
    """Every exit reason, every way out of a waiting node, kept and late events occur often enough in a sample."""
    seen: Counter[str] = Counter()

    @given(scenarios())
    @settings(
        max_examples=800, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def sample(scenario: Json) -> None:
        seen.update(happenings(interpret(scenario)))

    sample()
    assert {name: seen[name] for name in EXPECTED if seen[name] < 2} == {}


def journey_that_starts_itself(outlets: int) -> Json:
    """Each run generates the event of its own trigger `outlets` times (D-3.2)."""
    ways = [str(number) for number in range(outlets)]
    nodes: list[Json] = [
        {"id": "t", "type": "trigger", "action": "a", "where": [], "out": {"next": "s"}},
        {"id": "s", "type": "split", "outlets": ways, "out": {way: f"g{way}" for way in ways}},
        *({"id": f"g{way}", "type": "generate", "action": "a", "params": {}, "out": {"next": "e"}} for way in ways),
        {"id": "e", "type": "end", "ends_others": False, "out": {}},
    ]
    if outlets == 1:
        nodes = [nodes[0] | {"out": {"next": "g0"}}, *nodes[2:]]
    return {
        "journey": {"id": "j", "entry_key": None, "path_limit": 1, "goal": None, "exit_rule": None, "nodes": nodes},
        "profiles": {}, "inputs": [{"kind": "event", "t": 0, "profile": "u", "action": "a", "params": {}}],
        "until": None, "ab": {},
    }  # fmt: skip


@pytest.mark.parametrize("answer", [interpret, play], ids=["reference", "product"])
@pytest.mark.parametrize(("outlets", "starts"), [(1, 10), (4, 1000)])
def test_an_outside_event_starts_at_most_so_many_runs(answer: Any, outlets: int, starts: int) -> None:
    """D-3.2: at depth 10 an event starts nothing, and one outside event causes at most 1,000 starts."""
    moves = answer(journey_that_starts_itself(outlets))["moves"]

    assert sum(move["kind"] == "start" for move in moves) == starts
