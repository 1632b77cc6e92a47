"""Journeys, versions, life (D-3.5) and tracking (D-1.8)."""

from __future__ import annotations

import pytest

from milepost.errors import Conflict, NotFound
from milepost.ports.state_store import StateStore, Transaction
from tests.conformance.state_store import rows


def stamps(tx: Transaction, stamp: int) -> int:
    """The stamp, which has to have grown."""
    assert tx.definitions_stamp() > stamp
    return tx.definitions_stamp()


def test_a_new_journey_gets_a_key(store: StateStore) -> None:
    with store.writing() as tx:
        first = tx.insert_journey(rows.journey("a", key=77))
        second = tx.insert_journey(rows.journey("b"))
        tx.insert_journey(rows.journey("a", workspace=2))
    with store.reading() as tx:
        assert first < second
        assert tx.journeys(1) == [rows.journey("a", key=first), rows.journey("b", key=second)]
        assert tx.journey(1, "b") == rows.journey("b", key=second)
        assert tx.journey(1, "c") is None
        assert tx.journey(3, "a") is None


def test_an_id_is_unique_in_its_workspace(store: StateStore) -> None:
    with store.writing() as tx:
        key = tx.insert_journey(rows.journey("a"))
        with pytest.raises(Conflict) as refused:
            tx.insert_journey(rows.journey("a", name="Other"))
        assert refused.value.field == "id"
    with store.reading() as tx:
        assert tx.journeys(1) == [rows.journey("a", key=key)]


def test_a_journey_is_edited(store: StateStore) -> None:
    with store.writing() as tx:
        key = tx.insert_journey(rows.journey("a"))
        edited = rows.journey("a", key=key)._replace(
            name="New", state="active", version=2, draft="[]", revision=9, resumed_at=8, created=7, updated=6
        )
        tx.update_journey(edited)
        assert tx.journeys(1) == [edited]
        with pytest.raises(NotFound):
            tx.update_journey(rows.journey("a", key=key + 1))


def test_a_deleted_journey_leaves_its_life_and_its_key_is_not_used_again(store: StateStore) -> None:
    with store.writing() as tx:
        key = tx.insert_journey(rows.journey("a"))
        other = tx.insert_journey(rows.journey("b"))
        for journey in (key, other):
            tx.put_version(rows.version(journey))
            tx.add_tracking_changes([rows.switch(journey)])
            tx.add_life(rows.life(journey, 1))
        tx.delete_journey(other)
        assert [row.key for row in tx.journeys(1)] == [key]
        assert tx.versions([key, other]) == [rows.version(key)]
        assert tx.tracking_changes(1) == [rows.switch(key)]
        assert tx.life(other) == [rows.life(other, 1)]
        assert tx.insert_journey(rows.journey("b")) > other


def test_versions_come_in_order_of_journey_and_number(store: StateStore) -> None:
    with store.writing() as tx:
        one, two, three = (tx.insert_journey(rows.journey(id)) for id in ("a", "b", "c"))
        for place in ((two, 1), (one, 10), (one, 2), (three, 1)):
            tx.put_version(rows.version(*place))
        assert tx.versions([two, one]) == [rows.version(one, 2), rows.version(one, 10), rows.version(two, 1)]
        assert tx.versions([]) == []


def test_a_version_is_never_overwritten(store: StateStore) -> None:
    with store.writing() as tx:
        key = tx.insert_journey(rows.journey())
        tx.put_version(rows.version(key))
    with pytest.raises(Conflict), store.writing() as tx:
        tx.put_version(rows.version(key)._replace(definition="other"))
    with store.reading() as tx:
        assert tx.versions([key]) == [rows.version(key)]


def test_versions_and_switches_belong_to_a_journey_that_is_there(store: StateStore) -> None:
    with pytest.raises(Conflict), store.writing() as tx:
        tx.put_version(rows.version(1))
    with pytest.raises(Conflict), store.writing() as tx:
        tx.add_tracking_changes([rows.switch(1)])


def test_life_is_told_in_order(store: StateStore) -> None:
    told = [rows.life(1, 10, "activate"), rows.life(1, 20, "pause"), rows.life(1, 20, "resume"), rows.life(1, 30)]
    with store.writing() as tx:
        for row in (told[3], told[1], told[2], told[0], rows.life(2, 5)):
            tx.add_life(row)
        assert tx.life(1) == told
        assert tx.life(3) == []


def test_tracking_changes_come_in_order_of_journey_node_and_instant(store: StateStore) -> None:
    with store.writing() as tx:
        one, two = (tx.insert_journey(rows.journey(id)) for id in ("a", "b"))
        told = [
            rows.switch(one, "n1", 10, on=True),
            rows.switch(one, "n1", 20, on=False),
            rows.switch(one, "n1", 20, on=True),
            rows.switch(one, "n2", 5, on=False),
            rows.switch(two, "n1", 1, on=True),
        ]
        tx.add_tracking_changes([told[4], told[3], told[1]])
        tx.add_tracking_changes([told[2], told[0], rows.switch(one, workspace=2)])
        found = tx.tracking_changes(1)
    assert found == told
    assert found[0].on is True


def test_every_change_of_definitions_moves_the_stamp(store: StateStore) -> None:
    with store.writing() as tx:
        stamp = tx.definitions_stamp()
        key = tx.insert_journey(rows.journey())
        stamp = stamps(tx, stamp)
        tx.update_journey(rows.journey(key=key, name="Other"))
        stamp = stamps(tx, stamp)
        tx.put_version(rows.version(key))
        stamp = stamps(tx, stamp)
        tx.add_tracking_changes([rows.switch(key)])
        stamp = stamps(tx, stamp)
        tx.delete_journey(key)
        stamps(tx, stamp)


def test_the_work_of_a_cycle_does_not_move_the_stamp(store: StateStore) -> None:
    with store.writing() as tx:
        stamp = tx.definitions_stamp()
        tx.put_runs([rows.run(1)])
        tx.put_profiles([rows.profile(1)])
        tx.append_inputs([rows.entry(1)])
        tx.add_batch(rows.batch(1))
        tx.add_intents([rows.intent("a")])
        tx.add_life(rows.life(1, 1))
        tx.add_tracking_changes([])
        assert tx.definitions_stamp() == stamp
