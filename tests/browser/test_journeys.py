"""The list of journeys in the browser: new, duplicate, delete, numbers."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_an_empty_workspace_invites_to_draw(page: Page) -> None:
    expect(page.get_by_text("Draw your first journey")).to_be_visible()
