"""The worked example of D-1, from the sign-in to the funnel, with the switch on and off.

A customer reaches *Send email*. The email goes out and the step is on the card in both cases; with the switch off, the
datapoint of the step is the only thing that is missing.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.drawing import Drawing
from tests.browser.question import choose, funnel, trend
from tests.browser.workspace import EMAIL, PASSWORD, Workspace
from tests.unit.delivery.servers import Mailbox

STEP = "automation.clientPathStep"


@pytest.mark.parametrize("tracked", [True, False], ids=["on", "off"])
def test_the_switch_decides_about_the_datapoint_and_about_nothing_else(  # D-1.1, D-1.5, D-1.6, D-1.7, D-1.9, D-1.12
    visitor: Open, workspace: Workspace, mailbox: Mailbox, tracked: bool
) -> None:
    page = visitor(workspace.url).new_page()
    sign_in(page, workspace)
    drawing = draw(page, tracked=tracked)

    customer = f"eve.{'on' if tracked else 'off'}@example.com"
    workspace.send({"profile": {"email": customer}, "action": "account.created"})
    expect(drawing.node("Finish")).to_contain_text("Finished1")
    profile = workspace.profile(f"email:{customer}")

    # The numbers on the nodes, in both cases (D-1.7, D-1.12).
    numbers = {title: re.sub(r"\s+", "", drawing.node(title).locator("dl").inner_text()) for title in TITLES}
    assert numbers == {
        "Joined": "Entered1Waiting0Wenton1",
        "Say hello": "Entered1Waiting0Wenton1",
        "Finish": "Entered1Waiting0Finished1",
    }
    see_in_crm(page, drawing, customer, tracked=tracked)
    see_on_card(page, profile, tracked=tracked)
    sent = [envelope for envelope in mailbox.envelopes if envelope.rcpt_tos == [customer]]
    assert len(sent) == 1

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Analytics").click()
    see_in_funnel(page, tracked=tracked)
    see_message_in_trend(page, tracked=tracked)


TITLES = ("Joined", "Say hello", "Finish")


def sign_in(page: Page, workspace: Workspace) -> None:
    page.goto(workspace.at("/journeys"))
    page.get_by_role("textbox", name="Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Draw your first journey")).to_be_visible()


def draw(page: Page, *, tracked: bool) -> Drawing:
    """Three nodes, by dragging and by clicking; activated, with the numbers on the nodes."""
    drawing = Drawing.new(page, "Welcome")
    drawing.drop("Profile event", 420, 110)
    trigger = drawing.panel("Profile event")
    trigger.get_by_role("textbox", name="Event").fill("account.created")
    expect(trigger.get_by_role("switch", name="Track datapoints")).to_be_checked()
    trigger.get_by_role("textbox", name="Node title").fill("Joined")

    drawing.add("Send email")
    email = drawing.panel("Send email")
    email.get_by_role("textbox", name="Subject").fill("Welcome, {{ customer.email }}")
    email.get_by_role("textbox", name="Text").fill("Good to have you.")
    email.get_by_role("switch", name="Transactional").check()
    email.get_by_role("textbox", name="Node title").fill("Say hello")

    drawing.drop("End", 420, 560)
    drawing.panel("End").get_by_role("textbox", name="Node title").fill("Finish")
    expect(drawing.switch("Finish")).to_be_checked()
    expect(page.get_by_role("button", name="2 issues")).to_be_visible()
    drawing.connect("Say hello", "Finish")
    expect(drawing.way("Joined", "Say hello")).to_be_attached()
    expect(drawing.way("Say hello", "Finish")).to_be_attached()
    expect(page.get_by_role("button", name="No issues")).to_be_visible()

    drawing.select("Say hello")
    expect(drawing.switch("Say hello")).not_to_be_checked()
    if tracked:
        drawing.track("Say hello")
        expect(drawing.node("Say hello")).to_contain_text("Datapoints of this node are tracked")
    drawing.activate()
    page.get_by_role("button", name="Analytics", exact=True).click()
    return drawing


def see_in_crm(page: Page, drawing: Drawing, customer: str, *, tracked: bool) -> None:
    """A number on the node leads to who was there, since the activation; or to the words why nobody is listed."""
    drawing.node("Say hello").get_by_role("button", name="1").first.click()
    banner = page.get_by_role("region", name="Show in CRM")
    expect(banner).to_contain_text("Profiles that arrived at “Say hello”")
    row = page.get_by_role("row").filter(has_text=customer)
    if tracked:
        expect(banner).to_contain_text("Tracked since")
        expect(banner).to_contain_text("The counter on the node says 1.")
        row.get_by_role("link").click()
    else:
        expect(page.get_by_text("This node has never been tracked")).to_be_visible()
        expect(page.get_by_text("1 arrival was counted, and it is on its customer’s card")).to_be_visible()
        banner.get_by_role("link", name="Show all profiles").click()
        row.get_by_role("link").click()


def see_on_card(page: Page, profile: int, *, tracked: bool) -> None:
    """The message, and every step; each step says whether it is a datapoint, too."""
    expect(page).to_have_url(re.compile(rf"/profiles/{profile}\b"))
    stream = page.get_by_role("region", name="Events, newest first")
    expect(stream.get_by_role("button", name="message.sent")).to_be_visible()
    run = stream.get_by_role("button").filter(has_text="3 steps")
    run.click()
    steps = page.get_by_role("list", name="Welcome").get_by_role("button")
    expect(steps).to_have_text([re.compile("^FinishFinished"), re.compile("^Say helloArrived"), re.compile("^Joined")])
    step = steps.filter(has_text="Say hello")
    expect(step).to_contain_text("Also a datapoint") if tracked else expect(step).not_to_contain_text("datapoint")

    only = page.get_by_role("combobox", name="Only these actions")
    only.fill(STEP)
    page.get_by_role("option", name=STEP).click()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("clientPathStep"))
    expect(stream.get_by_role("listitem")).to_have_count(1)
    stream.get_by_role("button").filter(has_text="1 step").click()
    steps.filter(has_text="Say hello").click()
    words = "Also a datapoint" if tracked else "On the card only: the node was not tracked"
    expect(page.get_by_role("list", name="Welcome").get_by_text(words, exact=True)).to_be_visible()


def see_in_funnel(page: Page, *, tracked: bool) -> None:
    """Who joined and then made the step: one, or nobody."""
    choose(page, "Step 1", "account.created")
    page.get_by_role("button", name="Add a step").click()
    choose(page, "Step 2", STEP)
    expect(funnel(page).get_by_role("row").nth(1)).to_contain_text("account.created1")
    expect(funnel(page).get_by_role("row").nth(2)).to_contain_text(f"{STEP}{1 if tracked else 0}")


def see_message_in_trend(page: Page, *, tracked: bool) -> None:
    """The message is a datapoint in both cases."""
    page.get_by_text("Trend", exact=True).click()
    choose(page, "Series 1", "message.sent")
    totals = trend(page).get_by_role("row", name="Whole range")
    expect(totals).to_have_text(f"Whole range1{1 if tracked else 0}")
