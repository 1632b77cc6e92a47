"""The same scenario, played by the product in memory; its answer in the reference's words.

Owns the translation: a scenario to the product's public JSON, run and path ids back to ordinals. Must not decide
anything about journeys: what it cannot translate it raises.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from milepost.kernel.move import KINDS
from milepost.kernel.nodes.ab_test import draw
from milepost.ports.state_store import StateStore
from milepost.testing import World

Json = dict[str, Any]

TYPES = {
    "trigger": "profile_event", "filter": "profile_filter", "event_filter": "event_filter", "delay": "delay",
    "ab": "ab_test", "split": "split", "update": "update_profile", "generate": "generate_event", "webhook": "webhook",
    "email": "send_email", "end": "end",
}  # fmt: skip
#: What the product says about the origin of an event that a run causes (D-3.2, D-7), beside the event's own params.
ORIGIN = frozenset({
    "journeyId", "journeyName", "journeyVersion", "runId", "pathId", "nodeId", "nodeName", "causeRunId", "depth",
})  # fmt: skip
#: Events of which only the action is compared: the rest is the product's word.
WORDED = frozenset({"message.skipped", "message.sent", "webhook.response"})


def play(scenario: Json, *, batch_size: int = 10_000, stepwise: bool = False, store: StateStore | None = None) -> Json:
    """Play the scenario in a world of its own, in memory or in an empty `store`.

    The inputs are handed in at once and then taken; or, `stepwise`, those of one instant when all before it are taken.

    Returns what `interpret` returns, and `ab`: the table of draws that hold for it, `node|profile` to group. Draws that
    the scenario's own `ab` asks for are brought about by renaming A/B nodes, inside this function only.
    """
    return Game(scenario, World(batch_size=batch_size, store=store)).play(stepwise=stepwise)


class Game:
    def __init__(self, scenario: Json, world: World) -> None:
        self.scenario = scenario
        self.world = world
        self.definitions: list[Json] = scenario.get("journeys") or [scenario["journey"]]
        self.ids: dict[str, str] = {}  # a journey of the scenario -> of the product
        self.names: dict[str, str] = {}  # a node of the scenario -> of the product

    def play(self, *, stepwise: bool) -> Json:
        world, scenario = self.world, self.scenario
        profiles = list(
            dict.fromkeys([*scenario["profiles"], *(i["profile"] for i in scenario["inputs"] if "profile" in i)])
        )
        for name in profiles:
            given = scenario["profiles"].get(name, {})
            address = {"email": given["email"]} if given.get("email") else {}
            world.change_profile(
                {"custom_id": name, **address},
                attributes=given.get("attrs", {}),
                consents=given.get("consents", {}),
                at=0,
            )
        world.run_to(0)
        before = len(world.produced())
        table = self.name_nodes(profiles)
        for definition in self.definitions:
            self.ids[definition["id"]] = world.create_journey(self.journey(definition))
            world.activate(self.ids[definition["id"]], at=0)
            for node in definition["nodes"]:
                if "track" in node:
                    world.toggle(self.ids[definition["id"]], self.names[node["id"]], node["track"], at=0)
        for request in requests(scenario["inputs"]):
            before_it = request[0]["t"] - 1
            if stepwise and before_it >= 0 and (scenario["until"] is None or before_it <= scenario["until"]):
                world.run_to(before_it)
            self.hand_in(request)
        if scenario["until"] is None:
            world.run_to_end()
        else:
            world.run_to(scenario["until"])
        assert world.dead_letters() == [], world.dead_letters()
        return {**self.result(world.produced()[before:]), "ab": table}

    def name_nodes(self, profiles: list[str]) -> dict[str, str]:
        """Give every A/B node the name under which each profile draws the group that the scenario wants."""
        keys = {name: self.world.profile_key(name) for name in profiles}
        table: dict[str, str] = {}
        for node in (node for definition in self.definitions for node in definition["nodes"]):
            self.names[node["id"]] = node["id"]
            if node["type"] != "ab":
                continue
            groups = [(name, float(share)) for name, share in node["groups"]]
            wanted = {name: self.scenario["ab"].get(f"{node['id']}|{name}") for name in profiles}
            for attempt in count():
                alias = f"{node['id']}-{attempt}" if attempt else node["id"]
                drawn = {name: draw(keys[name], alias, groups) for name in profiles}
                if all(want in (None, drawn[name]) for name, want in wanted.items()):
                    break
            self.names[node["id"]] = alias
            table |= {f"{node['id']}|{name}": group for name, group in drawn.items()}
        return table

    # --- there -------------------------------------------------------------------------------------------------------

    def journey(self, definition: Json) -> Json:
        settings: Json = {"entry_key": definition["entry_key"], "path_limit": definition["path_limit"]}
        for name in ("run_age", "late_event_limit"):
            if name in definition:
                settings[name] = duration(definition[name])
        for name in ("goal", "exit_rule"):
            rule = definition[name]
            settings[name] = rule and {"action": rule["action"], "where": condition(rule["where"])}
        nodes = [
            {
                "id": self.names[node["id"]],
                "type": TYPES[node["type"]],
                "title": node["id"],
                "settings": node_settings(node),
                "outlets": {outlet: self.names[target] for outlet, target in node["out"].items()},
                "position": {"x": 0, "y": 0},
            }
            for node in definition["nodes"]
        ]
        return {"name": definition["id"], "nodes": nodes, "settings": settings}

    def hand_in(self, request: list[Json]) -> None:
        world, first = self.world, request[0]
        kind, at = first["kind"], first["t"]
        journey = self.ids[str(first.get("journey", self.definitions[0]["id"]))]
        if kind == "event":
            world.send([event(item) for item in request], at=at)
        elif kind == "profile":
            world.change_profile(
                {"custom_id": first["profile"]},
                attributes=first.get("attrs", {}),
                consents=first.get("consents", {}),
                at=at,
            )
        elif kind == "toggle":
            world.toggle(journey, self.names[first["node"]], first["on"], at=at)
        elif kind == "pause":
            world.pause(journey, at=at)
        elif kind == "resume":
            world.resume(journey, at=at)
        elif kind == "stop":
            world.stop(journey, mode=first["mode"], at=at)
        else:
            raise ValueError(kind)

    # --- and back ----------------------------------------------------------------------------------------------------

    def result(self, produced: list[Json]) -> Json:
        world = self.world
        nodes = {alias: name for name, alias in self.names.items()}
        journeys = {there: here for here, there in self.ids.items()}
        runs: dict[str, dict[str, int]] = {}  # profile -> run id -> ordinal
        paths: dict[str, dict[str, int]] = {}  # run id -> path id -> ordinal
        moves = []
        for row in world.moves():
            # a path's first move comes in the order of opening, a run's in the order of start (D-3.8)
            run = runs.setdefault(row["profile"], {})
            path = paths.setdefault(row["run_id"], {})
            parent = row["parent_path_id"]
            moves.append({
                "id": row["id"], "kind": KINDS[row["action"]], "reason": row["reason"],
                "journey": journeys[row["journey_id"]], "profile": row["profile"],
                "run": run.setdefault(row["run_id"], len(run) + 1),
                "path": path.setdefault(row["path_id"], len(path) + 1),
                "parent": None if parent is None else path[parent],
                "node": nodes[row["node"]], "step": row["step"], "from": row["from_node"] and nodes[row["from_node"]],
                "outlet": row["outlet"], "time": row["time"], "causeTime": row["cause_time"],
                "tracked": row["tracked"], "visit": row["visit"],
            })  # fmt: skip
        return {
            "moves": moves,
            "counters": {
                node["id"]: self.numbers(node, numbers.get(self.names[node["id"]], {}))
                for definition in self.definitions
                for numbers in [world.counters(self.ids[definition["id"]])]
                for node in definition["nodes"]
            },
            "intents": [{"node": nodes[row["node"]], "profile": row["profile"]} for row in world.intents()],
            "produced": [
                {"profile": row["profile"], "action": row["action"], "params": own_params(row)} for row in produced
            ],
            "show_in_crm": {
                node["id"]: sorted(world.show_in_crm(self.ids[definition["id"]], self.names[node["id"]]))
                for definition in self.definitions
                for node in definition["nodes"]
            },
            "state": {here: world.state(there) for here, there in self.ids.items()},
        }

    def numbers(self, node: Json, row: Json) -> Json:
        """A node's counters; where nothing happened yet the product may say nothing."""
        counts = {name: row.get(name, 0) for name in ("entered", "opened", "finished", "waiting")}
        left = {outlet: row.get("left", {}).get(outlet, 0) for outlet in node["out"]}
        return {**counts, "left": left, "exited": {reason: n for reason, n in row.get("exited", {}).items() if n}}


def requests(inputs: list[Json]) -> list[list[Json]]:
    """Inputs as they came together: events with the same instant and request are one."""
    grouped: list[list[Json]] = []
    for item in inputs:
        last = grouped[-1][-1] if grouped else {}
        if item.get("req") is not None and (item["t"], item["req"]) == (last.get("t"), last.get("req")):
            grouped[-1].append(item)
        else:
            grouped.append([item])
    return grouped


def own_params(row: Json) -> Json:
    """A produced event's params without its origin."""
    if row["action"] in WORDED:
        return {}
    return {name: value for name, value in row["params"].items() if name not in ORIGIN}


def event(item: Json) -> Json:
    wire = {"profile": {"custom_id": item["profile"]}, "action": item["action"], "params": item["params"]}
    names = ("time", "id", "messageId", "uuid", "insert_id", "eventSalt")
    return wire | {name: item[name] for name in names if name in item}


def duration(milliseconds: int) -> Json:
    seconds, rest = divmod(milliseconds, 1_000)
    return {"value": milliseconds, "unit": "millisecond"} if rest else {"value": seconds, "unit": "second"}


def condition(where: Any) -> Any:
    if isinstance(where, list):
        return [condition(one) for one in where]
    if where is None:
        return None
    if "not" in where:
        return {"not": condition(where["not"])}
    for group in ("all", "any"):
        if group in where:
            return {group: condition(where[group])}
    return {"attribute" if name == "attr" else name: value for name, value in where.items()}


def node_settings(node: Json) -> Json:
    kind = node["type"]
    if kind == "delay":
        return {"duration": duration(node["ms"])}
    if kind == "ab":
        return {"groups": [{"name": name, "share": share} for name, share in node["groups"]]}
    if kind == "webhook":
        return {"method": "POST", "url": "https://hooks.example.com/in"}
    if kind == "email":
        return {
            "sender": "shop@example.com",
            "subject": "Hello",
            "body": "Hello",
            "transactional": node.get("transactional", False),
        }
    settings = {name: value for name, value in node.items() if name not in ("id", "type", "out", "track")}
    if "where" in settings:
        settings["where"] = condition(settings["where"])
    if settings.get("limit") is not None:
        settings["limit"] = duration(settings["limit"])
    return settings
