"""Write the reference pages that are made from the code; `dev.py docs` runs this, tests/docs finds drift.

Owns the form of these pages. Must not hold facts: each comes from the code it describes.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping
from typing import Final

from pydantic import SecretStr

from milepost import config, errors

REFERENCE: Final = pathlib.Path(__file__).parent / "reference"
MARK: Final = "<!-- Made by `python3 dev.py docs`; change the code, not this page. -->"


def settings() -> str:
    """Every setting of `milepost.config`."""
    sections = []
    for name, field in config.Settings.model_fields.items():
        default = "none" if field.default is None else f"`{str(field.default).lower()}`"
        secret = " It is never logged and never returned." if SecretStr.__name__ in str(field.annotation) else ""
        text = " ".join((field.description or "").split())
        sections.append(f"## {name}\n\n`{config.variable(name)}`, default: {default}\n\n{text}{secret}\n")
    return page(
        "Settings",
        "A server reads its settings from environment variables; where `milepost serve` has a flag of the same name, "
        "the flag wins. An empty variable counts as not set.",
        *sections,
    )


def error_codes() -> str:
    """Every error of `milepost.errors` that the API can answer with."""
    rows = [f"| `{kind.code}` | {kind.status} | {sentence(kind.__doc__)} |" for kind in error_classes()]
    return page(
        "Errors",
        "Every error has the same form: `code` is stable and meant for programs, `message` is meant for people, "
        "`field` names what is wrong in the request and `fix` says what to do about it.",
        "| code | status | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n",
    )


def error_classes() -> list[type[errors.MilepostError]]:
    """The error classes, in the order in which they are defined."""
    found, queue = [], [errors.MilepostError]
    while queue:
        kind = queue.pop(0)
        found.append(kind)
        queue.extend(kind.__subclasses__())
    return found


def sentence(docstring: str | None) -> str:
    """The first line of a docstring."""
    return (docstring or "").strip().splitlines()[0]


def page(title: str, introduction: str, *sections: str) -> str:
    """One page: mark, title, introduction, sections."""
    return "\n".join([MARK, "", f"# {title}", "", introduction, "", *sections]).rstrip() + "\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = {"settings.md": settings, "errors.md": error_codes}


def main() -> None:
    """Write all pages."""
    REFERENCE.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), encoding="utf-8")
        print(f"docs/reference/{name}")


if __name__ == "__main__":
    main()
