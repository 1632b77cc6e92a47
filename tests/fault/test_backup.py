"""A backup taken under load comes back as a folder that goes on exactly (ARCH-2, recipes 4).

The same load as in `test_kill`: what is restored is given all of it again, and must come to the result of a server that
was never disturbed. Whatever was in before the backup is a repetition then, and the rest is new.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections import Counter
from typing import Any, Final

import httpx2
import pytest

from tests.fault.receivers import Receivers
from tests.fault.servers import KEY, Machine, free_port, inspect, left_to_do, until
from tests.fault.test_kill import (  # noqa: F401 - fixtures
    Load,
    Outcome,
    copy,
    drain,
    place,
    prepared,
    receivers,
    undisturbed,
)

pytestmark = pytest.mark.slow

FEW: Final = {"profile": {"custom_id": "a"}, "action": "b"}


def milepost(*arguments: str | pathlib.Path, status: int = 0) -> str:
    """What a command says, which ends with this status."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "200"}
    ended = subprocess.run(
        [sys.executable, "-m", "milepost", *map(str, arguments)], env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == status, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    return " ".join((ended.stdout + ended.stderr).split())


def told(outcome: Outcome) -> list[tuple[Any, ...]]:
    """Every move, without its time."""
    return sorted(
        (row["profile"], row["run"], params["pathId"], params["step"], row["action"], row["node"],
         params.get("outlet", ""), params.get("reason", ""), row["id"], row["tracked"])
        for row in outcome.moves
        for params in [row["params"]]
    )  # fmt: skip


def test_what_was_backed_up_under_load_goes_on_exactly(
    place: Machine,  # noqa: F811
    prepared: pathlib.Path,  # noqa: F811
    undisturbed: Outcome,  # noqa: F811
    receivers: Receivers,  # noqa: F811
) -> None:
    receivers.forget()
    busy, backup = copy(prepared, "busy"), prepared.parent / "orders.tar"
    server = place.fork(busy)
    server.until_ready()
    load = Load(server.url)
    load.let(load.size // 2)
    until(lambda: load.acknowledged and left_to_do(busy)["runs"], "the server has something in hand")
    milepost("backup", backup, "--data", busy)
    # It goes on as if nothing had been.
    drain(load, server, busy)
    assert told(Outcome(load, inspect(busy), receivers)) == told(undisturbed)

    folder = prepared.parent / "restored"
    milepost("restore", backup, "--data", folder)
    shutil.rmtree(busy)
    halfway = inspect(folder)
    assert 0 < len(halfway["activity"]) < len(undisturbed.events), "the backup was not taken in the middle"
    moves = {row["id"] for row in halfway["activity"] if row["action"].startswith("automation.")}
    assert moves < {row["id"] for row in undisturbed.moves}

    receivers.forget()
    server = place.fork(folder)
    server.until_ready()
    again = Load(server.url)
    drain(again, server, folder)
    outcome = Outcome(again, inspect(folder), receivers)
    assert told(outcome) == told(undisturbed)
    assert outcome.found["statistics"] == undisturbed.found["statistics"]
    assert outcome.found["attributes"] == undisturbed.found["attributes"]
    assert outcome.found["copies"] == outcome.found["keys"]
    assert outcome.states.keys() == undisturbed.states.keys()
    assert Counter(outcome.found["datapoints"]) == Counter(row["id"] for row in outcome.events if row["tracked"])


@pytest.fixture
def small(place: Machine, tmp_path: pathlib.Path) -> pathlib.Path:  # noqa: F811
    """A folder with one event, owned by nobody, all of it handed over long ago."""
    data = tmp_path / "data"
    server = place.fork(data)
    server.until_ready()
    headers = {"Authorization": f"Bearer {KEY}"}
    assert httpx2.post(f"{server.url}/api/v1/events", json=FEW, headers=headers).status_code == 200
    until(lambda: not any(left_to_do(data).values()), "the event is on the card")
    server.stop()
    with contextlib.closing(sqlite3.connect(data / "state.sqlite", isolation_level=None)) as connection:
        connection.execute("DELETE FROM batches")
    return data


def test_a_folder_without_a_server_is_backed_up_and_holds_all_events(
    small: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    milepost("backup", tmp_path / "b.tar", "--data", small)
    milepost("restore", tmp_path / "b.tar", "--data", tmp_path / "restored")
    before, after = inspect(small), inspect(tmp_path / "restored")
    assert [row["action"] for row in after["activity"]] == ["b"]
    assert after == before
    # A backup of what was restored is as good.
    milepost("backup", tmp_path / "c", "--data", tmp_path / "restored")
    milepost("restore", tmp_path / "c", "--data", tmp_path / "once-more")
    assert inspect(tmp_path / "once-more") == before


def test_a_restore_overwrites_nothing_and_leaves_nothing(
    place: Machine,  # noqa: F811
    small: pathlib.Path,
    tmp_path: pathlib.Path,
) -> None:
    backup = tmp_path / "b.tar"
    milepost("backup", backup, "--data", small)
    before = sorted(tmp_path.iterdir())
    assert "is not empty" in milepost("restore", backup, "--data", small, status=1)
    damaged = tmp_path / "damaged.tar"
    content = backup.read_bytes()
    for cut in (len(content) // 2, len(content) - 2_000):
        damaged.write_bytes(content[:cut])
        assert "not a whole backup" in milepost("restore", damaged, "--data", tmp_path / "new", status=2)
    damaged.unlink()
    assert sorted(tmp_path.iterdir()) == before

    server = place.serve(small, free_port())
    server.until_ready()
    said = milepost("restore", backup, "--data", small, status=1)
    assert f"process id {server.pid}" in said
    assert "is there already" in milepost("backup", backup, "--data", small, status=1)
    assert not (small / "backing-up").exists()
    server.stop()


def test_whoever_goes_away_in_the_middle_keeps_nobody_out(
    place: Machine,  # noqa: F811
    small: pathlib.Path,
    tmp_path: pathlib.Path,
) -> None:
    server = place.serve(small, free_port())
    server.until_ready()
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx2.stream("GET", f"{server.url}/api/v1/backup", headers=headers) as answer:
        next(answer.iter_raw())
    until(lambda: not (small / "backing-up").exists(), "the server has let go")
    milepost("backup", tmp_path / "b.tar", "--data", small)
    with tarfile.open(tmp_path / "b.tar") as archive:
        names = archive.getnames()
    assert names[0] == "backup.json"
    assert any(name.startswith("events/activity/") for name in names)
    server.stop()
    # Nothing is left of what was frozen, here or there.
    assert not list((small / "events" / "chdb" / "shadow").glob("milepost*"))


def test_a_backup_of_nothing_leaves_no_file(tmp_path: pathlib.Path) -> None:
    assert "There is no state" in milepost("backup", tmp_path / "c.tar", "--data", tmp_path / "nowhere", status=1)
    assert list(tmp_path.iterdir()) == []
