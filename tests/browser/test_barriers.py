"""Nobody is kept out: axe finds nothing to complain about on any screen, in light and dark, whatever is open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.drawing import Drawing
from tests.browser.shop import open_shop
from tests.browser.watched import Watch, barriers
from tests.browser.workspace import EMAIL, Workspace

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


class Tour:
    """One way through the app. What axe says at each stop is kept for the end."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: dict[str, list[str]] = {}

    def stop(self, name: str, *shown: Locator) -> None:
        """Look, once these are there."""
        for one in shown:
            expect(one).to_be_visible()
        if found := barriers(self.page):
            self.found[name] = found

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def stop_at_dialog(self, name: str) -> None:
        """Look at the one that is open, and close it."""
        self.stop(name, self.page.get_by_role("dialog"))
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def end(self) -> None:
        assert self.found == {}, "\n\n".join(f"{at}\n" + "\n".join(lines) for at, lines in self.found.items())


@SCHEMES
def test_the_sign_in_keeps_nobody_out(visitor: Open, workspace: Workspace, watch: Watch, scheme: str) -> None:
    page = visitor(workspace.url, color_scheme=scheme).new_page()
    tour = Tour(page)
    page.goto("/journeys")
    tour.stop("sign-in", page.get_by_label("Password", exact=True))
    watch.expect("status of 401")
    page.get_by_label("Email").fill("nobody")
    page.get_by_label("Password", exact=True).fill("")
    page.get_by_role("button", name="Sign in").evaluate("button => button.form.noValidate = true")
    tour.press("Sign in")
    tour.stop("sign-in refused", page.get_by_role("alert"))
    tour.end()


@SCHEMES
def test_the_journeys_keep_nobody_out(signed_in: Open, workspace: Workspace, watch: Watch, scheme: str) -> None:
    context = signed_in(workspace.url, color_scheme=scheme)
    page = context.new_page()
    tour = Tour(page)
    page.goto(workspace.at("/journeys"))
    tour.stop("no journey", page.get_by_text("Draw your first journey"))
    shop = open_shop(workspace)
    page.reload()
    tour.stop("journeys", page.get_by_role("table"))
    tour.press("Actions for Thanks")
    tour.stop("menu of a journey", page.get_by_role("menu"))
    page.get_by_role("menuitem", name="Delete").click()
    tour.stop_at_dialog("deleting")
    page.get_by_role("button", name="Account:").click()
    tour.stop("menu of the account", page.get_by_role("menu"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    page.get_by_role("button", name="Workspace:").click()
    tour.stop("menu of the workspaces", page.get_by_role("menu"))
    page.keyboard.press("Escape")

    drawing = Drawing.new(page, "Draft")
    tour.stop("empty canvas", page.get_by_text("Begin with what customers do"))
    drawing.add("Profile event")
    panel = drawing.panel("Profile event")
    panel.get_by_role("button", name="Add a condition").click()
    tour.stop("panel with a condition", panel)
    for type in ("A/B test", "Event filter", "Split paths", "Update profile", "Webhook", "Send email", "End"):
        drawing.add(type)
        tour.stop(f"panel of {type}", drawing.panel(type))
    page.get_by_role("button", name="issues").click()
    tour.stop_at_dialog("issues")
    for button in ("Settings", "Keyboard shortcuts"):
        page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
        tour.stop_at_dialog(button)
    tour.press("Show the whole journey")
    page.get_by_role("button", name="Put a node between").first.click()
    tour.stop_at_dialog("putting a node between")
    tour.press("Outline")
    tour.stop("outline", page.get_by_role("region", name="The journey as a list"))

    page.goto(workspace.at(f"/journeys/{shop.cart}", analytics=True, node="wait", tab="statistics"))
    tour.stop("analytics on the nodes", page.get_by_role("tabpanel", name="Statistics").get_by_text("Entered"))
    page.get_by_role("tab", name="Tracking").click()
    tour.stop("tracking", page.get_by_text("This node has never been tracked."))
    tour.press("Stop at once")
    tour.stop_at_dialog("stopping")

    page.goto("/nowhere")
    tour.stop("nothing here", page.get_by_text("There is nothing here"))
    context.add_cookies([{"name": "milepost_session", "value": "over", "url": workspace.url}])
    watch.expect("status of 401")
    page.get_by_role("link", name="Go to the journeys").click()
    tour.stop("signing in again", page.get_by_role("dialog", name="Please sign in again"))
    tour.end()


@SCHEMES
def test_profiles_and_cards_keep_nobody_out(signed_in: Open, workspace: Workspace, watch: Watch, scheme: str) -> None:
    page = signed_in(workspace.url, color_scheme=scheme).new_page()
    tour = Tour(page)
    page.goto(workspace.at("/profiles"))
    tour.stop("nobody", page.get_by_text("Send your first event"))
    tour.press("Make a key and show the command")
    tour.stop("command", page.get_by_text("Authorization: Bearer"))
    shop = open_shop(workspace)
    page.goto(workspace.at("/profiles"))
    tour.stop("profiles", page.get_by_role("table"))
    tour.press("Columns")
    tour.stop_at_dialog("columns")
    page.get_by_role("searchbox").fill("zzz")
    tour.stop("nobody found", page.get_by_text("Nobody found"))
    for node, words in (("left", "Tracked since"), ("wait", "This node has never been tracked")):
        page.goto(workspace.at("/profiles", journey=shop.cart, node=node))
        tour.stop(f"arrivals at {node}", page.get_by_text(words))

    page.goto(workspace.at(f"/profiles/{shop.eve}"))
    stream = page.get_by_role("region", name="Events, newest first")
    tour.stop("card", stream)
    stream.get_by_role("button").filter(has_text="Cart 2 steps").click()
    page.get_by_role("list", name="Cart").get_by_role("button").first.click()
    stream.get_by_role("button").filter(has_text="page.visit").click()
    tour.stop("opened events", page.get_by_text("Why it went this way").or_(page.get_by_text("About the event")).first)
    page.get_by_role("combobox", name="Only these actions").click()
    tour.stop("choice of actions", page.get_by_role("listbox"))
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Period").click()
    tour.stop("choice of a period", page.get_by_role("listbox"))
    page.get_by_role("option", name="From … to …").click()
    page.goto(workspace.at(f"/profiles/{shop.eve}", run="none"))
    tour.stop("no event fits", page.get_by_text("No event fits the filters"))
    watch.expect("status of 404")
    page.goto(workspace.at("/profiles/999999"))
    tour.stop("no such profile", page.get_by_text("There is no such profile"))
    tour.end()


@SCHEMES
def test_analytics_and_settings_keep_nobody_out(signed_in: Open, workspace: Workspace, scheme: str) -> None:
    open_shop(workspace)
    page = signed_in(workspace.url, color_scheme=scheme).new_page()
    tour = Tour(page)
    page.goto(workspace.at("/analytics"))
    tour.stop("no question", page.get_by_text("How far do customers get?"))

    steps = [
        {"action": "page.visit", "where": [{"param": "price", "op": "greater", "value": 5}]},
        {"action": "cart.abandoned"},
        {"action": "order.completed"},
    ]
    page.goto(workspace.at("/analytics", q={"kind": "funnel", "steps": steps}))
    table = page.get_by_role("table", name="The funnel, step by step")
    tour.stop("funnel", table)
    page.get_by_role("button", name="where price").click()
    tour.stop("conditions", page.get_by_role("button", name="Hide the conditions"))
    page.get_by_role("combobox", name="Step 1: Event").click()
    tour.stop("choice of events", page.get_by_role("listbox"))
    page.keyboard.press("Escape")
    for word in ("Count", "Window", "Held equal", "Attempt", "Dates", "Time zone", "Which profiles"):
        page.get_by_role("region", name="Question").get_by_role("button", name=f"{word}: ").click()
        tour.stop_at_dialog(word)
    table.get_by_role("button").first.click()
    tour.stop_at_dialog("profiles behind a number")

    trend = {"kind": "trend", "series": [{"action": "page.visit"}], "breakdown": {"param": "url"}}
    page.goto(workspace.at("/analytics", q=trend))
    tour.stop("trend", page.get_by_role("table", name="The trend, interval by interval"))
    page.get_by_role("button", name="Breakdown: ").click()
    tour.stop_at_dialog("breakdown")

    page.goto(workspace.at("/settings"))
    tour.stop("settings", page.get_by_text(f"You are signed in as {EMAIL}"), page.get_by_role("table").last)
    for button in ("New key", "New workspace"):
        tour.press(button)
        tour.stop_at_dialog(button)
    tour.end()
