"""13,087 real loan applications go through a journey; every number equals one counted from the file in plain Python.

The file is read by the command line, as the how-to page says, into a virtual workspace over chDB and SQLite (D-3.8).
"""

from __future__ import annotations

import csv
import datetime
import gzip
import json
import os
import pathlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from milepost.cli import app as command
from milepost.cli.connection import Connection
from tests.acceptance.served import serving

DATA = pathlib.Path(os.environ.get("MILEPOST_TEST_DATA", pathlib.Path(__file__).parents[3] / "shared" / "data"))
FILE = DATA / "bpi2012_events.csv.gz"
DAYS = datetime.timedelta(days=1)
LARGE = 20_000
STEPS = ("A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "A_FINALIZED", "O_SENT", "O_SENT_BACK", "A_APPROVED")
JOURNEY = {
    "name": "Loan applications",
    "nodes": [
        {
            "id": "submitted", "type": "profile_event", "title": "Submitted", "outlets": {"next": "wait"},
            "settings": {"action": "A_SUBMITTED"},
        },
        {
            "id": "wait", "type": "event_filter", "title": "Preaccepted within 7 days?",
            "settings": {"action": "A_PREACCEPTED", "limit": {"value": 7, "unit": "day"}},
            "outlets": {"matched": "amount", "not_matched": "late"},
        },
        {
            "id": "amount", "type": "profile_filter", "title": "20,000 or more?",
            "settings": {"where": [{"param": "amount", "op": "greater_or_equal", "value": LARGE}]},
            "outlets": {"matched": "large", "not_matched": "small"},
        },
        {"id": "large", "type": "end", "title": "Large"},
        {"id": "small", "type": "end", "title": "Small"},
        {"id": "late", "type": "end", "title": "Not preaccepted in time"},
    ],
}  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.exists(), reason=f"there is no {FILE.name}: see the README of the data folder"),
]


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, str]]:
    """The server after the whole log has gone through it, and the journey's id."""
    folder = tmp_path_factory.mktemp("loans")
    data, definition = folder / "data", folder / "journey.json"
    definition.write_text(json.dumps(JOURNEY))
    with serving(data) as app:

        def milepost(*arguments: str) -> str:
            result = CliRunner().invoke(command, [*arguments, "--data", str(data)], catch_exceptions=False)
            assert result.exit_code == 0, result.output
            return result.output

        milepost("workspaces", "create", "loans", "--clock", "virtual", "--track-everything")
        there = ("--workspace", "loans")
        journey = milepost("journeys", "create", str(definition), *there).strip()
        milepost("journeys", "activate", journey, *there)
        milepost(
            "import", "events", str(FILE), "--map", "action=event:slug", "--map", "profile.custom_id=case",
            "--map", "time=ts", "--map", "params.amount=amount:number", "--where", "lifecycle=COMPLETE",
            "--replay", "--run", *there,
        )  # fmt: skip
        headers = {"Milepost-Owner": app.owner.token, "Milepost-Workspace": "loans"}
        with Connection(app.owner.url, headers) as server:
            yield server, journey


@pytest.fixture(scope="module")
def counted() -> Counter[str]:
    """How many applications must have come to each node, counted from the file."""
    applications: dict[str, list[tuple[datetime.datetime, str, float]]] = defaultdict(list)
    with gzip.open(FILE, "rt", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["lifecycle"] == "COMPLETE":
                time = datetime.datetime.fromisoformat(row["ts"])
                applications[row["case"]].append((time, row["event"], float(row["amount"])))
    came: Counter[str] = Counter()
    for events in applications.values():
        events.sort(key=lambda event: event[0])
        submitted = next(time for time, action, _ in events if action == "A_SUBMITTED")
        preaccepted = [
            (time, amount)
            for time, action, amount in events
            if action == "A_PREACCEPTED" and submitted <= time <= submitted + 7 * DAYS
        ]
        came.update(["submitted", "wait"])
        if preaccepted:
            came.update(["amount", "large" if preaccepted[0][1] >= LARGE else "small"])
        else:
            came["late"] += 1
    return came


@pytest.fixture(scope="module")
def known() -> Any:
    return json.loads((DATA / "reference_numbers.json").read_text())["bpi2012"]


def test_every_node_counts_what_the_file_says(loans: tuple[Connection, str], counted: Counter[str]) -> None:
    server, journey = loans
    statistics = server.get(f"/journeys/{journey}/statistics")
    assert {node["id"]: node["entered"] for node in statistics["nodes"]} == counted
    assert [node["drift"] for node in statistics["nodes"]] == [0] * len(JOURNEY["nodes"])  # D-1.2
    assert [node["waiting"] for node in statistics["nodes"]] == [0] * len(JOURNEY["nodes"])
    assert statistics["started"] == statistics["finished"] == counted["submitted"]


def test_show_in_crm_lists_everybody_where_all_was_tracked(
    loans: tuple[Connection, str], counted: Counter[str]
) -> None:
    server, journey = loans
    for node, number in counted.items():
        assert server.get(f"/journeys/{journey}/nodes/{node}/profiles", limit=1)["total"] == number  # D-1.9


@pytest.mark.parametrize("days", ["none", "7", "14", "30"])
def test_the_funnel_equals_the_known_numbers(loans: tuple[Connection, str], known: Any, days: str) -> None:
    server, _ = loans
    expected = known["ordered_funnel_complete_events_only"][f"window_{days}_days"]
    answer = server.post(
        "/query",
        {
            "kind": "funnel", "from": "2011-09-01", "to": "2012-03-31", "steps": [{"action": step} for step in STEPS],
            "window": None if days == "none" else {"value": int(days), "unit": "day"},
        },
    )  # fmt: skip
    assert [step["count"] for step in answer["steps"]] == expected["counts"]
    seconds = answer["steps"][-1]["seconds_from_start"]
    assert [seconds["mean"], seconds["median"]] == pytest.approx(expected["total_seconds_mean_median"])
    members = {"kind": "funnel", "step": len(STEPS)}
    behind = server.post("/query/profiles", {"question": answer["question"], "members": members, "limit": 1})
    assert behind["total"] == expected["counts"][-1]


@pytest.mark.parametrize("way", [("wait", "amount", "large"), ("wait", "amount", "small"), ("wait", "late")])
def test_the_journey_funnel_equals_the_node_counters(
    loans: tuple[Connection, str], counted: Counter[str], way: tuple[str, ...]
) -> None:
    server, journey = loans
    actions = {"submitted": "clientStartPath", **dict.fromkeys(("large", "small", "late"), "clientEndPath")}
    steps = [
        {
            "action": f"automation.{actions.get(node, 'clientPathStep')}",
            "where": [
                {"param": "journeyId", "op": "equal", "value": journey},
                {"param": "nodeId", "op": "equal", "value": node},
            ],
        }
        for node in ("submitted", *way)
    ]
    answer = server.post(
        "/query",
        {
            "kind": "funnel", "from": "2011-09-01", "to": "2012-03-31", "steps": steps, "window": None,
            "hold": ["runId"], "count": "held_values",
        },
    )  # fmt: skip
    assert [step["count"] for step in answer["steps"]] == [counted[node] for node in ("submitted", *way)]


def test_a_trend_by_month_equals_the_known_numbers(loans: tuple[Connection, str], known: Any) -> None:
    server, _ = loans
    answer = server.post(
        "/query",
        {
            "kind": "trend", "from": "2011-09-01", "to": "2012-02-29", "interval": "month",
            "series": [{"action": "A_SUBMITTED"}],
        },
    )  # fmt: skip
    months = [begin[:7] for begin in answer["intervals"]]
    assert dict(zip(months, answer["lines"][0]["values"], strict=True)) == known["submitted_by_month_utc"]


def test_a_card_has_every_event_and_every_move(loans: tuple[Connection, str]) -> None:
    server, _ = loans
    with gzip.open(FILE, "rt", newline="") as lines:
        own = [row for row in csv.DictReader(lines) if row["case"] == "173688" and row["lifecycle"] == "COMPLETE"]
    events = server.get("/profiles/custom_id:173688/activity", limit=1_000)["events"]
    moves = [event for event in reversed(events) if event["action"].startswith("automation.")]
    assert len(events) - len(moves) == len(own)
    assert [(move["node"], move["params"].get("outlet")) for move in moves] == [
        ("submitted", None), ("wait", "next"), ("amount", "matched"), ("large", "matched"),
    ]  # fmt: skip
