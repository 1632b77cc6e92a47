"""The log: batches whole or not at all, the card, arrivals at a node (D-1.1, D-1.9, ARCH-2)."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from milepost import errors
from milepost.ports.event_store import ActivityRow, EventStore
from tests.reference.rows import lines

ODD = 'tab\t newline\n return\r backslash\\ quote\' "double" nul\0 é 🎈'


def event(position: int, **fields: Any) -> dict[str, Any]:
    return {"position": position, "time": 1_000 + position, "profile": 7, **fields}


def test_a_batch_is_there_with_its_number(store: EventStore, workspace: int) -> None:
    base = 1_000_000 * workspace
    for number in (base + 1, base + 2, base + 4):
        rows = [event(number * 10 + place, workspace=workspace, batch=number) for place in range(3)]
        store.append("activity", number, lines("activity", rows))

    assert store.batches("activity", base + 2) >= {base + 2, base + 4}
    assert base + 1 not in store.batches("activity", base + 2)
    assert base + 3 not in store.batches("activity", base)
    assert store.count(workspace, "activity") == 9
    assert store.count(workspace, "datapoints") == 0


def test_a_large_batch_is_one_part(store: EventStore, workspace: int) -> None:
    rows = [event(place, workspace=workspace, batch=5) for place in range(70_000)]
    store.append("activity", 5, lines("activity", rows))

    assert store.count(workspace, "activity") == 70_000
    if hasattr(store, "_driver"):
        parts = store._driver.query(
            "SELECT uniqExact(_part) FROM activity WHERE workspace = {workspace:UInt32}", {"workspace": workspace}
        )
        assert parts == [(1,)]


def test_the_card_gives_back_every_field_as_it_was_written(store: EventStore, workspace: int) -> None:
    params = {
        "text": ODD,
        "n": 2**53 + 1,
        "whole": 1.0,
        "date": "2026-03-01",
        "null": None,
        "deep": {"a.b": [1, "x", {}]},
    }
    store.append(
        "activity",
        1,
        lines(
            "activity",
            [
                event(1, workspace=workspace, received_at=5, id="x", action="page.visit", label=ODD, params=params),
                event(
                    2, workspace=workspace, id="y", journey="j", node="n1", run="r", tracked=False, why={"value": ODD}
                ),
            ],
        ),
    )

    second, first = store.activity(workspace, 7, limit=10)
    assert first == ActivityRow(
        7,
        1_001,
        1,
        5,
        "x",
        "page.visit",
        ODD,
        "api",
        journey="",
        node="",
        run="",
        tracked=True,
        params=params,
        why=None,
    )
    assert (second.journey, second.node, second.run, second.tracked, second.why) == (
        "j",
        "n1",
        "r",
        False,
        {"value": ODD},
    )


def test_the_card_goes_from_new_to_old_in_pages(store: EventStore, workspace: int) -> None:
    """Newest first by (time, position): ties keep the order of the log (D-3.8)."""
    rows = [event(place, workspace=workspace, time=place // 3) for place in range(10)]
    store.append("activity", 1, lines("activity", rows))
    store.append("activity", 2, lines("activity", [event(99, workspace=workspace, profile=8)]))

    seen: list[int] = []
    before = None
    while page := store.activity(workspace, 7, limit=4, before=before):
        seen += [row.position for row in page]
        before = (page[-1].time, page[-1].position)
    assert seen == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]


def test_the_card_filters_by_action_period_and_run(store: EventStore, workspace: int) -> None:
    rows = [
        event(1, workspace=workspace, action="page.visit"),
        event(2, workspace=workspace, action="cart.add", run="r1"),
        event(3, workspace=workspace, action="page.visit", run="r2"),
    ]
    store.append("activity", 1, lines("activity", rows))

    def positions(**filters: Any) -> list[int]:
        return [row.position for row in store.activity(workspace, 7, limit=10, **filters)]

    assert positions(actions=["page.visit"]) == [3, 1]
    assert positions(actions=["page.visit", "cart.add"], since=1_002) == [3, 2]
    assert positions(until=1_002) == [2, 1]
    assert positions(since=1_002, until=1_002) == [2]
    assert positions(run="r1") == [2]
    assert positions(before=(1_002, 2)) == [1]


def test_workspaces_are_separate(store: EventStore, workspace: int) -> None:
    """D-8: in every question."""
    store.append("activity", 1, lines("activity", [event(1, workspace=workspace + 5_000)]))
    assert store.activity(workspace, 7, limit=10) == []
    assert store.count(workspace, "activity") == 0


def test_a_workspace_is_deleted_whole_and_alone_and_batches_go_on(store: EventStore, workspace: int) -> None:
    """D-8. Rows of several workspaces may lie in one part."""
    other, base = workspace + 6_000, 1_000_000 * workspace
    rows = [event(place, workspace=key, batch=base + 1) for key in (workspace, other) for place in range(3)]
    for table in ("activity", "datapoints"):
        store.append(table, base + 1, lines(table, rows))
    store.append(
        "profiles", base + 1, lines("profiles", [{"workspace": key, "profile": 7} for key in (workspace, other)])
    )
    store.append("activity", base + 2, lines("activity", [event(9, workspace=workspace, batch=base + 2)]))

    for _ in range(2):
        store.delete_workspace(workspace)
        assert [store.count(workspace, table) for table in ("activity", "datapoints", "profiles")] == [0, 0, 0]
        assert store.activity(workspace, 7, limit=10) == []
        assert [store.count(other, table) for table in ("activity", "datapoints", "profiles")] == [3, 3, 1]
        assert [row.position for row in store.activity(other, 7, limit=10)] == [2, 1, 0]

    store.append("activity", base + 3, lines("activity", [event(4, workspace=other, batch=base + 3)]))
    assert store.batches("activity", base) & {base + 1, base + 2, base + 3} == {base + 1, base + 3}
    assert store.count(other, "activity") == 4


def test_show_in_crm_counts_arrivals_among_the_datapoints(store: EventStore, workspace: int) -> None:
    """D-1.9: start, step and end are arrivals; an exit is not, nor is what the node produced."""
    start, step, end, leave = (f"automation.client{word}" for word in ("StartPath", "PathStep", "EndPath", "PathExit"))
    at_node = {"workspace": workspace, "journey": "j", "node": "n"}
    rows = [
        event(1, action=step, profile=3, **at_node),
        event(2, action=step, profile=3, **at_node),
        event(3, action=start, profile=1, **at_node),
        event(4, action=end, profile=2, **at_node),
        event(5, action=leave, profile=4, **at_node),
        event(6, action="message.sent", profile=5, **at_node),
        event(7, action=step, profile=6, **{**at_node, "node": "m"}),
        event(8, action=step, profile=6, **{**at_node, "journey": "k"}),
    ]
    store.append("datapoints", 1, lines("datapoints", rows))

    total, page = store.arrivals(workspace, "j", "n", limit=2)
    assert (total, page) == (3, [(1, 1, 1_003, 1_003), (2, 1, 1_004, 1_004)])
    assert store.arrivals(workspace, "j", "n", limit=2, after=2) == (3, [(3, 2, 1_001, 1_002)])
    assert store.arrivals(workspace, "j", "nowhere", limit=2) == (0, [])


def test_profiles_count_once_whatever_their_versions(store: EventStore, workspace: int) -> None:
    for version in (1, 2):
        row = {"workspace": workspace, "profile": 1, "version": version, "attributes": {"n": version}}
        store.append("profiles", version, lines("profiles", [row]))
    assert store.count(workspace, "profiles") == 1


def test_threads_do_not_mix_their_questions_up(store: EventStore, workspace: int) -> None:
    rows = [event(place, workspace=workspace, profile=place) for place in range(8)]
    store.append("activity", 1, lines("activity", rows))
    wrong: list[int] = []

    def ask(profile: int) -> None:
        answers = ([row.position for row in store.activity(workspace, profile, limit=5)] for _ in range(20))
        wrong.extend(profile for positions in answers if positions != [profile])

    threads = [threading.Thread(target=ask, args=(profile,)) for profile in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("adapter", ["clickhouse", "server"])
def test_a_refused_batch_leaves_nothing(open_stores: Any, workspace: int, adapter: str) -> None:
    store = open_stores(adapter)
    good = lines("activity", [event(place, workspace=workspace) for place in range(1_000)])
    with pytest.raises(errors.StorageUnavailable):
        store.append("activity", 1, good + b"not a row\n")
    assert store.count(workspace, "activity") == 0
