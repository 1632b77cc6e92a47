"""What goes wrong: a clear sentence each time, and nothing that was typed is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Open
from tests.browser.drawing import Drawing
from tests.browser.watched import Watch
from tests.browser.workspace import EMAIL, Json, Workspace, sign_in
from tests.fault.servers import KEY, Machine, free_port, until

DRAFT: Json = {
    "name": "Shared",
    "nodes": [
        {
            "id": "order", "type": "profile_event", "title": "Ordered", "outlets": {"next": "end"},
            "settings": {"action": "order.completed"}, "position": {"x": 0, "y": 0},
        },
        {"id": "end", "type": "end", "title": "End", "position": {"x": 0, "y": 200}},
    ],
}  # fmt: skip
CROWD = 100_000
OFFLINE = "ERR_INTERNET_DISCONNECTED"


@pytest.fixture
def draft(workspace: Workspace, page: Page) -> str:
    """A journey that is open in the page."""
    id = workspace.journey(DRAFT, active=False)
    page.goto(workspace.at(f"/journeys/{id}"))
    expect(Drawing(page).node("End")).to_be_visible()
    return id


def rename_offline(page: Page, watch: Watch, name: str) -> None:
    """Draw while the server cannot be reached."""
    watch.expect(OFFLINE)
    page.context.set_offline(True)
    page.get_by_role("textbox", name="Name of the journey").fill(name)
    expect(Drawing(page).status).to_have_text("Not saved yet; it is tried again")
    expect(page.get_by_text("The server cannot be reached. What you type is kept")).to_be_visible()


def names(workspace: Workspace) -> list[str]:
    return sorted(journey["name"] for journey in workspace.get("/journeys")["journeys"])


def test_of_a_journey_drawn_in_two_browsers_at_once_neither_drawing_is_lost(
    page: Page, signed_in: Open, workspace: Workspace, draft: str, watch: Watch
) -> None:
    other = signed_in(workspace.url).new_page()
    other.goto(workspace.at(f"/journeys/{draft}"))
    expect(Drawing(other).node("End")).to_be_visible()
    rename_offline(page, watch, "Mine ✏️")
    other.get_by_role("textbox", name="Name of the journey").fill("Theirs")
    Drawing(other).until_saved()

    watch.expect("status of 409")
    page.context.set_offline(False)
    clash = page.get_by_role("dialog", name="This draft was changed elsewhere")
    expect(clash).to_contain_text("Nothing of yours is lost")
    clash.get_by_role("button", name="Keep mine as a copy").click()
    expect(page.get_by_role("textbox", name="Name of the journey")).to_have_value("Mine ✏️ (copy)")
    expect(Drawing(page).way("Ordered", "End")).to_be_attached()
    assert names(workspace) == ["Mine ✏️ (copy)", "Theirs"]


def test_whoever_takes_the_other_drawing_can_have_their_own_back(
    page: Page, workspace: Workspace, draft: str, watch: Watch
) -> None:
    rename_offline(page, watch, "Mine")
    answer = workspace.client.put(f"/journeys/{draft}", json={**DRAFT, "name": "Theirs"}, headers={"If-Match": "1"})
    assert answer.status_code == 200, answer.text
    watch.expect("status of 409")
    page.context.set_offline(False)
    page.get_by_role("dialog").get_by_role("button", name="Take theirs").click()
    name = page.get_by_role("textbox", name="Name of the journey")
    expect(name).to_have_value("Theirs")
    page.get_by_role("button", name="Undo").click()
    expect(name).to_have_value("Mine")
    Drawing(page).until_saved()
    assert names(workspace) == ["Mine"]


def test_a_journey_that_is_deleted_under_you_can_be_kept(
    page: Page, workspace: Workspace, draft: str, watch: Watch
) -> None:
    assert workspace.client.delete(f"/journeys/{draft}").is_success
    watch.expect("status of 404")
    page.get_by_role("textbox", name="Name of the journey").fill("Still mine")
    gone = page.get_by_role("dialog", name="This draft was deleted elsewhere")
    expect(gone).to_contain_text("Nothing of yours is lost")
    gone.get_by_role("button", name="Keep mine as a copy").click()
    expect(page.get_by_role("textbox", name="Name of the journey")).to_have_value("Still mine (copy)")
    assert names(workspace) == ["Still mine (copy)"]


def test_a_server_that_restarts_while_one_draws_costs_nothing(
    place: Machine, visitor: Open, watch: Watch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data, port = tmp_path_factory.mktemp("restart"), free_port()
    server = place.serve(data, port)
    server.until_ready()
    workspace = Workspace(server.url, "default", KEY)
    context: BrowserContext = visitor(server.url)
    context.add_cookies([{"name": "milepost_session", "value": sign_in(server.url).cookie, "url": server.url}])
    page = context.new_page()
    page.goto("/journeys")
    drawing = Drawing.new(page, "Before")
    drawing.until_saved()

    server.kill()
    watch.expect("ERR_CONNECTION_REFUSED")
    page.get_by_role("textbox", name="Name of the journey").fill("During")
    drawing.add("Profile event")
    away = page.get_by_text("The server cannot be reached. What you type is kept, and saved when it is back.")
    expect(away).to_be_visible()
    expect(drawing.status).to_have_text("Not saved yet; it is tried again")
    drawing.panel("Profile event").get_by_role("textbox", name="Event").fill("order.completed")

    again = place.serve(data, port)
    again.until_ready()
    drawing.until_saved()
    expect(away).to_have_count(0)
    (journey,) = workspace.get("/journeys")["journeys"]
    assert journey["name"] == "During"
    (node,) = workspace.get(f"/journeys/{journey['id']}")["definition"]["nodes"]
    assert node["settings"]["action"] == "order.completed"
    workspace.close()
    again.stop()


def test_a_form_with_every_field_wrong_says_so_at_each_and_keeps_what_was_typed(
    page: Page, workspace: Workspace
) -> None:
    drawing = Drawing.new(page, "Wrong")
    drawing.add("Profile event")
    drawing.add("Webhook")
    panel = drawing.panel("Webhook")
    panel.get_by_role("textbox", name="Node title").fill("<b>Call</b> {{ nobody }}")
    panel = drawing.panel("<b>Call</b> {{ nobody }}")
    wrong = {
        "URL": ("ftp://shop", "begins with http"),
        "JSON body": ("{ total", "not valid JSON yet"),
        "Event for the response": ("automation.mine", "automation."),
    }
    for field, (text, _) in wrong.items():
        panel.get_by_role("textbox", name=field).fill(text)
    for field, (_, complaint) in wrong.items():
        expect(panel.get_by_role("textbox", name=field)).to_have_attribute("aria-invalid", "true")
        expect(panel.get_by_role("textbox", name=field)).to_have_accessible_description(
            re.compile(re.escape(complaint))
        )
    expect(page.get_by_role("button", name="Activate")).to_be_disabled()
    drawing.select("Profile event")
    drawing.select("<b>Call</b> {{ nobody }}")
    for field, (text, _) in wrong.items():
        expect(panel.get_by_role("textbox", name=field)).to_have_value(text)
    drawing.until_saved()
    page.reload()
    for field in ("URL", "Event for the response"):
        expect(panel.get_by_role("textbox", name=field)).to_have_value(wrong[field][0])
    expect(page.locator("aside b")).to_have_count(0)


def test_a_param_of_a_megabyte_is_refused_and_the_largest_that_is_taken_can_be_read(
    page: Page, workspace: Workspace
) -> None:
    who = {"email": EMAIL}
    for size, status, sentence in ((900_000, 422, "the limit is 65,536"), (1024**2, 413, "the limit is 1,048,576")):
        large = {"profile": who, "action": "note.written", "params": {"text": "x" * size}}
        refused = workspace.client.post("/events", json=large)
        assert refused.status_code == status
        assert sentence in refused.text
    text = "🧾 " + "long " * 13_000
    workspace.send({"profile": who, "action": "note.written", "params": {"text": text}})
    page.goto(workspace.at(f"/profiles/{workspace.profile(f'email:{EMAIL}')}"))
    stream = page.get_by_role("region", name="Events, newest first")
    stream.get_by_role("button").filter(has_text="note.written").click()
    value = stream.get_by_role("definition").filter(has_text="🧾")
    value.get_by_role("button", name="Show the whole value").click()
    expect(value).to_contain_text(text.strip())


@pytest.mark.slow
def test_a_card_with_100_000_events_opens_and_turns_its_pages(page: Page, workspace: Workspace) -> None:
    who = {"custom_id": "crowd"}
    workspace.send(*({"profile": who, "action": "page.visit", "params": {"n": n}} for n in range(CROWD)))
    key = workspace.profile("custom_id:crowd")
    until(lambda: last_of(workspace, key) == CROWD - 1, "all of them are on the card")
    page.goto(workspace.at(f"/profiles/{key}"))
    rows = page.get_by_role("region", name="Events, newest first").get_by_role("listitem")
    expect(rows.first).to_be_visible()
    page_of = rows.count()
    for turned in (2, 3):
        page.get_by_role("button", name="Load older events").click()
        expect(rows).to_have_count(turned * page_of)
    rows.last.get_by_role("button").click()
    expect(rows.last.get_by_role("definition").first).to_have_text(f"{CROWD - 3 * page_of:,}")


def last_of(workspace: Workspace, profile: int) -> int:
    n: int = workspace.get(f"/profiles/{profile}/activity?limit=1")["events"][0]["params"]["n"]
    return n
