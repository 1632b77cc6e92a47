"""The log of a busy server: it says what happened, and nothing about whom (D-8)."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.fault.servers import KEY, left_to_do, machine, until
from tests.unit.delivery.servers import smtp_server

Json = dict[str, Any]
MARK: Final = "zq7marked"
"""In everything that is known of one customer, and nowhere else."""
EMAIL: Final = f"{MARK}@example.com"


class Refusing:
    """A mail server that says whom it refuses."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, envelope, options
        return f"550 {address} is nobody here"


def journeys(port: int) -> list[Json]:
    start = {
        "id": "start", "type": "profile_event", "settings": {"action": "order.placed"}, "outlets": {"next": "do"}
    }  # fmt: skip
    end = {"id": "end", "type": "end"}
    mail = {"sender": "shop@example.com", "subject": "{{ customer.name }}", "body": "{{ event.params.note }}"}
    nodes: list[Json] = [
        {"type": "send_email", "settings": {**mail, "transactional": True}},
        {"type": "send_email", "settings": {**mail, "body": "{{ 1 / 0 }}", "transactional": True}},
        # Nobody listens there.
        {"type": "webhook", "settings": {"url": f"http://127.0.0.1:{port}/{{{{ event.params.note }}}}"}},
        {"type": "webhook", "settings": {"url": "http://{{ event.params.note }}.invalid/", "body": {"a": 1}}},
        {"type": "update_profile", "settings": {"set": {"seen": "{{ event.params.note }}"}}},
    ]
    return [
        {"name": f"J{number}", "nodes": [start, {**node, "id": "do", "outlets": {"next": "end"}}, end]}
        for number, node in enumerate(nodes)
    ]


def send_everything(client: httpx2.Client) -> None:
    """What a server is told and asked, right and wrong, all of it about one customer."""
    person = {"custom_id": MARK, "email": EMAIL}
    params = {"note": MARK, MARK: {"deep": [MARK]}}
    change = {"profile": person, "attributes": {"name": MARK}, "tags": {"add": [MARK]}}
    assert client.post("/profiles", json=change).status_code == 200
    event = {"id": f"{MARK}-1", "profile": person, "action": "order.placed", "params": params}
    assert client.post("/events", json=event).status_code == 200
    client.post("/events", json=event)
    client.post("/events", json={**event, "profile": {"email": f"{MARK} no address"}, "action": "automation.x"})
    client.post("/events", content=f'{{"profile": "{MARK}'.encode())
    client.post("/events", json={"profile": {"custom_id": "other", "email": EMAIL}, "action": "b"})
    for path in ("", "/activity"):
        assert client.get(f"/profiles/email:{EMAIL}{path}").status_code == 200
        client.get(f"/profiles/uuid:{MARK}{path}")
    client.get(f"/{MARK}")
    client.get("/profiles", params={"email": EMAIL, MARK: MARK})
    client.post("/query", json={"type": MARK})
    where = {"param": "note", "op": "equal", "value": MARK}
    funnel = {"type": "funnel", "steps": [{"action": "order.placed", "where": where}], "from": MARK}
    client.post("/query", json=funnel)
    client.post("/events", headers={"Authorization": f"Bearer {MARK}"}, json=event)
    client.post("/events", headers={"X-Request-ID": f"{MARK} {MARK}"}, json=event)
    client.post("/workspaces", headers={"Milepost-Owner": MARK}, json={})
    client.post("/session", json={"email": EMAIL, "password": MARK})


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Json]]:
    """The lines of a server that was busy with one customer, from its start to its stop."""
    folder: pathlib.Path = tmp_path_factory.mktemp("log")
    settings = {
        "allow_private_networks": "true", "smtp_host": "127.0.0.1", "smtp_security": "none", "log_format": "json",
        "log_level": "debug",
    }  # fmt: skip
    with smtp_server(Refusing()) as port, machine(folder / "log", smtp_port=str(port), **settings) as place:
        server = place.fork(folder / "data")
        server.until_ready()
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx2.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=30) as client:
            for definition in journeys(port=1):
                id = client.post("/journeys", json=definition).json()["id"]
                client.post(f"/journeys/{id}/activate")
            send_everything(client)

            def attempted() -> bool:
                effects = client.get("/effects").json()["effects"]
                return len(effects) >= 4 and not left_to_do(folder / "data")["batches"]

            until(attempted, "everything was tried")
            until(lambda: place.log.read_text().count("attempt ended") >= 4, "all attempts have ended")
        server.stop()
        text = place.log.read_text(encoding="utf-8")
    lines = text.splitlines()
    yield [json.loads(line) for line in lines if line.startswith("{")]
    assert not [line for line in lines if line.startswith(("Traceback", "  File"))]


def test_nothing_about_the_customer_is_in_any_line(log: list[Json]) -> None:
    assert [line for line in log if MARK in json.dumps(line)] == []


def test_the_log_says_what_happened(log: list[Json]) -> None:
    said = {line["event"] for line in log}
    assert {"server started", "server stopped", "request", "batch committed", "batches handed over"} <= said
    assert {line["level"] for line in log} >= {"debug", "info", "warning"}
    assert all(line["time"].endswith("Z") for line in log)


def test_what_concerns_a_run_names_it(log: list[Json]) -> None:
    attempts = [line for line in log if line["event"] == "attempt ended"]
    assert {line["channel"] for line in attempts} == {"email", "webhook"}
    assert all(line["run"] and line["intent"].startswith(line["run"]) for line in attempts)
    assert {line["outcome"] for line in attempts} & {"failed", "retry"}
    assert all(line["reason"] for line in attempts if line["outcome"] != "sent")


def test_every_request_has_a_name_and_a_route_without_values(log: list[Json]) -> None:
    requests = [line for line in log if line["event"] == "request"]
    assert all(line["request"] for line in requests)
    assert {"/api/v1/profiles/{profile}/activity", "/api/v1/events", "other"} <= {line["route"] for line in requests}
