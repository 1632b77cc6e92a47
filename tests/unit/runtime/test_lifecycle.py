"""What people do with drafts, and the clock of a virtual workspace (D-3.1, D-3.8). Commands have their own tests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from milepost.errors import Conflict, Invalid, NotFound
from milepost.kernel.journey import Definition
from milepost.runtime.cycle import TO_THE_END
from milepost.testing import World
from tests.unit.kernel.trial import definition, node, trigger

Json = dict[str, Any]
DRAWN = definition(trigger("end"), node("end", "end"))
OTHER: Json = {**DRAWN, "name": "Other"}


def test_a_draft_may_be_incomplete_and_is_kept_as_it_was_drawn() -> None:
    world = World()
    drawn = {
        "name": "Half", "nodes": [{"id": "x", "type": "teleport",
        "settings": {"a": [1, None, {"b": None}], "c": None}}]
    }  # fmt: skip
    row = world.engine.lifecycle.create(world.workspace, drawn, "ann")
    assert (row.state, row.version, row.revision, row.name) == ("draft", 0, 1, "Half")
    kept = json.loads(world.engine.lifecycle.read(world.workspace, row.id).draft)
    assert kept["nodes"][0]["settings"] == drawn["nodes"][0]["settings"]  # type: ignore[index]
    codes = [issue.code for issue in world.engine.lifecycle.issues(world.workspace, row.id)]
    assert codes == ["unknown_type", "no_trigger", "no_end"]


@pytest.mark.parametrize(
    "drawn", [[], None, "x", 5, {}, {"name": 5}, {"name": "x", "nodes": [[]]}, {"name": "x", "settings": {"goal": 5}}]
)
def test_what_has_not_the_form_of_a_definition_is_refused_with_every_place(drawn: Any) -> None:
    world = World()
    with pytest.raises(Invalid) as refusal:
        world.create_journey(drawn)
    assert refusal.value.details
    assert refusal.value.fix


@pytest.mark.parametrize("place", ["name", "settings", "title"])
def test_text_that_is_not_unicode_is_refused(place: str) -> None:
    """JSON can say it with an escape; nothing could be stored of it."""
    half = json.loads('"\\ud800"')
    drawn: Json = {"name": "x", "nodes": [{"id": "n", "type": "webhook", "settings": {"body": [half]}}]}
    if place == "name":
        drawn = {"name": half}
    elif place == "title":
        drawn["nodes"][0] = {"id": "n", "type": "end", "title": half}
    with pytest.raises(Invalid):
        World().create_journey(drawn)


def test_an_edit_names_the_revision_it_began_from() -> None:
    world = World()
    verbs, journey = world.engine.lifecycle, world.create_journey(DRAWN)
    assert verbs.edit(world.workspace, journey, OTHER, revision=1).revision == 2
    with pytest.raises(Conflict, match="it is at revision 2, not 1"):
        verbs.edit(world.workspace, journey, DRAWN, revision=1)
    assert verbs.read(world.workspace, journey).name == "Other"
    assert verbs.edit(world.workspace, journey, DRAWN, revision=None).revision == 3


def test_what_has_run_is_neither_edited_nor_deleted() -> None:
    world = World()
    verbs, journey = world.engine.lifecycle, world.create_journey(DRAWN)
    world.activate(journey)
    with pytest.raises(Conflict, match="only a draft can be edited"):
        verbs.edit(world.workspace, journey, OTHER, revision=None)
    with pytest.raises(Conflict, match="only a draft can be deleted"):
        verbs.delete(world.workspace, journey)


def test_a_draft_can_be_deleted() -> None:
    world = World()
    verbs, journey = world.engine.lifecycle, world.create_journey(DRAWN)
    verbs.delete(world.workspace, journey)
    for verb in (lambda: verbs.read(world.workspace, journey), lambda: verbs.delete(world.workspace, journey)):
        with pytest.raises(NotFound):
            verb()


def test_a_journey_belongs_to_its_workspace() -> None:
    """D-8."""
    world = World()
    journey = world.create_journey(DRAWN)
    other = world.engine.create_workspace("other", "virtual").key
    with pytest.raises(NotFound):
        world.engine.lifecycle.read(other, journey)
    with pytest.raises(NotFound):
        world.engine.lifecycle.command(other, journey, "activate", "ann")


def test_what_runs_is_the_version_that_was_published_and_has_the_drafts_text() -> None:
    world = World()
    journey = world.create_journey(DRAWN)
    world.activate(journey)
    row = world.engine.lifecycle.read(world.workspace, journey)
    with world.store.reading() as tx:
        [version] = tx.versions([row.key])
    assert (row.version, version.number, version.definition) == (1, 1, row.draft)
    assert Definition.model_validate_json(version.definition) == Definition.model_validate(DRAWN)


# --- the clock -------------------------------------------------------------------------------------------------------


def test_a_virtual_clock_never_goes_back() -> None:
    world = World()
    world.run_to(1_000)
    with pytest.raises(Invalid, match="The workspace's clock stands at 1000 already"):
        world.run_to(999)


def test_a_run_that_is_going_may_be_prolonged_and_not_cut_short() -> None:
    world = World()
    verbs = world.engine.lifecycle
    verbs.run_until(world.workspace, 1_000)
    with pytest.raises(Conflict, match="A run to a later instant is going on"):
        verbs.run_until(world.workspace, 999)
    verbs.run_until(world.workspace, TO_THE_END)


def test_a_real_clock_is_not_told_where_to_go() -> None:
    world = World()
    real = world.engine.create_workspace("real", "real").key
    with pytest.raises(Conflict, match="The clock of this workspace is real"):
        world.engine.lifecycle.run_until(real, 10**15)


def test_workspaces_have_names_of_their_own() -> None:
    engine = World().engine
    with pytest.raises(Conflict, match="There is a workspace `world` already"):
        engine.create_workspace("world", "real")
    assert engine.workspace("world").clock == "virtual"
    with pytest.raises(NotFound):
        engine.workspace("nowhere")
