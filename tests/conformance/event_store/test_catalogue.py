"""What pickers and searches ask the log: actions, samples of params, profiles that fit a condition (D-2.7, D-2.9)."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from milepost.kernel.condition import Where
from milepost.ports.event_store import EventStore
from tests.reference.rows import lines


def test_actions_are_counted_by_name(store: EventStore, workspace: int) -> None:
    rows = [
        {"workspace": workspace, "position": place, "time": 1_000 + place, "action": action}
        for place, action in enumerate(["b", "a", "b", "c.d"])
    ]
    store.append("datapoints", 1, lines("datapoints", rows))
    store.append("activity", 1, lines("activity", [{"workspace": workspace, "action": "only.on.the.card"}]))
    assert store.actions(workspace) == [("a", 1, 1_001), ("b", 2, 1_002), ("c.d", 1, 1_003)]
    assert store.actions(workspace + 5_000) == []


def test_samples_are_the_newest_with_their_types(store: EventStore, workspace: int) -> None:
    each: list[dict[str, Any]] = [
        {"n": 1, "deep": {"a": "x"}}, {"n": 2.5, "list": [1]}, {"n": "3", "yes": True}, {"n": 2**53 + 1, "ü": "é 🎈"},
    ]  # fmt: skip
    rows = [
        {"workspace": workspace, "position": place, "time": 1_000 + place, "action": "a", "params": params}
        for place, params in enumerate(each)
    ]
    other = {"workspace": workspace, "position": 9, "time": 5_000, "action": "b", "params": {"n": 0}}
    store.append("datapoints", 1, lines("datapoints", [*rows, other]))
    assert store.samples(workspace, "a", limit=10) == each[::-1]
    assert store.samples(workspace, "a", limit=2) == [each[3], each[2]]
    assert store.samples(workspace, "never", limit=2) == []


def test_profiles_that_fit_a_condition_come_in_pages(store: EventStore, workspace: int) -> None:
    """By their newest attributes."""
    where = TypeAdapter(Where).validate_python(
        {"any": [{"attribute": "name", "op": "starts_with", "value": "an", "ignore_case": True}]}
    )
    assert where is not None

    def names(version: int, **by_profile: str) -> None:
        rows = [
            {"workspace": workspace, "profile": int(key[1:]), "version": version, "attributes": {"name": name}}
            for key, name in by_profile.items()
        ]
        store.append("profiles", version, lines("profiles", rows))

    names(1, p1="Ann", p2="Bea", p3="ANA", p4="Andy")
    names(2, p4="Zoe")
    assert store.matching(workspace, where, 0, limit=10) == (2, [1, 3])
    assert store.matching(workspace, where, 0, limit=1) == (2, [1])
    assert store.matching(workspace, where, 0, limit=1, after=1) == (2, [3])
