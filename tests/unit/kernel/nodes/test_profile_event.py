"""Profile event: the trigger. Which of several opens a path is dispatch's; here is what one node promises (D-3.2)."""

from __future__ import annotations

import pytest

from tests.unit.kernel.trial import Trial, definition, node, refused, trigger

END = node("end", "end")


def test_it_opens_a_path_and_goes_on_at_once() -> None:
    trial = Trial(definition(trigger("end"), END))
    trial.see("other", 1_000)
    trial.enter(2_000)

    assert trial.way() == ["in", "end"]
    assert trial.left("in") == [("next", 2_000)]


def test_all_conditions_hold_on_the_same_event() -> None:
    where = [{"param": "price", "op": "greater", "value": 10}, {"param": "shop", "op": "equal", "value": "a"}]
    trial = Trial(definition(trigger("end", where=where), END))
    trial.enter(1_000, price=20)
    trial.enter(2_000, shop="a")
    trial.enter(3_000, price="20", shop="a")
    assert trial.way() == []

    trial.enter(4_000, price=20, shop="a")
    assert trial.way() == ["in", "end"]


def test_a_condition_may_read_the_profile_and_an_insert() -> None:
    where = [{"param": "tier", "op": "equal", "value": "{{ customer.tier }}"}]
    trial = Trial(definition(trigger("end", where=where), END), attributes={"tier": "gold"})
    trial.enter(1_000, tier="silver")
    assert trial.way() == []

    trial.enter(2_000, tier="gold")
    assert trial.way() == ["in", "end"]


def test_its_move_names_the_event() -> None:
    trial = Trial(definition(trigger("end"), END))
    trial.enter(1_000)

    [start] = [row for row in trial.world.activity() if row["action"] == "automation.clientStartPath"]
    [event] = [row for row in trial.world.activity() if row["action"] == "enter"]
    assert start["why"] == {"event": event["id"]}


def test_events_of_the_product_may_trigger_but_no_move() -> None:
    """D-1.4: the four moves, and only they, cannot be the event of a trigger."""
    assert refused("profile_event", {"action": "automation.actionSkipped"}) == []
    for move in ("clientStartPath", "clientPathStep", "clientEndPath", "clientPathExit"):
        [(field, text)] = refused("profile_event", {"action": f"automation.{move}"})
        assert field == "action"
        assert "a move cannot be the event" in text


@pytest.mark.parametrize("action", ["", "a b", "ä", "a" * 256, None, 5])
def test_an_action_that_no_event_can_have_is_refused(action: object) -> None:
    [(field, _)] = refused("profile_event", {"action": action})
    assert field == "action"


def test_other_settings_are_refused() -> None:
    assert [field for field, _ in refused("profile_event", {})] == ["action"]
    assert [field for field, _ in refused("profile_event", {"action": "a", "x": 1})] == ["x"]
    [(field, _)] = refused("profile_event", {"action": "a", "where": {"param": "p", "op": "matches", "value": 1}})
    assert field is not None
    assert field.startswith("where")
