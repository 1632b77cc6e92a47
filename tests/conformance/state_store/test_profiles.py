"""Profiles and identifiers (D-2.4)."""

from __future__ import annotations

from milepost.ports.state_store import Identifier, StateStore
from tests.conformance.state_store import rows

ANNA, BEN = rows.email("anna@example.com"), rows.email("ben@example.com")


def test_known_identifiers_lead_to_their_profiles(store: StateStore) -> None:
    phone = Identifier("phone", "anna@example.com")
    with store.writing() as tx:
        tx.bind(1, {ANNA: 1, phone: 2})
        tx.bind(2, {ANNA: 3})
    with store.reading() as tx:
        assert tx.resolve(1, [ANNA, BEN, phone]) == {ANNA: 1, phone: 2}
        assert tx.resolve(2, [ANNA, phone]) == {ANNA: 3}
        assert tx.resolve(1, []) == {}


def test_an_identifier_passes_to_the_profile_it_is_given_to(store: StateStore) -> None:
    with store.writing() as tx:
        tx.bind(1, {ANNA: 1, BEN: 1})
        tx.bind(1, {ANNA: 2})
        assert tx.resolve(1, [ANNA]) == {ANNA: 2}
        assert tx.identifiers([1, 2]) == {1: [BEN], 2: [ANNA]}


def test_identifiers_come_in_order_of_rank(store: StateStore) -> None:
    ranked = [
        Identifier("custom_id", "z"),
        Identifier("email", "y"),
        Identifier("phone", "x"),
        Identifier("uuid", "v"),
        Identifier("uuid", "w"),
    ]
    with store.writing() as tx:
        tx.bind(1, dict.fromkeys(reversed(ranked), 4))
        assert tx.identifiers([4, 5]) == {4: ranked, 5: []}


def test_of_several_of_a_kind_the_oldest_comes_first(store: StateStore) -> None:
    with store.writing() as tx:
        tx.bind(1, {BEN: 1}, 10)
        tx.bind(1, {ANNA: 1}, 20)
        assert tx.identifiers([1]) == {1: [BEN, ANNA]}
        tx.bind(1, {BEN: 1}, 30)
        assert tx.identifiers([1]) == {1: [ANNA, BEN]}


def test_identifiers_differ_by_case_and_by_every_character(store: StateStore) -> None:
    values = ["a", "A", "a\0b", "a\0", "ä", " a", "a" * 900]
    with store.writing() as tx:
        tx.bind(1, {Identifier("custom_id", value): key for key, value in enumerate(values)})
        found = tx.resolve(1, [Identifier("custom_id", value) for value in values])
    assert [found[Identifier("custom_id", value)] for value in values] == list(range(len(values)))


def test_ten_thousand_identifiers_at_once(store: StateStore) -> None:
    many = {rows.email(f"user{number}@example.com"): number for number in range(1, 10_001)}
    with store.writing() as tx:
        tx.bind(1, many)
        assert tx.resolve(1, [*many, ANNA]) == many


def test_of_a_profile_that_is_there_version_and_body_change(store: StateStore) -> None:
    old = rows.profile(1)
    with store.writing() as tx:
        tx.put_profiles([old, rows.profile(2)])
        tx.put_profiles([old._replace(workspace=9, created=99, version=8, body=b"new"), rows.profile(3)])
        assert tx.profiles([1, 3, 77]) == {1: old._replace(version=8, body=b"new"), 3: rows.profile(3)}
        assert tx.profiles([]) == {}


def test_ten_thousand_profiles_at_once(store: StateStore) -> None:
    many = {key: rows.profile(key, version=key) for key in range(1, 10_001)}
    with store.writing() as tx:
        tx.put_profiles(list(many.values()))
        assert tx.profiles(list(many)) == many
        assert tx.count_profiles(1) == 10_000


def test_profiles_are_listed_in_pages_in_order_of_key(store: StateStore) -> None:
    with store.writing() as tx:
        tx.put_profiles([rows.profile(key) for key in (5, 1, 3)])
        tx.put_profiles([rows.profile(2, workspace=2)])
        assert [row.key for row in tx.list_profiles(1, limit=2)] == [1, 3]
        assert [row.key for row in tx.list_profiles(1, limit=2, after=3)] == [5]
        assert tx.list_profiles(1, limit=2, after=5) == []
        assert tx.count_profiles(1) == 3
        assert tx.count_profiles(3) == 0
