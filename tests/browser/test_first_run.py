"""The first run: an account, a demo that is labelled, and the way from an empty workspace to a real card."""

from __future__ import annotations

import json
import re

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.workspace import EMAIL, PASSWORD
from tests.fault.servers import machine


def test_from_nothing_to_a_real_event_on_a_real_card(visitor: Open, tmp_path_factory: pytest.TempPathFactory) -> None:
    with machine(tmp_path_factory.mktemp("first") / "log") as made:
        server = made.serve(tmp_path_factory.mktemp("first"), demo=True)
        server.until_ready()
        page = visitor(server.url).new_page()
        page.goto("/")
        expect(page.get_by_role("heading", name="Welcome to Milepost")).to_be_visible()
        page.get_by_role("textbox", name="Email").fill(EMAIL)
        password = page.get_by_label("Password", exact=True)
        password.fill("short")
        page.get_by_role("button", name="Make the account").click()
        assert password.evaluate("field => field.validity.tooShort")
        password.fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()

        # The demo: at work, and labelled on every screen.
        expect(page.get_by_role("button", name="Workspace: Demo")).to_be_visible()
        label = page.get_by_text("The visitors in this workspace are simulated. No message leaves it.")
        table = page.get_by_role("table", name="Journeys of this workspace")
        expect(table.get_by_text("Active")).to_have_count(2)
        for screen in ("Journeys", "Profiles", "Analytics", "Settings"):
            page.get_by_role("navigation", name="Main").get_by_role("link", name=screen).click()
            expect(label).to_be_visible()
        expect(page.get_by_role("row", name=re.compile("^Demo")).get_by_text("Simulated")).to_be_visible()

        # One's own workspace: empty, and it says what to do.
        page.get_by_role("button", name="Workspace: Demo").click()
        page.get_by_role("menuitem", name="default").click()
        expect(page.get_by_text("Draw your first journey")).to_be_visible()
        expect(label).to_have_count(0)
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Profiles").click()
        expect(page.get_by_text("Waiting for the first event.")).to_be_visible()
        page.get_by_role("button", name="Make a key and show the command").click()
        command = page.get_by_text(re.compile("^curl http"))
        send(command.inner_text())

        expect(page.get_by_role("heading", name="It has arrived")).to_be_visible()
        page.get_by_role("link", name="Open the card").click()
        stream = page.get_by_role("region", name="Events, newest first")
        stream.get_by_role("button").filter(has_text="page.visit").click()
        expect(stream.get_by_role("definition").filter(has_text="/shoes")).to_be_visible()


def send(command: str) -> None:
    """What the shown command does."""
    found = re.fullmatch(r"curl (\S+) \\\s+-H 'Authorization: (Bearer \S+)' \\\s+-d '(.*)'\s*", command, re.DOTALL)
    assert found is not None, command
    url, key, body = found.groups()
    answer = httpx2.post(url, headers={"Authorization": key}, json=json.loads(body), trust_env=False)
    assert answer.status_code == 200, answer.text
