"""`/metrics` of a whole server: what it counts while it works, and who may read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from milepost.app import App
from tests.acceptance.conftest import CART, Server, failure
from tests.acceptance.served import serving
from tests.fault.servers import until

Numbers = dict[tuple[Any, ...], float]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with serving(tmp_path_factory.mktemp("measures") / "data") as made:
        yield made


@pytest.fixture
def client(app: App) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=app.owner.url, headers={"Milepost-Owner": app.owner.token}) as made:
        yield made


def numbers(client: httpx2.Client) -> Numbers:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_server_at_work_counts_what_it_does(client: httpx2.Client) -> None:
    before = numbers(client)
    journey = client.post("/api/v1/journeys", json=CART).json()["id"]
    assert client.post(f"/api/v1/journeys/{journey}/activate").status_code == 200
    event = {"id": "one", "profile": {"custom_id": "ada"}, "action": "cart.abandoned", "params": {"total": 60}}
    assert client.post("/api/v1/events", json=[event, {"action": "nobody's"}]).status_code == 207
    assert client.post("/api/v1/events", json=event).json()["duplicates"] == 1
    bought = {"profile": {"custom_id": "ada"}, "action": "order.completed"}
    assert client.post("/api/v1/events", json=bought).status_code == 200

    def done() -> Numbers | None:
        now = numbers(client)
        return now if now.get(("milepost_moves_total", "clientEndPath")) and not now[LAG] else None

    after = until(done, "the path has ended and is handed over")
    more = {key: value - before.get(key, 0) for key, value in after.items()}
    assert more["milepost_items_total", "accepted"] == 2
    assert more["milepost_items_total", "duplicate"] == 1
    assert more["milepost_items_total", "rejected"] == 1
    assert more["milepost_moves_total", "clientStartPath"] == 1
    assert more["milepost_moves_total", "clientPathStep"] == 1
    assert more["milepost_batch_moves_sum",] == 3
    assert more["milepost_handed_over_batches_total",] >= 2
    assert more["milepost_requests_total", "/api/v1/events", "200", "POST"] == 2
    assert more["milepost_requests_total", "/api/v1/events", "207", "POST"] == 1
    assert more["milepost_requests_total", "/api/v1/journeys/{id}/activate", "200", "POST"] == 1
    for labels in (("state", "write"), ("read", "state"), ("events", "insert")):
        assert more["milepost_store_seconds_count", *labels] > 0
    assert after["milepost_ready",] == 1
    assert after["milepost_disk_free_bytes",] > 0


LAG = ("milepost_projector_lag_batches",)


def test_addresses_that_are_no_routes_are_counted_together(client: httpx2.Client) -> None:
    client.get("/api/v1/ada@example.com")
    client.get("/ada@example.com")
    client.request("PROPFIND", "/api/v1/events")
    routes = {key[1:] for key in numbers(client) if key[0] == "milepost_requests_total"}
    assert ("404", "GET", "other") in routes
    assert {labels[-1] for labels in routes if "405" in labels} == {"other"}
    assert not any("ada" in label for labels in routes for label in labels)


def test_the_measures_are_for_admins(server: Server) -> None:
    failure(server.client.get("/metrics", headers={"Authorization": ""}), 401, "unauthorized")
    assert server.client.get("/metrics").status_code == 200
    server.virtual()
    failure(server.client.get("/metrics"), 403, "forbidden")


@pytest.mark.parametrize(("given", "kept"), [("abc-1", True), ("a b", False), ("x" * 65, False), ("a\u00e9", False)])
def test_every_answer_names_its_request(server: Server, given: str, kept: bool) -> None:
    named = server.client.get("/health/live", headers={b"X-Request-ID": given.encode()}).headers["x-request-id"]
    assert (named == given) is kept
    assert named


def test_a_surprise_names_its_request_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise KeyError(arguments)

    monkeypatch.setattr(server.engine.store, "reading", fail)
    answer = server.client.get("/api/v1/journeys", headers={"X-Request-ID": "mine"})
    failure(answer, 500, "error")
    assert answer.headers["x-request-id"] == "mine"
