"""A data folder has one owner, who can be told and who ends in an orderly way (ARCH-2)."""

from __future__ import annotations

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest

from milepost.errors import FolderInUse, StorageUnavailable
from milepost.stores.folder import DataFolder, Owner, owner_of
from tests.fault.servers import KEY, Machine, Process, free_port, left_to_do, machine, until
from tests.unit.delivery.servers import raw_server

ME: Final = Owner(os.getpid(), "http://127.0.0.1:8420", "token")
SOON: Final = 5.0
"""Seconds that a stop may take: requests that hang have one, deliveries two."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine(tmp_path_factory.mktemp("owner") / "log", allow_private_networks="true") as made:
        yield made


def client(server: Process) -> httpx2.Client:
    return httpx2.Client(base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {KEY}"})


# --- the lock --------------------------------------------------------------------------------------------------------


def test_the_lock_names_its_owner_as_long_as_he_is_there(tmp_path: pathlib.Path) -> None:
    assert owner_of(tmp_path) is None
    folder = DataFolder(tmp_path, ME)
    assert owner_of(tmp_path) == ME
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FolderInUse, match=f"process id {ME.pid} at {ME.url} owns the data folder"):
        DataFolder(tmp_path, ME._replace(pid=1))
    assert owner_of(tmp_path) == ME
    folder.close()
    assert owner_of(tmp_path) is None
    DataFolder(tmp_path, ME).close()


def test_whoever_only_asks_for_the_owner_keeps_nobody_out(tmp_path: pathlib.Path) -> None:
    DataFolder(tmp_path, ME).close()
    asking = threading.Event()

    def ask() -> None:
        while not asking.is_set():
            owner_of(tmp_path)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(50):
            DataFolder(tmp_path, ME).close()
    finally:
        asking.set()
        for asker in askers:
            asker.join()


def test_a_place_where_no_folder_can_be(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable, match="cannot be used"):
        DataFolder(tmp_path / "file" / "data", ME)


# --- servers ---------------------------------------------------------------------------------------------------------


def test_a_second_server_refuses_and_says_who_the_first_is(place: Machine, tmp_path: pathlib.Path) -> None:
    data = tmp_path / "data"
    first = place.fork(data)
    first.until_ready()
    said = tmp_path / "said"
    with said.open("wb") as log:
        second = place.serve(data, free_port(), log)
        assert second.wait() not in {0, None}
    message = " ".join(said.read_text(encoding="utf-8").split())
    assert f"The server with process id {first.pid} at {first.url} owns the data folder" in message
    assert "Traceback" not in message
    assert first.ready()
    with client(first) as speaking:
        assert speaking.post("/events", json={"profile": {"custom_id": "a"}, "action": "b"}).status_code == 200
    owner = owner_of(data)
    assert owner is not None
    assert (owner.pid, owner.url) == (first.pid, first.url)


def test_a_lock_that_a_killed_server_has_left_keeps_nobody_out(place: Machine, tmp_path: pathlib.Path) -> None:
    data = tmp_path / "data"
    server = place.fork(data)
    server.until_ready()
    server.kill()
    assert str(server.pid) in (data / "lock").read_text(encoding="utf-8")
    assert owner_of(data) is None
    place.fork(data).until_ready()


# --- the end ---------------------------------------------------------------------------------------------------------


def is_closed(data: pathlib.Path) -> bool:
    """Whether the last owner has closed what he had opened: SQLite then leaves one file."""
    return not (data / "lock").read_bytes() and not list(data.glob("state.sqlite-*"))


def test_a_stop_under_load_keeps_what_was_acknowledged(place: Machine, tmp_path: pathlib.Path) -> None:
    data = tmp_path / "data"
    server = place.fork(data)
    server.until_ready()
    acknowledged: list[str] = []
    ended = threading.Event()

    def send() -> None:
        with client(server) as speaking, contextlib.suppress(httpx2.TransportError):
            for number in range(1_000):
                events = [
                    {"id": f"{number}-{item}", "profile": {"custom_id": f"c{item}"}, "action": "a"}
                    for item in range(500)
                ]
                answer = speaking.post("/events", json=events)
                if answer.status_code != 200:
                    break
                acknowledged.extend(item["id"] for item in answer.json()["items"])
        ended.set()

    sender = threading.Thread(target=send)
    sender.start()
    until(lambda: len(acknowledged) >= 3_000, "some events are in")
    assert server.stop() < SOON
    sender.join()
    assert ended.is_set()
    assert is_closed(data)

    again = place.fork(data)
    again.until_ready()
    until(lambda: not any(left_to_do(data).values()), "all is on the card")
    with client(again) as speaking:
        for customer in (0, 499):
            stored: set[str] = set()
            page: dict[str, Any] = {"limit": 1_000}
            answer = speaking.get(f"/profiles/custom_id:c{customer}/activity", params=page).json()
            stored.update(event["id"] for event in answer["events"])
            assert {id for id in acknowledged if id.endswith(f"-{customer}")} <= stored


@pytest.mark.slow
def test_a_delivery_that_hangs_does_not_hold_up_a_stop(place: Machine, tmp_path: pathlib.Path) -> None:  # D-7
    data = tmp_path / "data"
    called = threading.Semaphore(0)

    def hang(connection: socket.socket) -> None:
        connection.recv(65_536)
        called.release()
        # Until the other side has gone.
        connection.recv(65_536)

    with raw_server(hang) as port:
        journey = {
            "name": "Calls",
            "nodes": [
                {"id": "start", "type": "profile_event", "settings": {"action": "a"}, "outlets": {"next": "call"}},
                {"id": "call", "type": "webhook", "settings": {"url": f"http://127.0.0.1:{port}/"},
                 "outlets": {"next": "end"}},
                {"id": "end", "type": "end"},
            ],
        }  # fmt: skip
        server = place.fork(data)
        server.until_ready()
        with client(server) as speaking:
            id = speaking.post("/journeys", json=journey).json()["id"]
            assert speaking.post(f"/journeys/{id}/activate").status_code == 200
            events = [{"profile": {"custom_id": f"c{number}"}, "action": "a"} for number in range(50)]
            assert speaking.post("/events", json=events).status_code == 200
        for _ in range(8):
            assert called.acquire(timeout=60)
        assert server.stop() < SOON
        assert is_closed(data)
        assert not called.acquire(blocking=False), "the stop went on with the rest of the outbox"

        again = place.fork(data)
        again.until_ready()
        for _ in range(8):
            assert called.acquire(timeout=60)
        with client(again) as speaking:
            states = speaking.get("/effects/report").json()["states"]
            assert {state: number for state, number in states.items() if number} == {
                "uncertain": 8, "sending": 8, "pending": 34
            }  # fmt: skip


@pytest.mark.slow
def test_a_request_that_hangs_does_not_hold_up_a_stop(place: Machine, tmp_path: pathlib.Path) -> None:
    data = tmp_path / "data"
    server = place.fork(data)
    server.until_ready()
    with socket.create_connection(("127.0.0.1", place.port)) as connection:
        head = f"POST /api/v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 9\r\n\r\n"
        connection.sendall(head.encode())
        # It has been read by the time at which a later request is answered.
        assert server.ready()
        assert server.stop() < SOON
    assert is_closed(data)


def test_a_port_that_is_taken_leaves_no_folder_behind(tmp_path: pathlib.Path) -> None:
    """Its API key would have been shown to nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        data = tmp_path / "data"
        command = [sys.executable, "-m", "milepost", "serve", "--no-demo", "--data", str(data), "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr
    assert not data.exists()
