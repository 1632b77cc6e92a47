"""The list of journeys: what goes on in each, and new ones, copies, and drafts that go."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.drawing import Drawing
from tests.browser.shop import open_shop
from tests.browser.workspace import Workspace


def test_the_list_tells_of_each_journey_what_goes_on_in_it(page: Page, workspace: Workspace) -> None:
    open_shop(workspace)
    page.reload()
    table = page.get_by_role("table", name="Journeys of this workspace")
    headings = ["Name", "State", "Started", "In progress", "Finished", "Last change", "Actions"]
    expect(table.get_by_role("columnheader")).to_have_text(headings)
    expect(table.get_by_role("row", name="Cart").get_by_role("cell")).to_have_text(
        ["Cart", "Active", "2", "1", "1", re.compile("now|ago"), ""]
    )
    expect(table.get_by_role("row", name="Thanks").get_by_role("cell").nth(1)).to_have_text("Draft")
    page.get_by_role("textbox", name="Find a journey").fill("thank")
    expect(table.get_by_role("row")).to_have_count(2)


def test_a_journey_is_made_copied_and_deleted_and_what_has_run_stays(page: Page, workspace: Workspace) -> None:
    open_shop(workspace)
    Drawing.new(page, "Winter 🎿").until_saved()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Journeys").click()
    table = page.get_by_role("table", name="Journeys of this workspace")
    expect(table.get_by_role("row", name="Winter 🎿")).to_contain_text("Draft")

    page.get_by_role("button", name="Actions for Winter 🎿").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    copies = table.get_by_role("link", name=re.compile("^Winter 🎿"))
    expect(copies).to_have_count(2)

    page.get_by_role("button", name="Actions for Winter 🎿", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog", name="Delete this draft?").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("“Winter 🎿” was deleted.")).to_be_visible()
    expect(copies).to_have_count(1)

    page.get_by_role("button", name="Actions for Cart").click()
    refused = page.get_by_role("menuitem", name="Delete")
    refused.hover()
    expect(page.get_by_text("Only a draft can be deleted.")).to_be_visible()
    refused.click(force=True)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(table.get_by_role("row", name="Cart")).to_be_visible()
