"""Golden histories: what the product once made of some inputs, to be made again for ever (D-3.8).

Owns how a history is played and written down. A file in `histories/` holds journeys and inputs, written by people, and
the log that came of them: every event on every card with its id, its values and the reason of each decision. When a
rule changes on purpose, `python -m tests.replay.history` writes the logs anew, and the difference is read line by line.
"""

from __future__ import annotations

import json
import pathlib
from typing import Any
from unittest import mock

from milepost.ports.state_store import StateStore
from milepost.testing import World

Json = dict[str, Any]
FOLDER = pathlib.Path(__file__).parent / "histories"
VOLATILE = ("position", "received_at")
"""Columns that say how the work was cut into batches, or repeat the instant."""


def load(path: pathlib.Path) -> Json:
    history: Json = json.loads(path.read_text(encoding="utf-8"))
    return history


def play(history: Json, *, batch_size: int = 10_000, stepwise: bool = False, store: StateStore | None = None) -> Json:
    """The log, counters, intents and states that come of the history's inputs.

    The inputs are handed in at once and then taken; or, `stepwise`, each when all before it are taken.
    """
    world = World(batch_size=batch_size, store=store)
    journeys = {}
    # A journey's id is drawn, and the ids of its runs follow from it.
    for name, definition in history["journeys"].items():
        with mock.patch("milepost.runtime.lifecycle.secrets.token_hex", return_value=name):
            journeys[name] = world.create_journey({"name": name, **definition})
        world.activate(journeys[name], at=0)
    for item in history["inputs"]:
        at = item["at"]
        if stepwise and at:
            world.run_to(at - 1)
        if "events" in item:
            world.send(item["events"], at=at)
        elif "profile" in item:
            world.change_profile(item["profile"], item.get("attributes"), item.get("consents"), at=at)
        elif item["command"] == "toggle":
            world.toggle(journeys[item["journey"]], item["node"], item["on"], at=at)
        else:
            world._command(journeys[item["journey"]], item["command"], at)
    world.run_to_end()
    return {
        "log": [lasting(row) for row in ordered(world)],
        "counters": {name: world.counters(journey) for name, journey in journeys.items()},
        "intents": world.intents(),
        "states": {name: world.state(journey) for name, journey in journeys.items()},
        "dead_letters": world.dead_letters(),
    }


def lasting(row: Json) -> Json:
    """What must be the same for ever: all but where in the log the input stood."""
    kept = {name: value for name, value in row.items() if name not in VOLATILE}
    if row["id"].startswith("profile."):
        kept["id"] = "profile." + row["id"].rpartition(".")[2]
    return kept


def ordered(world: World) -> list[Json]:
    """Each profile's events in order of the log, profile after profile: between profiles there is no order to keep."""
    return sorted(world.activity(), key=lambda row: (row["profile"], row["received_at"], row["position"]))


def written(history: Json) -> str:
    """A history as it stands in its file: one event a line."""
    made = play(history)
    lines = ",\n".join(f"    {json.dumps(row, ensure_ascii=False, sort_keys=True)}" for row in made.pop("log"))
    given = {name: history[name] for name in ("about", "journeys", "inputs")}
    head = json.dumps(given, ensure_ascii=False, indent=1).removesuffix("\n}")
    rest = json.dumps(made, ensure_ascii=False, sort_keys=True, indent=1).removeprefix("{").removesuffix("\n}")
    return f'{head},\n "expected": {{\n  "log": [\n{lines}\n  ],{rest}\n}}}}\n'


def main() -> None:
    """Write the logs of all histories anew."""
    for path in sorted(FOLDER.glob("*.json")):
        path.write_text(written(load(path)), encoding="utf-8")


if __name__ == "__main__":
    main()
