"""Files that the server imports by itself, over HTTP (D-2.10, D-2.2)."""

from __future__ import annotations

import contextlib
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from milepost.app import App
from tests.acceptance.conftest import Json, failure
from tests.acceptance.served import serving
from tests.fault.servers import until

HEAD = "who,what,at,total\n"
GOOD = "".join(
    f"c{number % 50},order.completed,2026-01-01T00:00:{number % 60:02}Z,{number}\n" for number in range(2_500)
)
BROKEN = "c1,order.completed\nc1,automation.mine,2026-01-01T00:00:00Z,1\n,order.completed,2026-01-01T00:00:00Z,2\n"
OTHERS = "c1,page.visit,2026-01-01T00:00:00Z,1\n" * 10
FILE = (HEAD + GOOD + BROKEN + OTHERS).encode()
MAP = ["profile.custom_id=who", "action=what", "time=at", "params.total=total:number"]
WHERE = ["what!=page.visit"]


class Client:
    """Speaks with the server of one folder."""

    def __init__(self, app: App) -> None:
        self.http = httpx2.Client(base_url=f"{app.owner.url}/api/v1", headers={"Milepost-Owner": app.owner.token})

    def close(self) -> None:
        self.http.close()

    def begin(self, status: int = 201, **more: Any) -> Json:
        answer = self.http.post("/imports", json={"name": "loans.csv", "size": len(FILE), "map": MAP, **more})
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    def send(self, id: str, offset: int, piece: bytes) -> Json:
        answer = self.http.put(f"/imports/{id}/file", params={"offset": offset}, content=piece)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ended(self, id: str) -> Json:
        """The import, when it has ended."""

        def look() -> Json | None:
            found: Json = self.get(f"/imports/{id}")
            return None if found["state"] in {"uploading", "running"} else found

        found: Json = until(look, "the import has ended")
        return found

    def rejects(self, id: str) -> list[Json]:
        answer = self.http.get(f"/imports/{id}/rejects")
        assert answer.headers["content-type"] == "application/x-ndjson"
        return [json.loads(line) for line in answer.text.splitlines()]


@contextlib.contextmanager
def spoken_to(data: pathlib.Path) -> Iterator[Client]:
    """A server over a folder, and a client of it."""
    with serving(data) as app, contextlib.closing(Client(app)) as client:
        yield client


@pytest.fixture
def data(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "data"


@pytest.fixture
def client(data: pathlib.Path) -> Iterator[Client]:
    with spoken_to(data) as made:
        yield made


def test_a_file_comes_in_by_pieces_and_is_imported_when_it_is_complete(client: Client, data: pathlib.Path) -> None:
    begun = client.begin(where=WHERE)
    assert (begun["state"], begun["received"], begun["by"]) == ("uploading", 0, "owner")
    cut = len(FILE) // 2
    assert client.send(begun["id"], 0, FILE[:cut])["received"] == cut
    assert (data / "imports" / begun["id"] / "loans.csv").stat().st_size == cut
    assert client.send(begun["id"], cut, FILE[cut:])["received"] == len(FILE)

    found = client.ended(begun["id"])
    assert (found["state"], found["error"]) == ("finished", None)
    assert (found["rows"], found["stored"], found["rejected"], found["left_out"]) == (2_513, 2_500, 3, 10)
    assert (found["duplicates"], found["read"]) == (0, len(FILE))
    rejects = client.rejects(begun["id"])
    assert [(one["line"], one["field"]) for one in rejects] == [(2_502, ""), (2_503, "action"), (2_504, "profile")]
    assert rejects[0]["text"] == "c1,order.completed"
    until(lambda: not (data / "imports" / begun["id"] / "loans.csv").exists(), "the file is removed")
    until(lambda: client.get("/profiles/custom_id:c7/activity")["events"], "the events are on the card")


def test_the_same_file_again_stores_nothing_twice(client: Client) -> None:  # D-2.2
    for stored, duplicates in ((2_510, 0), (0, 2_510)):
        id = client.begin()["id"]
        client.send(id, 0, FILE)
        found = client.ended(id)
        assert (found["stored"], found["duplicates"], found["rejected"]) == (stored, duplicates, 3)
    assert [one["stored"] for one in client.get("/imports")["imports"]] == [0, 2_510]
    assert len(client.get("/imports", limit=1)["imports"]) == 1


def test_a_piece_that_does_not_go_on_where_the_server_stands_is_a_conflict(client: Client) -> None:
    id = client.begin()["id"]
    client.send(id, 0, FILE[:100])
    for offset in (0, 99, 101):
        answer = client.http.put(f"/imports/{id}/file", params={"offset": offset}, content=FILE[offset:200])
        error = failure(answer, 409, "conflict")
        assert (error["field"], error["details"], error["fix"]) == ("offset", [{"received": 100}], "Go on at 100.")
    more = client.http.put(f"/imports/{id}/file", params={"offset": 100}, content=FILE)
    failure(more, 413, "too_large")
    assert client.get(f"/imports/{id}")["received"] == 100
    client.send(id, 100, FILE[100:])
    late = client.http.put(f"/imports/{id}/file", params={"offset": len(FILE)}, content=b"more")
    failure(late, 409, "conflict")
    assert client.ended(id)["stored"] == 2_510


def test_an_import_is_cancelled_and_deleted_with_all_that_lies_there(client: Client, data: pathlib.Path) -> None:
    id = client.begin()["id"]
    client.send(id, 0, FILE[:100])
    assert client.http.post(f"/imports/{id}/cancel").json()["state"] == "cancelled"
    assert not (data / "imports" / id / "loans.csv").exists()
    failure(client.http.post(f"/imports/{id}/cancel"), 409, "conflict")
    sent = client.http.put(f"/imports/{id}/file", params={"offset": 100}, content=b"more")
    failure(sent, 409, "conflict")
    assert client.http.delete(f"/imports/{id}").status_code == 204
    assert not (data / "imports" / id).exists()
    failure(client.http.get(f"/imports/{id}"), 404, "not_found")
    failure(client.http.delete(f"/imports/{id}"), 404, "not_found")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "loans.pdf"}, "name"),
        ({"name": "../loans.csv"}, "name"),
        ({"name": ".csv"}, "name"),
        ({"name": "ł" * 120 + ".csv"}, "name"),
        ({"size": 0}, "size"),
        ({"map": ["colour=who"]}, "map"),
        ({"where": ["what"]}, "where"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_imported_is_refused_before_it_is_sent(client: Client, wrong: Json, field: str) -> None:
    error = client.begin(422, **wrong)["error"]
    assert error["field"] == field
    assert error["fix"]
    assert client.get("/imports")["imports"] == []


def test_a_file_that_is_not_what_was_said_fails_with_the_reason(client: Client, data: pathlib.Path) -> None:
    id = client.begin(map=["profile.custom_id=wo", *MAP[1:]])["id"]
    client.send(id, 0, FILE)
    found = client.ended(id)
    assert found["state"] == "failed"
    assert found["error"] == {
        "message": "The file has no column `wo`.", "field": "map", "fix": "Did you mean `who`?",
    }  # fmt: skip
    until(lambda: not (data / "imports" / id / "loans.csv").exists(), "the file is removed")
    # Those behind it are not kept waiting.
    other = client.begin()["id"]
    client.send(other, 0, FILE)
    assert client.ended(other)["state"] == "finished"


def test_imports_are_those_of_a_workspace(client: Client) -> None:  # D-8
    id = client.begin()["id"]
    key = client.http.post("/workspaces", json={"name": "other", "clock": "real"}).json()["key"]["key"]
    with httpx2.Client(base_url=client.http.base_url, headers={"Authorization": f"Bearer {key}"}) as other:
        assert other.get("/imports").json() == {"imports": []}
        for method, path in (("GET", ""), ("GET", "/rejects"), ("POST", "/cancel"), ("DELETE", "")):
            failure(other.request(method, f"/imports/{id}{path}"), 404, "not_found")
        sent = other.put(f"/imports/{id}/file", params={"offset": 0}, content=b"x")
        failure(sent, 404, "not_found")
    assert client.get(f"/imports/{id}")["state"] == "uploading"


def test_what_is_left_by_a_crash_is_swept_at_the_next_start(data: pathlib.Path) -> None:
    with spoken_to(data) as client:
        ended, open_one = client.begin()["id"], client.begin()["id"]
        client.send(ended, 0, FILE)
        client.ended(ended)
        client.send(open_one, 0, FILE[:100])
    (data / "imports" / ended / "loans.csv").write_bytes(FILE)
    (data / "imports" / "i-nobody").mkdir()
    with spoken_to(data) as client:
        until(lambda: not (data / "imports" / "i-nobody").exists(), "the folder of no import is removed")
        until(lambda: not (data / "imports" / ended / "loans.csv").exists(), "the file is removed")
        assert len(client.rejects(ended)) == 3
        assert client.send(open_one, 100, FILE[100:])["state"] == "running"
        assert client.ended(open_one)["duplicates"] == 2_510


def test_a_file_that_is_gone_is_asked_for_again(client: Client, data: pathlib.Path) -> None:
    id = client.begin()["id"]
    client.send(id, 0, FILE[:100])
    (data / "imports" / id / "loans.csv").unlink()
    answer = client.http.put(f"/imports/{id}/file", params={"offset": 100}, content=FILE[100:])
    assert failure(answer, 409, "conflict")["details"] == [{"received": 0}]
    client.send(id, 0, FILE)
    assert client.ended(id)["stored"] == 2_510
