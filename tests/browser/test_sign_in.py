"""Who may come in, and that a session which ends in the middle of a word costs nothing of it (D-8)."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.drawing import Drawing
from tests.browser.watched import Watch
from tests.browser.workspace import EMAIL, PASSWORD, Workspace


def test_a_wrong_password_is_refused_with_a_sentence_and_the_address_is_kept(
    visitor: Open, workspace: Workspace, watch: Watch
) -> None:
    page = visitor(workspace.url).new_page()
    page.goto(workspace.at("/profiles", search="eve"))
    page.get_by_role("textbox", name="Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill("five words without any sense")
    watch.expect("status of 401")
    page.get_by_role("button", name="Sign in").click()
    refused = page.get_by_role("alert")
    expect(refused).to_contain_text("The email or the password is wrong.")
    expect(refused).to_contain_text("Check both and try again.")
    expect(page.get_by_role("textbox", name="Email")).to_have_value(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox")).to_have_value("eve")


def test_a_session_that_ends_in_the_middle_of_typing_loses_nothing(page: Page, watch: Watch) -> None:
    drawing = Drawing.new(page, "Before")
    drawing.add("Send email")
    drawing.until_saved()
    page.context.clear_cookies()
    watch.expect("status of 401")
    text = drawing.panel("Send email").get_by_role("textbox", name="Text")
    text.fill("A text that took an hour 🕰")
    asked = page.get_by_role("dialog", name="Please sign in again")
    expect(asked).to_contain_text("Everything you typed is still here")
    expect(asked.get_by_role("textbox", name="Email")).to_have_value(EMAIL)
    asked.get_by_label("Password", exact=True).fill("not the password at all")
    asked.get_by_role("button", name="Sign in and go on").click()
    expect(asked.get_by_role("alert")).to_contain_text("The email or the password is wrong.")
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_role("button", name="Sign in and go on").click()
    expect(asked).to_have_count(0)
    drawing.until_saved()
    expect(text).to_have_value("A text that took an hour 🕰")
    page.reload()
    expect(text).to_have_value("A text that took an hour 🕰")


def test_whoever_signs_out_is_out(visitor: Open, workspace: Workspace) -> None:
    page = visitor(workspace.url).new_page()
    page.goto(workspace.at("/journeys"))
    page.get_by_role("textbox", name="Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Account:").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
