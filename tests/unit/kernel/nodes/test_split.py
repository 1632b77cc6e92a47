"""Split paths: enters up to five following nodes at the same time (D-3.2, D-3.8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.kernel.trial import Trial, around, definition, node, refused, trigger

Json = dict[str, Any]
DAY: Json = {"duration": {"value": 1, "unit": "day"}}


def fan(*outlets: str, ends_others: bool = False, **limits: Any) -> Json:
    """A Split with a Delay of a day behind each outlet, and an End behind each Delay."""
    waits = [node(f"wait-{outlet}", "delay", DAY, next="end") for outlet in outlets]
    split = {**node("n", "split", {"outlets": outlets}), "outlets": {outlet: f"wait-{outlet}" for outlet in outlets}}
    return definition(trigger("n"), split, *waits, node("end", "end", {"ends_others": ends_others}), **limits)


def test_every_outlet_is_entered_at_the_same_time_in_order() -> None:
    trial = Trial(fan("x", "y", "z"))
    trial.enter(1_000)

    assert trial.left() == [("x", 1_000), ("y", 1_000), ("z", 1_000)]
    assert trial.way() == ["in", "n", "wait-x", "wait-y", "wait-z"]


def test_the_entering_path_goes_on_by_the_first_and_the_others_are_opened_from_it() -> None:
    trial = Trial(fan("x", "y"))
    trial.enter(1_000)
    _, arrival, first, second = trial.world.moves()

    assert first["path_id"] == arrival["path_id"]
    assert (first["parent_path_id"], first["step"]) == (None, 3)
    assert second["path_id"] != arrival["path_id"]
    assert (second["parent_path_id"], second["step"]) == (arrival["path_id"], 3), "step counts on from the parent's"


def test_opened_paths_are_counted_so_that_the_identity_holds() -> None:
    """D-1.2: entered + opened = left + waiting + ..."""
    trial = Trial(fan("x", "y", "z"))
    trial.enter(1_000)

    assert trial.world.counters(trial.journey)["n"] == {
        "entered": 1, "opened": 2, "left": {"x": 1, "y": 1, "z": 1}, "finished": 0, "waiting": 0, "exited": {},
    }  # fmt: skip


def test_an_opened_path_makes_its_first_step_in_the_next_round() -> None:
    """D-3.8: rounds, in order of opening: the opened path follows the first one step for step."""
    noop = {"set": {"a": 1}}
    trial = Trial(
        definition(
            trigger("n"),
            {**node("n", "split"), "outlets": {"1": "a1", "2": "b1"}},
            *(node(f"{way}1", "update_profile", noop, next=f"{way}2") for way in "ab"),
            *(node(f"{way}2", "update_profile", noop, next="end") for way in "ab"),
            node("end", "end", {"ends_others": False}),
        )
    )
    trial.enter(1_000)
    assert trial.way() == ["in", "n", "a1", "b1", "a2", "b2", "end", "end"]


def test_a_path_may_exit_where_it_was_opened() -> None:
    """The first path reaches an End in the round in which the opened one would leave the Split."""
    trial = Trial(
        definition(
            trigger("n"),
            {**node("n", "split"), "outlets": {"1": "end", "2": "wait"}},
            node("wait", "delay", DAY, next="end"),
            node("end", "end"),
        )
    )
    trial.enter(1_000)
    *_, end, left = trial.world.moves()

    assert trial.way() == ["in", "n", "end", "!other_end"]
    assert (left["node"], left["visit"], left["step"]) == ("n", 0, 3)
    assert (left["from_node"], left["outlet"]) == (None, None)
    assert left["path_id"] != end["path_id"]
    assert trial.world.counters(trial.journey)["n"]["exited"] == {"other_end": 1}


def test_each_path_keeps_its_own_context() -> None:
    """D-3.7: an event that matches in one path is not seen by inserts of the other."""
    trial = Trial(
        definition(
            trigger("n"),
            {**node("n", "split"), "outlets": {"1": "wait", "2": "delay"}},
            node("wait", "event_filter", {"action": "bought"}, matched="say-1"),
            node("delay", "delay", DAY, next="say-2"),
            *(
                node(f"say-{way}", "generate_event", {"action": "said", "params": {"n": "{{ event.params.n }}"}},
                     next="end")
                for way in "12"
            ),
            node("end", "end", {"ends_others": False}),
        )
    )  # fmt: skip
    trial.enter(1_000, n="entered")
    trial.see("bought", 2_000, n="bought")
    trial.world.run_to_end()
    assert trial.produced() == [("said", {"n": "bought"}), ("said", {"n": "entered"})]


def test_ids_of_paths_follow_from_run_node_and_outlet() -> None:
    """D-1.4: computed again, they are the same."""
    ids = []
    for _ in range(2):
        trial = Trial(fan("x", "y"))
        trial.enter(1_000)
        runs = {move["run_id"] for move in trial.world.moves()}
        assert all(move["path_id"].startswith(tuple(runs)) for move in trial.world.moves())
        ids.append({move["path_id"].partition("-")[2] for move in trial.world.moves() if move["parent_path_id"]})
    assert len(ids[0]) == len(ids[1]) == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"outlets": ["1"]}, "too few entries"),
        ({"outlets": ["1", "2", "3", "4", "5", "6"]}, "too many entries"),
        ({"outlets": ["1", "1"]}, "two outlets have the same name"),
        ({"outlets": ["1", "a b"]}, "“Outlets 2” is not written"),
        ({"outlets": ["1", ""]}, "“Outlets 2” is missing"),
        ({"outlets": "12"}, "is not a list"),
    ],
)
def test_what_is_refused(settings: Json, said: str) -> None:
    found = refused("split", settings)
    assert all(field is not None and field.startswith("outlets") for field, _ in found)
    assert any(said in text for _, text in found)


def test_two_outlets_are_the_default() -> None:
    trial = Trial(around("split", {}))
    trial.enter(1_000)
    assert [outlet for outlet, _ in trial.left()] == ["1"], "the first End ends the other path at the Split"
