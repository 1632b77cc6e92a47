"""The reference is complete and up to date, measured against the code: a new thing without its entry fails here."""

from __future__ import annotations

import pathlib
import re

import pytest

from docs import generate
from milepost import config, errors
from milepost.kernel import condition, event, node

ROOT = pathlib.Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
SOURCES = sorted((ROOT / "src" / "milepost").rglob("*.py"))
PRODUCED = re.compile(r'"((?:automation|message|webhook)\.[a-z][A-Za-z]+|profile\.[a-z][A-Za-z]+ed)"')
INDEXED = dict(generate.pages())


def read(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", INDEXED, ids=lambda path: path.name)
def test_what_is_made_from_the_code_agrees_with_it(path: pathlib.Path) -> None:
    assert path.read_text(encoding="utf-8") == INDEXED[path], "run: python3 dev.py docs"


@pytest.mark.parametrize("kind", node.registry())
def test_every_node_type_has_its_page_and_its_test(kind: str) -> None:
    page = read(f"nodes/{kind}.md")
    assert page.startswith(f"# {node.registry()[kind].label}\n")
    assert f"<!-- made: {kind} -->" in page
    assert f"(nodes/{kind}.md)" in read("journeys.md")
    assert (ROOT / "tests" / "unit" / "kernel" / "nodes" / f"test_{kind}.py").exists()


@pytest.mark.parametrize("kind", node.registry())
def test_every_setting_of_a_node_type_says_what_it_is_called(kind: str) -> None:
    properties = node.registry()[kind].model_json_schema().get("properties", {})
    assert [name for name, schema in properties.items() if not schema.get("title")] == []


def test_no_page_is_left_over_from_a_node_type_that_is_gone() -> None:
    assert {path.stem for path in (REFERENCE / "nodes").iterdir()} == set(node.registry())


def test_every_endpoint_says_what_it_is_for() -> None:
    entries = re.split(r"^### ", read("api.md"), flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    assert [entry.splitlines()[0] for entry in entries if not entry.partition("\n")[2].strip()] == []


@pytest.mark.parametrize("name", config.Settings.model_fields)
def test_every_setting_says_what_it_is_for(name: str) -> None:
    assert config.Settings.model_fields[name].description
    assert f"## {name}\n" in read("settings.md")


@pytest.mark.parametrize("name", config.Settings.model_fields)
def test_every_setting_has_an_effect(name: str) -> None:
    used = re.compile(rf"\.{name}\b")
    assert any(used.search(path.read_text(encoding="utf-8")) for path in SOURCES if path.name in {"app.py", "cli.py"})


def test_every_event_of_the_product_is_in_the_reference() -> None:
    named = set(event.MOVE_ACTIONS)
    for path in SOURCES:
        named |= set(PRODUCED.findall(path.read_text(encoding="utf-8")))
    assert sorted(action for action in named if f"`{action}`" not in read("events.md")) == []


def test_every_condition_operator_is_in_the_reference() -> None:
    operators = condition.Test.model_json_schema()["properties"]["op"]["enum"]
    assert [name for name in operators if f"`{name}`" not in read("conditions.md")] == []


def test_every_error_has_a_code_of_its_own_and_a_sentence() -> None:
    kinds = generate.error_classes()
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert generate.sentence(kind.__doc__).endswith(".")
    assert errors.MilepostError in kinds
