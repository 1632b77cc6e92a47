"""The same inputs at the same instants make the same moves for ever: ids, outlets, order, reasons (D-3.8)."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from milepost.kernel.event import MOVE_ACTIONS
from milepost.kernel.node import registry
from milepost.ports.state_store import StateStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.stores.sqlite import SqliteStore
from tests.replay.history import FOLDER, load, play

Json = dict[str, Any]
HISTORIES = sorted(FOLDER.glob("*.json"))


@contextlib.contextmanager
def store_of(kind: str, folder: pathlib.Path) -> Iterator[StateStore]:
    with contextlib.closing(SqliteStore(folder / "state.db") if kind == "sqlite" else MemoryStateStore()) as store:
        yield store


@pytest.mark.parametrize(
    ("store", "batch_size", "stepwise"),
    [("memory", 10_000, False), ("memory", 1, False), ("memory", 3, True), ("sqlite", 2, True)],
    ids=["in one go", "one by one", "stepwise", "sqlite"],
)
@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_history_is_made_again_to_the_letter(
    path: pathlib.Path, store: str, batch_size: int, stepwise: bool, tmp_path: pathlib.Path
) -> None:
    history = load(path)
    with store_of(store, tmp_path) as opened:
        made = play(history, batch_size=batch_size, stepwise=stepwise, store=opened)
    expected = history["expected"]

    for line, row in zip(expected["log"], made["log"], strict=False):
        assert row == line
    assert made == expected


def test_the_histories_are_worth_their_lines() -> None:
    """Every node type is passed, every move and most reasons occur."""
    rows = [row for path in HISTORIES for row in load(path)["expected"]["log"]]
    moves = [row for row in rows if row["action"] in MOVE_ACTIONS]
    assert {row["params"]["nodeType"] for row in moves} == set(registry())
    assert {row["action"] for row in moves} == MOVE_ACTIONS
    assert {row["params"].get("reason") for row in moves} >= {"other_end", "goal", "exit_rule", "expired", "stopped"}
    assert {row["tracked"] for row in moves} == {True, False}
    assert any(row["time"] != row["params"]["causeTime"] for row in moves)
