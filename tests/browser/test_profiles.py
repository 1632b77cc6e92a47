"""The list of profiles: found, filtered by a node, turned page by page, taken away as a file (D-1.9, D-2.7)."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.question import exported
from tests.browser.shop import MARKUP, RIGHT_TO_LEFT, open_shop
from tests.browser.workspace import Workspace

MANY = 120


@pytest.fixture
def many(workspace: Workspace) -> Workspace:
    """More customers than fit on a page."""
    workspace.send(
        *({"profile": {"email": f"c{n:03}@example.com"}, "action": "page.visit"} for n in range(MANY)),
    )
    workspace.profile(f"email:c{MANY - 1:03}@example.com")
    return workspace


def test_a_customer_is_found_by_the_begin_of_a_name_or_by_a_whole_identifier(page: Page, workspace: Workspace) -> None:
    open_shop(workspace)
    page.goto(workspace.at("/profiles"))
    table = page.get_by_role("table", name="Profiles")
    expect(table.get_by_role("row")).to_have_count(3)
    find = page.get_by_role("searchbox")
    find.fill("eve@example.com")
    expect(table.get_by_role("row")).to_have_count(2)
    expect(table.get_by_role("link", name=RIGHT_TO_LEFT)).to_be_visible()
    find.fill("ليلى")
    expect(page).to_have_url(re.compile(f"search={quote('ليلى')}"))
    expect(table.get_by_role("link", name=RIGHT_TO_LEFT)).to_be_visible()
    find.fill("eve")
    expect(page.get_by_text("Identifiers have to be given whole.")).to_be_visible()
    page.get_by_role("button", name="Show all profiles").click()
    expect(table.get_by_role("row")).to_have_count(3)


def test_names_are_shown_as_they_are_and_never_run(page: Page, workspace: Workspace) -> None:
    shop = open_shop(workspace)
    page.goto(workspace.at("/profiles"))
    expect(page.get_by_role("link", name=MARKUP)).to_have_text(MARKUP)
    expect(page.get_by_role("link", name=RIGHT_TO_LEFT).locator("bdi")).to_have_text(RIGHT_TO_LEFT)
    page.get_by_role("link", name=MARKUP).click()
    expect(page.get_by_role("heading", name=MARKUP)).to_have_text(MARKUP)
    expect(page.locator("img")).to_have_count(0)
    page.get_by_role("button").filter(has_text="order.completed").first.click()
    stream = page.get_by_role("region", name="Events, newest first")
    expect(stream.get_by_role("definition").filter(has_text=MARKUP)).to_have_text(MARKUP)
    page.goto(workspace.at(f"/profiles/{shop.eve}"))
    expect(page.get_by_role("heading", name=RIGHT_TO_LEFT)).to_be_visible()


def test_the_list_is_turned_page_by_page_and_back_leads_back(page: Page, many: Workspace) -> None:
    page.goto(many.at("/profiles"))
    rows = page.get_by_role("table", name="Profiles").get_by_role("row")
    pages = page.get_by_role("navigation", name="Pages of profiles")
    expect(pages).to_contain_text(f"1–50 of {MANY}")
    first = rows.nth(1).inner_text()
    page.get_by_role("button", name="Next page").click()
    expect(pages).to_contain_text(f"51–100 of {MANY}")
    page.get_by_role("button", name="Next page").click()
    expect(pages).to_contain_text(f"101–{MANY} of {MANY}")
    expect(rows).to_have_count(21)
    page.reload()
    expect(pages).to_contain_text(f"101–{MANY} of {MANY}")
    page.go_back()
    expect(pages).to_contain_text(f"51–100 of {MANY}")
    page.get_by_role("button", name="First page").click()
    expect(rows.nth(1)).to_have_text(first.replace("\n", "").replace("\t", ""))


def test_the_file_has_the_whole_list_with_the_columns_that_are_shown(page: Page, many: Workspace) -> None:  # D-2.7
    page.goto(many.at("/profiles"))
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Tags").uncheck()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Next page").click()
    _, rows = exported(page, page.get_by_role("button", name="Export CSV").click)
    shown = page.get_by_role("table", name="Profiles").get_by_role("columnheader").all_inner_texts()
    assert rows[0][-len(shown) :] == shown
    assert "Tags" not in shown
    assert len(rows) == 1 + MANY
    assert {f"c{n:03}@example.com" for n in range(MANY)} == {cell for row in rows for cell in row if "@" in cell}


def test_the_list_of_a_node_says_since_when_and_has_a_file_of_its_own(
    page: Page, workspace: Workspace
) -> None:  # D-1.9
    shop = open_shop(workspace)
    page.goto(workspace.at("/profiles", journey=shop.cart, node="bought"))
    banner = page.get_by_role("region", name="Show in CRM")
    expect(banner.get_by_role("heading")).to_have_text("Profiles that arrived at “Bought”")
    expect(banner).to_contain_text("Tracked since")
    expect(banner).to_contain_text("The counter on the node says 1.")
    table = page.get_by_role("table", name="Profiles")
    expect(table.get_by_role("row")).to_have_count(2)
    name, rows = exported(page, page.get_by_role("button", name="Export CSV").click)
    assert name == "arrived Bought.csv"
    assert len(rows) == 2
    assert "bobby" in rows[1]
    page.reload()
    expect(table.get_by_role("row")).to_have_count(2)
    back(banner).click()
    expect(page.get_by_role("complementary", name="Bought")).to_be_visible()


def back(banner: Locator) -> Locator:
    return banner.get_by_role("link", name="Back to the canvas")
