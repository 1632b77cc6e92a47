"""The app in the browser, as files: what is served, under which headers, and what is not."""

from __future__ import annotations

import pathlib

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from milepost.api.server import create_api
from milepost.testing import World


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html><title>Milepost</title>")
    (built / "assets" / "app-1a2b.js").write_text("export {}\n" * 500)
    (built / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    return built


def client(folder: pathlib.Path | None) -> TestClient:
    return TestClient(create_api(World().engine, ready=dict, owner_token="token", app=folder))


@pytest.mark.parametrize(
    "path",
    ["/", "/journeys", "/profiles/7?action=page.visit", "/name/with.dot", "/assets", "/a%00b", f"/{'a' * 3_000}"],
)
def test_every_address_that_is_no_file_is_the_page(folder: pathlib.Path, path: str) -> None:
    answer = client(folder).get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert "<title>Milepost</title>" in answer.text


def test_hashed_files_are_kept_for_ever_and_others_asked_for_again(folder: pathlib.Path) -> None:
    visitor = client(folder)
    script = visitor.get("/assets/app-1a2b.js")
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-encoding"] == "gzip"
    for icon in (visitor.get("/favicon.svg"), visitor.get("/favicon.ico")):
        assert (icon.headers["cache-control"], icon.headers["content-type"]) == ("no-cache", "image/svg+xml")


def test_what_has_not_changed_is_not_sent_again(folder: pathlib.Path) -> None:
    visitor = client(folder)
    page = visitor.get("/journeys")
    again = visitor.get("/profiles", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", "no-cache")


def test_a_page_is_there_for_who_only_asks_whether_it_is(folder: pathlib.Path) -> None:
    answer = client(folder).head("/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-security-policy" in answer.headers


def test_answers_of_the_api_are_not_compressed(folder: pathlib.Path) -> None:
    """Their length would tell about secrets in them."""
    answer = client(folder).get("/api/v1/openapi.json")
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/assets/gone.js", "/api/v1/nothing", "/api/", "/api", "/health", "/health/nothing"])
def test_what_is_missing_is_missing(folder: pathlib.Path, path: str) -> None:
    missing(client(folder).get(path))


@pytest.mark.parametrize("path", ["/", "/journeys", "/assets/app-1a2b.js", "/api/v1/nothing"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_there_is_nothing_to_change_but_in_the_api(folder: pathlib.Path, method: str, path: str) -> None:
    missing(client(folder).request(method, path))


def missing(answer: Response) -> None:
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt"]
)
def test_nothing_outside_the_folder_is_served(folder: pathlib.Path, path: str) -> None:
    assert "secret" not in client(folder).get(path).text


@pytest.mark.parametrize("path", ["/", "/api/v1/session", "/health/live", "/api/v1/nothing"])
def test_every_answer_lets_only_our_own_scripts_run(folder: pathlib.Path, path: str) -> None:
    headers = client(folder).get(path).headers
    assert "script-src 'self';" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_while_it_is_built_anew_the_page_says_so(folder: pathlib.Path) -> None:
    visitor = client(folder)
    (folder / "index.html").rename(folder / "index.old")
    assert "npm run build" in visitor.get("/journeys").text
    (folder / "index.old").rename(folder / "index.html")
    assert "npm run build" not in visitor.get("/journeys").text


def test_without_a_built_app_the_page_says_how_to_build_it() -> None:
    answer = client(None).get("/")
    assert answer.status_code == 200
    assert "npm run build" in answer.text
