"""The tutorial does what it says: its own words are followed, step by step, from the first run to the end."""

from __future__ import annotations

import json
import pathlib
import re
import shlex
import string
from collections.abc import Iterator
from typing import Final

import httpx2
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.drawing import Drawing
from tests.fault.servers import KEY, machine

PAGE: Final = pathlib.Path(__file__).parents[2] / "docs" / "tutorial" / "your-first-journey.md"
ADDRESS: Final = "http://127.0.0.1:8420"
STEP: Final = re.compile(
    r"""
      ```sh\n(?P<commands>.*?)```
    | (?P<dialog>in\sthe\sdialog,[^.*]*)?click\s(?:the\s(?P<role>link|button|tab|node|line)\s)?\*\*(?P<click>.+?)\*\*
    | `(?P<text>[^`]+)`\sinto\s\*\*(?P<field>.+?)\*\*(?P<enter>[^.]*?,\sand\spress\sEnter)?
    | choose\s`(?P<choice>[^`]+)`\sas\sthe\s\*\*(?P<select>.+?)\*\*
    | turn\son\s\*\*(?P<switch>.+?)\*\*
    | (?<!\*)\*(?P<seen>[^*]+)\*(?!\*)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def steps() -> Iterator[re.Match[str]]:
    """What the page tells to do, and what it says that one sees, in order."""
    told = PAGE.read_text(encoding="utf-8").partition("\n## ")[2]
    assert not re.search(r"\*\*", STEP.sub("", told)), "something bold is no step that a test can follow"
    return STEP.finditer(told)


def test_whoever_follows_it_sees_what_it_says(visitor: Open, tmp_path: pathlib.Path) -> None:
    with machine(tmp_path / "log") as made:
        server = made.serve(tmp_path / "data", demo=True)
        server.until_ready()
        page = visitor(server.url).new_page()
        page.goto("/")
        reader = Reader(page, server.url)
        for step in steps():
            reader.follow(step)
        page.close()  # before the server ends, which it would complain about


class Reader:
    """Somebody with a browser and a terminal."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.shell: dict[str, str] = {}

    def follow(self, step: re.Match[str]) -> None:
        match step.lastgroup:
            case "commands":
                for line in re.split(r"^(?=curl|export|python3)", step["commands"], flags=re.MULTILINE):
                    if line:
                        self.run(*shlex.split(line))
            case "click":
                self.find(step["click"], step["role"], in_dialog=step["dialog"] is not None).click()
            case "field" | "enter":
                labelled = self.page.get_by_label(step["field"], exact=True)
                field = self.page.get_by_role("textbox", name=step["field"], exact=True).or_(labelled).first
                field.fill(" ".join(step["text"].split()))
                if step["enter"]:
                    field.press("Enter")
            case "select":
                self.page.get_by_label(re.compile(f"{step['select']}$")).select_option(label=step["choice"])
            case "switch":
                switch = self.page.get_by_role("switch", name=step["switch"])
                expect(switch).not_to_be_checked()
                switch.click()
                expect(switch).to_be_checked()
            case "seen":
                expect(self.sight(" ".join(step["seen"].split())).first).to_be_visible()

    def sight(self, text: str) -> Locator:
        """What the page says that one sees: a number with its name on a node, or any text."""
        if number := re.fullmatch(r"(\d+) (Entered|Waiting|Went on|Finished)", text):
            # The name comes first in the document, and stands below.
            return self.page.locator("dl > div").filter(has_text=re.compile(f"^{number[2]}{number[1]}$"))
        return self.page.get_by_text(text).filter(visible=True)

    def find(self, name: str, role: str | None, *, in_dialog: bool) -> Locator:
        """What is clicked: by its role, where the page names it, else by its whole name."""
        inside = self.page.get_by_role("dialog") if in_dialog else self.page
        match role:
            case "node":
                return Drawing(self.page).node(name)
            case "line":
                return inside.get_by_role("button").filter(has_text=re.compile(f"^{re.escape(name)}"))
            case "link" | "button" | "tab":
                return inside.get_by_role(role, name=name).first
            case _:
                exact = inside.get_by_role("button", name=name, exact=True)
                for other in ("link", "menuitem"):
                    exact = exact.or_(inside.get_by_role(other, name=name, exact=True))
                return exact.first

    def run(self, program: str, *words: str) -> None:
        """A command of the page: what it starts is running already, what it exports and sends is done."""
        if program == "export":
            name, _, value = words[0].partition("=")
            self.shell[name] = KEY if value == "..." else value
        elif program == "curl":
            [url] = [word for word in words if word.startswith(ADDRESS)]
            header, _, value = string.Template(words[words.index("-H") + 1]).substitute(self.shell).partition(": ")
            answer = httpx2.post(
                url.replace(ADDRESS, self.url), headers={header: value}, trust_env=False,
                json=json.loads(words[words.index("-d") + 1]),
            )  # fmt: skip
            assert answer.is_success, answer.text
        else:
            assert (program, *words) == ("python3", "dev.py", "run")
