"""Small journeys worked out by hand: the reference and the product must both give every move and counter."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.interpreter import interpret
from tests.reference.product import play

Json = dict[str, Any]

DATA = pathlib.Path(os.environ.get("MILEPOST_TEST_DATA", pathlib.Path(__file__).parents[3] / "shared" / "data"))
FILE = DATA / "journey_cases.json"
CASES: list[Json] = json.loads(FILE.read_text(encoding="utf-8"))["cases"] if FILE.exists() else []
#: What the sandbox provider sends back at once (D-3.8) is left out of the cases.
SANDBOX_ANSWERS = ("message.sent", "webhook.response")

pytestmark = pytest.mark.skipif(not CASES, reason=f"the worked cases are not here: {FILE.name}")


@pytest.mark.parametrize("answer", [interpret, play], ids=["reference", "product"])
@pytest.mark.parametrize("case", CASES or [pytest.param({}, marks=pytest.mark.skip)], ids=lambda case: case.get("name"))
def test_case_gives_the_expected_moves_and_counters(case: Json, answer: Callable[[Json], Json]) -> None:
    expected = case["expected"]
    got = answer(case["scenario"])

    fields = expected["moves"][0].keys() if expected["moves"] else ()
    assert [{name: move[name] for name in fields} for move in got["moves"]] == expected["moves"]
    assert got["counters"] == expected["counters"]
    if "intents" in expected:
        assert [intent["node"] for intent in got["intents"]] == expected["intents"]
    if "produced" in expected:
        produced = [event["action"] for event in got["produced"]]
        assert [action for action in produced if action not in SANDBOX_ANSWERS] == expected["produced"]
    if "show_in_crm" in expected:
        assert {node: got["show_in_crm"][node] for node in expected["show_in_crm"]} == expected["show_in_crm"]
    if "state" in expected:
        assert list(got["state"].values()) == [expected["state"]]
