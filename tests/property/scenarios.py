"""Random scenarios in the form of `journey_cases.json`: small worlds in which much happens at once.

Owns what is drawn and how often. Must not know what should come of it. Few actions, few profiles, small numbers and a
clock of whole seconds make ties, late events, deadlines met to the millisecond and events that fit several paths
common. All journeys are valid (D-3.1) and all commands fit the life cycle (D-3.5).
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

SECOND = 1_000
BEGIN = 20 * SECOND
"""The first input; late events have room before it."""
ACTIONS = ("a", "b", "c")
CAUSED = ("profile.updated", "message.skipped", "message.sent", "webhook.response")
PROFILES = ("u", "v")
profiles = st.sampled_from("uuuv")
PARAM_VALUES = st.sampled_from([0, 1, 2, 1.0, "1", "x", True, None])
NUMBER_ATTRIBUTES = ("count", "score")  # incremented, so always numbers
FREE_ATTRIBUTES = ("tier", "name")

seconds = st.sampled_from([1, 1, 2, 2, 3, 5, 8]).map(lambda count: count * SECOND)
often = st.sampled_from([True, True, True, False])
rarely = st.sampled_from([False, False, False, True])
triggers = st.sampled_from([*"aaaaaaaaaabbb", *CAUSED])
awaited = st.sampled_from([*"aabbbbbbcc", *CAUSED])
sent = st.sampled_from([*"aaaaaabbbbbbcc", "automation.clientEndPath"])
params = st.dictionaries(st.sampled_from(["k", "n"]), PARAM_VALUES, max_size=2)
inserts = st.sampled_from([
    "{{ event.params.k }}", "{{ event.params.n }}", "{{ customer.tier }}", "{{customer.count}}",
])  # fmt: skip


@st.composite
def comparisons(draw: st.DrawFn, subjects: tuple[tuple[str, str], ...], *, with_inserts: bool) -> Json:
    kind, name = draw(st.sampled_from(subjects))
    op = draw(
        st.sampled_from(["equal", "equal", "not_equal", "exists", "not_exists", "less", "greater_or_equal", "in"])
    )
    subject: Json = {kind: name, "op": op}
    if op in ("exists", "not_exists"):
        return subject
    if op == "in":
        return {**subject, "value": draw(st.lists(st.sampled_from([0, 1, 2, "1", "x"]), min_size=1, max_size=3))}
    if with_inserts and draw(rarely):
        return {**subject, "value": draw(inserts)}
    if op in ("less", "greater_or_equal"):
        return {**subject, "value": draw(st.sampled_from([0, 1, 2, 1.5]))}
    return {**subject, "value": draw(st.sampled_from([0, 1, 2, 1.0, "1", "x", True]))}


def wheres(subjects: tuple[tuple[str, str], ...], *, with_inserts: bool) -> st.SearchStrategy[Any]:
    one = comparisons(subjects, with_inserts=with_inserts)
    grouped = st.recursive(
        one,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"all": st.lists(inner, max_size=2)}),
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
            st.fixed_dictionaries({"not": inner}),
        ),
        max_leaves=3,
    )
    return st.lists(grouped, min_size=1, max_size=2)


OF_EVENT = (("param", "k"), ("param", "n"))
OF_PROFILE = (("attr", "tier"), ("attr", "count"), ("attr", "name"), *OF_EVENT)
rules = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"action": st.sampled_from([*"cccbba"]), "where": st.just([]) | wheres(OF_PROFILE, with_inserts=False)}
    ),
)
attribute_changes = st.dictionaries(
    st.sampled_from(FREE_ATTRIBUTES), st.sampled_from([0, 1, 2, "x", "gold", True, None]), max_size=2
)


@st.composite
def middle_nodes(draw: st.DrawFn) -> tuple[Json, list[str]]:
    """A node that is neither trigger nor End, without its id, and its outlets in order."""
    kind = draw(st.sampled_from([
        "filter", "event_filter", "event_filter", "event_filter", "delay", "delay", "ab", "split", "split", "update",
        "generate", "email", "webhook",
    ]))  # fmt: skip
    if kind == "filter":
        return {"type": kind, "where": draw(wheres(OF_PROFILE, with_inserts=True))}, ["matched", "not_matched"]
    if kind == "event_filter":
        limit = draw(st.one_of(st.none(), seconds))
        where = draw(wheres(OF_PROFILE, with_inserts=True)) if draw(rarely) else []
        outlets = ["matched"] if limit is None else ["matched", "not_matched"]
        return {"type": kind, "action": draw(awaited), "where": where, "limit": limit}, outlets
    if kind == "delay":
        return {"type": kind, "ms": draw(seconds)}, ["next"]
    if kind == "ab":
        groups = draw(
            st.sampled_from([[["a", 50], ["b", 50]], [["a", 20], ["b", 30], ["c", 50]], [["a", 1], ["b", 99]]])
        )
        return {"type": kind, "groups": groups}, [str(name) for name, _ in groups]
    if kind == "split":
        outlets = [str(number) for number in range(1, 1 + draw(st.sampled_from([2, 2, 2, 3, 5])))]
        return {"type": kind, "outlets": outlets}, outlets
    if kind == "update":
        free = draw(st.permutations(FREE_ATTRIBUTES))
        value = st.one_of(st.sampled_from([0, 1, "x", "gold"]), st.just("{{ event.params.k }}"))
        change = {
            "set": {free[0]: draw(value)},
            "clear": [free[1]],
            "increment": {draw(st.sampled_from(NUMBER_ATTRIBUTES)): draw(st.sampled_from([1, -1, 2]))},
        }
        chosen = draw(st.lists(st.sampled_from(["set", "set", "increment", "clear"]), min_size=1, max_size=2))
        return {"type": kind, **{name: change[name] for name in chosen}}, ["next"]
    if kind == "generate":
        value = st.one_of(PARAM_VALUES, inserts)
        given = draw(st.dictionaries(st.sampled_from(["k", "n"]), value, max_size=2))
        return {"type": kind, "action": draw(st.sampled_from("aabbc")), "params": given}, ["next"]
    if kind == "email":
        return {"type": kind, "transactional": draw(st.booleans())}, ["next"]
    return {"type": "webhook"}, ["next"]


@st.composite
def journeys(draw: st.DrawFn, name: str = "j") -> Json:
    """A valid journey of 2 to 10 nodes: each new node takes a loose outlet, so all are reached and none leads back."""
    nodes: list[Json] = []
    loose: list[tuple[int, str]] = []  # outlets that lead nowhere yet: (place of their node, outlet)

    def add(node: Json, outlets: list[str]) -> None:
        nodes.append({"id": f"{name}{len(nodes)}-{node['type']}", **node, "out": {}})
        loose.extend((len(nodes) - 1, outlet) for outlet in outlets)

    def connect(place: int, outlet: str, target: int) -> None:
        nodes[place]["out"][outlet] = nodes[target]["id"]

    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        where = draw(wheres(OF_PROFILE, with_inserts=False)) if draw(rarely) else []
        add({"type": "trigger", "action": draw(triggers), "where": where}, ["next"])
    room = 10 - len(nodes)
    for _ in range(draw(st.sampled_from([1, *range(3, room)]))):
        came_from = loose.pop(draw(st.integers(0, len(loose) - 1)))
        add(*draw(middle_nodes()))
        connect(*came_from, len(nodes) - 1)
    for _ in range(draw(st.integers(1, min(2, len(loose), 10 - len(nodes))))):
        came_from = loose.pop(draw(st.integers(0, len(loose) - 1)))
        add({"type": "end", "ends_others": draw(st.booleans())}, [])
        connect(*came_from, len(nodes) - 1)
    for place, outlet in loose:
        later = [target for target in range(place + 1, len(nodes)) if nodes[target]["type"] != "trigger"]
        connect(place, outlet, draw(st.sampled_from(later)))
    for node in nodes:  # in the order of the node's own outlets
        if node["type"] == "split":
            node["out"] = {outlet: node["out"][outlet] for outlet in node["outlets"]}
    return {
        "id": name,
        "entry_key": draw(st.sampled_from([None, None, "k"])),
        "path_limit": draw(st.sampled_from([1, 1, 2, 3])),
        "run_age": draw(st.sampled_from([3, 6, 10, 5_184_000])) * SECOND,
        "late_event_limit": draw(st.sampled_from([3600, 3600, 3, 1])) * SECOND,
        "goal": draw(rules),
        "exit_rule": draw(rules),
        "nodes": nodes,
    }


@st.composite
def events(draw: st.DrawFn, at: int) -> Json:
    item: Json = {
        "kind": "event", "t": at, "profile": draw(profiles),
        "action": draw(sent), "params": draw(params),
    }  # fmt: skip
    lag = draw(st.sampled_from([None, None, None, None, 0, 1, 2, 4, -3]))  # a negative one lies in the future
    if lag is not None:
        item["time"] = at - lag * SECOND
    if draw(rarely):
        item[draw(st.sampled_from(["id", "messageId", "uuid", "insert_id"]))] = draw(st.sampled_from(["1", "2"]))
    if draw(rarely) and "time" in item:
        item["eventSalt"] = "s"
    return item


@st.composite
def inputs(draw: st.DrawFn, definitions: list[Json], most: int = 20) -> list[Json]:
    """Inputs in order of arrival, with many ties; toggles, pauses and stops only where they are possible."""
    items: list[Json] = []
    state = {definition["id"]: "active" for definition in definitions}
    at = BEGIN
    for number in range(draw(st.sampled_from([2, *range(8, most + 1)]))):
        gap = draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3])) * SECOND
        at += gap
        definition = draw(st.sampled_from(definitions))
        journey = definition["id"]
        possible = {
            "active": ["pause", "pause", "stop"],
            "paused": ["resume", "resume", "resume", "stop"],
            "stopped": [],
        }
        kind = draw(st.sampled_from(["event"] * 12 + ["profile", "toggle", "toggle", "command", "command", "command"]))
        if kind == "command" and possible[state[journey]]:
            command = draw(st.sampled_from(possible[state[journey]]))
            state[journey] = {"pause": "paused", "resume": "active", "stop": "stopped"}[command]
            items.append({"kind": command, "t": at, "journey": journey})
            if command == "stop":
                items[-1]["mode"] = draw(st.sampled_from(["exit", "exit", "finish"]))
        elif kind == "toggle":
            node = draw(st.sampled_from(definition["nodes"]))["id"]
            items.append({"kind": "toggle", "t": at, "journey": journey, "node": node, "on": draw(often)})
        elif kind == "profile":
            change = {"attrs": draw(attribute_changes), "consents": {"email": True} if draw(rarely) else {}}
            items.append({"kind": "profile", "t": at, "profile": draw(profiles), **change})
        else:
            item = draw(events(at))
            together = bool(items) and items[-1]["kind"] == "event" and gap == 0 and draw(st.booleans())
            items.append({**item, "req": items[-1]["req"] if together else f"r{number}"})
    return items


def calm(definitions: list[Json]) -> None:
    """Let no start cause more than one further start, else one event may come to 1,000 of them (D-3.2).

    A chain of ten stays possible. Where more could come of it, triggers listen to `a` and no node generates it.
    """
    nodes = [node for definition in definitions for node in definition["nodes"]]
    heard = [node["action"] for node in nodes if node["type"] == "trigger"]
    arrivals: dict[str, int] = {}
    caused = 0
    for node in nodes:
        times = 1 if node["type"] == "trigger" else arrivals[node["id"]]
        for target in node["out"].values():
            arrivals[target] = arrivals.get(target, 0) + times
        if node["type"] == "update":
            changes = sum(name in node for name in ("set", "clear", "increment"))
            caused += times * changes * heard.count("profile.updated")
        elif node["type"] == "email":
            caused += times * max(heard.count("message.skipped"), heard.count("message.sent"))
        elif node["type"] == "webhook":
            caused += times * heard.count("webhook.response")
        elif node["type"] == "generate":
            caused += times * heard.count(node["action"])
    if caused > 1:
        for node in nodes:
            if node["type"] == "trigger":
                node["action"] = "a"
            elif node["type"] == "generate" and node["action"] == "a":
                node["action"] = "b"


@st.composite
def scenarios(draw: st.DrawFn) -> Json:
    """One or two journeys, two profiles, up to 20 inputs, run to an instant or to the end."""
    definitions = [draw(journeys(name)) for name in draw(st.sampled_from([["j"], ["j"], ["j", "k"]]))]
    calm(definitions)
    given: Json = {
        name: {
            "attrs": {key: value for key, value in draw(attribute_changes).items() if value is not None},
            "consents": draw(st.sampled_from([{}, {"email": True}, {"email": False}])),
            "email": draw(st.sampled_from([None, f"{name}@example.com"])),
        }
        for name in PROFILES
    }
    until = draw(st.sampled_from([None, None, None, None, 8, 16]))
    return {
        "journeys": definitions,
        "profiles": given,
        "inputs": draw(inputs(definitions)),
        "until": until and BEGIN + until * SECOND,
        "ab": {},
    }
