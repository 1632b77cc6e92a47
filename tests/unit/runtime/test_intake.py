"""Durable, idempotent intake: who gets an event, in which order, once (D-2.1, D-2.2, D-2.4, D-3.8)."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future
from typing import Any

import pytest

from milepost.errors import StorageFull, StorageUnavailable, WorkspaceGone
from milepost.ingest import native, profile
from milepost.ports.arrival import Arrival, Rejection
from milepost.ports.state_store import Identifier, Transaction
from milepost.runtime.engine import Engine
from milepost.runtime.intake import MEMORY_OF_IDS, Result, Stored
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock, World

Json = dict[str, Any]
ANN: Json = {"custom_id": "ann"}
BOB: Json = {"custom_id": "bob"}


def event(who: Json = ANN, action: str = "a", **more: Any) -> Json:
    return {"profile": who, "action": action, **more}


def named(name: str, value: str, who: Json = ANN, **more: Any) -> Json:
    """An event with an id of that kind."""
    return {**event(who, **more), name: value}


def send(world: World, *events: Json, at: int = 1_000) -> list[bool]:
    """Whether each was stored; a duplicate is not stored again."""
    return [result["stored"] for result in world.send(events, at=at)]


def on_cards(world: World) -> list[str]:
    world.run_to_end()
    return [row["action"] for row in world.activity()]


def owners(world: World, *events: Json, at: int = 1_000) -> list[Any]:
    """The profile that each event went to, or the code of its rejection."""
    return [
        result["profile"] if result["stored"] else result["error"]["code"] for result in world.send(events, at=at)
    ]  # fmt: skip


# --- idempotence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["id", "messageId", "uuid"])
def test_an_id_is_unique_in_the_workspace(name: str) -> None:
    world = World()
    assert send(world, named(name, "1")) == [True]
    assert send(world, named(name, "1", BOB, action="b")) == [False]
    assert send(world, named(name, "2", BOB, action="b")) == [True]


def test_each_kind_of_id_has_its_own_namespace() -> None:
    world = World()
    events = [named(kind, "1", time=1) for kind in ("id", "messageId", "uuid", "insert_id", "eventSalt")]
    assert send(world, *events) == [True] * 5
    assert send(world, *events) == [False] * 5


def test_any_id_that_is_known_makes_it_a_duplicate() -> None:
    world = World()
    assert send(world, event(id="1", messageId="1")) == [True]
    assert send(world, event(id="2", messageId="1"), event(id="1", messageId="2")) == [False, False]
    assert send(world, event(id="2"), event(messageId="2")) == [True, True], "what was not stored is not remembered"


def test_insert_id_counts_together_with_profile_and_action() -> None:
    world = World()
    assert send(world, event(insert_id="1"), event(BOB, insert_id="1"), event(action="b", insert_id="1")) == [True] * 3
    assert send(world, event(insert_id="1"), event({**ANN, "uuid": "tab"}, insert_id="1")) == [False, False]


def test_event_salt_counts_together_with_profile_action_and_given_time() -> None:
    world = World()
    others = [event(time=2, eventSalt="s"), event(BOB, time=1, eventSalt="s"), event(action="b", time=1, eventSalt="s")]
    assert send(world, event(time=1, eventSalt="s"), *others, event(eventSalt="s")) == [True] * 5
    assert send(world, event(time=1, eventSalt="s"), event(eventSalt="s")) == [False, False]


def test_inside_a_request_the_first_by_position_counts() -> None:
    world = World()
    assert send(world, event(id="1", action="x", time=900), event(id="1", action="y", time=1)) == [True, False]
    assert on_cards(world) == ["x"]


def test_a_duplicate_is_told_from_a_rejection_and_names_its_event() -> None:
    world = World()
    [first] = world.send([event(id="1")], at=1_000)
    [again] = world.send([event(id="1")], at=2_000)
    assert again == {**first, "stored": False}


def test_an_event_without_an_id_of_its_own_gets_one() -> None:
    world = World()
    results = world.send([event(), event(), event(insert_id="1"), event(BOB, insert_id="1")], at=1_000)
    assert len({result["id"] for result in results}) == 4
    world.run_to_end()
    assert {row["id"] for row in world.activity()} == {result["id"] for result in results}


def test_ids_are_remembered_for_30_days_at_least() -> None:
    """By the instant of the input and by the real time, whichever is later."""
    engine = Engine(MemoryStateStore(), MemoryEventStore(), FixedClock(MEMORY_OF_IDS * 100))
    workspace = engine.create_workspace("past", "virtual").key
    engine.intake.store_now([(workspace, native.parse(json.dumps(event(id="1")).encode(), virtual=True))])
    with engine.store.writing() as tx:
        assert tx.forget_ids(MEMORY_OF_IDS * 101, 10) == 0
        assert tx.forget_ids(MEMORY_OF_IDS * 101 + 1, 10) == 1


def test_workspaces_share_no_ids_and_no_identifiers() -> None:
    world = World()
    other = world.engine.create_workspace("other", "virtual").key
    body = json.dumps(event(id="1")).encode()
    [mine], [theirs] = world.engine.intake.store_now([
        (key, native.parse(body, virtual=True)) for key in (world.workspace, other)
    ])  # fmt: skip
    assert isinstance(mine, Stored)
    assert isinstance(theirs, Stored)
    assert (mine.duplicate, theirs.duplicate) == (False, False)
    assert mine.profile != theirs.profile


# --- order and time --------------------------------------------------------------------------------------------------


def test_within_a_request_events_are_in_order_of_own_time_then_position() -> None:
    world = World()
    times = {"c": 300, "a": 100, "b": 200, "b2": 200, "d": None}
    events = [event(action=name) | ({} if time is None else {"time": time}) for name, time in times.items()]
    results = world.send(events, at=1_000)
    assert [result["stored"] for result in results] == [True] * 5
    assert on_cards(world) == ["a", "b", "b2", "c", "d"]


def test_between_requests_it_is_the_position_in_the_log() -> None:
    world = World()
    send(world, event(action="late", time=900))
    send(world, event(action="early", time=100))
    assert on_cards(world) == ["late", "early"]


def test_a_request_may_have_several_instants() -> None:
    world = World()
    body = json.dumps([event(action=f"t{at}", received_at=at) for at in (3_000, 1_000, 2_000)]).encode()
    world.engine.intake.store_now([(world.workspace, native.parse(body, virtual=True))])
    assert on_cards(world) == ["t1000", "t2000", "t3000"]
    assert [row["received_at"] for row in world.activity()] == [1_000, 2_000, 3_000]


def test_a_time_in_the_future_becomes_the_receipt_and_is_kept() -> None:
    """D-2.1."""
    world = World()
    send(world, event(time=5_000), at=1_000)
    world.run_to_end()
    [row] = world.activity()
    assert (row["time"], row["received_at"], row["params"]) == (
        1_000,
        1_000,
        {"originalTime": "1970-01-01T00:00:05.000Z"},
    )


def test_an_input_before_the_clock_is_refused() -> None:
    world = World()
    world.run_to(1_000)
    results = world.send([event()], at=999)
    assert results[0]["error"]["code"] == "before_clock"
    assert send(world, event(), at=1_000) == [True]


def test_in_a_real_workspace_receipt_is_not_for_the_sender_to_say() -> None:
    engine = Engine(MemoryStateStore(), MemoryEventStore(), FixedClock(5_000))
    workspace = engine.create_workspace("real", "real").key
    arrivals = native.parse(json.dumps([event(received_at=4_000), event(time=4_000)]).encode(), virtual=True)
    [refused, stored] = engine.intake.store_now([(workspace, arrivals)])[0]
    assert isinstance(refused, Rejection)
    assert (refused.code, refused.field) == ("received_at_not_allowed", "received_at")
    assert isinstance(stored, Stored)
    engine.drain()
    [row] = engine.events.activity(workspace, stored.profile, limit=10)
    assert (row.time, row.received_at) == (4_000, 5_000)


def test_results_come_in_the_order_of_the_items_whatever_becomes_of_them() -> None:
    world = World()
    world.run_to(1_000)
    items = [event(id="1"), event({}), event(id="1"), event(action=""), event(action="z", time=1)]
    results = world.send(items, at=1_000)
    assert [result["stored"] for result in results] == [True, False, False, False, True]
    assert ["error" in result for result in results] == [False, True, False, True, False]


# --- whose it is (D-2.4) ---------------------------------------------------------------------------------------------


def test_an_unknown_identifier_creates_the_profile_and_a_known_one_finds_it() -> None:
    world = World()
    one, same, other, anonymous = owners(world, event(ANN), event(ANN), event(BOB), event({"uuid": "ann"}))
    assert one == same
    assert len({one, other, anonymous}) == 3, "identifiers of two kinds are two, even with the same text"


def test_an_event_goes_to_the_highest_ranking_known_identifier_and_adds_the_others() -> None:
    world = World()
    email, phone = {"email": "a@example.com"}, {"phone": "+411"}
    first, second = owners(world, event(email), event({**phone, "uuid": "u1"}))
    assert owners(world, event({**email, "uuid": "u1"})) == [first]
    assert owners(world, event({"uuid": "u1"})) == [first], "it passes on"
    assert owners(world, event(phone)) == [second]
    assert owners(world, event({**ANN, **email}), event(ANN)) == [first, first], "what is unknown is added"


def test_a_shared_tablet_does_not_make_two_people_one() -> None:
    """D-2.4: somebody new, seen with the uuid of a profile that has another custom_id, is somebody new."""
    world = World()
    ann, bob = owners(world, event({**ANN, "uuid": "tablet"}, "one"), event({**BOB, "uuid": "tablet"}, "two"))
    assert ann != bob
    assert owners(world, event({"uuid": "tablet"}, "three"), event(ANN, "four")) == [bob, ann]
    carla = {"custom_id": "carla", "uuid": "tablet"}
    assert owners(world, event(carla, "five"))[0] not in {ann, bob}


def test_a_uuid_of_another_profile_passes_to_this_one_from_now_on() -> None:
    """A shared tablet: its past stays where it was."""
    world = World()
    ann, bob = owners(world, event({**ANN, "uuid": "tablet"}, "one"), event(BOB))
    assert owners(world, event({**BOB, "uuid": "tablet"}, "two"), event({"uuid": "tablet"}, "three")) == [bob, bob]
    world.run_to_end()
    cards = {key: [row.action for row in world.events.activity(1, key, limit=10)][::-1] for key in (ann, bob)}
    assert cards == {ann: ["one"], bob: ["a", "two", "three"]}


@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        (ANN, {"email": "b@example.com"}, "profile.email"),
        (ANN, {"phone": "+412"}, "profile.phone"),
        ({"email": "a@example.com"}, {"phone": "+412"}, "profile.phone"),
    ],
)
def test_identifiers_of_two_known_profiles_are_refused_naming_both(one: Json, other: Json, field: str) -> None:
    world = World()
    owners(world, event(one), event(other))
    [result] = world.send([event({**one, **other})], at=1_000)
    error = result["error"]
    assert (error["code"], error["field"]) == ("identifier_conflict", field)
    for value in (*one.values(), *other.values()):
        assert value in error["message"]


def test_of_a_refused_item_nothing_is_left() -> None:
    world = World()
    owners(world, event(ANN), event({"email": "b@example.com"}))
    assert owners(world, event({**ANN, "email": "b@example.com", "uuid": "u9"})) == ["identifier_conflict"]
    with world.store.reading() as tx:
        assert tx.resolve(world.workspace, [Identifier("uuid", "u9")]) == {}
        assert tx.count_profiles(world.workspace) == 2


def test_a_request_sees_what_its_earlier_items_have_said() -> None:
    world = World()
    found = owners(world, event({**ANN, "uuid": "u1"}), event({"uuid": "u1"}), event({"uuid": "u1", "email": "a@b.c"}))
    assert len(set(found)) == 1


def test_changes_of_profiles_follow_the_same_rules() -> None:
    world = World()
    [ann] = owners(world, event(ANN))
    body = json.dumps([{"profile": {**ANN, "email": "a@b.c"}, "attributes": {"x": 1}, "received_at": 1_000}]).encode()
    [[result]] = world.engine.intake.store_now([(world.workspace, profile.parse(body, virtual=True))])
    assert isinstance(result, Stored)
    assert result.profile == ann
    assert owners(world, event({"email": "a@b.c"})) == [ann]


# --- one writer for many requests ------------------------------------------------------------------------------------


def engine_of(store: MemoryStateStore, **more: Any) -> tuple[Engine, int]:
    engine = Engine(store, MemoryEventStore(), FixedClock(1_000), **more)
    return engine, engine.create_workspace("real", "real").key


class Counting(MemoryStateStore):
    """Counts its transactions, and holds the first ones until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0
        self.free = threading.Event()
        self.free.set()
        self.wanted = threading.Event()

    def writing(self) -> Any:
        self.wanted.set()
        assert self.free.wait(10)
        self.written += 1
        return super().writing()


def arrivals(who: str, number: int) -> list[Arrival | Rejection]:
    body = [event({"custom_id": who}, f"{who}.{i}", id=f"{who}.{i}") for i in range(number)]
    return native.parse(json.dumps(body).encode())


def test_many_requests_at_once_get_their_own_results_from_few_transactions() -> None:
    store = Counting()
    engine, workspace = engine_of(store)
    engine.intake.start()
    store.free.clear()
    before = store.written
    futures: dict[str, Future[list[Result]]] = {}

    def ask(number: int) -> None:
        futures[f"c{number}"] = engine.intake.submit(workspace, arrivals(f"c{number}", number % 5 + 1))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    store.free.set()
    profiles = set()
    for who, future in futures.items():
        results = future.result(10)
        stored = [result for result in results if isinstance(result, Stored)]
        assert [result.id for result in stored] == [f"{who}.{i}" for i in range(int(who[1:]) % 5 + 1)]
        assert len({result.profile for result in stored}) == 1
        profiles.add(stored[0].profile)
    engine.intake.stop()
    assert len(profiles) == 200
    assert store.written - before < 10
    engine.drain()
    assert engine.events.count(workspace, "activity") == sum(number % 5 + 1 for number in range(200))


def test_a_full_disk_is_said_to_everybody_and_nothing_is_stored() -> None:
    full = True

    def guard() -> None:
        if full:
            raise StorageFull

    store = MemoryStateStore()
    engine, workspace = engine_of(store, guard=guard)
    engine.intake.start()
    futures = [engine.intake.submit(workspace, arrivals(f"c{number}", 1)) for number in range(3)]
    assert all(isinstance(future.exception(10), StorageFull) for future in futures)
    with store.reading() as tx:
        assert tx.count_profiles(workspace) == 0

    full = False
    assert len(engine.intake.submit(workspace, arrivals("c0", 1)).result(10)) == 1
    engine.intake.stop()


def test_what_one_request_meets_alone_is_not_the_others_affair() -> None:
    """There is no workspace 99."""
    store = Counting()
    engine, workspace = engine_of(store)
    engine.intake.start()
    store.free.clear()
    futures = [engine.intake.submit(key, arrivals(f"c{key}", 1)) for key in (workspace, 99, workspace)]
    store.free.set()
    assert isinstance(futures[1].exception(10), WorkspaceGone)
    first, third = futures[0].result(10), futures[2].result(10)
    assert isinstance(first[0], Stored)
    assert isinstance(third[0], Stored)
    assert third[0].duplicate
    engine.intake.stop()


def test_a_request_that_nobody_waits_for_any_more_harms_nobody() -> None:
    store = Counting()
    engine, workspace = engine_of(store)
    engine.intake.start()
    store.free.clear()
    gone = engine.intake.submit(workspace, arrivals("gone", 1))
    given_up = gone.cancel()
    there = engine.intake.submit(workspace, arrivals("there", 1))
    store.free.set()
    assert len(there.result(10)) == 1
    engine.intake.stop()
    with store.reading() as tx:
        assert tx.count_profiles(workspace) == (1 if given_up else 2)


def test_what_was_submitted_before_the_end_is_stored_and_what_comes_later_refused() -> None:
    store = Counting()
    engine, workspace = engine_of(store)
    engine.intake.start()
    store.free.clear()
    before = [engine.intake.submit(workspace, arrivals(f"c{number}", 1)) for number in range(5)]
    ending = threading.Thread(target=engine.intake.stop)
    ending.start()
    store.free.set()
    ending.join(10)
    assert all(len(future.result(10)) == 1 for future in before)
    later = engine.intake.submit(workspace, arrivals("late", 1))
    assert isinstance(later.exception(10), StorageUnavailable)
    engine.intake.stop()


def test_it_can_be_started_again() -> None:
    engine, workspace = engine_of(MemoryStateStore())
    for number in range(2):
        engine.intake.start()
        assert len(engine.intake.submit(workspace, arrivals(f"c{number}", 1)).result(10)) == 1
        engine.intake.stop()


def test_what_stands_behind_is_stored_after_those_that_came_later_and_with_what_else_is_to_be_written() -> None:
    store = Counting()
    engine, workspace = engine_of(store)
    engine.intake.start()
    store.free.clear()
    store.wanted.clear()
    busy = engine.intake.submit(workspace, arrivals("busy", 1))
    assert store.wanted.wait(10)
    seen: list[list[Result]] = []

    def also(tx: Transaction, results: list[Result]) -> None:
        seen.append(results)
        tx.put_workspace(tx.workspaces()[0]._replace(timezone="Europe/Warsaw"))

    behind = engine.intake.submit_behind(workspace, arrivals("c", 2), also)
    live = engine.intake.submit(workspace, arrivals("c", 1))
    store.free.set()
    busy.result(10)
    # The event of the live request is new, and the same one in the file is the duplicate.
    assert [result.duplicate for result in live.result(10) if isinstance(result, Stored)] == [False]
    assert [result.duplicate for result in behind.result(10) if isinstance(result, Stored)] == [True, False]
    assert seen == [behind.result()]
    engine.intake.stop()
    with store.reading() as tx:
        assert tx.workspaces()[0].timezone == "Europe/Warsaw"


def test_what_cannot_be_written_beside_keeps_its_own_request_from_being_stored_and_no_other() -> None:
    store = Counting()
    engine, workspace = engine_of(store)
    engine.intake.start()
    store.free.clear()
    store.wanted.clear()

    def also(tx: Transaction, results: list[Result]) -> None:
        del tx, results
        raise OSError(28, "No space left on device")

    first = engine.intake.submit(workspace, arrivals("first", 1))
    assert store.wanted.wait(10)
    behind = engine.intake.submit_behind(workspace, arrivals("behind", 1), also)
    live = engine.intake.submit(workspace, arrivals("live", 1))
    store.free.set()
    assert isinstance(behind.exception(10), OSError)
    assert [len(future.result(10)) for future in (first, live)] == [1, 1]
    engine.intake.stop()
    with store.reading() as tx:
        assert tx.count_profiles(workspace) == 2
        assert tx.known_ids(workspace, ["id:first.0", "id:behind.0", "id:live.0"]) == {"id:first.0", "id:live.0"}
