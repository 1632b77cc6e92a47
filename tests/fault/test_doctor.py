"""`milepost doctor` on real folders that something happened to, and what servers do on them: refuse, lose nothing."""

from __future__ import annotations

import contextlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.fault.servers import KEY, Machine, Process, inspect, left_to_do, machine, until
from tests.fault.test_backup import milepost

pytestmark = pytest.mark.slow

JOURNEY: dict[str, Any] = {
    "name": "Short",
    "nodes": [
        {"id": "start", "type": "profile_event", "settings": {"action": "a"}, "outlets": {"next": "wait"}},
        {"id": "wait", "type": "event_filter", "settings": {"action": "b"}, "outlets": {"matched": "end"}},
        {"id": "end", "type": "end"},
    ],
}
CHDB = """
import pathlib, sys
from milepost.stores.clickhouse.chdb import Chdb
driver = Chdb(pathlib.Path(sys.argv[1]) / "events")
driver.command(sys.argv[2])
driver.close()
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine(tmp_path_factory.mktemp("doctor") / "log") as made:
        yield made


def client(server: Process) -> httpx2.Client:
    return httpx2.Client(base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {KEY}"})


@pytest.fixture(scope="module")
def sound(place: Machine) -> pathlib.Path:
    """A folder in which a thousand have ended and a thousand wait; owned by nobody, all of it handed over."""
    data = place.log.parent / "sound"
    server = place.fork(data)
    server.until_ready()
    with client(server) as speaking:
        id = speaking.post("/journeys", json=JOURNEY).json()["id"]
        assert speaking.post(f"/journeys/{id}/activate").status_code == 200
        for first in range(0, 2_000, 1_000):
            for action in ("a", "b") if first else ("a",):
                events = [
                    {"profile": {"custom_id": f"c{number}"}, "action": action, "params": {"text": "x" * 50}}
                    for number in range(first, first + 1_000)
                ]
                assert speaking.post("/events", json=events).status_code == 200
        # While it works, too, everything agrees.
        assert "WRONG" not in milepost("doctor", "--data", data)
    until(lambda: not left_to_do(data)["batches"] and not left_to_do(data)["inputs"], "all is on the card")
    server.stop()
    state(data, "DELETE FROM batches")
    return data


@pytest.fixture
def folder(sound: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(sound, tmp_path / "data", symlinks=True))


def state(folder: pathlib.Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / "state.sqlite", isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount > 0


def events(folder: pathlib.Path, statement: str) -> None:
    subprocess.run([sys.executable, "-c", CHDB, folder, f"{statement} SETTINGS mutations_sync = 2"], check=True)


def contents(folder: pathlib.Path) -> dict[str, Any]:
    """What a folder holds; rows of the event store come in any order."""
    found = inspect(folder)
    return {**found, "activity": sorted(found["activity"], key=lambda row: row["position"]),
            "datapoints": sorted(found["datapoints"])}  # fmt: skip


def wrong(folder: pathlib.Path) -> dict[str, str]:
    """What is wrong, by check, as a program reads it."""
    report = json.loads(milepost("doctor", "--data", folder, "--json", status=1))
    assert report["ok"] is False
    return {
        check["name"]: " ".join(f"{where}: {text}" for where, text in check["findings"])
        for check in report["checks"]
        if check["findings"]
    }


def test_a_sound_folder_is_told_so(folder: pathlib.Path) -> None:
    before = contents(folder)
    assert "WRONG" not in milepost("doctor", "--data", folder)
    report = json.loads(milepost("doctor", "--data", folder, "--json"))
    assert report["ok"] is True
    assert len(report["checks"]) == 11
    assert [check["findings"] for check in report["checks"] if check["findings"]] == []
    assert contents(folder) == before


def test_a_deleted_move_a_doubled_counter_and_a_lost_run_are_found_and_named(folder: pathlib.Path) -> None:
    events(folder, "ALTER TABLE activity DELETE WHERE node = 'end' AND profile % 1000 = 7")
    state(folder, "UPDATE counters SET value = value * 2 WHERE node = 'start' AND kind = 'entered'")
    state(folder, "DELETE FROM runs WHERE key = (SELECT min(key) FROM runs)")
    found = wrong(folder)
    assert set(found) == {"conservation"}
    text = found["conservation"]
    assert "node start: entered: the counter says 4,000, the log of moves 2,000" in text
    assert "node start: entered + opened is off by +2,000" in text
    assert "node end: finished: the counter says 1,000, the log of moves 999" in text
    assert "node wait: left by matched: the counter says 1,000, the log of moves 999" in text
    assert "node wait: waiting: the counter says 1,000, and 999 paths stand there" in text
    assert "the counters say that 1,000 runs are going, and there are 999" in text


def test_a_damaged_page_is_found_and_refused_by_everyone(
    place: Machine, folder: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    file = folder / "state.sqlite"
    content = bytearray(file.read_bytes())
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'runs'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(content)
    assert "state file" in wrong(folder)
    # A server on it answers what it can, says what is wrong, and does not make it worse.
    server = place.fork(folder)
    server.until_ready()
    event = {"id": "late", "profile": {"custom_id": "c1"}, "action": "b"}
    with client(server) as speaking:
        assert speaking.post("/events", json=event).status_code == 200
        until(lambda: "damaged" in httpx2.get(f"{server.url}/health/ready").text, "the server says what is wrong")
        assert speaking.post("/events", json=event).json()["duplicates"] == 1
    server.stop()
    # A backup of it may be made, but does not become a data folder.
    milepost("backup", tmp_path / "b.tar", "--data", folder)
    assert "damaged" in milepost("restore", tmp_path / "b.tar", "--data", tmp_path / "new", status=1)
    assert not (tmp_path / "new").exists()


def test_a_damaged_part_is_found(folder: pathlib.Path) -> None:
    part = max((folder / "events" / "chdb" / "store").rglob("data.bin"), key=lambda path: path.stat().st_size)
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 0xFF
    part.write_bytes(content)
    assert "is damaged: Code: 40. DB::Exception: Checksum mismatch" in wrong(folder)["events file"]


def test_data_of_a_newer_version_is_found_refused_and_left_as_it_is(
    place: Machine, folder: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    state(folder, "UPDATE alembic_version SET version_num = '9999'")
    before = (folder / "state.sqlite").read_bytes()
    assert "a newer Milepost has written it: schema 9999" in wrong(folder)["schema"]
    with (tmp_path / "said").open("wb") as log:
        assert place.serve(folder, log=log).wait() == 1
    said = " ".join((tmp_path / "said").read_text(encoding="utf-8").split())
    assert "schema 9999; this Milepost knows schemas up to" in said
    assert "Traceback" not in said
    assert (folder / "state.sqlite").read_bytes() == before
    milepost("backup", tmp_path / "b.tar", "--data", folder)
    assert "The backup was made by Milepost" in milepost(
        "restore", tmp_path / "b.tar", "--data", tmp_path / "new", status=1
    )


def test_a_missing_event_store_is_found_and_refused(
    place: Machine, folder: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    shutil.move(folder / "events", tmp_path / "events")
    assert "There is no event store" in milepost("doctor", "--data", folder, status=1)
    with (tmp_path / "said").open("wb") as log:
        assert place.serve(folder, log=log).wait() == 1
    said = " ".join((tmp_path / "said").read_text(encoding="utf-8").split())
    assert "The event store of this state is missing" in said
    assert "Traceback" not in said
    # Nothing was made in its place, so it can be put back, and everything goes on.
    shutil.move(tmp_path / "events", folder / "events")
    assert "WRONG" not in milepost("doctor", "--data", folder)


def test_a_folder_that_is_owned_is_examined_by_its_owner(place: Machine, folder: pathlib.Path) -> None:
    server = place.fork(folder)
    server.until_ready()
    with client(server) as speaking:
        report = speaking.get("/examination").json()
    assert [check["findings"] for check in report["checks"] if check["findings"]] == []
    assert "ok " in milepost("doctor", "--url", server.url, "--key", KEY)
    server.stop()
