"""The ledger of effects and the calendar of due load, as somebody uses them, by mouse and keyboard (D-7)."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.test_barriers import SCHEMES, Tour
from tests.browser.watched import Watch
from tests.browser.workspace import Json, Workspace
from tests.fault.servers import until
from tests.unit.delivery.servers import raw_server

DAY = {"duration": {"value": 1, "unit": "day"}}
MAIL = {"subject": "Hi", "body": "Hello"}


def silent(connection: socket.socket) -> None:
    """Takes a call and goes without a word."""
    connection.recv(65_536)


def drawn(url: str) -> Json:
    return {
        "name": "Book a call",
        "nodes": [
            {"id": "in", "type": "profile_event", "settings": {"action": "asked"}, "outlets": {"next": "call"}},
            {"id": "call", "type": "webhook", "title": "Tell the desk", "settings": {"url": url},
             "outlets": {"next": "mail"}},
            {"id": "mail", "type": "send_email", "title": "Confirm", "settings": MAIL, "outlets": {"next": "day"}},
            {"id": "day", "type": "delay", "title": "A day", "settings": DAY, "outlets": {"next": "again"}},
            {"id": "again", "type": "send_email", "title": "Ask again", "settings": MAIL, "outlets": {"next": "end"}},
            {"id": "end", "type": "end"},
        ],
    }  # fmt: skip


@pytest.fixture
def desk() -> Iterator[str]:
    """The address of a web server that never answers."""
    with raw_server(silent) as port:
        yield f"http://127.0.0.1:{port}/"


def ask(workspace: Workspace, desk: str) -> None:
    """Ada and Bob ask for a call: nobody knows whether the desk has heard, and there is no consent to mail."""
    workspace.journey(drawn(desk))
    for name in ("ada", "bob"):
        workspace.send({"profile": {"custom_id": name}, "action": "asked"})
    until(lambda: workspace.get("/effects/report")["uncertain"] == 2, "both calls are uncertain")


def opened(signed_in: Open, workspace: Workspace, path: str, scheme: str = "light") -> Page:
    page = signed_in(workspace.url, color_scheme=scheme).new_page()
    page.goto(path)
    return page


def test_what_is_uncertain_is_found_and_decided(signed_in: Open, workspace: Workspace, desk: str) -> None:
    ask(workspace, desk)
    page = opened(signed_in, workspace, workspace.at("/effects"))
    report = page.get_by_role("region", name="Report")
    expect(report).to_contain_text("4 effects")
    expect(report).to_contain_text("0 duplicates by our doing")
    expect(report).to_contain_text("2 uncertain")

    page.get_by_role("combobox", name="State").click()
    page.get_by_role("option", name="Uncertain").click()
    expect(page).to_have_url(workspace.url + workspace.at("/effects", state="uncertain").replace("%20", "+"))
    expect(page.get_by_role("row")).to_have_count(1 + 2)
    page.reload()
    expect(page.get_by_role("row")).to_have_count(1 + 2)

    page.get_by_role("row").filter(has_text="ada").get_by_role("button").click()
    effect = page.get_by_role("dialog")
    expect(effect).to_contain_text("Attempt 1 · Nobody knows")
    effect.get_by_role("button", name="It was sent").click()
    expect(effect).to_contain_text("said that it was sent")
    expect(page.get_by_role("status").filter(has_text="Counted as sent.")).to_be_visible()
    assert "webhook.response" in workspace.actions(workspace.profile("custom_id:ada"))
    page.keyboard.press("Escape")
    expect(effect).to_have_count(0)
    expect(page.get_by_role("row")).to_have_count(1 + 1)

    page.get_by_role("row").filter(has_text="bob").get_by_role("button").click()
    effect.get_by_role("button", name="Send again").click()
    question = page.get_by_role("dialog", name="Send it again?")
    question.get_by_role("button", name="Send again").click()
    expect(question).to_have_count(0)
    expect(effect).to_contain_text("had it sent again")
    expect(effect).to_contain_text("Attempt 2 · Nobody knows")
    effect.get_by_role("link", name="Open the card").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("bob")


def test_the_rule_is_chosen_in_the_settings(signed_in: Open, workspace: Workspace) -> None:
    page = opened(signed_in, workspace, workspace.at("/settings"))
    expect(page.get_by_role("radio", name="Ask")).to_be_checked()
    page.get_by_role("radio", name="Send again").click()
    expect(page.get_by_role("status").filter(has_text="It counts for what becomes uncertain")).to_be_visible()
    assert workspace.get("/workspace")["uncertain"] == "send_again"
    page.reload()
    expect(page.get_by_role("radio", name="Send again")).to_be_checked()


def test_an_hour_of_the_calendar_says_who_waits_and_what_goes_out(
    signed_in: Open, workspace: Workspace, desk: str
) -> None:
    ask(workspace, desk)
    page = opened(signed_in, workspace, workspace.at("/calendar"))
    cells = page.get_by_role("table").get_by_role("button")
    due = cells.filter(has_text="timers due: 2")
    expect(due).to_have_count(1)
    due.click()
    expect(page.get_by_role("status").filter(has_text="2 timers are due")).to_contain_text("up to 2 × Email")
    expect(page.get_by_role("link", name="A day")).to_be_visible()
    expect(page.get_by_role("link", name="Ask again")).to_be_visible()
    assert "at=" in page.url

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing is due in this hour.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Ask again")).to_be_visible()
    page.goto(workspace.at("/calendar", channel="webhook"))
    expect(page.get_by_text("No timer is due in the next 30 days")).to_be_visible()


@SCHEMES
def test_effects_and_calendar_keep_nobody_out(
    signed_in: Open, workspace: Workspace, watch: Watch, desk: str, scheme: str
) -> None:
    page = opened(signed_in, workspace, workspace.at("/effects"), scheme)
    tour = Tour(page)
    tour.stop("no effect", page.get_by_text("Nothing was handed over yet"))
    page.goto(workspace.at("/calendar"))
    tour.stop("no timer", page.get_by_text("No timer is due"))
    ask(workspace, desk)
    page.goto(workspace.at("/effects"))
    tour.stop("effects", page.get_by_role("table"))
    page.get_by_role("combobox", name="State").click()
    tour.stop("choice of a state", page.get_by_role("listbox"))
    page.keyboard.press("Escape")
    page.get_by_role("row").filter(has_text="Uncertain").first.get_by_role("button").click()
    tour.stop_at_dialog("an effect")
    page.goto(workspace.at("/effects", state="failed"))
    tour.stop("nothing fits", page.get_by_text("Nothing fits the filters"))
    watch.expect("status of 404")
    page.goto(workspace.at("/effects", journey="none"))
    tour.stop("no such journey", page.get_by_role("alert"))
    page.goto(workspace.at("/calendar"))
    page.get_by_role("table").get_by_role("button").filter(has_text="timers due: 2").click()
    tour.stop("an hour", page.get_by_role("link", name="Ask again"))
    tour.end()
