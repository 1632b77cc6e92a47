"""The story of the README: a journey, customers, the card, the counters, a funnel, all over HTTP."""

from __future__ import annotations

from tests.acceptance.conftest import CART, Server

MINUTE = 60_000


def test_every_step_of_a_customer_is_on_the_card_the_counters_and_in_a_funnel(server: Server) -> None:
    journey = server.journey(CART)
    server.clock.time += 1
    server.send({"profile": {"custom_id": "ada"}, "action": "cart.abandoned", "params": {"total": 79.5}})
    server.settle()
    server.clock.time += MINUTE
    server.send({"profile": {"custom_id": "ada"}, "action": "order.completed"})
    server.clock.time += 1

    events = server.get("/profiles/custom_id:ada/activity")["events"]
    assert [event["action"] for event in events] == [
        "automation.clientEndPath",
        "order.completed",
        "automation.clientPathStep",
        "automation.clientStartPath",
        "cart.abandoned",
    ]
    assert events[0]["time"] == "2026-03-01T09:01:00.001Z"
    assert events[0]["params"]["fromNodeId"] == "wait"
    assert events[0]["params"]["outlet"] == "matched"
    assert [event["tracked"] for event in events] == [True, True, False, True, True]

    statistics = server.get(f"/journeys/{journey}/statistics")
    assert (statistics["started"], statistics["in_progress"], statistics["finished"]) == (1, 0, 1)
    assert {node["id"]: node["entered"] for node in statistics["nodes"]} == {
        "left": 1, "wait": 1, "tag": 0, "bought": 1, "lost": 0,
    }  # fmt: skip
    assert [node["drift"] for node in statistics["nodes"]] == [0] * 5

    funnel = server.post(
        "/query",
        {
            "kind": "funnel", "from": "2026-01-01", "to": "2026-12-31", "window": {"value": 7, "unit": "day"},
            "steps": [{"action": "cart.abandoned"}, {"action": "order.completed"}],
        },
    )  # fmt: skip
    assert [step["count"] for step in funnel["steps"]] == [1, 1]
    behind = server.post("/query/profiles", {"question": funnel["question"], "members": {"kind": "funnel", "step": 2}})
    assert behind["profiles"][0]["identifiers"] == [{"kind": "custom_id", "value": "ada"}]
