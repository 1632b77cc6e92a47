"""Whom an input wakes, and in what order, over all runs of a profile (D-3.3, D-3.4, D-3.5)."""

from __future__ import annotations

from typing import Any

import pytest

from milepost.kernel import dispatch
from milepost.kernel.nodes import delay as delay_node
from milepost.kernel.nodes import event_filter, update_profile
from tests.unit.kernel.trial import ANN, DAY, HOUR, SECOND, Trial, definition, node, trigger

Json = dict[str, Any]
END = node("end", "end")
LONG: Json = {"duration": {"value": 30, "unit": "day"}}
X: Json = {"action": "x", "where": None}


def waits(id: str = "wait", to: str = "end", action: str = "x", **settings: Any) -> Json:
    return node(id, "event_filter", {"action": action, **settings}, matched=to)


def holds(id: str = "hold", to: str = "end") -> Json:
    return node(id, "delay", LONG, next=to)


def refusals(trial: Trial, node_id: str = "in") -> Json:
    """Triggers that matched and opened nothing, by reason."""
    with trial.world.store.reading() as tx:
        row = tx.journey(trial.world.workspace, trial.journey)
        assert row is not None
        counters = tx.counters([row.key])
    return {
        key.kind.partition(":")[2]: number
        for key, number in counters.items()
        if key.node == node_id and key.kind.startswith("refused:")
    }


def add(trial: Trial, drawn: Json) -> str:
    """One more journey in the same world."""
    journey = trial.world.create_journey(drawn)
    trial.world.activate(journey)
    return journey


# --- goal, exit rule, Event filters, triggers ------------------------------------------------------------------------


def test_an_event_acts_at_most_once_per_run_and_the_goal_comes_first() -> None:
    trial = Trial(definition(trigger("wait"), waits(), END, goal=X, exit_rule=X))
    trial.enter()
    trial.see("x", 2_000)
    assert trial.way() == ["in", "wait", "!goal"]


def test_the_exit_rule_comes_before_event_filters() -> None:
    trial = Trial(definition(trigger("wait"), waits(), END, exit_rule=X))
    trial.enter()
    trial.see("x", 2_000)
    assert trial.way() == ["in", "wait", "!exit_rule"]
    [left] = [row for row in trial.world.activity() if row["action"] == "automation.clientPathExit"]
    [event] = [row for row in trial.world.activity() if row["action"] == "x"]
    assert left["why"] == {"event": event["id"]}


def test_a_rule_whose_conditions_do_not_hold_leaves_the_event_to_the_next() -> None:
    never = {**X, "where": [{"param": "n", "op": "equal", "value": 1}]}
    trial = Trial(definition(trigger("wait"), waits(), END, goal=never, exit_rule=never))
    trial.enter()
    trial.see("x", 2_000)
    assert trial.way() == ["in", "wait", "end"]


def test_each_step_goes_over_all_runs_in_order_of_start() -> None:
    """Goals of all runs first, then exit rules of all, then filters of all: also where a later run has the goal."""
    trial = Trial(definition(trigger("wait"), waits(), END))
    others = {
        add(trial, definition(trigger("wait"), waits(), END, exit_rule=X)): "exit_rule",
        add(trial, definition(trigger("wait"), waits(), END, goal=X)): "goal",
        add(trial, definition(trigger("wait"), waits(), END, goal=X)): "second goal",
        trial.journey: "filter",
    }
    trial.enter()
    trial.see("x", 2_000)
    later = [others[move["journey_id"]] for move in trial.world.moves() if move["time"] == 2_000]
    assert later == ["goal", "second goal", "exit_rule", "filter"]


def test_all_waiting_filters_of_a_run_take_the_event_together() -> None:
    drawn = definition(
        trigger("split"),
        {**node("split", "split"), "outlets": {"1": "w1", "2": "w2"}},
        waits("w1"), waits("w2"), node("end", "end", {"ends_others": False}),
    )  # fmt: skip
    trial = Trial(drawn)
    trial.enter()
    trial.see("x", 2_000)
    assert trial.way()[-2:] == ["end", "end"]


def test_an_event_that_ended_a_run_does_not_start_it_again() -> None:
    trial = Trial(definition(trigger("hold", "x"), holds(), END, goal=X))
    trial.see("x", 1_000)
    trial.see("x", 2_000)
    assert trial.way() == ["in", "hold", "!goal"]
    assert refusals(trial) == {"acted": 1}

    trial.see("x", 3_000)
    assert trial.way() == ["in", "hold", "!goal", "in", "hold"]


def test_an_event_that_acted_elsewhere_still_triggers() -> None:
    """Only a run of the same journey and entry key keeps it from opening a path."""
    trial = Trial(definition(trigger("wait"), waits(), END))
    add(trial, definition(trigger("end", "x"), END))
    trial.enter()
    trial.see("x", 2_000)
    assert trial.way() == ["in", "wait", "end", "in", "end"]


def test_goal_and_exit_rule_take_events_by_receipt_whatever_their_own_time() -> None:
    """D-3.4: `late_event_limit` concerns triggers only."""
    for rule in ("goal", "exit_rule"):
        trial = Trial(definition(trigger("wait"), waits(), END, **{rule: X}))
        trial.enter(10 * HOUR)
        trial.see("x", 11 * HOUR, time=1)
        assert trial.way() == ["in", "wait", f"!{rule}"]
        assert trial.world.moves()[-1]["cause_time"] == 1


def test_of_several_triggers_the_first_in_the_definition_opens_one_path() -> None:
    big = [{"param": "n", "op": "greater", "value": 10}]
    drawn = definition(trigger("end", id="big", where=big), trigger("end", id="any"), trigger("end", id="last"), END)
    trial = Trial(drawn)
    trial.enter(1_000, n=20)
    trial.enter(2_000, n=5)
    assert trial.way() == ["big", "end", "any", "end"]


# --- entry keys, path limit ------------------------------------------------------------------------------------------


def keyed(**limits: Any) -> Trial:
    return Trial(definition(trigger("wait"), waits(), END, entry_key="order", **limits))


def test_there_is_one_run_per_value_of_the_entry_key() -> None:
    trial = keyed()
    for at, order in enumerate([1, 2, 1.0, "1", True, None], 1):
        trial.enter(at * SECOND, order=order)
    trial.enter(7 * SECOND)

    assert len({move["run_id"] for move in trial.world.moves()}) == 5, "1 and 1.0 are one; missing and null are one"
    assert refusals(trial) == {"path_limit": 2}


def test_an_event_that_ends_the_run_of_one_key_may_start_that_of_another() -> None:
    drawn = definition(trigger("hold", "x"), holds(), END, entry_key="order", exit_rule=X)
    trial = Trial(drawn)
    trial.see("x", 1_000, order=1)
    trial.see("x", 2_000, order=2)
    assert trial.way() == ["in", "hold", "!exit_rule", "in", "hold"]
    assert len({move["run_id"] for move in trial.world.moves()}) == 2


def test_the_path_limit_counts_all_paths_that_triggers_ever_opened_in_the_run() -> None:
    """D-3.3: the first included, those that have ended too; one opened by a Split is none of them."""
    drawn = definition(
        trigger("split"),
        {**node("split", "split"), "outlets": {"1": "w1", "2": "w2"}},
        waits("w1"), waits("w2", action="y"), node("end", "end", {"ends_others": False}), path_limit=2,
    )  # fmt: skip
    trial = Trial(drawn)
    trial.enter(1_000)
    trial.see("x", 2_000)
    trial.enter(3_000)
    trial.enter(4_000)

    starts = [move for move in trial.world.moves() if move["action"] == "automation.clientStartPath"]
    assert [start["time"] for start in starts] == [1_000, 3_000]
    assert len({start["run_id"] for start in starts}) == 1
    assert len({start["path_id"] for start in starts}) == 2
    assert refusals(trial) == {"path_limit": 1}


def test_when_the_run_has_ended_the_count_begins_anew() -> None:
    trial = Trial(definition(trigger("wait"), waits(), END))
    trial.enter(1_000)
    trial.enter(2_000)
    trial.see("x", 3_000)
    trial.enter(4_000)
    assert trial.way() == ["in", "wait", "end", "in", "wait"]


# --- late events -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "starts"), [(0, 1), (HOUR - 1, 1), (HOUR, 1), (HOUR + 1, 0)])
def test_a_late_event_triggers_up_to_the_limit_and_is_on_the_card_in_any_case(age: int, starts: int) -> None:
    """D-2.3: exactly at the limit still triggers."""
    trial = Trial(definition(trigger("end"), END))
    trial.see("enter", 10 * HOUR, time=10 * HOUR - age)

    assert trial.way() == ["in", "end"] * starts
    assert refusals(trial) == ({} if starts else {"late": 1})
    [event] = [row for row in trial.world.activity() if row["action"] == "enter"]
    assert (event["time"], event["received_at"]) == (10 * HOUR - age, 10 * HOUR)
    for move in trial.world.moves():
        assert (move["time"], move["cause_time"]) == (10 * HOUR, 10 * HOUR - age)


# --- chains ----------------------------------------------------------------------------------------------------------


def test_at_depth_10_an_event_starts_nothing_and_says_so_once() -> None:
    drawn = definition(
        trigger("say"), trigger("say", "again", id="again"),
        node("say", "generate_event", {"action": "again"}, next="end"), END,
    )  # fmt: skip
    trial = Trial(drawn)
    trial.enter()

    said = [row for row in trial.world.activity() if row["action"] == "again"]
    assert [row["params"]["depth"] for row in said] == list(range(1, 11))
    assert sum(node == "again" for node in trial.way()) == 9
    [refusal] = [row for row in trial.world.activity() if row["action"] == "automation.startRefused"]
    assert (refusal["params"]["reason"], refusal["params"]["journeyId"]) == ("depth", trial.journey)
    assert refusals(trial, "again") == {"depth": 1}


def test_an_event_of_ones_own_begins_a_new_chain() -> None:
    drawn = definition(
        trigger("say"), trigger("say", "again", id="again"),
        node("say", "generate_event", {"action": "again"}, next="end"), END,
    )  # fmt: skip
    trial = Trial(drawn)
    trial.enter(1_000)
    trial.enter(2_000)
    assert sum(node == "in" for node in trial.way()) == 2
    assert sum(node == "again" for node in trial.way()) == 18


@pytest.mark.parametrize("stepwise", [False, True], ids=["in one go", "second by second"])
def test_the_starts_of_one_outside_event_are_limited_however_time_is_cut(
    stepwise: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-3.2: 1,000 at most, here 20. Three ways, each after a second: 1 + 3 + 9 + 27 runs, were there no limit."""
    monkeypatch.setattr(dispatch, "MOST_STARTS", 20)
    second = {"duration": {"value": 1, "unit": "second"}}
    says = {way: {"action": "again", "params": {"k": "{{ event.params.k }}" + way}} for way in "123"}
    drawn = definition(
        trigger("wait"), trigger("wait", "again", id="again"), node("wait", "delay", second, next="split"),
        {**node("split", "split", {"outlets": list("123")}), "outlets": {way: f"say{way}" for way in "123"}},
        *(node(f"say{way}", "generate_event", says[way], next="end") for way in "123"),
        node("end", "end", {"ends_others": False}), entry_key="k",
    )  # fmt: skip
    trial = Trial(drawn)
    trial.enter(1_000, k="")
    for at in range(2, 7) if stepwise else ():
        trial.world.run_to(at * SECOND)
    trial.world.run_to_end()

    assert sum(node in {"in", "again"} for node in trial.way()) == 20
    assert refusals(trial, "again") == {"starts": 1 + 3 * 20 - 20}
    said = [row for row in trial.world.activity() if row["action"] == "automation.startRefused"]
    assert {row["params"]["reason"] for row in said} == {"starts"}


# --- paused journeys -------------------------------------------------------------------------------------------------


def test_while_paused_triggers_start_nothing() -> None:
    trial = Trial(definition(trigger("end"), END))
    trial.world.pause(trial.journey, at=1_000)
    trial.enter(2_000)
    trial.world.resume(trial.journey, at=3_000)
    trial.world.run_to(4_000)
    assert trial.way() == []
    assert refusals(trial) == {"paused": 1}


def test_events_of_those_inside_are_kept_and_taken_at_the_resumes_instant() -> None:
    trial = Trial(definition(trigger("wait"), waits(), END))
    trial.enter(1_000)
    trial.world.pause(trial.journey, at=2_000)
    trial.see("x", 3_000)
    assert trial.way() == ["in", "wait"]

    trial.world.resume(trial.journey, at=5_000)
    trial.world.run_to(5_000)
    last = trial.world.moves()[-1]
    assert (last["node"], last["time"], last["cause_time"]) == ("end", 5_000, 3_000)


def test_kept_events_and_due_timers_are_taken_in_order_of_instant() -> None:
    """An event that came before the deadline still counts, one that came behind it does not (D-3.5)."""
    limited = {"limit": {"value": 10, "unit": "second"}}
    for instant, outlet in ((11_000, "matched"), (11_001, "not_matched")):
        drawn = definition(
            trigger("wait"),
            node("wait", "event_filter", {"action": "x", **limited}, matched="end", not_matched="end"), END,
        )  # fmt: skip
        trial = Trial(drawn)
        trial.enter(1_000)
        trial.world.pause(trial.journey, at=2_000)
        trial.see("x", instant)
        trial.world.resume(trial.journey, at=50_000)
        trial.world.run_to(50_000)
        assert trial.left("wait") == [(outlet, 50_000)]


def test_a_kept_event_never_opens_a_path() -> None:
    drawn = definition(trigger("wait"), trigger("wait", "x", id="x"), waits(), END, path_limit=5)
    trial = Trial(drawn)
    trial.enter(1_000)
    trial.world.pause(trial.journey, at=2_000)
    trial.see("x", 3_000)
    trial.see("x", 4_000)
    trial.world.resume(trial.journey, at=5_000)
    trial.world.run_to(5_000)
    assert trial.way() == ["in", "wait", "end"]
    assert refusals(trial, "x") == {"paused": 2}


def test_other_journeys_go_on_meanwhile() -> None:
    trial = Trial(definition(trigger("wait"), waits(), END))
    other = add(trial, definition(trigger("wait"), waits(), END))
    trial.enter(1_000)
    trial.world.pause(trial.journey, at=2_000)
    trial.see("x", 3_000)
    assert [(move["journey_id"], move["node"]) for move in trial.world.moves()][-1] == (other, "end")


def test_the_age_of_a_run_goes_on_during_a_pause() -> None:
    """D-3.3; what is due is taken at the resume's instant."""
    trial = Trial(definition(trigger("wait"), waits(), END, run_age={"value": 1, "unit": "day"}))
    trial.enter(1_000)
    trial.world.pause(trial.journey, at=2_000)
    trial.world.run_to(3 * DAY)
    assert trial.way() == ["in", "wait"]

    trial.world.resume(trial.journey)
    trial.world.run_to(3 * DAY)
    last = trial.world.moves()[-1]
    assert (last["reason"], last["time"], last["cause_time"]) == ("expired", 3 * DAY, DAY + 1_000)


# --- what cannot be advanced -----------------------------------------------------------------------------------------


def boom(*_: Any) -> Any:
    message = "the node is broken"
    raise RuntimeError(message)


def balanced(trial: Trial) -> bool:
    """The identity of D-1.2 at every node."""
    return all(
        row["entered"] + row["opened"]
        == sum(row["left"].values()) + row["finished"] + row["waiting"] + sum(row["exited"].values())
        for row in trial.world.counters(trial.journey).values()
    )


def both(drawn: Json) -> Trial:
    """Ann and Bob enter together."""
    trial = Trial(drawn)
    events = [{"profile": profile, "action": "enter"} for profile in (ANN, {"custom_id": "bob"})]
    trial.world.send(events, at=1_000)
    trial.world.run_to(1_000)
    return trial


def test_a_path_whose_timer_fails_exits_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """D-1.2: `failed` is for a path whose input the kernel could not advance; that input is a dead letter."""
    drawn = definition(
        trigger("split"),
        {**node("split", "split"), "outlets": {"1": "d1", "2": "w2"}},
        node("d1", "delay", {"duration": {"value": 1, "unit": "hour"}}, next="end"), waits("w2"), END,
    )  # fmt: skip
    trial = both(drawn)
    with monkeypatch.context() as patch:
        patch.setattr(delay_node._Behaviour, "due", boom)
        trial.world.run_to(2 * HOUR)

    exits = [move for move in trial.world.moves() if move["reason"]]
    assert [(move["profile"], move["node"], move["reason"]) for move in exits] == [
        ("ann", "d1", "failed"), ("bob", "d1", "failed")
    ]  # fmt: skip
    assert trial.world.dead_letters() == ["RuntimeError: the node is broken"] * 2
    assert balanced(trial)

    trial.see("x", 3 * HOUR)
    assert trial.world.moves()[-1]["node"] == "end", "the other path of the run is still there"
    assert balanced(trial)


def test_paths_whose_event_fails_exit_and_another_profile_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = both(definition(trigger("wait"), waits(), END))
    with monkeypatch.context() as patch:
        patch.setattr(event_filter._Behaviour, "seen", boom)
        trial.see("x", 2_000)
    assert [(move["profile"], move["reason"]) for move in trial.world.moves()][-1] == ("ann", "failed")
    assert trial.world.counters(trial.journey)["wait"]["waiting"] == 1
    assert balanced(trial)


def test_a_start_that_fails_leaves_no_half_run(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = definition(trigger("set"), node("set", "update_profile", {"set": {"a": 1}}, next="end"), END)
    trial = Trial(drawn)
    with monkeypatch.context() as patch:
        patch.setattr(update_profile._Behaviour, "arrive", boom)
        trial.enter(1_000)
    assert trial.way() == []
    assert trial.world.dead_letters() == ["RuntimeError: the node is broken"]
    assert balanced(trial)
    assert [row["action"] for row in trial.world.activity()] == ["enter"], "the event is on the card all the same"

    trial.enter(2_000)
    assert trial.way() == ["in", "set", "end"]


def test_a_trigger_that_fails_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shard goes on, and so does the next trigger."""
    where = [{"param": "n", "op": "equal", "value": "{{ customer.n }}"}]
    drawn = definition(trigger("end", id="broken", where=where), trigger("end", id="whole"), END)
    trial = Trial(drawn)
    with monkeypatch.context() as patch:
        patch.setattr("milepost.kernel.dispatch.Scope", boom)
        trial.enter(1_000, n=1)
    assert trial.way() == ["whole", "end"]
    assert trial.world.dead_letters() == ["RuntimeError: the node is broken"]


# --- changes of the profile ------------------------------------------------------------------------------------------


def test_a_change_of_the_profile_is_an_input_and_its_events_trigger() -> None:
    where = [{"param": "attribute", "op": "equal", "value": "tier"}, {"param": "new", "op": "equal", "value": "gold"}]
    trial = Trial(definition(trigger("end", "profile.updated", where=where), END))
    trial.world.change_profile(ANN, {"tier": "silver", "name": "gold"}, at=1_000)
    trial.world.change_profile(ANN, {"tier": "gold"}, at=2_000)
    trial.world.change_profile(ANN, {"tier": "gold"}, at=3_000)
    trial.world.run_to(4_000)
    assert [(move["node"], move["time"]) for move in trial.world.moves()] == [("in", 2_000), ("end", 2_000)]


@pytest.mark.parametrize("batch_size", [1, 10_000])
def test_ids_of_what_a_change_brings_about_follow_from_the_change(batch_size: int) -> None:
    """D-1.4: so do the runs that it starts, whatever the size of a batch."""
    trial = Trial(definition(trigger("end", "profile.updated"), END), batch_size=batch_size)
    trial.see("other", 1_000)
    trial.world.change_profile(ANN, {"a": 1, "b": 2}, at=2_000)
    trial.world.run_to(3_000)
    ids = [row["id"] for row in trial.world.activity() if row["action"] == "profile.updated"]
    assert len(ids) == 2
    first, second = (id.rpartition(".") for id in ids)
    assert (first[0], first[2], second[2]) == (second[0], "1", "2")
