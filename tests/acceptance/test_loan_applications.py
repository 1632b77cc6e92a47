"""13,087 real loan applications go through a journey; every number equals one counted from the file in plain Python.

What the how-to page says is done to the letter, in a virtual workspace over chDB and SQLite (D-3.8).
"""

from __future__ import annotations

import csv
import datetime
import gzip
import json
import os
import pathlib
import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from milepost.cli import app as command
from milepost.cli.connection import Connection
from tests.acceptance.served import serving

ROOT = pathlib.Path(__file__).parents[2]
DATA = pathlib.Path(os.environ.get("MILEPOST_TEST_DATA", ROOT.parent / "shared" / "data"))
FILE = DATA / "bpi2012_events.csv.gz"
DAYS = datetime.timedelta(days=1)
STEPS = ("A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "A_FINALIZED", "O_SENT", "O_SENT_BACK", "A_APPROVED")

PAGE = (ROOT / "docs" / "howto" / "real-data.md").read_text(encoding="utf-8")
JOURNEY, FUNNEL, JOURNEY_FUNNEL = map(json.loads, re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
LARGE = next(node["settings"]["where"]["value"] for node in JOURNEY["nodes"] if node["id"] == "amount")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILE.exists(), reason=f"there is no {FILE.name}: see the README of the data folder"),
]


def commands() -> Iterator[list[str]]:
    """The words of every command on the page."""
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            _, *words = shlex.split(line, comments=True)
            yield words


class Loans(NamedTuple):
    """The server after everything on the page has been done."""

    server: Connection
    journey: str
    outputs: list[str]
    """What the commands printed."""


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loans]:
    folder = tmp_path_factory.mktemp("loans")
    (folder / "loans.json").write_text(json.dumps(JOURNEY))
    (folder / "funnel.json").write_text(json.dumps(FUNNEL))
    (folder / FILE.name).symlink_to(FILE)
    journey, outputs = "", []
    with pytest.MonkeyPatch.context() as patch, serving(folder / "data") as app:
        patch.chdir(folder)
        for words in commands():
            # More than the page says, so that there is more to compare.
            more = ["--track-everything"] if words[0] == "workspaces" else []
            given = [journey if word == "j-…" else word for word in words]
            result = CliRunner().invoke(command, [*given, *more], catch_exceptions=False)
            assert result.exit_code == 0, result.output
            outputs.append(result.output)
            if words[:2] == ["journeys", "create"]:
                journey = result.output.strip()
        headers = {"Milepost-Owner": app.owner.token, "Milepost-Workspace": "loans"}
        with Connection(app.owner.url, headers) as server:
            yield Loans(server, journey, outputs)


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
        came.update(["submitted", "preaccepted"])
        if preaccepted:
            came.update(["amount", "large" if preaccepted[0][1] >= LARGE else "small"])
        else:
            came["waited"] += 1
    return came


@pytest.fixture(scope="module")
def known() -> Any:
    return json.loads((DATA / "reference_numbers.json").read_text())["bpi2012"]


def test_every_node_counts_what_the_file_says(loans: Loans, counted: Counter[str]) -> None:
    server, journey, _ = loans
    statistics = server.get(f"/journeys/{journey}/statistics")
    assert {node["id"]: node["entered"] for node in statistics["nodes"]} == counted
    assert [node["drift"] for node in statistics["nodes"]] == [0] * len(JOURNEY["nodes"])  # D-1.2
    assert [node["waiting"] for node in statistics["nodes"]] == [0] * len(JOURNEY["nodes"])
    assert statistics["started"] == statistics["finished"] == counted["submitted"]


def test_show_in_crm_lists_everybody_where_all_was_tracked(loans: Loans, counted: Counter[str]) -> None:
    server, journey, _ = loans
    for node, number in counted.items():
        assert server.get(f"/journeys/{journey}/nodes/{node}/profiles", limit=1)["total"] == number  # D-1.9


def test_the_page_shows_what_the_commands_print(loans: Loans, counted: Counter[str]) -> None:
    titles = {node["title"]: node["id"] for node in JOURNEY["nodes"]}
    shown = {
        titles[title]: int(entered.replace(",", ""))
        for title, entered in re.findall(r"^\| ([^|]+?) \| ([\d,]+) \|", PAGE, re.MULTILINE)
    }
    assert shown == counted
    funnel = loans.outputs[-1].splitlines()[1:]
    assert " → ".join(line.split()[1] for line in funnel) in PAGE.replace("\n", " ")
    answer = loans.server.post("/query", JOURNEY_FUNNEL)
    assert [step["count"] for step in answer["steps"]] == [counted["submitted"], counted["large"]]


@pytest.mark.parametrize("days", ["none", "7", "14", "30"])
def test_the_funnel_equals_the_known_numbers(loans: Loans, known: Any, days: str) -> None:
    server = loans.server
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


@pytest.mark.parametrize(
    "way", [("preaccepted", "amount", "large"), ("preaccepted", "amount", "small"), ("preaccepted", "waited")]
)
def test_the_journey_funnel_equals_the_node_counters(loans: Loans, counted: Counter[str], way: tuple[str, ...]) -> None:
    server, journey, _ = loans
    actions = {"submitted": "clientStartPath", **dict.fromkeys(("large", "small", "waited"), "clientEndPath")}
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


def test_a_trend_by_month_equals_the_known_numbers(loans: Loans, known: Any) -> None:
    server = loans.server
    answer = server.post(
        "/query",
        {
            "kind": "trend", "from": "2011-09-01", "to": "2012-02-29", "interval": "month",
            "series": [{"action": "A_SUBMITTED"}],
        },
    )  # fmt: skip
    months = [begin[:7] for begin in answer["intervals"]]
    assert dict(zip(months, answer["lines"][0]["values"], strict=True)) == known["submitted_by_month_utc"]


def test_a_card_has_every_event_and_every_move(loans: Loans) -> None:
    server = loans.server
    with gzip.open(FILE, "rt", newline="") as lines:
        own = [row for row in csv.DictReader(lines) if row["case"] == "173688" and row["lifecycle"] == "COMPLETE"]
    events = server.get("/profiles/custom_id:173688/activity", limit=1_000)["events"]
    moves = [event for event in reversed(events) if event["action"].startswith("automation.")]
    assert len(events) - len(moves) == len(own)
    assert [(move["node"], move["params"].get("outlet")) for move in moves] == [
        ("submitted", None), ("preaccepted", "next"), ("amount", "matched"), ("large", "matched"),
    ]  # fmt: skip
