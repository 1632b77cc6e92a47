"""Makes the pictures of the docs from the running product: `.venv/bin/python docs/pictures.py [NAME...]`.

Starts a server with the demo in a folder of its own, signs in, and photographs the screens in Chromium. The demo's
history is the same every time, but its dates are those of the day.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Final

from playwright.sync_api import Locator, Page, ViewportSize, expect, sync_playwright

FOLDER: Final = pathlib.Path(__file__).parent / "pictures"
SIZE: Final[ViewportSize] = {"width": 1280, "height": 800}
PATIENCE: Final = 60.0
LARGEST: Final = 150_000
"""Bytes of a picture: everybody who clones the project loads them all."""
EMAIL, PASSWORD = "ada@example.com", "four words without sense"
CUSTOMER: Final = 42
"""A profile of the demo that was in an A/B test, has got an email, and is in a journey now."""


def journeys(page: Page) -> Page:
    """The list of journeys."""
    page.goto("/journeys")
    expect(page.get_by_text("Active")).to_have_count(2)
    page.set_viewport_size({"width": 1280, "height": 420})
    return page


def canvas(page: Page) -> Page:
    """A journey at work, with the numbers on nodes and connections."""
    page.set_viewport_size({"width": 1440, "height": 840})
    page.goto("/journeys")
    page.get_by_role("link", name=re.compile("^Abandoned cart")).click()
    page.get_by_role("button", name="Analytics", exact=True).click()
    expect(page.locator("dl").first).to_contain_text(re.compile(r"\d"))
    return page


def panel(page: Page) -> Locator:
    """The panel of a node, with its switch in the lower left corner."""
    canvas(page)
    page.get_by_role("group", name="Profile filter: Worth a discount?").click()
    found = page.get_by_role("complementary", name="Worth a discount?")
    expect(found.get_by_role("switch", name="Track datapoints")).to_be_visible()
    return found


def crm(page: Page) -> Page:
    """Who arrived at a tracked node."""
    canvas(page)
    page.get_by_role("group", name="Profile event: Cart abandoned").click()
    page.get_by_role("tab", name="Statistics").click()
    page.get_by_role("link", name="Show in CRM").click()
    expect(page.get_by_role("region", name="Show in CRM")).to_contain_text("Tracked since")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 560})
    return page


def card(page: Page) -> Page:
    """The card of a customer."""
    page.goto(f"/profiles/{CUSTOMER}")
    expect(page.get_by_text(re.compile("steps?$")).first).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 680})
    return page


def event(page: Page) -> Locator:
    """A run on the card with one of its steps open."""
    card(page)
    page.set_viewport_size({"width": 1280, "height": 1600})
    stream = page.get_by_role("region", name="Events, newest first")
    stream.get_by_role("button").filter(has_text="Discount or none").first.click()
    steps = stream.get_by_role("list").get_by_role("list")
    steps.get_by_role("button").filter(has_text=re.compile("^(10 % for you|Reminder email)")).first.click()
    return steps.get_by_role("listitem").filter(has_text="Why it went this way")


def funnel(page: Page) -> Page:
    """How far customers get."""
    page.goto("/analytics")
    for number, action in enumerate(("page.visit", "cart.add", "order.placed"), start=1):
        if number > 1:
            page.get_by_role("button", name="Add a step").click()
        choose(page, f"Step {number}: Event", action)
    expect(page.get_by_role("table", name="The funnel, step by step").get_by_role("row")).to_have_count(4)
    page.set_viewport_size({"width": 1280, "height": 760})
    return page


def trend(page: Page) -> Page:
    """How often something happens, day by day."""
    page.goto("/analytics")
    page.get_by_text("Trend", exact=True).click()
    for number, action in enumerate(("cart.abandoned", "order.placed"), start=1):
        if number > 1:
            page.get_by_role("button", name="Add a series").click()
        choose(page, f"Series {number}: Event", action)
    expect(page.get_by_role("table", name="The trend, interval by interval")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 640})
    return page


#: Every picture, and how it comes on the screen.
PICTURES: Final[Mapping[str, Callable[[Page], Page | Locator]]] = {
    "journeys": journeys,
    "canvas": canvas,
    "panel": panel,
    "crm": crm,
    "card": card,
    "event": event,
    "funnel": funnel,
    "trend": trend,
}


def main(names: list[str]) -> None:
    """Make these pictures anew, or all."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "MILEPOST_ACCOUNT_EMAIL": EMAIL, "MILEPOST_ACCOUNT_PASSWORD": PASSWORD}
        command = [sys.executable, "-m", "milepost", "serve", "--data", data, "--port", str(port)]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            photograph(f"http://127.0.0.1:{port}", names or list(PICTURES))
        finally:
            server.terminate()
            server.wait(PATIENCE)


def photograph(url: str, names: list[str]) -> None:
    """Sign in, and go from picture to picture."""
    until(lambda: urllib.request.urlopen(f"{url}/health/ready").status == 200)
    browser = os.environ.get("MILEPOST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        context = chromium.new_context(base_url=url, color_scheme="light", locale="en-GB", timezone_id="UTC")
        page = context.new_page()
        page.goto("/")
        page.get_by_label("Email").fill(EMAIL)
        page.locator("input[type=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Workspace: Demo")).to_be_visible()
        until(lambda: all(one["clock"] == "real" for one in page.request.get("/api/v1/session").json()["workspaces"]))
        for name in names:
            page.set_viewport_size(SIZE)
            keep(PICTURES[name](page), page, name)
        chromium.close()


def keep(seen: Page | Locator, page: Page, name: str) -> None:
    """One picture, once nothing moves any more: the screens ask the server again and again, so they are never idle."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(1_000)
    FOLDER.mkdir(exist_ok=True)
    picture = seen.screenshot(path=FOLDER / f"{name}.png")
    print(f"docs/pictures/{name}.png {len(picture):,} bytes")
    assert len(picture) < LARGEST, "too large: show less of the screen"


def choose(page: Page, label: str, action: str) -> None:
    """Choose the event of a step or a series."""
    field = page.get_by_role("combobox", name=label)
    field.fill(action)
    field.press("Enter")


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that fails until it holds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if holds():
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            message = "the server did not start"
            raise TimeoutError(message)
        time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1:])
