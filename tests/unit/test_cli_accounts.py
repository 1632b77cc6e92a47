"""`milepost accounts`: who may sign in, and a new password for whoever lost theirs (D-8)."""

from __future__ import annotations

import os
import pathlib
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from milepost.access.attempts import MOST
from milepost.stores.folder import DataFolder, Owner
from tests.acceptance.conftest import OWNER_TOKEN, Json, Server, failure
from tests.acceptance.served import listening
from tests.unit.test_cli import cells, milepost

EMAIL, LOST, NEW = "ada@example.com", "correct horse battery", "four words without sense"


@pytest.fixture
def folder(server: Server, tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """The data folder of a server at work, in which Ada has an account."""
    listener = socket.create_server(("127.0.0.1", 0))
    owned = DataFolder(tmp_path, Owner(1, f"http://127.0.0.1:{listener.getsockname()[1]}", OWNER_TOKEN))
    with listening(server.client.app, listener):  # type: ignore[arg-type] # the application that the client was made for
        assert browser(server).post("/api/v1/setup", json={**login(LOST), "name": "Ada"}).status_code == 201
        yield tmp_path
    owned.close()


def browser(server: Server) -> TestClient:
    return TestClient(server.client.app, base_url="http://127.0.0.1:8420", client=("127.0.0.1", 50_000))


def login(password: str) -> Json:
    return {"email": EMAIL, "password": password}


def test_accounts_are_listed_without_their_passwords(folder: pathlib.Path) -> None:
    listed = milepost("accounts", "list", "--data", folder)
    assert [EMAIL, "Ada", "2026-03-01T09:00:00.000Z"] in cells(listed)
    assert "argon2" not in listed.output


def test_a_lost_password_is_replaced_and_every_session_ends(server: Server, folder: pathlib.Path) -> None:
    elsewhere = browser(server)
    assert elsewhere.post("/api/v1/session", json=login(LOST)).json()["user"]["email"] == EMAIL
    said = milepost("accounts", "password", "Ada@Example.com", "--data", folder, input=f"{NEW}\n")
    assert "signed out everywhere" in said.stdout
    assert NEW not in said.output
    assert elsewhere.get("/api/v1/session").json()["user"] is None
    assert browser(server).post("/api/v1/session", json=login(LOST)).status_code == 401
    assert browser(server).post("/api/v1/session", json=login(NEW)).status_code == 200


def test_whoever_guessed_too_often_need_not_wait_any_more(server: Server, folder: pathlib.Path) -> None:
    for number in range(MOST):  # each from another address: it is the email that has to wait
        guessing = TestClient(server.client.app, base_url="http://127.0.0.1:8420", client=(f"10.0.{number}.1", 50_000))
        guessing.post("/api/v1/session", json=login("no idea any more"))
    failure(browser(server).post("/api/v1/session", json=login(LOST)), 429, "too_many_attempts")
    milepost("accounts", "password", EMAIL, "--data", folder, input=f"{NEW}\n")
    assert browser(server).post("/api/v1/session", json=login(NEW)).status_code == 200


@pytest.mark.parametrize("weak", ["", "too short", EMAIL, "a" * 1_025])
def test_a_weak_password_is_refused_as_on_the_first_run(server: Server, folder: pathlib.Path, weak: str) -> None:
    first_run = browser(server).post("/api/v1/setup", json=login(weak)).json()["error"]["message"]
    said = milepost("accounts", "password", EMAIL, "--data", folder, input=f"{weak}\n", status=1).stderr
    assert first_run in said
    assert browser(server).post("/api/v1/session", json=login(LOST)).status_code == 200


def test_who_has_no_account_is_not_given_one(server: Server, folder: pathlib.Path) -> None:
    said = milepost("accounts", "password", "eve@example.com", "--data", folder, input=f"{NEW}\n", status=1).stderr
    assert "no account with the email `eve@example.com`" in said
    assert "milepost accounts list" in said


def test_it_needs_a_server_that_is_at_work(tmp_path: pathlib.Path) -> None:
    said = milepost("accounts", "password", EMAIL, "--data", tmp_path, input=f"{NEW}\n", status=1).stderr
    assert "No server is running" in said


def test_neither_a_key_nor_a_session_is_enough(server: Server, folder: pathlib.Path) -> None:
    signed_in = browser(server)
    shown = {"X-CSRF-Token": signed_in.post("/api/v1/session", json=login(LOST)).json()["csrf"]}
    for client, headers in ((server.client, {}), (signed_in, shown)):
        failure(client.get("/api/v1/accounts", headers=headers), 403, "forbidden")
        failure(client.put("/api/v1/accounts/password", json=login(NEW), headers=headers), 403, "forbidden")
    wrong = {"Milepost-Owner": "mp_wrong"}
    failure(server.client.put("/api/v1/accounts/password", json=login(NEW), headers=wrong), 401, "unauthorized")
    assert folder.exists()


def test_in_a_terminal_it_is_typed_twice_and_unseen(server: Server, folder: pathlib.Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "milepost", "accounts", "password", EMAIL, "--data", str(folder)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        seen = b""
        for prompt in (b"New password: ", b"The same again: "):
            while not seen.endswith(prompt):
                seen += os.read(ours, 1_024)
            os.write(ours, f"{NEW}\n".encode())
        while b"signed out everywhere" not in seen:
            seen += os.read(ours, 1_024)
        assert process.wait(30) == 0
    os.close(ours)
    assert NEW.encode() not in seen
    assert browser(server).post("/api/v1/session", json=login(NEW)).status_code == 200
