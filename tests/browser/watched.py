"""Pages that are watched: whatever a browser complains about is kept, and found again when the test ends.

Owns the complaints, what is expected of them, the pictures, and the search for barriers (axe). Must not know Milepost.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator
from typing import Final

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, WebError

AXE: Final = pathlib.Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
_SEARCH: Final = """async (tags) => {
  const found = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\\n${failureSummary}`));
}"""
_STILL: Final = """async () => {
  const ends = (animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime);
  await Promise.allSettled(document.getAnimations().filter(ends).map((animation) => animation.finished));
}"""


class Watch:
    """What the pages of one test complained about: errors in the console (what the content security policy stops is
    one), and errors that nobody caught.
    """

    def __init__(self) -> None:
        self._complaints: list[str] = []
        self._expected: list[re.Pattern[str]] = []
        self._contexts: list[BrowserContext] = []

    def over(self, context: BrowserContext) -> None:
        """Watch every page of it, also those to come."""
        self._contexts.append(context)
        context.on("console", self._hear)
        context.on("weberror", self._catch)

    def expect(self, pattern: str) -> None:
        """From here on, at least one complaint fits this expression, and those that fit are no fault."""
        self._expected.append(re.compile(pattern))

    def faults(self) -> list[str]:
        """Complaints that nobody expected, and expectations that did not come true."""
        fits = {one: [line for line in self._complaints if one.search(line)] for one in self._expected}
        expected = {line for lines in fits.values() for line in lines}
        return [
            *(line for line in self._complaints if line not in expected),
            *(f"no complaint fits {one.pattern!r}" for one, lines in fits.items() if not lines),
        ]

    def pages(self) -> Iterator[Page]:
        """Those that are still open."""
        for context in self._contexts:
            yield from context.pages

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _catch(self, error: WebError) -> None:
        self._complaints.append(f"page: {error.error.stack or error.error.message}")


def photograph(page: Page, path: pathlib.Path) -> None:
    """Keep what it shows, if it still shows something."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        page.screenshot(path=path)
    except Error as error:
        path.with_suffix(".txt").write_text(f"There is no picture: {error.message}", encoding="utf-8")


def still(page: Page) -> None:
    """Return when nothing moves or fades any more."""
    page.evaluate(_STILL)


def barriers(page: Page) -> list[str]:
    """What keeps somebody from using the page as it is now (WCAG 2.2 AA), as far as a program can see it."""
    if not page.evaluate("'axe' in window"):
        # The page's policy forbids a script tag; what the debugger evaluates is not under it.
        page.evaluate(AXE.read_text(encoding="utf-8"))
    still(page)
    found: list[str] = page.evaluate(_SEARCH, TAGS)
    return found
