"""Analytics: a question is put by clicking, stands in the address, and each of its numbers leads to people (D-6)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.question import choose, exported, funnel, trend, word
from tests.browser.workspace import Workspace

BUYERS, LOOKERS = 3, 5


@pytest.fixture
def bought(workspace: Workspace) -> Workspace:
    """Five looked at shoes, two at hats; the first three of them bought something, one of it dear."""
    people = [{"email": f"c{n}@example.com"} for n in range(LOOKERS)]
    workspace.post("/profiles", [{"profile": who, "attributes": {"tier": "gold"}} for who in people[:2]])
    workspace.send(*({"profile": who, "action": "page.visit", "params": {"url": "/shoes"}} for who in people))
    workspace.send(*({"profile": who, "action": "page.visit", "params": {"url": "/hats"}} for who in people[:2]))
    workspace.send(
        *(
            {"profile": who, "action": "order.completed", "params": {"total": 500 if n == 0 else 20}}
            for n, who in enumerate(people[:BUYERS])
        )
    )
    workspace.profile(f"email:c{LOOKERS - 1}@example.com")
    return workspace


def test_a_funnel_is_asked_by_clicking_and_each_number_leads_to_cards(page: Page, bought: Workspace) -> None:
    page.goto(bought.at("/analytics"))
    choose(page, "Step 1", "page.visit")
    page.get_by_role("button", name="Add a step").click()
    choose(page, "Step 2", "order.completed")
    rows = funnel(page).get_by_role("row")
    expect(rows.nth(1).get_by_role("cell").nth(0)).to_have_text(str(LOOKERS))
    expect(rows.nth(2).get_by_role("cell").nth(0)).to_have_text(str(BUYERS))
    expect(page.get_by_text("60% from the first step to the last")).to_be_visible()

    step = page.get_by_role("listitem", name="Step 2")
    step.get_by_role("button", name="Add conditions").click()
    step.get_by_role("button", name="Add a condition").click()
    step.get_by_role("combobox", name="Name of the param").fill("total")
    step.get_by_role("combobox", name="Operator").select_option("is more than")
    step.get_by_role("textbox", name="Value").fill("100")
    expect(rows.nth(2).get_by_role("cell").nth(0)).to_have_text("1")

    name, file = exported(page, page.get_by_role("button", name="Export CSV").click)
    assert name == "funnel.csv"
    assert [row[:3] for row in file] == [
        ["Step", "Profiles", "From start"],
        ["1. page.visit", "5", "1"],
        ["2. order.completed", "1", "0.2"],
    ]

    rows.nth(2).get_by_role("button").first.click()
    members = page.get_by_role("dialog", name="Reached step 2, order.completed")
    expect(members.get_by_role("status")).to_have_text("1 profile")
    members.get_by_role("link", name="c0@example.com").click()
    expect(page.get_by_role("heading", name="c0@example.com")).to_be_visible()
    page.go_back()
    expect(members).to_be_visible()


def test_the_whole_question_is_in_the_address(page: Page, bought: Workspace) -> None:
    page.goto(bought.at("/analytics"))
    choose(page, "Step 1", "page.visit")
    page.get_by_role("button", name="Add a step").click()
    choose(page, "Step 2", "order.completed")
    word(page, "Attempt").click()
    page.get_by_role("button", name=re.compile("^first attempt")).click()
    word(page, "Dates").click()
    page.get_by_role("button", name="today", exact=True).click()
    two = funnel(page).get_by_role("row").nth(2).get_by_role("cell").nth(0)
    expect(two).to_have_text(str(BUYERS))

    page.reload()
    expect(word(page, "Attempt")).to_have_text("first attempt")
    expect(word(page, "Dates")).to_have_text("today")
    expect(two).to_have_text(str(BUYERS))
    page.go_back()
    expect(word(page, "Dates")).to_have_text("the last 30 days")
    page.go_back()
    expect(word(page, "Attempt")).to_have_text("best attempt")
    expect(two).to_have_text(str(BUYERS))
    page.go_forward()
    expect(word(page, "Attempt")).to_have_text("first attempt")


def test_a_trend_is_broken_down_and_each_number_leads_to_people(page: Page, bought: Workspace) -> None:
    page.goto(bought.at("/analytics"))
    page.get_by_text("Trend", exact=True).click()
    choose(page, "Series 1", "page.visit")
    total = trend(page).get_by_role("row", name="Whole range").get_by_role("cell")
    expect(total).to_have_text(["7"])
    page.get_by_role("combobox", name="Series 1: Count").select_option("Unique profiles")
    expect(total).to_have_text(["5"])

    word(page, "Breakdown").click()
    page.get_by_role("dialog").get_by_text("A param of the event").click()
    page.get_by_role("dialog").get_by_role("combobox", name="Name").fill("url")
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    expect(trend(page).get_by_role("columnheader")).to_have_text(["From", "/shoes", "/hats"])
    expect(total).to_have_text(["5", "2"])

    _, file = exported(page, page.get_by_role("button", name="Export CSV").click)
    assert file[0] == ["From", "/shoes", "/hats"]
    assert file[-1] == ["Whole range", "5", "2"]
    total.nth(1).get_by_role("button").click()
    members = page.get_by_role("dialog", name="/hats, whole range")
    expect(members.get_by_role("link")).to_have_text(["c0@example.com", "c1@example.com"])
    page.reload()
    expect(members.get_by_role("link")).to_have_count(2)


def test_a_question_may_be_about_some_profiles_only(page: Page, bought: Workspace) -> None:
    q = {"kind": "trend", "series": [{"action": "order.completed"}]}
    page.goto(bought.at("/analytics", q=q))
    total = trend(page).get_by_role("row", name="Whole range").get_by_role("cell")
    expect(total).to_have_text([str(BUYERS)])
    word(page, "Which profiles").click()
    who = page.get_by_role("dialog")
    who.get_by_role("button", name="Add a condition").click()
    who.get_by_role("combobox", name="Name of the attribute").fill("tier")
    who.get_by_role("combobox", name="Value").or_(who.get_by_role("textbox", name="Value")).first.fill("gold")
    who.get_by_role("button", name="Done").click()
    expect(total).to_have_text(["2"])
    expect(word(page, "Which profiles")).to_contain_text("tier")
