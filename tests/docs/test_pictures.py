"""The pictures of the docs: each is made by the script, small, and shown somewhere."""

from __future__ import annotations

import pathlib
import re

import pytest

from docs import pictures
from tests.docs.test_pages import PAGES, ROOT, prose, short

SHOWN = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
PNG = b"\x89PNG\r\n\x1a\n"


def shown(page: pathlib.Path) -> list[tuple[str, pathlib.Path]]:
    """The pictures on a page: what they are said to show, and where they are."""
    return [(text, (page.parent / target).resolve()) for text, target in SHOWN.findall(prose(page))]


@pytest.mark.parametrize("page", [page for page in PAGES if shown(page)], ids=short)
def test_every_picture_on_a_page_is_made_by_the_script_and_is_told_in_words(page: pathlib.Path) -> None:
    for text, picture in shown(page):
        assert picture.parent == pictures.FOLDER.resolve()
        assert picture.stem in pictures.PICTURES
        assert len(text.split()) > 3, f"{picture.name}: say what it shows, to those who cannot see it"


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_every_picture_of_the_script_is_there_small_and_used(name: str) -> None:
    picture = pictures.FOLDER / f"{name}.png"
    content = picture.read_bytes()
    assert content.startswith(PNG)
    assert len(content) < pictures.LARGEST
    assert any(picture.resolve() == path for page in PAGES for _, path in shown(page)), "no page shows it"


def test_no_picture_is_left_over() -> None:
    assert {path.name for path in pictures.FOLDER.iterdir()} == {f"{name}.png" for name in pictures.PICTURES}


def test_the_readme_shows_the_product() -> None:
    assert len(shown(ROOT / "README.md")) >= 1
