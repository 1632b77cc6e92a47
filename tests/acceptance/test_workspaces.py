"""Workspaces, keys and clocks over HTTP (D-3.8, D-8)."""

from __future__ import annotations

import pytest

from milepost.access import keys
from milepost.ports.state_store import ApiKeyRow
from tests.acceptance.conftest import CART, OWNER_TOKEN, Json, Server, failure

NEW_YEAR = "2012-01-01T00:00:00.000Z"


def event(name: str, action: str, at: str, **params: object) -> Json:
    return {"profile": {"custom_id": name}, "action": action, "received_at": at, "params": params}


def test_a_virtual_workspace_takes_nothing_until_it_runs_and_then_exactly_up_to_there(server: Server) -> None:
    server.virtual(now=NEW_YEAR)
    journey = server.journey(CART)
    server.send(
        event("ada", "cart.abandoned", "2012-01-01T10:00:00Z", total=60),
        event("ada", "order.completed", "2012-01-01T11:00:00Z"),
        event("eve", "cart.abandoned", "2012-01-01T10:00:00Z", total=60),
        event("eve", "order.completed", "2012-01-01T11:00:00.001Z"),
    )
    assert server.get(f"/journeys/{journey}")["started"] == 0
    state = server.get("/workspace")
    assert (state["clock"], state["now"], state["run_to"]) == ("virtual", NEW_YEAR, None)
    assert state["pending"] == "2012-01-01T11:00:00.001Z"

    server.run("2012-01-01T10:30:00Z")
    assert server.get("/workspace")["now"] == "2012-01-01T10:30:00.000Z"
    assert server.get(f"/journeys/{journey}")["in_progress"] == 2
    server.run()
    assert server.get("/workspace")["now"] == "2012-01-01T11:00:00.001Z"
    nodes = {node["id"]: node["entered"] for node in server.get(f"/journeys/{journey}/statistics")["nodes"]}
    assert (nodes["bought"], nodes["lost"]) == (1, 1)


def test_the_clock_never_goes_back(server: Server) -> None:
    server.virtual(now=NEW_YEAR)
    answer = server.client.post("/api/v1/events", json=event("ada", "a", "2011-12-31T00:00:00Z"))
    failure(answer, 422, "invalid")
    assert answer.json()["items"][0]["error"]["code"] == "before_clock"
    answer = server.client.post("/api/v1/workspace/run", json={"to": "2011-12-31T00:00:00Z"})
    assert failure(answer, 422, "invalid")["field"] == "to"


@pytest.mark.parametrize("to", ["soon", "2012-01-01T00:00:00", 5, None])
def test_how_far_to_run_must_be_an_instant_or_the_end(server: Server, to: object) -> None:
    server.virtual()
    answer = server.client.post("/api/v1/workspace/run", json={"to": to})
    assert failure(answer, 422, "invalid")["field"] == "to"


def test_a_command_whose_instant_lies_ahead_is_taken_when_the_clock_comes_there(server: Server) -> None:
    server.virtual(now=NEW_YEAR)
    journey = server.journey(CART)
    answer = server.post(f"/journeys/{journey}/pause", {"at": "2012-01-02T00:00:00Z"}, 202)
    assert (answer["taken"], answer["at"]) == (False, "2012-01-02T00:00:00.000Z")
    assert server.get(f"/journeys/{journey}")["state"] == "active"
    server.run("2012-01-03T00:00:00Z")
    assert server.get(f"/journeys/{journey}")["state"] == "paused"


def test_a_real_clock_runs_by_itself(server: Server) -> None:
    failure(server.client.post("/api/v1/workspace/run", json={"to": "end"}), 409, "conflict")
    answer = server.client.post("/api/v1/workspaces", json={"name": "b", "clock": "real", "now": NEW_YEAR})
    assert failure(answer, 422, "invalid")["field"] == "now"


def test_workspaces_see_nothing_of_each_other(server: Server) -> None:  # D-8
    journey = server.journey(CART)
    server.send({"profile": {"custom_id": "ada"}, "action": "secret.visit", "id": "one"})
    server.settle()
    server.virtual()
    assert server.get("/journeys")["journeys"] == []
    assert server.get("/profiles")["profiles"] == []
    for path in (f"journeys/{journey}", f"journeys/{journey}/statistics", "profiles/1", "profiles/custom_id:ada"):
        failure(server.client.get(f"/api/v1/{path}"), 404, "not_found")
    failure(server.client.post(f"/api/v1/journeys/{journey}/pause"), 404, "not_found")
    asked = {"kind": "trend", "from": "2026-03-01", "to": "2026-03-01", "series": [{"action": "secret.visit"}]}
    assert server.post("/query", asked)["lines"][0]["total"] == 0
    assert server.post("/events", {**event("ada", "a", "2026-03-01T00:00:00Z"), "id": "one"})["stored"] == 1


def test_only_the_first_workspace_makes_workspaces(server: Server) -> None:
    server.virtual()
    failure(server.client.post("/api/v1/workspaces", json={"name": "more"}), 403, "forbidden")
    failure(server.client.get("/api/v1/workspaces"), 403, "forbidden")


def test_two_workspaces_cannot_have_one_name(server: Server) -> None:
    failure(server.client.post("/api/v1/workspaces", json={"name": "default"}), 409, "conflict")
    answer = server.client.post("/api/v1/workspaces", json={"name": "b", "timezone": "Mars/Olympus"})
    assert failure(answer, 422, "invalid")["field"] == "timezone"


def test_a_key_is_shown_once_and_opens_its_own_workspace(server: Server) -> None:
    server.virtual("sandbox")
    server.clock.time += 1
    made = server.post("/keys", {"name": "shop"}, 201)
    server.use(made["key"])
    assert server.get("/workspace")["name"] == "sandbox"
    listed = server.get("/keys")["keys"]
    assert [key["name"] for key in listed] == ["first", "shop"]
    assert made["key"] not in str(listed)


def test_the_owner_of_the_folder_acts_in_any_workspace(server: Server) -> None:
    server.post("/workspaces", {"name": "sandbox", "clock": "virtual"}, 201)
    del server.client.headers["Authorization"]
    server.client.headers["Milepost-Owner"] = OWNER_TOKEN
    assert server.get("/workspace")["name"] == "default"
    assert [row["name"] for row in server.get("/workspaces")["workspaces"]] == ["default", "sandbox"]
    server.client.headers["Milepost-Workspace"] = "sandbox"
    assert server.get("/workspace")["name"] == "sandbox"
    server.client.headers["Milepost-Workspace"] = "nowhere"
    failure(server.client.get("/api/v1/workspace"), 404, "not_found")


def test_health_is_open_to_everybody_and_says_what_is_wrong(server: Server) -> None:
    del server.client.headers["Authorization"]
    assert server.client.get("/health/live").json() == {"status": "ok"}
    assert server.client.get("/health/ready").json() == {"status": "ok", "problems": {}}
    server.problems["projector"] = "no space left on device"
    answer = server.client.get("/health/ready")
    assert (answer.status_code, answer.json()["problems"]) == (503, {"projector": "no space left on device"})
    assert server.client.get("/health/live").status_code == 200


def test_what_was_handed_over_is_in_the_ledger(server: Server) -> None:  # D-7
    server.virtual(now=NEW_YEAR)
    hook: Json = {"method": "POST", "url": "https://example.com/hook", "response_event": "webhook.response"}
    journey = server.journey(
        {
            "name": "Hook",
            "nodes": [
                {"id": "a", "type": "profile_event", "settings": {"action": "go"}, "outlets": {"next": "b"}},
                {"id": "b", "type": "webhook", "settings": hook, "outlets": {"next": "c"}},
                {"id": "c", "type": "end"},
            ],
        }
    )
    server.send(event("ada", "go", "2012-01-01T01:00:00Z"), event("eve", "go", "2012-01-01T02:00:00Z"))
    server.run()
    ledger = server.get("/effects?limit=1")
    (newest,) = ledger["effects"]
    assert (newest["channel"], newest["state"], newest["journey"], newest["node"]) == ("webhook", "sent", journey, "b")
    assert newest["created"] == "2012-01-01T02:00:00.000Z"
    (older,) = server.get(f"/effects?limit=1&cursor={ledger['next']}")["effects"]
    assert older["created"] == "2012-01-01T01:00:00.000Z"
    assert server.get("/effects?state=failed")["effects"] == []
    assert server.get("/effects/report")["states"]["sent"] == 2
    assert server.get("/dead-letters")["dead_letters"] == []


@pytest.fixture
def demo(server: Server) -> str:
    """A key of a workspace with simulated visitors, in which something has happened."""
    row = server.engine.create_workspace("Demo", "real", demo=True)
    key = keys.generate()
    with server.engine.store.writing() as tx:
        tx.put_api_key(ApiKeyRow(keys.hash_key(key), row.key, "first", server.clock.time))
    own = server.key
    server.use(key)
    server.journey(CART)
    server.send({"profile": {"custom_id": "ada"}, "action": "cart.abandoned", "params": {"total": 60}})
    server.settle()
    server.use(own)
    return key


def test_a_demo_is_deleted_for_good(server: Server, demo: str) -> None:
    assert [(row["name"], row["demo"]) for row in server.get("/workspaces")["workspaces"]] == [
        ("default", False), ("Demo", True)
    ]  # fmt: skip
    server.use(demo)
    assert len(server.get("/profiles")["profiles"]) == 1
    server.use(server.key)
    answer = server.client.delete("/api/v1/workspaces/Demo")
    assert (answer.status_code, answer.content) == (204, b"")
    assert [row["name"] for row in server.get("/workspaces")["workspaces"]] == ["default"]
    server.use(demo)
    failure(server.client.get("/api/v1/profiles"), 401, "unauthorized")
    server.use(server.key)
    failure(server.client.delete("/api/v1/workspaces/Demo"), 404, "not_found")
    # A new one of that name is new in everything.
    server.use(server.post("/workspaces", {"name": "Demo"}, 201)["key"]["key"])
    assert server.get("/profiles")["profiles"] == server.get("/journeys")["journeys"] == []


def test_a_demo_does_not_delete_and_ones_own_is_not_deleted(server: Server, demo: str) -> None:
    failure(server.client.delete("/api/v1/workspaces/default"), 409, "conflict")
    server.use(demo)
    failure(server.client.delete("/api/v1/workspaces/Demo"), 403, "forbidden")


@pytest.mark.usefixtures("demo")
def test_the_only_workspace_is_not_deleted(server: Server) -> None:
    with server.engine.store.writing() as tx:
        tx.delete_workspace(1)
    answer = server.client.delete("/api/v1/workspaces/Demo", headers={"Milepost-Owner": OWNER_TOKEN})
    error = failure(answer, 409, "conflict")
    assert error["fix"] == "Make another one first."
