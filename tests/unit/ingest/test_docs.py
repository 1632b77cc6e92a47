"""The reference names every reason for which intake rejects an item, and the how-to every converter."""

from __future__ import annotations

import pathlib
import re

from milepost.errors import IdentifierConflict
from milepost.ingest import mapping, registry

ROOT = pathlib.Path(__file__).parents[3]
CODE = re.compile(r"Rejection\(\s*(?:index|arrival\.item|item\.item),\s*\"(\w+)\"")


def test_every_code_has_a_row() -> None:
    intake = [*ROOT.glob("src/milepost/ingest/*.py"), ROOT / "src/milepost/runtime/intake.py"]
    source = "".join(path.read_text(encoding="utf-8") for path in intake)
    page = (ROOT / "docs" / "reference" / "intake.md").read_text(encoding="utf-8")
    codes = set(CODE.findall(source)) | {IdentifierConflict.code}
    assert len(codes) > 10
    documented = set(
        re.findall(r"^\| `(\w+)` \| .* \|$", page.partition("## Why an item is rejected")[2], re.MULTILINE)
    )
    assert documented == codes


def test_every_converter_has_a_row() -> None:
    page = (ROOT / "docs" / "howto" / "import.md").read_text(encoding="utf-8")
    assert [name for name in mapping.CONVERTERS if f"| `{name}` |" not in page] == []


def test_every_dialect_is_named() -> None:
    page = (ROOT / "docs" / "reference" / "intake.md").read_text(encoding="utf-8")
    assert [name for name in registry.dialects() if name not in page] == []
