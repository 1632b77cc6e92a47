"""The registry of node types: one stem in the code, the tests and the docs (D-3.2)."""

from __future__ import annotations

import pathlib

import pytest

from milepost.kernel.node import registry

ROOT = pathlib.Path(__file__).parents[3]
MODULES = sorted(path.stem for path in (ROOT / "src/milepost/kernel/nodes").glob("*.py") if path.stem != "__init__")
FAMILIES = {"trigger", "condition", "flow", "action", "end"}


def test_every_module_is_a_node_type_of_its_name() -> None:
    assert list(registry()) == MODULES


@pytest.mark.parametrize("kind", MODULES)
def test_every_node_type_has_its_test_and_its_page(kind: str) -> None:
    assert (ROOT / f"tests/unit/kernel/nodes/test_{kind}.py").exists()
    assert (ROOT / f"docs/reference/nodes/{kind}.md").exists()


@pytest.mark.parametrize("kind", MODULES)
def test_every_node_type_says_what_it_is(kind: str) -> None:
    one = registry()[kind]
    assert one.family in FAMILIES
    assert one.label
    assert one.__doc__


def test_only_ends_have_no_way_out_and_only_they_end_paths() -> None:
    plain: dict[str, dict[str, object]] = {"ab_test": {}, "split": {}, "end": {}}
    for kind, settings in plain.items():
        outlets = registry()[kind].model_validate(settings).outlets()
        assert (outlets == ()) == (registry()[kind].family == "end")
        assert len(set(outlets)) == len(outlets)
