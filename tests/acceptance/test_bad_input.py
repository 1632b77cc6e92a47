"""What is wrong with a request is said in one shape, with its place and its fix; and nothing is half-applied."""

from __future__ import annotations

import contextlib
import json
import pathlib
from typing import Any

import pytest

from milepost.stores.sqlite import SqliteStore
from tests.acceptance.conftest import CART, Json, Server, failure

EVENT: Json = {"profile": {"custom_id": "ada"}, "action": "page.visit"}


# --- the request as a whole ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic YTpi"}], ids=["missing", "of another kind"])
def test_no_key_is_refused(server: Server, headers: dict[str, str]) -> None:
    del server.client.headers["Authorization"]
    answer = server.client.post("/api/v1/events", json=EVENT, headers=headers)
    failure(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_wrong_key_is_refused(server: Server) -> None:
    server.use("mp_" + "x" * 32)
    failure(server.client.get("/api/v1/journeys"), 401, "unauthorized")


def test_a_wrong_owner_token_is_refused(server: Server) -> None:
    failure(server.client.get("/api/v1/journeys", headers={"Milepost-Owner": "no"}), 401, "unauthorized")


@pytest.mark.parametrize("path", ["events", "profiles", "journeys", "query"])
@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"profile": {\n  "custom_id": "ada",}', "line 2, column 22"),
        (b"hello", "line 1, column 1"),
        (b'{"a": "\xff"}', "line 1, column 8"),
        (b'{"a": NaN}', "line 1, column 7"),
    ],
    ids=["a comma too many", "no JSON", "no UTF-8", "no number"],
)
def test_malformed_json_is_refused_with_its_place(server: Server, path: str, body: bytes, place: str) -> None:
    error = failure(server.client.post(f"/api/v1/{path}", content=body), 400, "malformed")
    assert place in error["message"]


@pytest.mark.parametrize("path", ["events", "journeys", "query"])
def test_what_is_nested_too_deeply_is_refused(server: Server, path: str) -> None:
    body = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    failure(server.client.post(f"/api/v1/{path}", content=body), 422, "invalid")


@pytest.mark.parametrize("path", ["events", "journeys"])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(server: Server, path: str) -> None:
    # The body is not even there: only what the request says of itself is looked at.
    answer = server.client.post(f"/api/v1/{path}", content=b"{}", headers={"Content-Length": "1048577"})
    failure(answer, 413, "too_large")


@pytest.mark.parametrize("path", ["events", "journeys"])
def test_a_body_that_does_not_say_its_size_is_refused_at_the_limit(server: Server, path: str) -> None:
    pieces = (b" " * 65_536 for _ in range(17))
    failure(server.client.post(f"/api/v1/{path}", content=pieces), 413, "too_large")


def test_a_batch_of_more_than_a_thousand_is_refused(server: Server) -> None:
    failure(server.client.post("/api/v1/events", json=[EVENT] * 1_001), 413, "too_large")
    assert server.get("/profiles")["total"] == 0


def test_an_unknown_path_and_a_wrong_method_are_answered_in_the_same_shape(server: Server) -> None:
    failure(server.client.get("/api/v1/nothing"), 404, "not_found")
    answer = server.client.delete("/api/v1/events")
    failure(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_a_surprise_is_answered_in_the_same_shape(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.engine, "store", None)
    failure(server.client.get("/api/v1/journeys"), 500, "error")


@pytest.mark.parametrize("path", ["/profiles?name=ada", "/profiles?limit=0", "/profiles?after=x"])
def test_a_wrong_query_parameter_is_named(server: Server, path: str) -> None:
    error = failure(server.client.get(f"/api/v1{path}"), 422, "invalid")
    assert error["field"] == path.partition("?")[2].partition("=")[0]


# --- items of a batch ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"profil": {}}, "profil", "unknown_field"),
        ({"profile": {"custom_id": "ada", "mail": "a@b.c"}}, "profile.mail", "unknown_field"),
        ({"profile": {"custom_id": 7}}, "profile.custom_id", "wrong_type"),
        ({"params": [1]}, "params", "wrong_type"),
        ({"time": "yesterday"}, "time", "invalid_time"),
        ({"profile": {}}, "profile", "no_identifier"),
        ({"profile": None}, "profile", "no_identifier"),
        ({"action": "automation.clientStartPath"}, "action", "reserved_action"),
        ({"action": "two words"}, "action", "invalid_action"),
        ({"received_at": "2026-03-01T00:00:00Z"}, "received_at", None),
    ],
)
def test_of_a_mixed_batch_each_item_says_what_became_of_it(
    server: Server, change: Json, field: str, code: str | None
) -> None:
    answer = server.client.post("/api/v1/events", json=[EVENT, {**EVENT, **change}, {**EVENT, "action": "b"}])
    assert answer.status_code == 207
    first, second, third = answer.json()["items"]
    assert (first["stored"], second["stored"], third["stored"]) == (True, False, True)
    assert second["error"]["field"] == field
    assert code in {None, second["error"]["code"]}
    assert {"message", "fix"} <= second["error"].keys()
    assert server.get("/profiles/custom_id:ada/activity")["events"][0]["action"] == "b"


def test_a_request_of_which_nothing_is_stored_is_an_error(server: Server) -> None:
    answer = server.client.post("/api/v1/events", json={**EVENT, "action": "automation.x"})
    assert failure(answer, 422, "invalid")["field"] == "action"
    assert answer.json()["items"][0]["error"]["code"] == "reserved_action"
    assert server.get("/profiles")["total"] == 0


def test_sending_twice_is_no_error_and_stores_once(server: Server) -> None:  # D-2.2
    event = {**EVENT, "id": "one"}
    assert server.send(event, event)["items"][1]["duplicate"] is True
    again = server.send(event)
    assert (again["stored"], again["duplicates"], again["rejected"]) == (0, 1, 0)
    assert len(server.get("/profiles/custom_id:ada/activity")["events"]) == 1


def test_an_event_in_the_future_happens_now_and_keeps_what_was_sent(server: Server) -> None:  # D-2.1
    server.send({**EVENT, "time": "2030-01-01T00:00:00Z"})
    (event,) = server.get("/profiles/custom_id:ada/activity")["events"]
    assert event["time"] == "2026-03-01T09:00:00.000Z"
    assert event["params"] == {"originalTime": "2030-01-01T00:00:00.000Z"}


def test_identifiers_of_two_profiles_are_refused_naming_both(server: Server) -> None:  # D-2.4
    server.send(EVENT, {"profile": {"email": "eve@example.com"}, "action": "a"})
    answer = server.client.post(
        "/api/v1/events", json={**EVENT, "profile": {"custom_id": "ada", "email": "eve@example.com"}}
    )
    message = failure(answer, 422, "invalid")["message"]
    assert "ada" in message
    assert "eve@example.com" in message


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"attributes": [1]}, "attributes"),
        ({"consents": {"fax": True}}, "consents.fax"),
        ({"tags": {"add": ["a"], "remove": ["a"]}}, "tags"),
    ],
)
def test_a_wrong_change_of_a_profile_is_refused(server: Server, change: Json, field: str) -> None:
    answer = server.client.post("/api/v1/profiles", json={"profile": {"custom_id": "ada"}, **change})
    assert failure(answer, 422, "invalid")["field"] == field


# --- journeys --------------------------------------------------------------------------------------------------------


def changed(node: str, **values: Any) -> Json:
    nodes = [{**one, **values} if one["id"] == node else one for one in CART["nodes"]]
    return {**CART, "nodes": nodes}


@pytest.mark.parametrize(
    ("definition", "code", "node"),
    [
        (changed("tag", outlets={"next": "wait"}), "cycle", "wait"),
        (changed("tag", outlets={}), "loose_outlet", "tag"),
        (changed("tag", type="send_pigeon"), "unknown_type", "tag"),
        (changed("tag", settings={"set": {"a": "{{ weather }}"}}), "invalid_insert", "tag"),
        (changed("wait", settings={"action": "automation.clientEndPath"}), "invalid_settings", "wait"),
        (changed("left", settings={"action": "a", "where": [{"param": "x", "op": "regex", "value": "("}]}),
         "invalid_settings", "left"),
        ({"name": "Nothing"}, "no_trigger", None),
    ],
    ids=["cycle", "loose outlet", "unknown type", "unknown variable", "move as event", "bad regex", "empty"],
)  # fmt: skip
def test_a_journey_with_issues_is_stored_and_listed_but_not_activated(
    server: Server, definition: Json, code: str, node: str | None
) -> None:
    listed = server.post("/journeys/validate", definition)["issues"]
    issue = next(issue for issue in listed if issue["code"] == code)
    assert issue["node"] == node
    assert issue["text"]
    assert issue["fix"]
    journey = server.journey(definition, active=False)
    assert server.post(f"/journeys/{journey}/validate")["issues"] == listed
    assert server.get(f"/journeys/{journey}")["issues"] == len(listed)
    error = failure(server.client.post(f"/api/v1/journeys/{journey}/activate"), 409, "journey_has_issues")
    assert code in {issue["code"] for issue in error["details"]}
    assert server.get(f"/journeys/{journey}")["state"] == "draft"


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        ({"nodes": []}, "name"),
        ({"name": "A", "node": []}, "node"),
        ({"name": "A", "nodes": [{"id": "a b", "type": "end"}]}, "nodes.0.id"),
        ({"name": "A", "nodes": [{"id": "a", "type": "end", "settings": []}]}, "nodes.0.settings"),
        ({"name": "A", "settings": {"goal": {"action": "a", "where": {"param": "x", "op": "near"}}}},
         "settings.goal.where.op"),
        ({"name": "A", "settings": {"run_age": {"value": 0, "unit": "day"}}}, "settings.run_age.value"),
    ],
)  # fmt: skip
def test_a_definition_that_is_none_is_refused_with_its_place(server: Server, definition: Json, field: str) -> None:
    assert failure(server.client.post("/api/v1/journeys", json=definition), 422, "invalid")["field"] == field


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"kind": "funnel", "from": "2026-01-01", "to": "2026-02-01", "steps": [{"event": "a"}]}, "steps.0.action"),
        ({"kind": "funnel", "from": "2026-01-01", "to": "soon", "steps": [{"action": "a"}]}, "to"),
        ({"kind": "funnel", "from": "2026-01-01", "to": "2026-02-01", "steps": []}, "steps"),
        ({"kind": "trend", "from": "2026-01-01", "to": "2026-02-01", "series": [{"action": 1}]}, "series.0.action"),
        (
            {"kind": "funnel", "from": "2026-01-01", "to": "2026-02-01",
             "steps": [{"action": "a", "where": {"all": [{"param": "x", "op": "less", "value": "5"}]}}]},
            "steps.0.where.all.0.value",
        ),
        ({"kind": "horoscope"}, "kind"),
        ([], None),
    ],
)  # fmt: skip
def test_a_question_that_is_none_is_refused_with_its_place(server: Server, question: Any, field: str | None) -> None:
    assert failure(server.client.post("/api/v1/query", json=question), 422, "invalid")["field"] == field


# --- a full disk -----------------------------------------------------------------------------------------------------


def test_below_the_reserve_intake_refuses_and_takes_again_afterwards(server: Server) -> None:
    server.disk_is_full = True
    failure(server.client.post("/api/v1/events", json=EVENT), 507, "storage_full")
    server.disk_is_full = False
    server.send(EVENT)
    assert len(server.get("/profiles/custom_id:ada/activity")["events"]) == 1


def test_when_the_disk_is_full_nothing_of_a_request_is_stored_and_later_all_of_it(tmp_path: pathlib.Path) -> None:
    with contextlib.closing(SqliteStore(tmp_path / "state.sqlite")) as store:
        server = Server(store)
        server.start()
        server.send(EVENT)
        server.settle()
        (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
        store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
        events = [{**EVENT, "id": f"e{number}", "params": {"text": "x" * 900}} for number in range(1_000)]
        failure(server.client.post("/api/v1/events", content=json.dumps(events)), 507, "storage_full")
        assert len(server.get("/profiles/custom_id:ada/activity")["events"]) == 1
        store._writer.execute("PRAGMA max_page_count = 1000000")
        assert server.send(*events)["stored"] == 1_000
        assert len(server.get("/profiles/custom_id:ada/activity?limit=1000")["events"]) == 1_000
        server.stop()
