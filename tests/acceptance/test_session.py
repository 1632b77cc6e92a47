"""Accounts and sessions over HTTP: first account, signing in and out, what another site cannot do (D-8)."""

from __future__ import annotations

from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from milepost.access import attempts, sessions
from milepost.access.accounts import Accounts
from tests.acceptance.conftest import CART, OWNER_TOKEN, START, Json, Server, failure

HERE = "http://127.0.0.1:8420"
EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
ADA = {"email": EMAIL, "password": PASSWORD, "name": "Ada"}
WRONG = {"email": EMAIL, "password": "wrong horse battery"}
EVIL = "https://evil.example"


def browser(server: Server, *, url: str = HERE, address: str = "127.0.0.1") -> TestClient:
    """A browser that has not been here yet."""
    return TestClient(server.client.app, base_url=url, client=(address, 50_000), raise_server_exceptions=False)


class Browser:
    """A browser in which somebody is signed in."""

    def __init__(self, client: TestClient, signed_in: Response) -> None:
        self.client = client
        self.token = client.cookies["milepost_session"]
        self.session: Json = signed_in.json()
        self.shown = {"X-CSRF-Token": self.session["csrf"]}


@pytest.fixture
def owner(server: Server) -> Browser:
    """Who has just made the first account."""
    client = browser(server)
    answer = client.post("/api/v1/setup", json=ADA)
    assert answer.status_code == 201, answer.text
    return Browser(client, answer)


def sign_in(server: Server, body: Json = ADA, **place: Any) -> Response:
    return browser(server, **place).post("/api/v1/session", json=_login(body))


def _login(body: Json) -> Json:
    return {"email": body["email"], "password": body["password"]}


# --- the first account -----------------------------------------------------------------------------------------------


def test_at_first_there_is_nobody_and_the_app_is_told_to_set_up(server: Server) -> None:
    answer = browser(server).get("/api/v1/session")
    assert answer.json() == {"user": None, "setup": True, "csrf": None, "workspaces": []}
    assert answer.headers["cache-control"] == "no-store"


def test_whoever_makes_the_first_account_is_signed_in(server: Server, owner: Browser) -> None:
    assert owner.session["user"] == {"email": EMAIL, "name": "Ada"}
    assert owner.session["setup"] is False
    expected = [{"name": "default", "clock": "real", "now": "2026-03-01T09:00:00.000Z", "demo": False}]
    assert owner.session["workspaces"] == expected
    assert owner.client.get("/api/v1/session").json() == owner.session
    assert browser(server).get("/api/v1/session").json()["setup"] is False


@pytest.mark.parametrize("host", ["localhost:8420", "127.0.0.1", "[::1]:8420"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_has_many_names(server: Server, host: str, address: str) -> None:
    assert browser(server, url=f"http://{host}", address=address).post("/api/v1/setup", json=ADA).status_code == 201


@pytest.mark.parametrize(
    ("place", "headers"),
    [
        ({"address": "10.0.0.7"}, {}),
        ({"address": "::ffff:10.0.0.7"}, {}),
        ({"address": "testclient"}, {}),
        ({"url": "http://rebound.example:8420"}, {}),
        ({"url": "http://localhost.evil.example"}, {}),
        ({}, {"Host": ""}),
        ({}, {"Host": "[::1"}),
        ({}, {"X-Forwarded-For": "127.0.0.1"}),
        ({}, {"Forwarded": "for=127.0.0.1"}),
        ({}, {"X-Real-IP": "127.0.0.1"}),
        ({}, {"Via": "1.1 proxy"}),
    ],
)
def test_from_elsewhere_the_first_account_comes_by_the_environment(server: Server, place: Json, headers: Json) -> None:
    client = browser(server, **place)
    error = failure(client.post("/api/v1/setup", json=ADA, headers=headers), 403, "forbidden")
    assert "MILEPOST_ACCOUNT_EMAIL" in error["fix"]
    assert "MILEPOST_ACCOUNT_PASSWORD" in error["fix"]
    assert browser(server).get("/api/v1/session").json()["setup"] is True


def test_there_is_one_first_account(server: Server, owner: Browser) -> None:
    again = browser(server).post("/api/v1/setup", json={**ADA, "email": "eve@example.com"})
    failure(again, 409, "conflict")
    assert owner.client.get("/api/v1/session").json()["user"]["email"] == EMAIL


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "eleven char"}, "password"),
        ({"password": "a" * 1_025}, "password"),
        ({"email": "long.enough@example.com", "password": " Long.Enough@EXAMPLE.com "}, "password"),
        ({"email": "ada"}, "email"),
        ({"email": "a b@example.com"}, "email"),
        ({"email": "ada@example.com\u0000"}, "email"),
        ({"email": f"{'a' * 250}@example.com"}, "email"),
        ({"name": "n" * 101}, "name"),
        ({"role": "admin"}, "role"),
        ({"email": 5}, "email"),
    ],
)
def test_a_first_account_that_is_not_right_says_what_is_wrong(server: Server, change: Json, field: str) -> None:
    answer = browser(server).post("/api/v1/setup", json={**ADA, **change})
    assert failure(answer, 422, "invalid")["field"] == field
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("name", ["🦉 Zoë", "عَدَى", "<b>Ada</b>", "\u202eadA", ""])
def test_a_name_is_text_of_any_script(server: Server, name: str) -> None:
    client = browser(server)
    assert client.post("/api/v1/setup", json={**ADA, "name": name}).json()["user"]["name"] == name
    assert client.get("/api/v1/session").json()["user"]["name"] == name


# --- signing in and out ----------------------------------------------------------------------------------------------


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(server: Server, owner: Browser) -> None:
    flags = {part.strip() for part in sign_in(server).headers["set-cookie"].split(";")[1:]}
    assert flags == {"HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=lax"}
    over_https = sign_in(server, url="https://milepost.example")
    assert "Secure" in over_https.headers["set-cookie"]
    assert owner.token not in str(owner.session)


def test_each_sign_in_has_a_token_of_its_own_and_ends_the_one_before_it(server: Server, owner: Browser) -> None:
    there = sign_in(server)
    again = owner.client.post("/api/v1/session", json=_login(ADA))
    tokens = {owner.token, there.cookies["milepost_session"], again.cookies["milepost_session"]}
    assert len(tokens) == 3
    old = browser(server)
    old.cookies.set("milepost_session", owner.token)
    assert old.get("/api/v1/session").json()["user"] is None
    assert owner.client.get("/api/v1/session").json()["user"]["email"] == EMAIL


def test_an_email_is_the_same_in_any_case(server: Server) -> None:
    client = browser(server)
    client.post("/api/v1/setup", json={**ADA, "email": " Zoë@Example.COM"})
    assert sign_in(server, {**ADA, "email": "zoë@example.com "}).status_code == 200
    assert sign_in(server, {**ADA, "email": "ZOË@EXAMPLE.com"}).status_code == 200
    assert sign_in(server, {**ADA, "email": "Zoe\u0308@example.com"}).status_code == 200


def test_a_wrong_password_and_an_unknown_email_are_answered_alike(server: Server, owner: Browser) -> None:
    wrong = sign_in(server, WRONG)
    unknown = sign_in(server, {**WRONG, "email": "nobody@example.com"})
    no_email = sign_in(server, {**WRONG, "email": "nobody"})
    failure(wrong, 401, "unauthorized")
    assert wrong.content == unknown.content == no_email.content
    assert "set-cookie" not in wrong.headers


def test_signing_out_ends_the_session_at_once_and_no_other(server: Server, owner: Browser) -> None:
    there = sign_in(server)
    assert owner.client.get("/api/v1/journeys").status_code == 200
    answer = owner.client.delete("/api/v1/session", headers=owner.shown)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    for token, status in ((owner.token, 401), (there.cookies["milepost_session"], 200)):
        client = browser(server)
        client.cookies.set("milepost_session", token)
        assert client.get("/api/v1/journeys").status_code == status


def test_a_session_ends_after_thirty_days(server: Server, owner: Browser) -> None:
    server.clock.time = START + sessions.LIFETIME - 1
    assert owner.client.get("/api/v1/workspace").status_code == 200
    server.clock.time += 1
    error = failure(owner.client.get("/api/v1/workspace"), 401, "unauthorized")
    assert error["fix"] == "Sign in again."
    ended = owner.client.get("/api/v1/session").json()
    assert (ended["user"], ended["setup"]) == (None, False)


@pytest.mark.parametrize("token", ["", "x", "ż", "a" * 3_000])
def test_a_made_up_token_is_nobodys(server: Server, owner: Browser, token: str) -> None:
    cookie = {b"Cookie": f"milepost_session={token}".encode()}
    failure(browser(server).get("/api/v1/workspace", headers=cookie), 401, "unauthorized")
    assert browser(server).get("/api/v1/session", headers=cookie).json()["user"] is None


# --- a wrong password too often --------------------------------------------------------------------------------------


def test_five_failures_for_an_email_make_everybody_wait(server: Server, owner: Browser) -> None:
    for place in range(attempts.MOST):
        server.clock.time += 1_000
        failure(sign_in(server, WRONG, address=f"10.0.0.{place}"), 401, "unauthorized")
    refused = sign_in(server, address="10.0.1.1")
    failure(refused, 429, "too_many_attempts")
    assert refused.headers["retry-after"] == str(attempts.WINDOW // 1_000 - 4)
    # Who is signed in stays so, and other emails are not concerned.
    assert owner.client.get("/api/v1/workspace").status_code == 200
    failure(sign_in(server, {**WRONG, "email": "eve@example.com"}, address="10.0.1.1"), 401, "unauthorized")
    server.clock.time = START + 1_000 + attempts.WINDOW - 1
    failure(sign_in(server, address="10.0.1.1"), 429, "too_many_attempts")
    server.clock.time += 1
    assert sign_in(server, address="10.0.1.1").status_code == 200


def test_five_failures_from_an_address_make_it_wait_whatever_the_email(server: Server, owner: Browser) -> None:
    for place in range(attempts.MOST):
        body = {"email": f"{place}@example.com", "password": PASSWORD}
        failure(sign_in(server, body, address="2001:db8::1"), 401, "unauthorized")
    refused = sign_in(server, address="2001:db8::ffff")
    error = failure(refused, 429, "too_many_attempts")
    assert (refused.headers["retry-after"], error["fix"]) == ("900", "Try again in 15 minutes.")
    assert sign_in(server, address="2001:db8:0:1::1").status_code == 200


def test_signing_in_forgets_the_failures_before_it(server: Server, owner: Browser) -> None:
    for _ in range(3):
        for place in range(attempts.MOST - 1):
            failure(sign_in(server, WRONG, address=f"10.0.0.{place}"), 401, "unauthorized")
        assert sign_in(server, address="10.0.0.9").status_code == 200
        server.clock.time += attempts.WINDOW


# --- what another site cannot do -------------------------------------------------------------------------------------

CHANGES = [
    ("POST", "/events", {"profile": {"custom_id": "ada"}, "action": "page.visit"}),
    ("POST", "/journeys", CART),
    ("POST", "/query", {"kind": "trend", "from": "2026-03-01", "to": "2026-03-01", "series": [{"action": "a"}]}),
    ("POST", "/keys", {"name": "mine"}),
    ("PUT", "/session/password", {"present": PASSWORD, "new": "another horse battery"}),
    ("DELETE", "/session", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
@pytest.mark.parametrize("shown", [None, "", "x", "ż"])
def test_a_change_must_show_the_second_token(
    server: Server, owner: Browser, method: str, path: str, body: Any, shown: str | None
) -> None:
    headers = {} if shown is None else {b"X-CSRF-Token": shown.encode()}
    answer = owner.client.request(method, f"/api/v1{path}", json=body, headers=headers)
    failure(answer, 403, "csrf")
    assert owner.client.get("/api/v1/session").json()["user"] is not None
    accepted = owner.client.request(method, f"/api/v1{path}", json=body, headers=owner.shown)
    assert accepted.is_success, accepted.text


def test_the_second_token_belongs_to_one_session(server: Server, owner: Browser) -> None:
    there = Browser(client := browser(server), client.post("/api/v1/session", json=_login(ADA)))
    assert there.session["csrf"] != owner.session["csrf"]
    failure(there.client.post("/api/v1/keys", json={"name": "mine"}, headers=owner.shown), 403, "csrf")


def test_a_key_needs_no_second_token_and_wins_over_a_session(server: Server, owner: Browser) -> None:
    headers = {"Authorization": f"Bearer {server.key}"}
    assert owner.client.post("/api/v1/journeys", json=CART, headers=headers).status_code == 201
    headers = {"Authorization": "Bearer wrong"}
    failure(owner.client.get("/api/v1/journeys", headers=headers), 401, "unauthorized")
    assert owner.client.get("/api/v1/journeys", headers={"Milepost-Owner": OWNER_TOKEN}).status_code == 200


@pytest.mark.parametrize("path", ["setup", "session"])
@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"Origin": EVIL}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://127.0.0.1:9000"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": HERE}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": HERE}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://proxied.example"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
    ],
)
def test_no_page_of_another_site_sets_up_or_signs_in(server: Server, path: str, headers: Json, own: bool) -> None:
    if path == "session":
        browser(server).post("/api/v1/setup", json=ADA)
    body = ADA if path == "setup" else _login(ADA)
    answer = browser(server).post(f"/api/v1/{path}", json=body, headers=headers)
    if own:
        assert answer.is_success
    else:
        failure(answer, 403, "csrf")


# --- workspaces, and who did it --------------------------------------------------------------------------------------


def test_somebody_signed_in_acts_in_the_workspace_that_they_name(server: Server, owner: Browser) -> None:
    owner.client.post("/api/v1/workspaces", json={"name": "Second one", "clock": "virtual"}, headers=owner.shown)
    listed = owner.client.get("/api/v1/session").json()["workspaces"]
    assert [(row["name"], row["clock"]) for row in listed] == [("default", "real"), ("Second one", "virtual")]
    assert owner.client.get("/api/v1/workspace").json()["name"] == "default"
    second = {"Milepost-Workspace": "Second one"}
    assert owner.client.get("/api/v1/workspace", headers=second).json()["name"] == "Second one"
    failure(owner.client.get("/api/v1/workspace", headers={"Milepost-Workspace": "nowhere"}), 404, "not_found")


def test_a_change_is_signed_with_the_email(server: Server, owner: Browser) -> None:
    id = owner.client.post("/api/v1/journeys", json=CART, headers=owner.shown).json()["id"]
    owner.client.post(f"/api/v1/journeys/{id}/activate", headers=owner.shown)
    assert {entry["who"] for entry in owner.client.get(f"/api/v1/journeys/{id}").json()["life"]} == {EMAIL}


# --- a new password --------------------------------------------------------------------------------------------------


def test_a_new_password_ends_all_other_sessions(server: Server, owner: Browser) -> None:
    there = Browser(client := browser(server), client.post("/api/v1/session", json=_login(ADA)))
    change = {"present": PASSWORD, "new": "another horse battery"}
    answer = owner.client.put("/api/v1/session/password", json=change, headers=owner.shown)
    assert answer.status_code == 200
    assert answer.json()["csrf"] != owner.session["csrf"]
    assert owner.client.get("/api/v1/session").json()["user"] is not None
    assert there.client.get("/api/v1/session").json()["user"] is None
    failure(sign_in(server), 401, "unauthorized")
    assert sign_in(server, {**ADA, "password": "another horse battery"}).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"present": "wrong horse battery", "new": "another horse battery"}, "present"),
        ({"present": PASSWORD, "new": "short"}, "new"),
        ({"present": PASSWORD, "new": EMAIL}, "new"),
        ({"new": "another horse battery"}, "present"),
    ],
)
def test_a_change_of_password_that_is_not_right_changes_nothing(
    server: Server, owner: Browser, change: Json, field: str
) -> None:
    answer = owner.client.put("/api/v1/session/password", json=change, headers=owner.shown)
    assert failure(answer, 422, "invalid")["field"] == field
    assert sign_in(server).status_code == 200


def test_a_present_password_cannot_be_guessed_either(server: Server, owner: Browser) -> None:
    change = {"present": "wrong horse battery", "new": "another horse battery"}
    for _ in range(attempts.MOST):
        failure(owner.client.put("/api/v1/session/password", json=change, headers=owner.shown), 422, "invalid")
    answer = owner.client.put("/api/v1/session/password", json=change, headers=owner.shown)
    failure(answer, 429, "too_many_attempts")


def test_nothing_that_opens_the_door_is_stored(server: Server, owner: Browser) -> None:
    with server.engine.store.reading() as tx:
        stored = f"{tx.accounts()}{tx.session(sessions.hash_token(owner.token))}"
    for secret in (PASSWORD, owner.token, owner.session["csrf"]):
        assert secret not in stored
    assert Accounts(server.engine.store, server.clock).none() is False
