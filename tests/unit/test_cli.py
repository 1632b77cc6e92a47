"""The command `milepost` against a server on a real socket: what it prints, and how it fails."""

from __future__ import annotations

import http.server
import json
import os
import pathlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from milepost.cli import app
from milepost.stores.folder import DataFolder, Owner
from tests.acceptance.conftest import CART, OWNER_TOKEN, Json, Server
from tests.acceptance.served import listening

NO_JOURNEY: Json = {"name": "Half", "nodes": [{"id": "a", "type": "pigeon"}]}
CARTS = """time,who,what,total
2026-03-01T08:00:00Z,ada,cart.abandoned,60
2026-03-01T08:01:00Z,eve,cart.abandoned
2026-03-01T08:02:00Z,bob,"cart.abandoned,60
2026-03-01T08:03:00Z,kim,automation.mine,60
2026-03-01T08:04:00Z,joe,cart.abandoned,70
2026-03-01T08:05:00Z,joe,order.completed,70
"""
MAPPING = (
    "--map", "time=time", "--map", "profile.custom_id=who", "--map", "action=what",
    "--map", "params.total=total:number",
)  # fmt: skip


def milepost(*arguments: str | pathlib.Path, status: int = 0, input: str | None = None) -> Result:
    """The result of a command, which ends with this status and never with a traceback."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=input)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    assert result.exit_code == status, result.output
    return result


def cells(result: Result) -> list[list[str]]:
    """The lines of a table, as words."""
    return [line.split() for line in result.stdout.splitlines()]


@pytest.fixture
def there(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server, reached by the environment."""
    listener = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setenv("MILEPOST_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("MILEPOST_KEY", server.key)
    with listening(server.client.app, listener):  # type: ignore[arg-type] # the application that the client was made for
        yield server


@pytest.fixture
def virtual(there: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The same, in a workspace with a virtual clock."""
    there.virtual()
    monkeypatch.setenv("MILEPOST_KEY", there.client.headers["Authorization"].removeprefix("Bearer "))
    return there


def written(path: pathlib.Path, value: Any) -> pathlib.Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


# --- a definition, without a server ----------------------------------------------------------------------------------


def test_a_definition_without_issues(tmp_path: pathlib.Path) -> None:
    assert "no issues" in milepost("journeys", "validate", written(tmp_path / "a.json", CART)).stdout


def test_issues_are_listed_with_their_fix() -> None:
    result = milepost("journeys", "validate", "-", input=json.dumps(NO_JOURNEY), status=1)
    assert {"unknown_type", "no_trigger", "no_end"} <= {word for line in cells(result) for word in line}
    assert "Add a trigger" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ('{"name": "A", "nods": []}', "nods"),
        ('{"name": "A", "nodes": [{"id": 1, "type": "end"}]}', "nodes.0.id"),
        ('{"a": "\udce4"}', "not valid JSON"),
    ],
)
def test_a_definition_that_is_none(tmp_path: pathlib.Path, text: str, said: str) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(text.encode(errors="surrogateescape"))
    assert said in milepost("journeys", "validate", file, status=2).stderr


def test_a_file_that_is_not_there(tmp_path: pathlib.Path) -> None:
    assert "cannot be read" in milepost("journeys", "validate", tmp_path / "a.json", status=2).stderr


# --- which server ----------------------------------------------------------------------------------------------------


def test_nobody_owns_the_data_folder(tmp_path: pathlib.Path) -> None:
    said = milepost("journeys", "list", "--data", tmp_path, status=1).stderr
    assert "No server is running" in said
    assert "milepost serve" in said


def test_the_owner_of_the_data_folder_is_found_by_its_lock(there: Server, tmp_path: pathlib.Path) -> None:
    there.post("/workspaces", {"name": "sandbox", "clock": "virtual"}, 201)
    address = os.environ["MILEPOST_URL"]
    folder = DataFolder(tmp_path, Owner(1, address, OWNER_TOKEN))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MILEPOST_URL")
        patch.delenv("MILEPOST_KEY")
        made = milepost("keys", "create", "shop", "--data", tmp_path, "--workspace", "sandbox")
        milepost("keys", "list", "--data", tmp_path, "--workspace", "nowhere", status=1)
    folder.close()
    there.use(made.stdout.split()[2])
    assert there.get("/workspace")["name"] == "sandbox"


def test_an_address_needs_a_key() -> None:
    assert "MILEPOST_KEY" in milepost("journeys", "list", "--url", "http://127.0.0.1:1", status=2).stderr


def test_nothing_answers_at_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = milepost("journeys", "list", "--url", f"http://127.0.0.1:{port}", "--key", "k", status=1)
    assert "does not answer" in result.stderr


def test_something_else_answers_at_the_address() -> None:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as other:
        threading.Thread(target=other.handle_request).start()
        address = f"http://127.0.0.1:{other.server_address[1]}"
        assert "not Milepost" in milepost("journeys", "list", "--url", address, "--key", "k", status=1).stderr


@pytest.mark.usefixtures("there")
def test_a_wrong_key() -> None:
    assert "API key is wrong" in milepost("journeys", "list", "--key", "mp_wrong", status=1).stderr


@pytest.mark.usefixtures("there")
def test_a_key_of_another_workspace() -> None:
    result = milepost("journeys", "list", "--workspace", "sandbox", status=2)
    assert "belongs to the workspace `default`" in result.stderr


# --- journeys, questions, workspaces ---------------------------------------------------------------------------------


def test_a_journey_is_created_activated_paused_resumed_stopped_and_read(there: Server, tmp_path: pathlib.Path) -> None:
    journey = milepost("journeys", "create", written(tmp_path / "cart.json", CART)).stdout.strip()
    assert "active" in milepost("journeys", "activate", journey).stdout
    there.clock.time += 1
    there.send({"profile": {"custom_id": "ada"}, "action": "cart.abandoned", "params": {"total": 60}})
    there.settle()
    there.clock.time += 1
    assert "paused" in milepost("journeys", "pause", journey, "--why", "stock is empty").stdout
    assert "active" in milepost("journeys", "resume", journey).stdout
    assert "finishing" in milepost("journeys", "stop", journey, "--mode", "finish").stdout
    assert cells(milepost("journeys", "list"))[1] == [journey, "Cart", "finishing", "1", "1", "1", "0", "0"]
    numbers = milepost("journeys", "stats", journey).stdout
    assert "started 1, in progress 1, finished 0" in numbers
    assert ["Cart", "abandoned", "1", "next", "1", "0", "0", "0"] in [line.split() for line in numbers.splitlines()]
    assert "do not add up" not in numbers


@pytest.mark.usefixtures("there")
def test_what_the_server_refuses_is_said_with_its_details(tmp_path: pathlib.Path) -> None:
    journey = milepost("journeys", "create", written(tmp_path / "half.json", NO_JOURNEY)).stdout.strip()
    said = milepost("journeys", "activate", journey, status=1).stderr
    assert "3 issues" in said
    assert "There is no node type `pigeon`." in said
    milepost("journeys", "stop", journey, status=2)


def test_a_funnel_and_a_trend_are_printed(there: Server, tmp_path: pathlib.Path) -> None:
    for action in ("a", "b"):
        there.send(
            *({"profile": {"custom_id": name}, "action": action} for name in ("ada", "eve")[: 1 + (action == "a")])
        )
        there.settle()
        there.clock.time += 90_000
    days = {"from": "2026-03-01", "to": "2026-03-02"}
    funnel = written(
        tmp_path / "funnel.json",
        {"kind": "funnel", **days, "steps": [{"action": "a"}, {"action": "b", "label": "Then"}]},
    )
    assert cells(milepost("query", funnel))[1:] == [
        ["a", "2", "100.0%", "100.0%", "0", "1", "-"],
        ["Then", "1", "50.0%", "50.0%", "0", "0", "0:01:30"],
    ]
    assert json.loads(milepost("query", funnel, "--json").stdout)["steps"][1]["count"] == 1
    trend = {"kind": "trend", **days, "series": [{"action": "a"}, {"action": "b", "measure": "profiles"}]}
    assert cells(milepost("query", "-", input=json.dumps(trend))) == [
        ["day", "a", "b"],
        ["2026-03-01T00:00:00.000Z", "2", "1"],
        ["2026-03-02T00:00:00.000Z", "0", "0"],
        ["total", "2", "1"],
    ]
    assert "kind" in milepost("query", "-", input='{"kind": "horoscope"}', status=1).stderr


def test_a_workspace_with_a_virtual_clock_is_made_listed_and_run(
    there: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = milepost("workspaces", "create", "sandbox", "--clock", "virtual", "--now", "2012-01-01T00:00:00Z")
    assert ["sandbox", "virtual", "2012-01-01T00:00:00.000Z", "UTC"] in cells(milepost("workspaces", "list"))
    key = next(line.split()[2] for line in made.stdout.splitlines() if line.startswith("API key:"))
    there.use(key)
    there.send({"profile": {"custom_id": "ada"}, "action": "a", "received_at": "2012-01-03T00:00:00Z"})
    monkeypatch.setenv("MILEPOST_KEY", key)
    assert "2012-01-02T00:00:00.000Z" in milepost("run", "--to", "2012-01-02T00:00:00Z").stdout
    assert "2012-01-03T00:00:00.000Z" in milepost("run", "--end").stdout
    assert "never goes back" in milepost("run", "--to", "2012-01-01T00:00:00Z", status=1).stderr
    milepost("run", status=2)
    milepost("run", "--end", "--to", "2012-01-05T00:00:00Z", status=2)
    assert [row[0] for row in cells(milepost("keys", "list"))] == ["name", "first"]


# --- import ----------------------------------------------------------------------------------------------------------


def rejects(path: pathlib.Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_broken_lines_are_put_aside_with_reasons_and_the_others_are_stored(
    there: Server, tmp_path: pathlib.Path
) -> None:  # D-2.10
    file = written(tmp_path / "carts.csv", CARTS)
    result = milepost("import", "events", file, *MAPPING)
    assert "3 stored, 3 rejected" in result.stdout
    found = rejects(tmp_path / "carts.csv.rejects.jsonl")
    assert [(one["line"], one["field"]) for one in found] == [(3, ""), (4, ""), (5, "action")]
    assert ["cells" in found[0]["reason"], "quote" in found[1]["reason"]] == [True, True]
    assert "written by Milepost alone" in found[2]["reason"]
    assert found[0]["text"] == "2026-03-01T08:01:00Z,eve,cart.abandoned"
    events = there.get("/profiles/custom_id:joe/activity")["events"]
    assert [(event["action"], event["time"], event["source"]) for event in events] == [
        ("order.completed", "2026-03-01T08:05:00.000Z", "import"),
        ("cart.abandoned", "2026-03-01T08:04:00.000Z", "import"),
    ]


def test_importing_a_file_twice_stores_nothing_twice(there: Server, tmp_path: pathlib.Path) -> None:
    file = written(tmp_path / "carts.csv", CARTS)
    milepost("import", "events", file, *MAPPING)
    again = milepost("import", "events", file, *MAPPING, "--rejects", tmp_path / "again.jsonl")
    assert "0 stored, 3 were there before, 3 rejected" in again.stdout
    assert len(rejects(tmp_path / "again.jsonl")) == 3
    assert len(there.get("/profiles/custom_id:joe/activity")["events"]) == 2


def test_an_import_moves_nobody(there: Server, tmp_path: pathlib.Path) -> None:  # D-2.10
    journey = there.journey(CART)
    there.clock.time += 1
    milepost("import", "events", written(tmp_path / "carts.csv", CARTS), *MAPPING)
    assert there.get(f"/journeys/{journey}")["started"] == 0


def test_a_replay_takes_every_event_at_its_own_time(virtual: Server, tmp_path: pathlib.Path) -> None:  # D-3.8
    journey = virtual.journey(CART)
    file = written(tmp_path / "carts.csv", CARTS)
    result = milepost("import", "events", file, *MAPPING, "--replay", "--run")
    assert "The clock stands at 2026-03-01T09:00:00.000Z." in result.stdout
    nodes = {node["id"]: node["entered"] for node in virtual.get(f"/journeys/{journey}/statistics")["nodes"]}
    assert (nodes["left"], nodes["bought"], nodes["lost"]) == (2, 1, 1)


def test_a_replay_without_a_run_says_how_to_go_on(virtual: Server, tmp_path: pathlib.Path) -> None:
    file = written(tmp_path / "carts.csv", CARTS)
    assert "milepost run --end" in milepost("import", "events", file, *MAPPING, "--replay").stdout
    assert virtual.get("/workspace")["now"] == "1970-01-01T00:00:00.000Z"


@pytest.mark.usefixtures("there")
def test_imports_that_make_no_sense_are_refused(tmp_path: pathlib.Path) -> None:
    file = written(tmp_path / "carts.csv", CARTS)
    assert "virtual" in milepost("import", "events", file, *MAPPING, "--replay", status=1).stderr
    assert "--replay" in milepost("import", "events", file, *MAPPING, "--run", status=2).stderr
    assert "no column `wo`" in milepost("import", "events", file, "--map", "action=wo", status=2).stderr
    assert "--map" in milepost("import", "events", file, status=2).stderr
    milepost("import", "events", tmp_path / "nothing.csv", status=2)
    nothing = written(tmp_path / "bad.jsonl", "{}\nno\n")
    assert "0 stored, 2 rejected" in milepost("import", "events", nothing, status=1).stdout


def test_profiles_are_loaded_from_json_lines(there: Server, tmp_path: pathlib.Path) -> None:
    lines = [
        {"profile": {"custom_id": "ada"}, "attributes": {"tier": "gold"}, "consents": {"email": True}},
        {"profile": {}, "attributes": {"tier": "none"}},
    ]
    file = written(tmp_path / "people.jsonl", "\n".join(map(json.dumps, lines)))
    assert "1 stored, 1 rejected" in milepost("import", "profiles", file).stdout
    assert [one["line"] for one in rejects(tmp_path / "people.jsonl.rejects.jsonl")] == [2]
    assert there.get("/profiles/custom_id:ada")["attributes"] == {"tier": "gold"}
    milepost("import", "profiles", tmp_path / "people.csv", status=2)


# --- serve -----------------------------------------------------------------------------------------------------------


def test_a_second_server_on_the_same_folder_is_told_who_owns_it(tmp_path: pathlib.Path) -> None:
    folder = DataFolder(tmp_path, Owner(4711, "http://127.0.0.1:8420", "token"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = milepost("serve", "--data", tmp_path, "--port", str(port), "--no-demo", status=1).stderr
    folder.close()
    assert "process id 4711 at http://127.0.0.1:8420" in said


def test_a_setting_that_cannot_be_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "port" in milepost("serve", "--port", "0", status=2).stderr
    monkeypatch.setenv("MILEPOST_API_KEY", "short")
    assert "MILEPOST_API_KEY" in milepost("serve", status=2).stderr
