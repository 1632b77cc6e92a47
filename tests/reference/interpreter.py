"""The reference: journeys interpreted slowly and obviously, from the rules alone (D-1.2, D-2, D-3, D-4).

Owns a second reading of the domain, to be compared with the product's moves. Must not know the product: it imports
nothing of it, has no batches, no indexes and no stores, and takes one input at a time from a list.

A scenario is what `journey_cases.json` calls one: `journey` (or `journeys`, whose node ids then differ), `profiles`
(name -> attrs, consents, email), `inputs` in order of arrival, `until`, `ab`. Times are milliseconds; journeys are
activated at instant 0. Beyond the conventions there, an input may be `{"kind": "profile", "t", "profile", "attrs",
"consents"}`, and an input or move of several journeys names its `journey`.
"""

from __future__ import annotations

import json
import re
from typing import Any

Json = dict[str, Any]

HOUR = 3_600_000
DAY = 24 * HOUR
COMMAND, EVENT, TIMER = 0, 1, 2  # at one instant, in this order (D-3.8)
MISSING = object()
NEVER = float("inf")


def interpret(scenario: Json) -> Json:
    """Moves, counters, intents, produced events, Show in CRM and states that the scenario must give."""
    workspace = Workspace(scenario)
    workspace.receive(scenario["inputs"])
    workspace.play(NEVER if scenario["until"] is None else scenario["until"])
    return workspace.result()


class Workspace:
    """Everything there is, in plain lists."""

    def __init__(self, scenario: Json) -> None:
        self.journeys: list[Json] = [
            {
                "entry_key": None, "path_limit": 1, "run_age": 60 * DAY, "late_event_limit": HOUR,
                "goal": None, "exit_rule": None,
                **definition,
                "state": "active", "kept": [],
            }
            for definition in scenario.get("journeys") or [scenario["journey"]]
        ]  # fmt: skip
        self.nodes: Json = {node["id"]: node for journey in self.journeys for node in journey["nodes"]}
        # D-1.5: on by default at triggers and Ends, off elsewhere
        self.tracked: Json = {
            name: node.get("track", node["type"] in ("trigger", "end")) for name, node in self.nodes.items()
        }
        self.profiles: Json = {
            name: {"attrs": dict(given.get("attrs", {})), "consents": dict(given.get("consents", {})),
                   "email": given.get("email")}
            for name, given in scenario["profiles"].items()
        }  # fmt: skip
        self.groups: Json = scenario["ab"]
        self.clock = 0
        self.cause_time = 0
        self.pending: list[Json] = []  # inputs with an instant that have not been taken
        self.position = 0
        self.known_ids: list[tuple[Any, int]] = []
        self.runs: list[Json] = []  # those going, in order of start
        self.run_numbers: list[str] = []  # the profile of every run that ever started
        self.starts: dict[Any, int] = {}  # of each outside event, directly or through runs
        self.deepest = 0  # of the events that opened paths
        self.moves: list[Json] = []
        self.opened: list[str] = []  # the Split of each path that one opened
        self.intents: list[Json] = []
        self.produced: list[Json] = []

    # --- receipt: what gets an instant and a position ----------------------------------------------------------------

    def receive(self, inputs: list[Json]) -> None:
        """Take note of every input in order of arrival; nothing acts yet."""
        requests: list[list[Json]] = []
        for item in inputs:
            last = requests[-1][-1] if requests else {}
            same = item.get("req") is not None and (item["req"], item["t"]) == (last.get("req"), last.get("t"))
            requests[-1].append(item) if same else requests.append([item])
        for request in requests:
            if request[0]["kind"] == "event":
                self.receive_events(request)
            else:
                item = request[0]
                # a profile's change stands among the events, where it arrived: its events are in the log there
                self.queue(item["t"], EVENT if item["kind"] == "profile" else COMMAND, item)

    def receive_events(self, request: list[Json]) -> None:
        stored = []
        for item in request:
            if item["action"].startswith("automation."):
                continue  # refused (D-1.4)
            if self.is_duplicate(item):
                continue  # stored once, triggers once; the first by position counts (D-2.2)
            # D-2.1: a time in the future becomes the time of receipt
            stored.append({**item, "time": min(item.get("time", item["t"]), item["t"]), "depth": 0, "root": object()})
        for item in sorted(stored, key=lambda item: item["time"]):  # within a request: by own time, then position
            self.queue(item["t"], EVENT, item)

    def is_duplicate(self, item: Json) -> bool:
        """Each kind of id has its own namespace and scope, and is remembered for 30 days (D-2.2)."""
        who, what = item["profile"], item["action"]
        ids = [(name, item[name]) for name in ("id", "messageId", "uuid") if name in item]
        if "insert_id" in item:
            ids.append(("insert_id", item["insert_id"], who, what))  # type: ignore[arg-type]
        if "eventSalt" in item:
            ids.append(("eventSalt", item["eventSalt"], who, what, item.get("time", item["t"])))  # type: ignore[arg-type]
        if any(known in ids and item["t"] - since <= 30 * DAY for known, since in self.known_ids):
            return True
        self.known_ids += [(name, item["t"]) for name in ids]
        return False

    def queue(self, instant: int, kind: int, item: Json) -> None:
        self.position += 1
        self.pending.append({**item, "instant": instant, "order": (instant, kind, self.position)})

    # --- the agenda: one input at a time -----------------------------------------------------------------------------

    def play(self, until: float) -> None:
        """Take inputs in order of instant; at the same instant commands, then events, then timers (D-3.8)."""
        while True:
            agenda = self.pending + [timer for journey in self.going_journeys() for timer in self.timers(journey)]
            agenda = [item for item in agenda if item["instant"] <= until]
            if not agenda:
                return
            first = min(agenda, key=lambda item: item["order"])
            if first["kind"] not in ("timer", "age"):
                self.pending.remove(first)
            self.clock = max(self.clock, first["instant"])
            self.take(first)
            self.runs = [run for run in self.runs if self.living(run)]

    def going_journeys(self) -> list[Json]:
        return [journey for journey in self.journeys if journey["state"] in ("active", "finishing")]

    def timers(self, journey: Json) -> list[Json]:
        """By run start, then order of opening; a run's age last (D-3.8)."""
        due = []
        for place, run in enumerate(self.runs):
            if run["journey"] is journey and self.living(run):
                age = run["start"] + journey["run_age"]  # D-3.3
                due.append({"kind": "age", "instant": age, "order": (age, TIMER, place, NEVER), "run": run})
                for path in self.living(run):
                    if path["due"] is not None:
                        order = (path["due"], TIMER, place, path["number"])
                        due.append({"kind": "timer", "instant": path["due"], "order": order, "run": run, "path": path})
        return due

    def take(self, item: Json) -> None:
        if item["kind"] == "event":
            self.take_event(item)
        elif item["kind"] == "profile":
            self.change_profile(item["profile"], item, None)
        elif item["kind"] == "toggle":
            self.tracked[item["node"]] = item["on"]  # a tracked interval is [on, off) (D-1.8)
        elif item["kind"] in ("timer", "age"):
            self.take_timer(item)
        else:
            self.take_command(item)

    # --- commands (D-3.5) --------------------------------------------------------------------------------------------

    def take_command(self, command: Json) -> None:
        [journey] = [one for one in self.journeys if command.get("journey", one["id"]) == one["id"]]
        kind = command["kind"] if command["kind"] != "stop" else command["mode"]
        if kind == "pause" and journey["state"] == "active":
            journey["state"] = "paused"
        elif kind == "resume" and journey["state"] == "paused":
            self.take_kept(journey)
            journey["state"] = "active"
        elif kind == "finish" and journey["state"] in ("active", "paused"):
            self.take_kept(journey)  # first what was kept; nobody enters
            journey["state"] = "finishing"
            self.finish_if_empty(journey)
        elif kind == "exit" and journey["state"] != "finished":
            journey["state"] = "finished"
            self.cause_time = command["instant"]
            for run in self.runs:
                if run["journey"] is journey:
                    self.exit_paths(run, "stopped")

    def take_kept(self, journey: Json) -> None:
        """Kept events and overdue timers in order of instant; `now` is the instant of the command (D-3.5, D-3.8)."""
        if journey["state"] != "paused":
            return
        while True:
            overdue = [timer for timer in self.timers(journey) if timer["instant"] < self.clock]
            kept = journey["kept"] + overdue
            if not kept:
                return
            first = min(kept, key=lambda item: item["order"])
            if first["kind"] == "event":
                journey["kept"].remove(first)
                self.act_in_runs(first, [journey])  # may end or move runs, never opens paths
            else:
                self.take_timer(first)

    def finish_if_empty(self, journey: Json) -> None:
        """Finishing, then Finished when the last path ends (D-3.5)."""
        if journey["state"] == "finishing" and not any(self.living(r) for r in self.runs if r["journey"] is journey):
            journey["state"] = "finished"

    # --- timers ------------------------------------------------------------------------------------------------------

    def take_timer(self, timer: Json) -> None:
        self.cause_time = timer["instant"]
        if timer["kind"] == "age":
            self.exit_paths(timer["run"], "expired")
        else:
            path = timer["path"]
            path["due"] = None
            path["outlet"] = "next" if self.nodes[path["node"]]["type"] == "delay" else "not_matched"
            self.wake(timer["run"])

    # --- events (D-3.4) ----------------------------------------------------------------------------------------------

    def take_event(self, event: Json) -> None:
        self.profiles.setdefault(event["profile"], {"attrs": {}, "consents": {}, "email": None})  # D-2.4
        for journey in self.journeys:
            if journey["state"] == "paused" and self.living_runs(event["profile"], [journey]):
                journey["kept"].append(event)
        going = self.going_journeys()
        acted = self.act_in_runs(event, going)
        for journey in going:
            key = entry_key(journey, event)
            if journey["state"] == "active" and (journey["id"], key) not in acted:
                self.trigger(journey, event, key)

    def act_in_runs(self, event: Json, journeys: list[Json]) -> list[tuple[Any, Any]]:
        """Goal, exit rule, waiting Event filters: each over all runs by order of start, one effect per run (D-3.4)."""
        self.cause_time = event["time"]
        runs = self.living_runs(event["profile"], journeys)
        acted: list[Json] = []
        for rule in ("goal", "exit_rule"):
            for run in runs:
                wanted = run["journey"][rule]
                if run in acted or wanted is None or wanted["action"] != event["action"]:
                    continue
                if self.holds(wanted["where"], event, event):
                    acted.append(run)
                    self.exit_paths(run, rule)
        for run in runs:
            if run not in acted:
                matched = [path for path in self.living(run) if self.waits_for(path, event)]
                for path in matched:  # one event may set several paths going at once (D-3.8)
                    path["event"] = event  # the context is that event from now on (D-3.7)
                    path["outlet"] = "matched"
                    path["due"] = None
                if matched:
                    acted.append(run)
                    self.wake(run)
        return [(run["journey"]["id"], run["key"]) for run in acted]

    def waits_for(self, path: Json, event: Json) -> bool:
        """The first event taken after the arrival, its own time not before the arrival's cause (D-3.2)."""
        node = self.nodes[path["node"]]
        return (
            node["type"] == "event_filter"
            and path["outlet"] is None
            and node["action"] == event["action"]
            and event["time"] >= path["arrival_cause"]
            and self.holds(node["where"], event, path["event"])
        )

    def trigger(self, journey: Json, event: Json, key: str) -> None:
        """Of several triggers that match, the first in the definition opens one path (D-3.4)."""
        matching = [
            node
            for node in journey["nodes"]
            if node["type"] == "trigger"
            and node["action"] == event["action"]
            and self.holds(node["where"], event, event)
        ]
        if not matching or event["instant"] - event["time"] > journey["late_event_limit"]:  # D-2.3
            return
        going = [run for run in self.living_runs(event["profile"], [journey]) if run["key"] == key]
        if going:
            run = going[0]
            if run["paths_by_triggers"] >= journey["path_limit"]:  # D-3.3
                return
        # D-3.2: at depth 10 an event starts nothing, and one outside event causes at most 1,000 starts, both visibly
        deep = event["depth"] >= 10
        if deep or self.starts.get(event["root"], 0) >= 1000:
            reason = {"reason": "depth" if deep else "starts"}
            self.note(event["profile"], "automation.startRefused", reason, None)
            return
        if not going:
            run = {
                "journey": journey, "profile": event["profile"], "key": key, "start": self.clock,
                "number": 1 + self.run_numbers.count(event["profile"]),
                "depth": event["depth"], "root": event["root"], "paths": [], "paths_by_triggers": 0,
            }  # fmt: skip
            self.runs.append(run)
            self.run_numbers.append(event["profile"])
        self.starts[event["root"]] = self.starts.get(event["root"], 0) + 1
        self.deepest = max(self.deepest, event["depth"])
        run["paths_by_triggers"] += 1
        path = self.open_path(run, None, event)
        self.arrive(run, path, matching[0]["id"], None, None)
        self.wake(run)

    # --- runs and paths ----------------------------------------------------------------------------------------------

    def living(self, run: Json) -> list[Json]:
        return [path for path in run["paths"] if path["alive"]]

    def living_runs(self, profile: str, journeys: list[Json]) -> list[Json]:
        """By order of start."""
        return [
            r
            for r in self.runs
            if r["profile"] == profile and self.living(r) and r["journey"]["id"] in [j["id"] for j in journeys]
        ]

    def open_path(self, run: Json, parent: Json | None, event: Json) -> Json:
        path = {
            "number": len(run["paths"]) + 1, "parent": parent and parent["number"], "event": event, "alive": True,
            "node": parent and parent["node"], "step": parent["step"] if parent else 0, "visits": {},
            "outlet": None, "due": None, "arrival_cause": None,
        }  # fmt: skip
        run["paths"].append(path)
        return path

    def wake(self, run: Json) -> None:
        """In rounds: every path that can move makes one step, in the order of opening (D-3.8)."""
        while movers := [path for path in self.living(run) if path["outlet"] is not None]:
            for path in movers:
                if path["alive"]:  # an End of this round may have ended it
                    outlet, origin = path["outlet"], path["node"]
                    path["outlet"] = None
                    self.arrive(run, path, self.nodes[origin]["out"][outlet], origin, outlet)
        self.finish_if_empty(run["journey"])

    def exit_paths(self, run: Json, reason: str) -> None:
        """Exits go in order of opening; each has the path's next step and the node it leaves (D-1.4)."""
        for path in self.living(run):
            path["alive"] = False
            path["step"] += 1
            self.record("exit", run, path, None, None, reason)
        self.finish_if_empty(run["journey"])

    def record(
        self, kind: str, run: Json, path: Json, origin: str | None, outlet: str | None, reason: str | None = None
    ) -> None:
        """Every move is exactly one event, whatever the switch (D-1.1); `tracked` says how the switch stood."""
        self.moves.append({
            "kind": kind, "reason": reason, "journey": run["journey"]["id"], "profile": run["profile"],
            "run": run["number"], "path": path["number"], "parent": path["parent"], "node": path["node"],
            "step": path["step"], "from": origin, "outlet": outlet, "time": self.clock, "causeTime": self.cause_time,
            "tracked": self.tracked[path["node"]], "visit": path["visits"].get(path["node"], 0),
        })  # fmt: skip

    # --- one step: arrive, and there act and decide (D-3.8) ----------------------------------------------------------

    def arrive(self, run: Json, path: Json, name: str, origin: str | None, outlet: str | None) -> None:
        node, profile = self.nodes[name], self.profiles[run["profile"]]
        kind = node["type"]
        path["node"] = name
        path["step"] += 1
        path["visits"][name] = path["visits"].get(name, 0) + 1
        path["arrival_cause"] = self.cause_time
        self.record({"trigger": "start", "end": "end"}.get(kind, "step"), run, path, origin, outlet)
        if kind == "end":
            path["alive"] = False
            if node.get("ends_others", True):  # immediate, after the End's own move (D-3.8, D-1.4)
                self.exit_paths(run, "other_end")
        elif kind == "delay":
            path["due"] = self.clock + node["ms"]  # waits count from `time` (D-3.8)
        elif kind == "event_filter":
            path["due"] = None if node["limit"] is None else self.clock + node["limit"]
        elif kind == "filter":
            # D-3.7: an event param in a Profile filter is of the context's event
            holds = self.holds(node["where"], path["event"], path["event"])
            path["outlet"] = "matched" if holds else "not_matched"
        elif kind == "ab":
            path["outlet"] = self.groups.get(f"{name}|{run['profile']}", node["groups"][0][0])
        elif kind == "split":
            # the entering path goes on by the first outlet, each further one opens a path that stands here (D-3.2)
            first, *further = node["outlets"]
            path["outlet"] = first
            for way in further:
                self.opened.append(name)
                self.open_path(run, path, path["event"])["outlet"] = way
        else:
            path["outlet"] = "next"
            if kind == "update":
                values = self.filled(node.get("set", {}), run, path)
                change = {"clear": node.get("clear", []), "attrs": values, "increment": node.get("increment", {})}
                self.change_profile(run["profile"], change, run)
            elif kind == "generate":
                self.emit(run, run["profile"], node["action"], self.filled(node["params"], run, path), name)
            elif kind == "webhook":
                self.hand_over(run, name, "webhook.response")
            elif kind == "email":
                # no recorded consent means no; a transactional message is free of it; without address no message
                allowed = node.get("transactional", False) or profile["consents"].get("email", False)
                if allowed and profile["email"] is not None:
                    self.hand_over(run, name, "message.sent")
                else:
                    self.emit(run, run["profile"], "message.skipped", {}, name)

    def hand_over(self, run: Json, node: str, answer: str) -> None:
        """The sandbox records it and answers at once (D-3.8)."""
        self.intents.append({"node": node, "profile": run["profile"]})
        self.emit(run, run["profile"], answer, {}, node)

    def filled(self, given: Json, run: Json, path: Json) -> Json:
        """Values with their inserts; one that is missing is left out."""
        values = {name: self.value(given[name], path["event"], run["profile"]) for name in given}
        return {name: value for name, value in values.items() if value is not MISSING}

    def change_profile(self, who: str, change: Json, run: Json | None) -> None:
        """One `profile.updated` per attribute that really became different; null removes (D-2.5)."""
        profile = self.profiles.setdefault(who, {"attrs": {}, "consents": {}, "email": None})
        wanted = dict.fromkeys(change.get("clear", []))
        wanted |= change.get("attrs", {})
        wanted |= {name: profile["attrs"].get(name, 0) + by for name, by in change.get("increment", {}).items()}
        events: list[tuple[str, Json]] = []
        for name, value in wanted.items():
            old = profile["attrs"].get(name)
            if not same(old, value):
                profile["attrs"][name] = value
                if value is None:
                    del profile["attrs"][name]
                events.append(("profile.updated", {"attribute": name, "old": old, "new": value}))
        for channel, granted in change.get("consents", {}).items():
            if profile["consents"].get(channel) != granted:
                profile["consents"][channel] = granted
                events.append(("profile.consentChanged", {"channel": channel, "granted": granted}))
        for action, params in events:
            if run is None:  # in the log where the request stands: before whatever arrived after it
                self.note(who, action, params, None)
                self.take_event({
                    "kind": "event", "profile": who, "action": action, "params": params, "depth": 0, "root": object(),
                    "time": self.clock, "instant": self.clock, "order": change["order"],
                })  # fmt: skip
            else:
                self.emit(run, who, action, params, None)

    def emit(self, run: Json, who: str, action: str, params: Json, node: str | None) -> None:
        """An event that a run causes: taken at this instant after those already in the log, one deeper (D-3.2)."""
        self.note(who, action, params, node)
        event = {"kind": "event", "profile": who, "action": action, "params": params, "time": self.clock}
        self.queue(self.clock, EVENT, {**event, "depth": run["depth"] + 1, "root": run["root"]})

    def note(self, who: str, action: str, params: Json, node: str | None) -> None:
        self.produced.append({"profile": who, "action": action, "params": params, "node": node})

    # --- conditions and inserts (D-4, D-3.7) -------------------------------------------------------------------------

    def holds(self, where: Any, subject: Json, context: Json) -> bool:
        """A list is AND. `subject` is the event whose params are asked, `context` the one that inserts mean."""
        if where is None:
            return True
        if isinstance(where, list):
            return all(self.holds(one, subject, context) for one in where)
        if "all" in where:
            return all(self.holds(one, subject, context) for one in where["all"])
        if "any" in where:
            return any(self.holds(one, subject, context) for one in where["any"])
        if "not" in where:
            return not self.holds(where["not"], subject, context)
        if "param" in where:
            actual = subject["params"].get(where["param"])
        else:
            actual = self.profiles[subject["profile"]]["attrs"].get(where["attr"])
        wanted = self.value(where.get("value"), context, subject["profile"])
        op = where["op"]
        # each *not* operator is the exact negation of its positive one
        return not compare(op[4:], actual, wanted) if op.startswith("not_") else compare(op, actual, wanted)

    def value(self, given: Any, event: Json, profile: str) -> Any:
        """A value that is exactly one insert keeps its type, and if missing counts as missing (D-3.7)."""
        if isinstance(given, list):
            return [self.value(one, event, profile) for one in given]
        if not isinstance(given, str):
            return given
        insert = r"\{\{ *(event\.params|customer)\.(\w+) *\}\}"

        def look_up(found: re.Match[str]) -> Any:
            names = event["params"] if found[1] == "event.params" else self.profiles[profile]["attrs"]
            return names.get(found[2], MISSING)  # a null that is there keeps its type like any other value

        if whole := re.fullmatch(insert, given):
            return look_up(whole)
        return re.sub(insert, lambda found: "" if look_up(found) in (None, MISSING) else str(look_up(found)), given)

    # --- the answer --------------------------------------------------------------------------------------------------

    def result(self) -> Json:
        arrivals = [move for move in self.moves if move["kind"] != "exit"]
        return {
            "moves": self.moves,
            "counters": {name: self.counters(name) for name in self.nodes},
            "intents": self.intents,
            "produced": self.produced,
            # D-1.9: profiles with at least one arrival among the datapoints
            "show_in_crm": {
                name: sorted({move["profile"] for move in arrivals if move["node"] == name and move["tracked"]})
                for name in self.nodes
            },
            "deepest": self.deepest,
            "state": {journey["id"]: journey["state"] for journey in self.journeys},
        }

    def counters(self, name: str) -> Json:
        """Of one node, counted in paths (D-1.2), each from what it means and not from the others."""
        moves = [move for move in self.moves if move["node"] == name]
        exits = [move["reason"] for move in moves if move["kind"] == "exit"]
        left = [move["outlet"] for move in self.moves if move["from"] == name]
        standing = [path for run in self.runs for path in self.living(run) if path["node"] == name]
        return {
            "entered": len(moves) - len(exits),
            "opened": self.opened.count(name),
            "left": {outlet: left.count(outlet) for outlet in self.nodes[name]["out"]},
            "finished": len([move for move in moves if move["kind"] == "end"]),
            "waiting": len(standing),
            "exited": {reason: exits.count(reason) for reason in sorted(set(exits))},
        }


def entry_key(journey: Json, event: Json) -> str:
    """Keys compare as typed JSON; a missing param or null is one key of its own (D-3.3)."""
    name = journey["entry_key"]
    value = None if name is None else event["params"].get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 1 and 1.0 are the same JSON number
    return json.dumps(value, sort_keys=True)


def compare(op: str, actual: Any, wanted: Any) -> bool:
    """A positive operator: false for a missing value or one of another type; nothing is coerced (D-4)."""
    if op == "exists":
        return actual is not None
    if actual is None or wanted is None or wanted is MISSING:
        return False
    if op == "equal":
        return same(actual, wanted)
    if op == "in":
        return isinstance(wanted, list) and any(same(actual, one) for one in wanted)
    if op == "contains" and isinstance(actual, list):
        return any(same(one, wanted) for one in actual)
    if op in ("contains", "starts_with", "ends_with"):
        if not (isinstance(actual, str) and isinstance(wanted, str)):
            return False
        found = {"contains": wanted in actual, "starts_with": actual.startswith(wanted)}
        return found.get(op, actual.endswith(wanted))
    if not (is_number(actual) and is_number(wanted)):
        return False
    return bool({
        "less": actual < wanted, "less_or_equal": actual <= wanted,
        "greater": actual > wanted, "greater_or_equal": actual >= wanted,
    }[op])  # fmt: skip


def same(left: Any, right: Any) -> bool:
    """Equal as typed JSON: 1 and 1.0 are, 1 and true or "5" and 5 are not."""
    if is_number(left) and is_number(right):
        return bool(left == right)
    return type(left) is type(right) and bool(left == right)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
