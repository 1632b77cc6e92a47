"""The canvas as a hand uses it: palette, nodes, handles, panel.

Owns how the parts of the editor are found. Must not know any journey.
"""

from __future__ import annotations

import json
import re
from typing import Final

from playwright.sync_api import Locator, Page, expect

MOD: Final = "ControlOrMeta"


class Drawing:
    """The editor of the journey that a page is at."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.palette = page.get_by_role("region", name="Add a node")
        self.nodes = page.get_by_role("application", name="Journey").locator("[data-id][aria-roledescription=node]")
        self.ways = page.get_by_role("application", name="Journey").locator("[aria-roledescription=edge]")
        self.status = page.get_by_role("status").filter(has_text=re.compile("^(Saved|Saving|Not saved|Once activated)"))

    @classmethod
    def new(cls, page: Page, name: str) -> Drawing:
        """Begin a journey at the list."""
        page.get_by_role("button", name="New journey").first.click()
        drawing = cls(page)
        page.get_by_role("textbox", name="Name of the journey").fill(name)
        return drawing

    def node(self, title: str) -> Locator:
        return self.nodes.and_(self.page.locator(f"[aria-label$={_quoted(f': {title}')}]"))

    def panel(self, title: str) -> Locator:
        return self.page.get_by_role("complementary", name=title, exact=True)

    def switch(self, title: str) -> Locator:
        return self.panel(title).get_by_role("switch", name="Track datapoints")

    def track(self, title: str, *, on: bool = True) -> None:
        """Turn the switch of the selected node."""
        self.switch(title).click()
        expect(self.switch(title)).to_be_checked(checked=on)

    def add(self, type: str) -> None:
        """By a click: behind the selected node."""
        self.palette.get_by_role("button", name=type, exact=True).click()

    def drop(self, type: str, x: int, y: int) -> None:
        """By dragging onto the canvas, to a place that is measured from its upper left corner."""
        onto = self.page.get_by_role("application", name="Journey")
        self.palette.get_by_role("button", name=type, exact=True).drag_to(onto, target_position={"x": x, "y": y})

    def connect(self, source: str, target: str, outlet: str = "next") -> None:
        """Drag from an outlet of a node to the other node."""
        self.node(source).locator(f"[data-handleid={outlet}]").drag_to(self.node(target).locator(".target"))

    def way(self, source: str, target: str) -> Locator:
        return self.ways.and_(self.page.locator(f"[aria-label*={_quoted(f'between “{source}” and “{target}”')}]"))

    def select(self, title: str) -> Locator:
        """Its panel."""
        self.node(title).click()
        expect(self.node(title)).to_have_class(re.compile(r"\bselected\b"))
        expect(self.panel(title)).to_be_visible()
        return self.panel(title)

    def until_saved(self) -> None:
        expect(self.status).to_have_text("Saved")

    def activate(self) -> None:
        self.page.get_by_role("button", name="Activate").click()
        self.page.get_by_role("dialog").get_by_role("button", name="Activate").click()
        expect(self.status).to_have_text("Once activated, a drawing stays as it is.")


def _quoted(text: str) -> str:
    """As CSS writes it."""
    return json.dumps(text, ensure_ascii=False)
