"""How changes fold into a profile, and which events they produce (D-2.5)."""

from __future__ import annotations

from typing import Any

import pytest

from milepost.kernel.profile import Consent, Profile, ProfileChange, fold, same_json

NOW = 1_000


def folded(change: ProfileChange, **profile: Any) -> tuple[Profile, list[tuple[str, dict[str, Any]]]]:
    after, produced = fold(Profile(7, profile.pop("attributes", {}), **profile), change, NOW, "api")
    return after, [(one.action, one.params) for one in produced]


def test_a_change_produces_one_event_per_attribute_with_both_values() -> None:
    after, produced = folded(ProfileChange(set={"a": 2, "b": "x"}), attributes={"a": 1, "c": True})
    assert after.attributes == {"a": 2, "b": "x", "c": True}
    assert produced == [
        ("profile.updated", {"attribute": "a", "old": 1, "new": 2}),
        ("profile.updated", {"attribute": "b", "old": None, "new": "x"}),
    ]


@pytest.mark.parametrize("value", [1, 1.0, "x", True, [1, {"a": 2.0}], {"a": None}])
def test_nothing_is_produced_where_the_value_stays(value: Any) -> None:
    after, produced = folded(ProfileChange(set={"a": value}), attributes={"a": value})
    assert produced == []
    assert after.attributes == {"a": value}


@pytest.mark.parametrize(
    ("old", "new"), [(1, True), (0, False), (1, "1"), ([1], [True]), ({"a": 1}, {"a": 1, "b": None})]
)
def test_values_of_another_type_are_other_values(old: Any, new: Any) -> None:
    after, produced = folded(ProfileChange(set={"a": new}), attributes={"a": old})
    assert produced == [("profile.updated", {"attribute": "a", "old": old, "new": new})]
    assert after.attributes["a"] is new
    assert not same_json(old, new)


def test_null_removes() -> None:
    after, produced = folded(ProfileChange(set={"a": None, "never": None}), attributes={"a": 1})
    assert after.attributes == {}
    assert produced == [("profile.updated", {"attribute": "a", "old": 1, "new": None})]


def test_an_increment_of_a_missing_attribute_starts_at_0() -> None:
    after, produced = folded(ProfileChange(increment={"n": 3, "m": -1}), attributes={"n": 4})
    assert after.attributes == {"n": 7, "m": -1}
    assert produced == [
        ("profile.updated", {"attribute": "n", "old": 4, "new": 7}),
        ("profile.updated", {"attribute": "m", "old": None, "new": -1}),
    ]


@pytest.mark.parametrize("value", ["4", True, [4], {"n": 4}])
def test_what_is_no_number_is_left_as_it_is(value: Any) -> None:
    after, produced = folded(ProfileChange(increment={"n": 1}), attributes={"n": value})
    assert (after.attributes, produced) == ({"n": value}, [])


def test_the_order_is_set_increment_tags_consents() -> None:
    change = ProfileChange({"n": 1}, {"n": 1}, ("new",), ("new",), {"email": True})
    after, produced = folded(change)
    assert [action for action, _ in produced] == [
        "profile.updated", "profile.updated", "profile.tagAdded", "profile.tagRemoved", "profile.consentChanged"
    ]  # fmt: skip
    assert (after.attributes, after.tags) == ({"n": 2}, frozenset())


def test_tags_produce_an_event_only_where_they_change() -> None:
    after, produced = folded(ProfileChange(add_tags=("a", "b", "b"), remove_tags=("c", "d")), tags=frozenset("ac"))
    assert after.tags == {"a", "b"}
    assert produced == [("profile.tagAdded", {"tag": "b"}), ("profile.tagRemoved", {"tag": "c"})]


def test_a_consent_is_kept_with_time_and_source() -> None:
    after, produced = folded(ProfileChange(consents={"email": True}))
    assert after.consents == {"email": Consent(True, NOW, "api")}
    assert produced == [("profile.consentChanged", {"channel": "email", "granted": True})]


def test_the_same_consent_again_changes_nothing() -> None:
    before = {"email": Consent(False, 5, "form")}
    after, produced = folded(ProfileChange(consents={"email": False}), consents=before)
    assert (after.consents, produced) == (before, [])

    after, produced = folded(ProfileChange(consents={"email": True, "sms": False}), consents=before)
    assert after.consents == {"email": Consent(True, NOW, "api"), "sms": Consent(False, NOW, "api")}
    assert len(produced) == 2


def test_the_profile_itself_is_never_changed() -> None:
    """Runs of one batch share it."""
    attributes: dict[str, Any] = {"a": 1}
    profile = Profile(7, attributes)
    fold(profile, ProfileChange({"a": 2}, {"b": 1}, ("t",), (), {"email": True}), NOW, "api")
    assert profile == Profile(7, {"a": 1})
