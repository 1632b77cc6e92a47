"""Moves counted for an examination: which batches count, what stands for what (D-1.2, D-1.4, D-1.8)."""

from __future__ import annotations

from typing import Any

from milepost.ports.event_store import EventStore, MoveCount
from tests.reference.rows import lines

STEP, EXIT = "automation.clientPathStep", "automation.clientPathExit"


def move(id: str, batch: int, workspace: int, action: str = STEP, **params: Any) -> dict[str, Any]:
    return {
        "id": id, "position": batch, "time": 1_000 + batch, "profile": 7, "workspace": workspace, "batch": batch,
        "action": action, "journey": "j", "node": "n", "params": {"journeyVersion": 2, **params},
    }  # fmt: skip


def test_moves_are_counted_by_edge_and_reason(store: EventStore, workspace: int) -> None:
    edge = {"fromNodeId": "a", "outlet": 'by "tab\t"'}
    rows = [
        move("1", 1, workspace, **edge), move("2", 1, workspace, **edge), move("2", 1, workspace, **edge),
        move("3", 1, workspace, EXIT, reason="goal"), {**move("4", 1, workspace), "action": "page.visit"},
        move("5", 1, workspace + 500_000, **edge),
    ]  # fmt: skip
    store.append("activity", 1, lines("activity", rows))
    assert sorted(store.moves(workspace, up_to=9)) == [
        MoveCount("j", 2, "n", EXIT, "", "", "goal", 1, 1),
        MoveCount("j", 2, "n", STEP, "a", 'by "tab\t"', "", 3, 2),
    ]


def test_only_batches_that_are_meant_are_counted(store: EventStore, workspace: int) -> None:
    for batch in (1, 2, 3, 4):
        store.append("activity", batch, lines("activity", [move(f"{batch}", batch, workspace)]))
    assert [found.number for found in store.moves(workspace, up_to=3, without=[2])] == [2]
    assert store.moves(workspace, up_to=0) == []


def test_moves_outside_of_every_interval_are_found(store: EventStore, workspace: int) -> None:
    rows = [move(f"{batch}", batch, workspace) for batch in range(1, 6)]
    rows.append({**move("x", 1, workspace), "action": "page.visit"})
    rows.append({**move("y", 1, workspace), "node": "other"})
    store.append("datapoints", 1, lines("datapoints", rows))
    assert store.untracked(workspace, "j", "n", [], up_to=9) == 5
    assert store.untracked(workspace, "j", "n", [(1_001, 1_003), (1_005, 2**62)], up_to=9) == 2
    assert store.untracked(workspace, "j", "n", [(0, 2**62)], up_to=9) == 0
    assert store.untracked(workspace, "j", "n", [], up_to=0) == 0
