"""The switch *Track datapoints* over HTTP: what it changes, and all that it does not (D-1.5 to D-1.9)."""

from __future__ import annotations

from typing import Any

from tests.acceptance.conftest import CART, Json, Server, failure


def leave_cart(server: Server, name: str) -> None:
    server.clock.time += 1_000
    server.send({"action": "cart.abandoned", "params": {"total": 60}, "profile": {"custom_id": name}})
    server.settle()
    server.clock.time += 1_000


def track(server: Server, journey: str, node: str, on: bool) -> Json:
    answer = server.client.put(f"/api/v1/journeys/{journey}/nodes/{node}/tracking", json={"on": on})
    assert answer.status_code == 200, answer.text
    taken: Json = answer.json()
    return taken


def moves_at(server: Server, node: str) -> int:
    question: dict[str, Any] = {
        "kind": "trend", "from": "2026-01-01", "to": "2026-12-31", "interval": "month",
        "series": [
            {"action": "automation.clientPathStep", "where": [{"param": "nodeId", "op": "equal", "value": node}]}
        ],
    }  # fmt: skip
    total: int = server.post("/query", question)["lines"][0]["total"]
    return total


def test_triggers_and_ends_are_tracked_from_the_activation_on_and_the_others_are_not(server: Server) -> None:  # D-1.5
    journey = server.journey(CART)
    switches = server.get(f"/journeys/{journey}/tracking")["nodes"]
    assert {switch["node"]: switch["on"] for switch in switches} == {
        "left": True, "wait": False, "tag": False, "bought": True, "lost": True,
    }  # fmt: skip


def test_a_workspace_may_track_everything(server: Server) -> None:  # D-1.5
    server.virtual(track_by_default=True)
    journey = server.journey(CART)
    assert all(switch["on"] for switch in server.get(f"/journeys/{journey}/tracking")["nodes"])


def test_the_switch_decides_over_datapoints_and_over_nothing_else(server: Server) -> None:  # D-1.6, D-1.7, D-1.8
    journey = server.journey(CART)
    leave_cart(server, "before")
    on = track(server, journey, "wait", True)
    assert (on["taken"], on["on"]) == (True, True)
    leave_cart(server, "during")
    off = track(server, journey, "wait", False)
    leave_cart(server, "after")

    assert moves_at(server, "wait") == 1
    arrivals = [
        server.get(f"/profiles/custom_id:{name}/activity?family=moves")["events"][0]
        for name in ("before", "during", "after")
    ]
    assert [arrival["node"] for arrival in arrivals] == ["wait"] * 3
    assert [arrival["tracked"] for arrival in arrivals] == [False, True, False]
    nodes = {node["id"]: node for node in server.get(f"/journeys/{journey}/statistics")["nodes"]}
    assert nodes["wait"]["entered"] == 3

    shown = server.get(f"/journeys/{journey}/nodes/wait/profiles")  # D-1.9
    assert (shown["tracked"], shown["total"], shown["entered"]) == (False, 1, 3)
    assert shown["intervals"] == [{"from": on["at"], "to": off["at"]}]
    assert [found["identifiers"][0]["value"] for found in shown["profiles"]] == ["during"]
    assert f"from {on['at']} to {off['at']}" in shown["explanation"]
    assert "3" in shown["explanation"]

    changes = next(s for s in server.get(f"/journeys/{journey}/tracking")["nodes"] if s["node"] == "wait")["changes"]
    assert [(change["on"], change["who"]) for change in changes] == [(True, "key first"), (False, "key first")]


def test_a_node_that_was_never_tracked_is_explained(server: Server) -> None:  # D-1.9
    journey = server.journey(CART)
    leave_cart(server, "ada")
    shown = server.get(f"/journeys/{journey}/nodes/wait/profiles")
    assert (shown["tracked"], shown["intervals"], shown["total"], shown["profiles"]) == (False, [], 0, [])
    assert "never been tracked" in shown["explanation"]
    assert "1 arrival" in shown["explanation"]


def test_the_list_is_paged(server: Server) -> None:
    journey = server.journey(CART)
    for name in "abc":
        leave_cart(server, name)
    path = f"/journeys/{journey}/nodes/left/profiles?limit=2"
    first = server.get(path)
    second = server.get(f"{path}&after={first['next']}")
    names = [found["identifiers"][0]["value"] for page in (first, second) for found in page["profiles"]]
    assert (names, first["total"], second["next"]) == (["a", "b", "c"], 3, None)


def test_a_switch_may_be_turned_ahead_of_a_virtual_clock(server: Server) -> None:
    server.virtual()
    journey = server.journey(CART)
    path = f"/api/v1/journeys/{journey}/nodes/wait/tracking"
    answer = server.client.put(path, json={"on": True, "at": "2012-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json()["taken"], answer.json()["on"]) == (202, False, True)
    server.run("2012-01-02T00:00:00Z")
    shown = server.get(f"/journeys/{journey}/nodes/wait/profiles")
    assert shown["intervals"] == [{"from": "2012-01-01T00:00:00.000Z", "to": None}]


def test_there_is_no_switch_without_a_node(server: Server) -> None:
    journey = server.journey(CART)
    answer = server.client.put(f"/api/v1/journeys/{journey}/nodes/nowhere/tracking", json={"on": True})
    failure(answer, 404, "not_found")
    failure(server.client.get(f"/api/v1/journeys/{journey}/nodes/nowhere/profiles"), 404, "not_found")
