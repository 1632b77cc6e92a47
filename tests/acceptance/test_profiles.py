"""The profiles list and the card over HTTP (D-2.4 to D-2.6)."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import CART, Server, failure


def test_a_card_shows_who_it_is_what_was_agreed_to_and_where_the_profile_stands(server: Server) -> None:
    journey = server.journey(CART)
    server.post(
        "/profiles",
        {
            "profile": {"custom_id": "ada", "email": "ada@example.com"}, "attributes": {"tier": "gold"},
            "tags": {"add": ["vip"]}, "consents": {"email": True, "sms": False}, "source": "form",
        },
    )  # fmt: skip
    server.settle()
    server.clock.time += 2
    server.send({"profile": {"email": "ada@example.com"}, "action": "cart.abandoned", "params": {"total": 60}})
    server.clock.time += 1
    card = server.get("/profiles/custom_id:ada")
    assert card["identifiers"] == [
        {"kind": "custom_id", "value": "ada"},
        {"kind": "email", "value": "ada@example.com"},
    ]
    assert (card["attributes"], card["tags"]) == ({"tier": "gold"}, ["vip"])
    assert card["consents"]["email"]["granted"] is True
    assert card["consents"]["sms"] == {"granted": False, "time": "2026-03-01T09:00:00.000Z", "source": "form"}
    (standing,) = card["journeys"]
    assert (standing["journey"], standing["node"], standing["title"]) == (journey, "wait", "Bought within an hour?")
    assert (standing["since"], standing["until"]) == ("2026-03-01T09:00:00.002Z", "2026-03-01T10:00:00.002Z")


@pytest.mark.parametrize("reference", ["1", "custom_id:ada", "email:ada@example.com", "uuid:a:b"])
def test_a_profile_is_named_by_its_key_or_any_identifier(server: Server, reference: str) -> None:
    server.send({"profile": {"custom_id": "ada", "email": "ada@example.com", "uuid": "a:b"}, "action": "a"})
    assert server.get(f"/profiles/{reference}")["profile"] == 1


@pytest.mark.parametrize("reference", ["2", "custom_id:eve", "name:ada", "9" * 30, "-1", "ada"])
def test_a_profile_that_is_not_there(server: Server, reference: str) -> None:
    server.send({"profile": {"custom_id": "ada"}, "action": "a"})
    failure(server.client.get(f"/api/v1/profiles/{reference}"), 404, "not_found")
    failure(server.client.get(f"/api/v1/profiles/{reference}/activity"), 404, "not_found")


def test_the_list_is_paged_and_found_by_identifier(server: Server) -> None:
    server.send(*({"profile": {"custom_id": name}, "action": "a"} for name in "abcde"))
    pages = [server.get("/profiles?limit=2")]
    while pages[-1]["next"] is not None:
        pages.append(server.get(f"/profiles?limit=2&after={pages[-1]['next']}"))
    names = [profile["identifiers"][0]["value"] for page in pages for profile in page["profiles"]]
    assert (names, pages[0]["total"], len(pages)) == (["a", "b", "c", "d", "e"], 5, 3)
    assert [profile["profile"] for profile in server.get("/profiles?custom_id=c")["profiles"]] == [3]
    assert server.get("/profiles?custom_id=x")["profiles"] == []
    assert server.get("/profiles?custom_id=c&email=no@example.com")["profiles"] == []


def test_activity_is_paged_newest_first_without_gaps_and_doubles(server: Server) -> None:
    server.send(*({"profile": {"custom_id": "ada"}, "action": f"a{number}"} for number in range(7)))
    path = "/profiles/custom_id:ada/activity?limit=3"
    page = server.get(path)
    seen = [event["action"] for event in page["events"]]
    while page["next"] is not None:
        page = server.get(f"{path}&cursor={page['next']}")
        seen += [event["action"] for event in page["events"]]
    assert seen == [f"a{number}" for number in range(6, -1, -1)]
    failure(server.client.get(f"/api/v1{path}&cursor=nonsense"), 422, "invalid")


def test_activity_is_filtered_by_action_family_period_and_run(server: Server) -> None:
    server.journey(CART)
    server.clock.time += 1
    server.send({"profile": {"custom_id": "ada"}, "action": "cart.abandoned", "params": {"total": 60}})
    server.settle()
    server.clock.time += 60_000
    server.send(
        {"profile": {"custom_id": "ada"}, "action": "page.visit"}, {"profile": {"custom_id": "ada"}, "action": "b"}
    )
    server.clock.time += 1

    def actions(query: str) -> list[str]:
        return [event["action"] for event in server.get(f"/profiles/custom_id:ada/activity?{query}")["events"]]

    assert actions("action=page.visit&action=b") == ["b", "page.visit"]
    moves = ["automation.clientPathStep", "automation.clientStartPath"]
    assert actions("family=moves") == moves
    assert actions("since=2026-03-01T09:01:00.001Z") == ["b", "page.visit"]
    assert actions("until=2026-03-01T09:01:00Z") == [*moves, "cart.abandoned"]
    run = server.get("/profiles/custom_id:ada")["journeys"][0]["run"]
    assert actions(f"run={run}") == moves
    assert actions("run=none") == []
