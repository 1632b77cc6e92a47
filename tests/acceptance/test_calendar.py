"""The calendar of due load: what will go out, and when (D-6)."""

from __future__ import annotations

from tests.acceptance.conftest import Json, Server, failure

HOUR = 3_600_000
MAIL: Json = {"subject": "Hi", "body": "Hello", "transactional": True}
DRAWN: Json = {
    "name": "Remind",
    "nodes": [
        {"id": "in", "type": "profile_event", "settings": {"action": "go"}, "outlets": {"next": "wait"}},
        {"id": "wait", "type": "delay", "title": "A day", "settings": {"duration": {"value": 1, "unit": "day"}},
         "outlets": {"next": "mail"}},
        {"id": "mail", "type": "send_email", "title": "Remind", "settings": MAIL, "outlets": {"next": "rest"}},
        {"id": "rest", "type": "delay", "settings": {"duration": {"value": 40, "unit": "day"}},
         "outlets": {"next": "end"}},
        {"id": "end", "type": "end"},
    ],
}  # fmt: skip


def enter(server: Server, *names: str) -> None:
    server.send(*({"profile": {"custom_id": name}, "action": "go"} for name in names))
    server.settle()


def test_what_is_due_when_and_what_goes_out_then(server: Server) -> None:
    id = server.journey(DRAWN)
    enter(server, "ada", "bob")
    server.clock.time += 90 * 60_000
    enter(server, "eve")

    calendar = server.get("/calendar")
    assert (calendar["since"], calendar["now"]) == ("2026-03-01T10:00:00.000Z", "2026-03-01T10:30:00.000Z")
    assert calendar["until"] == "2026-03-31T10:00:00.000Z"
    [place] = calendar["places"]
    assert place == {
        "journey": id, "journey_name": "Remind", "journey_state": "active", "version": 1, "node": "wait",
        "title": "A day", "messages": [{"node": "mail", "title": "Remind", "channel": "email"}], "timers": 3,
        "backlog": 0,
    }  # fmt: skip
    assert [(hour["at"], hour["timers"], hour["channels"], hour["loads"]) for hour in calendar["hours"]] == [
        ("2026-03-02T09:00:00.000Z", 2, {"email": 2}, [{"place": 0, "timers": 2}]),
        ("2026-03-02T10:00:00.000Z", 1, {"email": 1}, [{"place": 0, "timers": 1}]),
    ]
    assert calendar["overdue"] == 0


def test_what_was_taken_is_gone_and_what_is_far_is_not_shown(server: Server) -> None:
    server.journey(DRAWN)
    enter(server, "ada")
    server.clock.time += 25 * HOUR
    server.settle()
    assert server.get("/calendar")["hours"] == []
    [far] = server.get("/calendar?days=60")["hours"]
    assert (far["timers"], far["channels"]) == (1, {})
    assert server.get("/calendar?days=60&channel=email")["places"] == []


def test_what_was_not_taken_in_its_hour_is_backlog(server: Server) -> None:
    id = server.journey(DRAWN)
    enter(server, "ada", "bob")
    server.post(f"/journeys/{id}/pause")
    server.clock.time += 26 * HOUR
    paused = server.get("/calendar")
    assert (paused["places"][0]["backlog"], paused["places"][0]["journey_state"]) == (2, "paused")
    assert (paused["hours"], paused["overdue"]) == ([], 0), "the timers of a paused journey are not late"
    server.post(f"/journeys/{id}/resume")
    assert server.get("/calendar")["places"] == []


def test_what_cannot_be_asked(server: Server) -> None:
    failure(server.client.get("/api/v1/calendar?days=0"), 422, "invalid")
    failure(server.client.get("/api/v1/calendar?journey=nothing"), 404, "not_found")
