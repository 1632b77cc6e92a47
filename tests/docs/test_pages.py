"""The pages themselves: links that lead somewhere, an index that misses nothing, nothing about the place of writing."""

from __future__ import annotations

import itertools
import pathlib
import re
from collections.abc import Iterator

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def short(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def prose(page: pathlib.Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: pathlib.Path) -> set[str]:
    """What `page#...` may name: headings in lower case, without punctuation, spaces as hyphens."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in HEADING.findall(prose(page))
    }


def own_files() -> Iterator[pathlib.Path]:
    """What belongs to the project, read from the disk: a clone may have come without its history."""
    for name in (".ci", "benchmarks", "deploy", "docs", "requirements", "src", "tests"):
        yield from (path for path in (ROOT / name).rglob("*") if path.is_file() and path.suffix != ".pyc")
    yield from (path for path in ROOT.iterdir() if path.is_file())


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_relative_link_leads_somewhere(page: pathlib.Path) -> None:
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        goal = (page.parent / file).resolve() if file else page
        assert goal.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(goal), f"{target}: no such heading"


def test_every_page_is_reached_from_the_index() -> None:
    seen, queue = set(), [ROOT / "docs" / "README.md"]
    while queue:
        page = queue.pop()
        if page in seen:
            continue
        seen.add(page)
        targets = [(page.parent / target.partition("#")[0]).resolve() for target in LINK.findall(prose(page))]
        queue += [target for target in targets if target.suffix == ".md" and target.exists()]
    assert [short(page) for page in PAGES if page.is_relative_to(ROOT / "docs") and page not in seen] == []


def test_the_glossary_has_each_word_once_and_in_order() -> None:
    rows = re.findall(
        r"^\| ([a-z][a-z -]*) \|", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    words = [word for word in rows if word != "word"]
    assert words == sorted(set(words))


def test_nothing_names_the_machine_or_the_network_of_whoever_wrote_it() -> None:
    # Put together here, for this file is searched too.
    places = ["/" + "work/", "/" + "root/", "/" + "home/", "pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org"]
    found = [
        f"{short(path)}: {place}"
        for path, place in itertools.product(own_files(), places)
        if place.encode() in path.read_bytes()
    ]
    assert found == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {
        "utils",
        "util",
        "helpers",
        "helper",
        "manager",
        "managers",
        "common",
        "service",
        "services",
        "misc",
        "base",
    }
    modules = [path for folder in ("src", "tests", "benchmarks") for path in (ROOT / folder).rglob("*")]
    assert [short(path) for path in modules if path.stem.strip("_") in empty] == []
