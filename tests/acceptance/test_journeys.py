"""Journeys over HTTP: drafts, their life, their numbers (D-3.1, D-3.5, D-6)."""

from __future__ import annotations

import jsonschema_rs
import pytest

from milepost.kernel.node import registry
from tests.acceptance.conftest import CART, START, Json, Server, failure

HOUR = 3_600_000
ABANDONED: Json = {"action": "cart.abandoned", "params": {"total": 60}}
BOUGHT: Json = {"action": "order.completed"}


def leave_carts(server: Server, *names: str) -> None:
    server.clock.time += 1
    server.send(*({**ABANDONED, "profile": {"custom_id": name}} for name in names))
    server.settle()
    server.clock.time += 1


def test_a_draft_is_stored_read_edited_and_deleted(server: Server) -> None:
    made = server.client.post("/api/v1/journeys", json={"name": "Half"})
    assert made.status_code == 201
    journey = made.json()
    assert made.headers["location"] == f"/api/v1/journeys/{journey['id']}"
    assert (journey["state"], journey["version"], journey["revision"], journey["issues"]) == ("draft", 0, 1, 2)

    edited = server.client.put(
        f"/api/v1/journeys/{journey['id']}", json=CART, headers={"If-Match": made.headers["etag"]}
    )
    assert (edited.json()["name"], edited.json()["revision"], edited.json()["issues"]) == ("Cart", 2, 0)
    assert [row["name"] for row in server.get("/journeys")["journeys"]] == ["Cart"]

    assert server.client.delete(f"/api/v1/journeys/{journey['id']}").status_code == 204
    failure(server.client.get(f"/api/v1/journeys/{journey['id']}"), 404, "not_found")


def test_two_who_edit_at_once_do_not_overwrite_each_other(server: Server) -> None:
    journey = server.journey(CART, active=False)
    path, match = f"/api/v1/journeys/{journey}", {"If-Match": '"1"'}
    assert server.client.put(path, json={**CART, "name": "Mine"}, headers=match).status_code == 200
    error = failure(server.client.put(path, json={**CART, "name": "Yours"}, headers=match), 409, "conflict")
    assert error["field"] == "revision"
    assert server.get(f"/journeys/{journey}")["name"] == "Mine"
    failure(server.client.put(path, json=CART, headers={"If-Match": "latest"}), 422, "invalid")


def test_an_active_journey_is_neither_edited_nor_deleted_but_can_be_copied(server: Server) -> None:
    journey = server.journey(CART)
    failure(server.client.put(f"/api/v1/journeys/{journey}", json=CART), 409, "conflict")
    failure(server.client.delete(f"/api/v1/journeys/{journey}"), 409, "conflict")
    copy = server.post(f"/journeys/{journey}/duplicate", status=201)
    assert (copy["name"], copy["state"]) == ("Cart (copy)", "draft")
    assert copy["definition"]["nodes"] == server.get(f"/journeys/{journey}")["definition"]["nodes"]


def test_pause_keeps_and_resume_takes_what_was_kept(server: Server) -> None:  # D-3.5
    journey = server.journey(CART)
    leave_carts(server, "ada")
    assert server.post(f"/journeys/{journey}/pause", {"why": "stock is empty"})["state"] == "paused"
    server.clock.time += 1
    server.send({**BOUGHT, "profile": {"custom_id": "ada"}}, {**ABANDONED, "profile": {"custom_id": "eve"}})
    server.settle()
    server.clock.time += 1
    assert server.get(f"/journeys/{journey}")["in_progress"] == 1
    assert server.post(f"/journeys/{journey}/resume")["state"] == "active"
    journeys = server.get("/journeys")["journeys"]
    assert [(row["started"], row["in_progress"], row["finished"]) for row in journeys] == [(1, 0, 1)]
    life = server.get(f"/journeys/{journey}")["life"]
    assert [(change["action"], change["after"], change["why"]) for change in life] == [
        ("create", "draft", ""),
        ("activate", "active", ""),
        ("pause", "paused", "stock is empty"),
        ("resume", "active", ""),
    ]
    assert {change["who"] for change in life} == {"key first"}


def test_stop_lets_those_inside_finish(server: Server) -> None:
    journey = server.journey(CART)
    leave_carts(server, "ada")
    assert server.post(f"/journeys/{journey}/stop", {"mode": "finish"})["state"] == "finishing"
    leave_carts(server, "eve")
    server.clock.time += HOUR
    found = server.get(f"/journeys/{journey}")
    assert (found["state"], found["started"], found["finished"]) == ("finished", 1, 1)


def test_stop_lets_those_inside_leave_now(server: Server) -> None:
    journey = server.journey(CART)
    leave_carts(server, "ada")
    assert server.post(f"/journeys/{journey}/stop", {"mode": "exit", "why": "a mistake"})["state"] == "finished"
    statistics = server.get(f"/journeys/{journey}/statistics")
    assert statistics["exited"] == {"stopped": 1}
    assert {node["id"]: node["exited"] for node in statistics["nodes"]}["wait"] == {"stopped": 1}
    assert server.get("/profiles/custom_id:ada/activity")["events"][0]["params"]["reason"] == "stopped"


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_what_the_state_forbids_is_refused(server: Server, command: str) -> None:
    journey = server.journey(CART, active=False)
    failure(server.client.post(f"/api/v1/journeys/{journey}/{command}"), 409, "conflict")


def test_a_stop_must_say_how(server: Server) -> None:
    journey = server.journey(CART)
    assert failure(server.client.post(f"/api/v1/journeys/{journey}/stop"), 422, "invalid")
    wrong = failure(server.client.post(f"/api/v1/journeys/{journey}/stop", json={"mode": "hard"}), 422, "invalid")
    assert wrong["field"] == "mode"


def test_a_command_with_an_instant_is_for_virtual_clocks(server: Server) -> None:
    journey = server.journey(CART)
    answer = server.client.post(f"/api/v1/journeys/{journey}/pause", json={"at": "2030-01-01T00:00:00Z"})
    assert failure(answer, 422, "invalid")["field"] == "at"


def test_for_a_period_those_who_waited_at_its_begin_stand_on_the_left_side(server: Server) -> None:  # D-1.2
    journey = server.journey(CART)
    leave_carts(server, "ada", "eve")
    server.clock.time = START + HOUR + 1
    server.get("/workspace")
    later = server.get(f"/journeys/{journey}/statistics?since=2026-03-01T10:00:00Z")
    wait = next(node for node in later["nodes"] if node["id"] == "wait")
    assert (wait["waiting_before"], wait["entered"], wait["waiting"]) == (2, 0, 2)
    server.clock.time += 1_000
    later = server.get(f"/journeys/{journey}/statistics?since=2026-03-01T10:20:00Z&until=2026-03-01T10:40:00Z")
    wait = next(node for node in later["nodes"] if node["id"] == "wait")
    assert (later["since"], later["until"]) == ("2026-03-01T10:00:00.000Z", "2026-03-01T11:00:00.000Z")
    assert (wait["waiting_before"], wait["left"]["not_matched"], wait["waiting"]) == (2, 2, 0)
    assert (later["started"], later["in_progress"], later["finished"]) == (0, 0, 2)
    assert [node["drift"] for node in later["nodes"]] == [0] * 5


def test_numbers_of_one_version(server: Server) -> None:
    journey = server.journey(CART)
    leave_carts(server, "ada")
    assert server.get(f"/journeys/{journey}/statistics?version=1")["started"] == 1
    failure(server.client.get(f"/api/v1/journeys/{journey}/statistics?version=2"), 404, "not_found")
    backwards = "since=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z"
    failure(server.client.get(f"/api/v1/journeys/{journey}/statistics?{backwards}"), 422, "invalid")


def test_every_node_type_is_described_with_its_settings(server: Server) -> None:
    types = {found["type"]: found for found in server.get("/node-types")["node_types"]}
    assert list(types) == list(registry())
    assert types["profile_filter"]["outlets"] == ["matched", "not_matched"]
    assert types["event_filter"]["outlets"] == ["matched"]
    assert types["end"]["outlets"] == []
    assert types["ab_test"]["outlets"] == ["a", "b"]
    assert types["delay"]["settings"]["required"] == ["duration"]


def test_the_schema_of_a_definition_knows_the_settings_of_each_type(server: Server) -> None:
    schema = jsonschema_rs.Draft202012Validator(server.get("/schemas/journey"))
    assert schema.is_valid(CART)
    assert not schema.is_valid({**CART, "nodes": [{"id": "a", "type": "delay"}]})
    assert not schema.is_valid({**CART, "nodes": [{"id": "a", "type": "delay", "settings": {"duraton": {}}}]})
    assert not schema.is_valid({**CART, "nodes": [{"id": "a", "type": "pigeon"}]})
