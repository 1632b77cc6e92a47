"""A server whose state is kept in PostgreSQL, by configuration alone: killed, cut off, and with the wrong folder."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, Final

import httpx2
import psycopg
import pytest

from milepost.runtime.lease import Lease
from milepost.stores.postgresql import PostgresqlStore
from tests.fault.servers import KEY, Machine, Process, machine, until
from tests.postgresql import Server

pytestmark = pytest.mark.slow

Json = dict[str, Any]
PASSWORD: Final = "a-password-that-nobody-may-read"
CUSTOMERS: Final = 200
JOURNEY: Final[Json] = {
    "name": "Welcome",
    "nodes": [
        {"id": "n1", "type": "profile_event", "settings": {"action": "signup"}, "outlets": {"next": "n2"}},
        {
            "id": "n2", "type": "delay", "settings": {"duration": {"value": 1, "unit": "second"}},
            "outlets": {"next": "n3"},
        },
        {"id": "n3", "type": "end", "settings": {}, "outlets": {}},
    ],
}  # fmt: skip


@pytest.fixture
def address(postgresql: Server) -> str:
    return postgresql.create_database()


@pytest.fixture
def place(tmp_path: pathlib.Path, address: str) -> Iterator[Machine]:
    # The server asks for none; what is tried is whether ours tells it to anybody.
    given = address.replace("postgresql://", f"postgresql://milepost:{PASSWORD}@")
    with machine(tmp_path / "log", state_store=given) as made:
        yield made


def api(server: Process) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx2.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=30)


def send(client: httpx2.Client, first: int, last: int) -> int:
    """One event of each of these customers; answers with the status."""
    events = [
        {"action": "signup", "id": f"e{number}", "profile": {"custom_id": f"c{number}"}}
        for number in range(first, last)
    ]
    return client.post("/events", json=events).status_code


def finished(client: httpx2.Client, journey: str) -> int:
    """How many customers have come to the end."""
    nodes = client.get(f"/journeys/{journey}/statistics").raise_for_status().json()["nodes"]
    return sum(node["finished"] for node in nodes)


def cut_connections(address: str) -> None:
    with psycopg.connect(address) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_killed_and_cut_off_it_goes_on_and_everybody_arrives_once(
    place: Machine, address: str, tmp_path: pathlib.Path
) -> None:
    data = tmp_path / "data"
    server = place.serve(data)
    server.until_ready()
    with api(server) as client:
        journey = client.post("/journeys", json=JOURNEY).raise_for_status().json()["id"]
        client.post(f"/journeys/{journey}/activate").raise_for_status()
        assert send(client, 0, CUSTOMERS // 2) == 200
        cut_connections(address)
        until(lambda: send(client, 0, CUSTOMERS) == 200, "the server has new connections")
    server.kill()
    server = place.serve(data)
    server.until_ready()
    with api(server) as client:
        until(lambda: finished(client, journey) == CUSTOMERS, "everybody has arrived")
        cut_connections(address)
        until(server.ready, "the server has new connections")
        assert finished(client, journey) == CUSTOMERS
    server.stop()
    assert sorted(path.name for path in data.iterdir()) == ["events", "lock"]
    assert PASSWORD not in place.log.read_text()


def test_a_data_folder_with_events_of_another_state_is_refused(
    place: Machine, postgresql: Server, tmp_path: pathlib.Path
) -> None:
    data = tmp_path / "data"
    server = place.serve(data)
    server.until_ready()
    with api(server) as client:
        assert send(client, 0, 1) == 200
        until(lambda: client.get("/profiles/1/activity").json()["events"], "an event is on a card")
    server.stop()
    with machine(tmp_path / "other", state_store=postgresql.create_database()) as other:
        assert other.serve(data).wait() == 1
        assert "events of another state store" in " ".join(other.log.read_text().split())


def test_of_two_servers_on_one_database_one_works_and_a_dead_one_is_replaced(
    place: Machine, address: str, tmp_path: pathlib.Path
) -> None:
    server = place.serve(tmp_path / "data")
    server.until_ready()
    with machine(tmp_path / "other", state_store=address) as other:
        assert other.serve(tmp_path / "others-data").wait() == 1
        assert "Another server works with this state store" in other.log.read_text()
    assert server.ready()
    server.kill()
    server = place.serve(tmp_path / "data")
    server.until_ready()
    server.stop()
    with psycopg.connect(address) as connection:
        found: dict[str, int] = dict(
            connection.execute("SELECT name, value FROM numbers WHERE name IN ('epoch', 'lease')").fetchall()
        )
        assert found["epoch"] == 2
        now = connection.execute("SELECT extract(epoch FROM clock_timestamp()) * 1000").fetchone()
        assert now
        assert found["lease"] <= now[0], "whoever comes next need not wait"


def test_a_server_that_was_paused_until_another_took_over_writes_nothing_and_ends(
    place: Machine, address: str, tmp_path: pathlib.Path
) -> None:
    server = place.serve(tmp_path / "data")
    server.until_ready()
    with api(server) as client, contextlib.closing(PostgresqlStore(address)) as store:
        os.kill(server.pid, signal.SIGSTOP)
        lease = Lease(store)
        until(lease.take, "its lease is over")
        late = Late(client)
        os.kill(server.pid, signal.SIGCONT)
        assert server.wait() == 1
        assert "Another worker has taken over" in place.log.read_text()
        assert late.answer() != 200
        with store.reading() as tx:
            assert tx.known_ids(1, ["late"]) == set()
            assert tx.lease().epoch == lease.epoch == 2


class Late:
    """An event that is sent to a server while that stands still."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self._status: Future[int] = Future()
        threading.Thread(target=self._send, daemon=True).start()

    def answer(self) -> int:
        """The status; 0 when there was none."""
        return self._status.result(60)

    def _send(self) -> None:
        event = {"action": "signup", "id": "late", "profile": {"custom_id": "late"}}
        try:
            self._status.set_result(self._client.post("/events", json=[event]).status_code)
        except httpx2.TransportError:
            self._status.set_result(0)
