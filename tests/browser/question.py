"""How a question is put to Analytics, and how its answer is read: on the page and from a file.

Owns how the parts of the builder are found. Must not know any event.
"""

from __future__ import annotations

import csv
from collections.abc import Callable

from playwright.sync_api import Locator, Page


def choose(page: Page, field: str, action: str) -> None:
    """Type the event of a step or a series: `choose(page, "Step 1", "page.visit")`."""
    found = page.get_by_role("combobox", name=f"{field}: Event")
    found.fill(action)
    found.press("Enter")


def word(page: Page, name: str) -> Locator:
    """A word of the sentence that one can click."""
    return page.get_by_role("region", name="Question").get_by_role("button", name=f"{name}: ")


def funnel(page: Page) -> Locator:
    return page.get_by_role("table", name="The funnel, step by step")


def trend(page: Page) -> Locator:
    return page.get_by_role("table", name="The trend, interval by interval")


def exported(page: Page, press: Callable[[], None]) -> tuple[str, list[list[str]]]:
    """Name and rows of the file that comes when `press` is done."""
    with page.expect_download() as download:
        press()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        return download.value.suggested_filename, list(csv.reader(file))
