"""A/B test: sticky groups by a hash of profile and node, against the shares (D-3.2)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from milepost.kernel.nodes.ab_test import draw
from tests.unit.kernel.trial import Trial, around, refused

Json = dict[str, Any]
PROFILES = range(1, 4_001)
HALVES = [("a", 50.0), ("b", 50.0)]


def shares(*groups: tuple[str, float]) -> Json:
    return {"groups": [{"name": name, "share": share} for name, share in groups]}


def drawn(groups: list[tuple[str, float]], node: str = "n") -> dict[int, str]:
    return {profile: draw(profile, node, groups) for profile in PROFILES}


def test_a_path_leaves_at_once_by_its_group_and_says_which() -> None:
    trial = Trial(around("ab_test", shares(("a", 50), ("b", 50))))
    trial.enter(1_000)

    group = draw(trial.world.profile_key("ann"), "n", HALVES)
    assert trial.left() == [(group, 1_000)]
    assert trial.why() == [{"group": group}]


def test_a_profile_has_the_same_group_on_every_visit() -> None:
    trial = Trial(around("ab_test", shares(("a", 50), ("b", 50))))
    for at in range(1_000, 6_000, 1_000):
        trial.enter(at)
    assert len(trial.left()) == 5
    assert len({outlet for outlet, _ in trial.left()}) == 1


def test_a_profile_of_a_group_without_share_there_is_none() -> None:
    assert set(drawn([("a", 0.0), ("b", 100.0)]).values()) == {"b"}


@pytest.mark.parametrize("groups", [HALVES, [("a", 10.0), ("b", 20.0), ("c", 70.0)], [("a", 1.0), ("b", 99.0)]])
def test_the_groups_have_their_shares(groups: list[tuple[str, float]]) -> None:
    counts = Counter(drawn(groups).values())
    for name, share in groups:
        # The hash gives the same numbers for ever: no luck is involved, and three sigma are enough.
        expected = share / 100
        sigma = (expected * (1 - expected) / len(PROFILES)) ** 0.5
        assert abs(counts[name] / len(PROFILES) - expected) < 3 * sigma


def test_two_nodes_draw_independently() -> None:
    one, other = drawn(HALVES, "n"), drawn(HALVES, "m")
    pairs = Counter((one[profile], other[profile]) for profile in PROFILES)
    assert all(abs(number / len(PROFILES) - 0.25) < 0.025 for number in pairs.values())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HALVES, [("a", 40.0), ("b", 60.0)]),
        ([("a", 20.0), ("b", 30.0), ("c", 50.0)], [("a", 30.0), ("b", 30.0), ("c", 40.0)]),
        (HALVES, [("b", 50.0), ("a", 50.0)]),
    ],
)
def test_changed_shares_move_as_few_as_possible(
    before: list[tuple[str, float]], after: list[tuple[str, float]]
) -> None:
    old, new = drawn(before), drawn(after)
    moved = [profile for profile in PROFILES if old[profile] != new[profile]]
    changed = sum(abs(dict(after)[name] - share) for name, share in before) / 2 / 100

    # Without remembering the former group, no rule can do better than this for every pair of shares.
    assert len(moved) / len(PROFILES) <= 2 * changed / (1 + changed)
    grown = {name for name, share in after if share > dict(before)[name]}
    shrunk = {name for name, share in after if share < dict(before)[name]}
    assert not any(old[profile] in grown for profile in moved), "nobody leaves a group that grew"
    assert not any(new[profile] in shrunk for profile in moved), "nobody comes to a group that shrank"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (shares(("a", 50), ("b", 49)), "the shares come to 99 %, not 100 %"),
        (shares(("a", 50), ("a", 50)), "two groups have the same name"),
        (shares(("a", 100)), "too few entries"),
        (shares(*((f"g{number}", 100 / 11) for number in range(11))), "too many entries"),
        (shares(("a", -1), ("b", 101)), "“Groups 1, Share” is too small"),
        (shares(("a b", 50), ("c", 50)), "“Groups 1, Group” is not written"),
        (shares(("a", float("nan")), ("b", 50)), ""),
        ({"groups": [{"name": "a", "share": 50}, {"name": "b"}]}, "“Groups 2, Share” is missing"),
    ],
)
def test_what_is_refused(settings: Json, said: str) -> None:
    found = refused("ab_test", settings)
    assert found
    assert all(field is not None and field.startswith("groups") for field, _ in found)
    assert any(said.lower() in text.lower() for _, text in found)


def test_thirds_come_to_a_whole() -> None:
    assert refused("ab_test", shares(("a", 33.333333), ("b", 33.333333), ("c", 33.333334))) == []
