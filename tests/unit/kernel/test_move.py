"""Ids that are pure functions of their causes, so that writing a move twice is harmless (D-1.4); entry keys (D-3.3)."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from milepost.kernel.event import END_PATH, MOVE_ACTIONS, PATH_EXIT, PATH_STEP, START_PATH
from milepost.kernel.move import KINDS, Moved, canonical, entry_key_of, path_id, run_id

CAUSE = ("j1", 7, "", "e1")


def test_the_same_cause_gives_the_same_run_for_ever() -> None:
    """The very text: a change of the formula would start second runs after an update."""
    assert run_id(*CAUSE) == run_id(*CAUSE) == "afb498994880228d3040cba1"
    assert path_id(run_id(*CAUSE), "in\x1fe1") == "afb498994880228d3040cba1-9654b6c4a8"


@pytest.mark.parametrize(
    "other", [("j2", 7, "", "e1"), ("j1", 8, "", "e1"), ("j1", 7, "1", "e1"), ("j1", 7, "", "e2"), ("j", 17, "", "e1")]
)
def test_every_part_of_the_cause_counts(other: tuple[str, int, str, str]) -> None:
    assert run_id(*other) != run_id(*CAUSE)


def test_a_path_belongs_to_its_run_and_to_what_opened_it() -> None:
    paths = {path_id(run, opener) for run in ("r1", "r2") for opener in ("in\x1fe1", "in\x1fe2", "p\x1fsplit\x1f2")}
    assert len(paths) == 6


def test_a_move_is_named_by_action_path_node_and_visit_and_by_nothing_else() -> None:
    one = Moved(PATH_STEP, "r-p", 2, "n", 1, 1_000, "in", "next")
    again = one._replace(step=9, cause_time=5, from_node_id="x", outlet="y", why={"a": 1}, parent_path_id="z")
    assert again.id == one.id == "r-p.n.1.step"
    others = [one._replace(action=action) for action in (START_PATH, END_PATH, PATH_EXIT)]
    others += [one._replace(path_id="r-q"), one._replace(node_id="m"), one._replace(visit=2)]
    assert len({move.id for move in (one, *others)}) == 7


def test_there_are_four_moves() -> None:
    assert KINDS.keys() == MOVE_ACTIONS
    assert len(set(KINDS.values())) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0), (0.0, -0.0), ({"a": 1, "b": [2.0]}, {"b": [2], "a": 1}), (None, None), (1e3, 1000), ("ü", "\u00fc"),
    ],
)  # fmt: skip
def test_equal_values_are_one_key(one: Any, other: Any) -> None:
    assert canonical(one) == canonical(other)


def test_different_values_are_different_keys() -> None:
    """D-3.3: keys compare as typed JSON."""
    values: list[Any] = [
        1, "1", True, "true", None, "null", "", 0, False, 1.5, "1.5", [], {}, [1], ["1"], [[1]], {"a": 1}, {"a": "1"},
        {"a": None}, [None], 2**53, 2**53 + 1, 1e300, "ß", "SS", '"', "\\",
    ]  # fmt: skip
    for one, other in itertools.combinations(values, 2):
        assert canonical(one) != canonical(other), (one, other)
    assert [json.loads(canonical(value)) for value in values] == values


def test_a_missing_param_and_null_are_one_key_of_their_own() -> None:
    assert entry_key_of({}, "order") == entry_key_of({"order": None}, "order") != entry_key_of({"order": ""}, "order")


def test_without_an_entry_key_there_is_one_for_all() -> None:
    assert entry_key_of({"order": 1}, None) == entry_key_of({}, None) == ""
