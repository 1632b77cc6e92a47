"""An operator stops a server that has its hands full: within five seconds, and nothing is lost or left half done."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest

from tests.fault.servers import KEY, Machine, inspect, left_to_do, machine, until
from tests.unit.delivery.servers import raw_server

pytestmark = pytest.mark.slow

LIMIT: Final = 5.0
"""Seconds that a stop may take."""
CLIENTS: Final = 3
AT_ONCE: Final = 1_000


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Iterator[Machine]:
    with machine(tmp_path / "log", allow_private_networks="true") as made:
        yield made


def journey(port: int) -> dict[str, Any]:
    """Five moves for everybody; who is called by a web server that does not answer waits in the outbox."""
    nodes = [
        {"id": "start", "type": "profile_event", "settings": {"action": "a"}, "outlets": {"next": "filter"}},
        {"id": "filter", "type": "profile_filter", "outlets": {"matched": "call", "not_matched": "test"},
         "settings": {"where": {"param": "number", "op": "less", "value": 10}}},
        {"id": "call", "type": "webhook", "settings": {"url": f"http://127.0.0.1:{port}/"},
         "outlets": {"next": "test"}},
        {"id": "test", "type": "ab_test", "outlets": {"a": "tag", "b": "tag"}},
        {"id": "tag", "type": "update_profile", "settings": {"add_tags": ["seen"]}, "outlets": {"next": "end"}},
        {"id": "end", "type": "end"},
    ]  # fmt: skip
    return {"name": "Busy", "nodes": nodes}


def test_a_server_with_its_hands_full_stops_in_time_and_goes_on_exactly(place: Machine, tmp_path: pathlib.Path) -> None:
    data = tmp_path / "data"
    ended, called = threading.Event(), threading.Semaphore(0)

    def hang(connection: socket.socket) -> None:
        connection.recv(65_536)
        called.release()
        connection.recv(65_536)

    with raw_server(hang) as port:
        server = place.fork(data)
        server.until_ready()
        headers = {"Authorization": f"Bearer {KEY}"}
        acknowledged: list[str] = []

        def send(client: int) -> None:
            with (
                httpx2.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=30) as speaking,
                contextlib.suppress(httpx2.TransportError),
            ):
                for number in range(10_000):
                    events = [
                        {"id": f"{client}-{number}-{item}", "profile": {"custom_id": f"c{client}-{number}-{item}"},
                         "action": "a", "params": {"number": number}}
                        for item in range(AT_ONCE)
                    ]  # fmt: skip
                    answer = speaking.post("/events", json=events)
                    if ended.is_set() or answer.status_code != 200:
                        return
                    acknowledged.extend(item["id"] for item in answer.json()["items"])

        with httpx2.Client(base_url=f"{server.url}/api/v1", headers=headers) as speaking:
            id = speaking.post("/journeys", json=journey(port)).json()["id"]
            assert speaking.post(f"/journeys/{id}/activate").status_code == 200
        senders = [threading.Thread(target=send, args=(client,)) for client in range(CLIENTS)]
        for sender in senders:
            sender.start()
        until(lambda: len(acknowledged) >= 20_000, "much is in")
        assert called.acquire(timeout=60)
        with socket.create_connection(("127.0.0.1", place.port)) as half:
            # A request that never ends, besides deliveries that never do.
            head = f"POST /api/v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 9"
            half.sendall(f"{head}\r\n\r\n".encode())
            assert server.ready()
            assert left_to_do(data)["batches"] + left_to_do(data)["inputs"] > 0, "the server has nothing in hand"
            assert server.stop() < LIMIT
        ended.set()
        for sender in senders:
            sender.join()
    assert not (data / "lock").read_bytes()
    assert not list(data.glob("state.sqlite-*"))

    again = place.fork(data)
    again.until_ready()
    until(lambda: not {**left_to_do(data), "intents": 0}["batches"] and not left_to_do(data)["inputs"], "all is taken")
    again.stop()
    found = inspect(data)
    events = Counter(row["id"] for row in found["activity"])
    assert set(acknowledged) <= events.keys()
    assert set(events.values()) == {1}
    (statistics,) = found["statistics"].values()
    assert {node["drift"] for node in statistics["nodes"].values()} == {0}
    assert statistics["journey"]["finished"] == statistics["nodes"]["start"]["entered"] >= len(acknowledged)
