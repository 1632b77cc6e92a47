"""The card of a customer: by day, filtered, by runs, down to the last param, and live (D-1.1, D-1.3, D-2.6)."""

from __future__ import annotations

import datetime
import re

from playwright.sync_api import Page, expect

from tests.browser.shop import open_shop
from tests.browser.workspace import Workspace

DAY = datetime.timedelta(days=1)


def test_the_activity_is_told_by_day_newest_first(page: Page, workspace: Workspace) -> None:
    now = datetime.datetime.now(datetime.UTC)
    who = {"email": "eve@example.com"}
    workspace.send(
        {"profile": who, "action": "page.visit", "time": (now - 40 * DAY).isoformat()},
        {"profile": who, "action": "cart.added", "time": (now - DAY).isoformat()},
        {"profile": who, "action": "order.completed", "time": now.isoformat()},
    )
    key = workspace.profile("email:eve@example.com")
    page.goto(workspace.at(f"/profiles/{key}"))
    stream = page.get_by_role("region", name="Events, newest first")
    expect(stream.get_by_role("heading")).to_have_text(
        [re.compile("^Today, "), re.compile("^Yesterday, "), re.compile(str((now - 40 * DAY).year))]
    )
    expect(stream.get_by_role("listitem").last).to_contain_text("page.visit")
    expect(page.get_by_text("This is where it began.")).to_be_visible()

    page.get_by_role("combobox", name="Period").click()
    page.get_by_role("option", name="Last 7 days").click()
    expect(stream.get_by_role("heading")).to_have_count(2)
    page.reload()
    expect(stream.get_by_role("heading")).to_have_count(2)
    page.get_by_role("button", name="Clear the filters").click()
    expect(stream.get_by_role("heading")).to_have_count(3)


def test_steps_are_grouped_by_run_and_any_event_opens_to_all_of_its_params(page: Page, workspace: Workspace) -> None:
    shop = open_shop(workspace)
    page.goto(workspace.at(f"/profiles/{shop.eve}"))
    stream = page.get_by_role("region", name="Events, newest first")
    stream.get_by_role("button").filter(has_text="Cart 2 steps").click()
    steps = page.get_by_role("list", name="Cart").get_by_role("button")
    expect(steps).to_have_count(2)
    steps.filter(has_text="Bought within an hour?").click()
    facts = page.get_by_role("list", name="Cart").get_by_role("term")
    for name in ("journeyId", "journeyName", "journeyVersion", "runId", "pathId", "step", "nodeId", "fromNodeId"):
        expect(facts.filter(has_text=re.compile(f"^{name}$"))).to_be_visible()  # D-1.4
    stream.get_by_role("button").filter(has_text="page.visit").click()
    expect(stream.get_by_role("definition").filter(has_text="/shoes")).to_be_visible()

    standing = page.get_by_role("heading", name="In journeys now").locator("..")
    expect(standing).to_contain_text("Bought within an hour?")
    expect(standing).to_contain_text("goes on in")

    page.get_by_text("Journey steps", exact=True).click()
    expect(page).to_have_url(re.compile("family=moves"))
    expect(stream.get_by_role("listitem")).to_have_count(1)
    expect(stream.get_by_role("button").filter(has_text="page.visit")).to_have_count(0)


def test_what_happens_while_one_reads_waits_behind_a_pill(page: Page, workspace: Workspace) -> None:
    shop = open_shop(workspace)
    page.goto(workspace.at(f"/profiles/{shop.eve}"))
    stream = page.get_by_role("region", name="Events, newest first")
    expect(stream.get_by_role("button").filter(has_text="page.visit")).to_be_visible()
    workspace.send({"profile": {"email": "eve@example.com"}, "action": "shop.called", "params": {"minutes": 3}})
    pill = page.get_by_role("button", name="1 new event")
    expect(pill).to_be_visible()
    expect(stream.get_by_role("button").filter(has_text="shop.called")).to_have_count(0)
    pill.click()
    expect(stream.get_by_role("button").first).to_contain_text("shop.called")
    expect(pill).to_have_count(0)
