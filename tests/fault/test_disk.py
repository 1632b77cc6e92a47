"""A disk that is full for a while: a clear refusal, nothing half-applied, and afterwards everything goes on (ARCH-2).

The same without a disk of its own, by a limit of SQLite's, is in `tests/acceptance/test_bad_input.py`.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest

from milepost.errors import StorageFull
from milepost.ports.state_store import RunRow
from milepost.stores.sqlite import SqliteStore
from tests.fault.servers import KEY, Process, inspect, left_to_do, machine, until

pytestmark = pytest.mark.slow

Json = dict[str, Any]
MB: Final = 1_000_000
DISK: Final = 96 * MB
BALLAST: Final = 56 * MB
"""What is deleted to make room again: more than the event store takes for a while when it merges all that it has."""
RESERVE: Final = 30 * MB
WAITING: Final = 200
"""Customers who are in the journey when the disk fills up."""
JOURNEY: Final[Json] = {
    "name": "Welcome",
    "nodes": [
        {"id": "start", "type": "profile_event", "settings": {"action": "signed.up"}, "outlets": {"next": "wait"}},
        {"id": "wait", "type": "delay", "settings": {"duration": {"value": 1, "unit": "second"}},
         "outlets": {"next": "mark"}},
        {"id": "mark", "type": "update_profile", "settings": {"increment": {"welcomed": 1}},
         "outlets": {"next": "end"}},
        {"id": "end", "type": "end"},
    ],
}  # fmt: skip


@pytest.fixture
def disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A small disk with ballast on it."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "milepost-test", str(place)], capture_output=True, check=False
    ) if os.geteuid() == 0 else None  # fmt: skip
    if made is None or made.returncode:
        pytest.skip("a small disk can be made by root alone, and not in every container")
    (place / "ballast").write_bytes(bytes(BALLAST))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def client(server: Process) -> httpx2.Client:
    return httpx2.Client(
        base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {KEY}"}, timeout=60
    )  # fmt: skip


def request(number: int, *, size: int = 900, count: int = 400) -> list[Json]:
    """Events that take room: their text cannot be compressed."""
    return [
        {
            "id": f"{number}-{item}", "profile": {"custom_id": f"c{item}"}, "action": "page.visit",
            "params": {"text": os.urandom(size // 2).hex()},
        }
        for item in range(count)
    ]  # fmt: skip


def begin(speaking: httpx2.Client) -> None:
    """Customers set off on the journey."""
    id = speaking.post("/journeys", json=JOURNEY).json()["id"]
    assert speaking.post(f"/journeys/{id}/activate").status_code == 200
    events = [{"id": f"s{n}", "profile": {"custom_id": f"c{n}"}, "action": "signed.up"} for n in range(WAITING)]
    assert speaking.post("/events", json=events).status_code == 200


def fill(speaking: httpx2.Client) -> tuple[set[str], list[Json]]:
    """Send until a request is refused because the disk is full: the ids acknowledged, and the request refused."""
    acknowledged = {f"s{n}" for n in range(WAITING)}
    for number in range(1_000):
        events = request(number)
        answer = speaking.post("/events", json=events)
        if answer.status_code != 200:
            assert answer.status_code == 507, answer.text
            error = answer.json()["error"]
            assert error["code"] == "storage_full"
            assert "disk" in error["message"]
            assert error["fix"]
            return acknowledged, events
        acknowledged.update(item["id"] for item in answer.json()["items"])
    raise AssertionError("the disk is never full")


def stored(speaking: httpx2.Client, events: list[Json]) -> Json | None:
    """The answer to a request that is taken, None to one that is refused for want of room."""
    answer = speaking.post("/events", json=events)
    assert answer.status_code in {200, 507}, answer.text
    return answer.json() if answer.status_code == 200 else None


def check(data: pathlib.Path, acknowledged: set[str]) -> None:
    """Everything acknowledged is on the card and among the datapoints once, nothing else is; nobody was lost."""
    found = inspect(data)
    sent = Counter(row["id"] for row in found["activity"] if row["source"] == "api")
    assert sent == Counter(acknowledged)
    assert Counter(found["datapoints"]) == Counter(row["id"] for row in found["activity"] if row["tracked"])
    (statistics,) = found["statistics"].values()
    assert statistics["journey"] == {"started": WAITING, "in_progress": 0, "finished": WAITING, "exited": {}}
    assert all(node["drift"] == 0 for node in statistics["nodes"].values())
    assert [found["attributes"][f"c{n}"].get("welcomed") for n in range(WAITING)] == [1] * WAITING
    assert found["dead_letters"] == []


def test_a_full_disk_refuses_whole_requests_and_nothing_is_lost(disk: pathlib.Path, tmp_path: pathlib.Path) -> None:
    data = disk / "data"
    with machine(tmp_path / "log", disk_reserve="0") as place:
        server = place.fork(data)
        server.until_ready()
        with client(server) as speaking:
            begin(speaking)
            acknowledged, refused = fill(speaking)
            # What is small may still find room; whatever is refused is refused as a whole.
            for number in range(1_000, 1_010):
                events = request(number, count=20)
                if stored(speaking, events):
                    acknowledged.update(event["id"] for event in events)
            (disk / "ballast").unlink()
            until(server.ready, "the server has recovered")
            answer = until(lambda: stored(speaking, refused), "what was refused is taken")
            assert answer["duplicates"] == 0, "a part of what was refused had been stored"
            acknowledged.update(event["id"] for event in refused)
            until(lambda: not any(left_to_do(data).values()), "everything has drained")
        server.stop()
        check(data, acknowledged)


def test_a_server_killed_on_a_full_disk_recovers(disk: pathlib.Path, tmp_path: pathlib.Path) -> None:
    data = disk / "data"
    with machine(tmp_path / "log", disk_reserve="0") as place:
        server = place.fork(data)
        server.until_ready()
        with client(server) as speaking:
            begin(speaking)
            acknowledged, _ = fill(speaking)
        server.kill()
        (disk / "ballast").unlink()
        again = place.fork(data)
        again.until_ready()
        until(lambda: not any(left_to_do(data).values()), "everything has drained")
        again.stop()
        check(data, acknowledged)


def test_the_reserve_refuses_before_a_store_fails(disk: pathlib.Path, tmp_path: pathlib.Path) -> None:
    data = disk / "data"
    with machine(tmp_path / "log", disk_reserve=str(RESERVE)) as place:
        server = place.fork(data)
        server.until_ready()
        with client(server) as speaking:
            begin(speaking)
            acknowledged, _ = fill(speaking)
            # The event store may give space back at any moment, by merging parts: then the next ones go in again.
            error = None
            for number in range(2_000, 4_000):
                answer = speaking.post("/events", json=request(number, count=1)).json()
                if "error" in answer:
                    error = answer["error"]
                    break
                acknowledged.add(f"{number}-0")
            assert error is not None
            assert "are kept in reserve" in error["message"]
            # What was acknowledged goes its way all the same: that is what the reserve is for.
            until(lambda: not any(left_to_do(data).values()), "everything has drained")
            assert server.ready()
            (disk / "ballast").unlink()
            assert stored(speaking, request(5_000, count=1))
            acknowledged.add("5000-0")
            until(lambda: not any(left_to_do(data).values()), "everything has drained")
        server.stop()
        assert "storage_full" in place.log.read_text(encoding="utf-8")
        assert "goes on after an error" not in place.log.read_text(encoding="utf-8")
        check(data, acknowledged)


def test_a_disk_filled_by_the_log_of_the_state_store_has_a_way_out(disk: pathlib.Path) -> None:
    """Pages that are written over and over are in the log many times, in the file once."""
    path = disk / "state.sqlite"
    with contextlib.closing(SqliteStore(path)) as store, store.writing() as tx:
        tx.put_runs(runs())
    # What is left is less than the log takes before it is copied back of its own accord.
    (disk / "more").write_bytes(bytes(DISK - BALLAST - 20 * MB))
    full = 0
    with contextlib.closing(SqliteStore(path)) as store:
        for _ in range(500):
            written = runs()
            try:
                with store.writing() as tx:
                    tx.put_runs(written)
            except StorageFull:
                full += 1
                with store.writing() as tx:
                    tx.put_runs(written)
            with store.reading() as tx:
                assert tx.runs_of_journey(1, limit=20) == written
    assert full


def runs() -> list[RunRow]:
    return [RunRow(key, 1, 1, key, None, os.urandom(4_000)) for key in range(1, 21)]
