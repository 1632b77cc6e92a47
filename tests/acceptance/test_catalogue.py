"""The catalogue over HTTP: what there is to choose from (D-2.9), and profiles found by name (D-2.7)."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import CART, Server, failure


def test_the_catalogue_tells_actions_attributes_and_the_params_of_an_action(server: Server) -> None:
    server.post("/profiles", {"profile": {"custom_id": "ada"}, "attributes": {"tier": "gold", "born": "1990-02-01"}})
    server.send(
        {"profile": {"custom_id": "ada"}, "action": "order.placed", "params": {"total": 5, "gift": True}},
        {"profile": {"custom_id": "eve"}, "action": "order.placed", "params": {"total": "5", "lines": [{"sku": "a"}]}},
        {"profile": {"custom_id": "eve"}, "action": "page.visit", "params": {"page": {"url": "/shoes"}}},
    )
    seen = server.get("/catalogue")
    known = {action["action"]: action["datapoints"] for action in seen["actions"]}
    assert (known["order.placed"], known["page.visit"], known["profile.updated"]) == (2, 1, 2)
    assert seen["actions"][0]["last_seen"] == "2026-03-01T09:00:00.000Z"
    assert [(name["name"], name["types"], name["samples"]) for name in seen["attributes"]] == [
        ("born", ["date"], ["1990-02-01"]),
        ("tier", ["text"], ["gold"]),
    ]
    params = server.get("/catalogue/actions/order.placed")
    assert params["looked_at"] == 2
    assert [(name["name"], name["types"], name["samples"]) for name in params["params"]] == [
        ("gift", ["boolean"], [True]),
        ("lines", ["list"], []),
        ("total", ["number", "text"], ["5", 5]),
    ]
    (page,) = server.get("/catalogue/actions/page.visit")["params"]
    assert (page["name"], page["samples"]) == ("page.url", ["/shoes"])
    assert server.get("/catalogue/actions/never.seen") == {"params": [], "looked_at": 0}


def test_moves_are_in_the_catalogue_where_they_are_tracked(server: Server) -> None:
    """D-1.6: the trigger is tracked, the waiting node is not; Analytics can see the first alone."""
    server.journey(CART)
    server.clock.time += 2
    server.send({"profile": {"custom_id": "ada"}, "action": "cart.abandoned", "params": {"total": 60}})
    actions = {action["action"] for action in server.get("/catalogue")["actions"]}
    assert "automation.clientStartPath" in actions
    assert "automation.clientPathStep" not in actions


PEOPLE = {
    "a": {"name": "Ada Lovelace"},
    "b": {"first_name": "Adele", "last_name": "Goldberg"},
    "c": {"firstName": "Grace", "lastName": "Adams"},
    "d": {"name": "שרה אהרונסון"},
    "e": {"name": 5},
    "f": {},
}


@pytest.mark.parametrize(
    ("text", "found"),
    [("ada", "ac"), ("AD", "abc"), ("adele gold", "b"), ("grace ad", "c"), ("lovelace", ""), ("שרה", "d"), ("5", ""),
     ("f", "f"), ("a.*", ""), (" ", "")],
)  # fmt: skip
def test_a_search_finds_the_begin_of_a_name_or_a_whole_identifier(server: Server, text: str, found: str) -> None:
    server.post("/profiles", [{"profile": {"custom_id": id}, "attributes": values} for id, values in PEOPLE.items()])
    server.settle()
    page = server.get("/profiles", params={"search": text})
    assert "".join(profile["identifiers"][0]["value"] for profile in page["profiles"]) == found
    assert (page["total"], page["next"]) == (len(found), None)


def test_a_search_is_paged_and_an_identifier_that_is_also_a_name_counts_once(server: Server) -> None:
    people = [{"profile": {"custom_id": id}, "attributes": {"name": "Ann"}} for id in ("x", "ann", "y")]
    server.post("/profiles", [*people, {"profile": {"email": "z@example.com"}}])
    server.settle()
    first = server.get("/profiles?search=ann&limit=2")
    rest = server.get(f"/profiles?search=ann&limit=2&after={first['next']}")
    assert [page["total"] for page in (first, rest)] == [3, 3]
    assert [profile["profile"] for page in (first, rest) for profile in page["profiles"]] == [1, 2, 3]
    assert [profile["name"] for profile in rest["profiles"]] == ["Ann"]


def test_a_name_is_told_wherever_a_profile_is_named(server: Server) -> None:
    server.post("/profiles", [{"profile": {"custom_id": id}, "attributes": values} for id, values in PEOPLE.items()])
    names = [profile["name"] for profile in server.get("/profiles")["profiles"]]
    assert names == ["Ada Lovelace", "Adele Goldberg", "Grace Adams", "שרה אהרונסון", None, None]
    assert server.get("/profiles/custom_id:b")["name"] == "Adele Goldberg"


@pytest.mark.parametrize("text", ["", "x" * 256])
def test_a_search_for_nothing_or_for_too_much_is_refused(server: Server, text: str) -> None:
    failure(server.client.get("/api/v1/profiles", params={"search": text}), 422, "invalid")
