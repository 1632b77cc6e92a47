"""`milepost import events` with a server that imports by itself, and without any (D-2.10, ARCH-2)."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from milepost.cli import app as command
from milepost.cli import upload
from milepost.cli.connection import Connection
from tests.acceptance.served import serving
from tests.fault.servers import until

ROWS = 30_000
MAPPING = ("--map", "profile.custom_id=who", "--map", "action=what", "--map", "time=at")


def milepost(*arguments: str | pathlib.Path, status: int = 0) -> str:
    """What a command prints."""
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    made = tmp_path / "orders.csv"
    rows = "".join(f"c{number % 99},order.completed,2026-01-01T00:00:00Z\n" for number in range(ROWS))
    made.write_text(f"who,what,at\n{rows}nobody\n")
    return made


@pytest.fixture
def data(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "data"


@pytest.fixture
def server(data: pathlib.Path) -> Iterator[Connection]:
    with serving(data) as app, Connection(app.owner.url, {"Milepost-Owner": app.owner.token}) as connection:
        yield connection


def test_what_was_sent_before_is_not_sent_again(
    server: Connection, data: pathlib.Path, file: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = file.stat().st_size
    new = {
        "name": file.name, "size": size, "map": list(MAPPING[1::2]),
        "fingerprint": upload.fingerprint(file),
    }  # fmt: skip
    id = server.post("/imports", new)["id"]
    cut = size // 3
    server.send(f"/imports/{id}/file", file.read_bytes()[:cut], offset=0)
    sent: list[int] = []
    send = Connection.send

    def counted(self: Connection, path: str, piece: bytes, **query: int) -> object:
        sent.append(len(piece))
        return send(self, path, piece, **query)

    monkeypatch.setattr(Connection, "send", counted)
    monkeypatch.setattr(upload, "PIECE", 200_000)
    said = milepost("import", "events", file, *MAPPING, "--data", data)
    assert f"Going on with the import {id}." in said
    assert f"{ROWS:,} stored, 1 rejected" in said
    assert sum(sent) == size - cut
    assert len(sent) > 2
    assert "it has 1 cells" in (file.with_name("orders.csv.rejects.jsonl")).read_text()
    # The import has ended: the same command is another one.
    assert f"0 stored, {ROWS:,} were there before" in milepost("import", "events", file, *MAPPING, "--data", data)
    assert len(server.get("/imports")["imports"]) == 2


def test_a_file_that_has_changed_is_another_one(server: Connection, data: pathlib.Path, file: pathlib.Path) -> None:
    milepost("import", "events", file, *MAPPING, "--data", data)
    before = upload.fingerprint(file)
    os.utime(file, (1, 1))
    assert upload.fingerprint(file) != before
    new = {"name": file.name, "size": file.stat().st_size, "map": list(MAPPING[1::2]), "fingerprint": before}
    id = server.post("/imports", new)["id"]
    assert "Going on" not in milepost("import", "events", file, *MAPPING, "--data", data)
    assert server.get(f"/imports/{id}")["received"] == 0


def test_imports_are_listed_shown_followed_and_cancelled(
    server: Connection, data: pathlib.Path, file: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    id = server.post("/imports", {"name": file.name, "size": file.stat().st_size, "map": list(MAPPING[1::2])})["id"]
    server.send(f"/imports/{id}/file", file.read_bytes()[:1_000], offset=0)
    assert "uploading" in milepost("import", "show", id, "--data", data)
    assert "bytes of `orders.csv` have come in" in milepost("import", "show", id, "--follow", "--data", data, status=1)
    server.send(f"/imports/{id}/file", file.read_bytes()[1_000:], offset=1_000)
    rejects = tmp_path / "rejects.jsonl"
    said = milepost("import", "show", id, "--follow", "--rejects", rejects, "--data", data)
    assert f"{ROWS:,} stored, 1 rejected" in said
    assert len(rejects.read_text().splitlines()) == 1
    other = server.post("/imports", {"name": "other.csv", "size": 9})["id"]
    assert "other.csv is cancelled, with 0 events" in milepost("import", "cancel", other, "--data", data)
    listed = [line.split()[:4] for line in milepost("import", "list", "--data", data).splitlines()]
    assert listed[1:] == [[other, "other.csv", "cancelled", "0%"], [id, "orders.csv", "finished", "100%"]]
    assert "was cancelled" in milepost("import", "show", other, "--follow", "--data", data, status=1)
    assert "no import" in milepost("import", "show", "i-nothing", "--data", data, status=1)


def test_an_empty_file_is_not_sent(server: Connection, data: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "nothing.jsonl").touch()
    assert "is empty" in milepost("import", "events", tmp_path / "nothing.jsonl", "--data", data, status=2)
    assert server.get("/imports")["imports"] == []


def test_without_a_server_the_command_takes_the_folder_and_leaves_it(data: pathlib.Path, file: pathlib.Path) -> None:
    assert "No server is running" in milepost("import", "events", file, *MAPPING, "--data", data, status=1)
    assert not data.exists()
    with serving(data):
        pass
    assert f"{ROWS:,} stored, 1 rejected" in milepost("import", "events", file, *MAPPING, "--data", data)
    with serving(data) as app, Connection(app.owner.url, {"Milepost-Owner": app.owner.token}) as server:
        shown = until(
            lambda: server.get("/profiles/custom_id:c7/activity", limit=1_000)["events"], "the events are on the card"
        )
        assert len(shown) > 100
        assert server.get("/imports")["imports"][0]["state"] == "finished"


def test_whoever_goes_away_is_told_how_to_come_back(
    server: Connection, data: pathlib.Path, file: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "300"}
    out = tmp_path / "out"
    with out.open("wb") as writing:
        running = subprocess.Popen(
            [sys.executable, "-m", "milepost", "import", "events", file, *MAPPING, "--data", data],
            stdout=writing, stderr=subprocess.STDOUT, env=environment,
        )  # fmt: skip
        until(lambda: any(one["received"] for one in server.get("/imports")["imports"]), "the file has come in")
        running.send_signal(signal.SIGINT)
        status = running.wait(60)
    [one] = server.get("/imports")["imports"]
    assert status == 130
    said = out.read_text()
    assert f"The import {one['id']} stays." in said
    assert f"`milepost import cancel {one['id']}` ends it." in said
    milepost("import", "show", one["id"], "--follow", "--rejects", tmp_path / "rejects.jsonl", "--data", data)
    assert server.get(f"/imports/{one['id']}")["stored"] == ROWS
