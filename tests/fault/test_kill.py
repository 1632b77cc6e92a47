"""Killed again and again in the middle of its work, the server comes to the same result as one that never was.

Both begin with a copy of one folder, so that profiles, journeys and with them the ids of runs, paths, moves and intents
are the same: what is compared are ids, not only numbers (D-1.1, D-1.4, D-2.2, D-6, D-7, ARCH-2, ARCH-5).
"""

from __future__ import annotations

import functools
import os
import pathlib
import random
import shutil
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest

from tests.fault import orders
from tests.fault.points import POINTS
from tests.fault.receivers import Receivers, receiving
from tests.fault.servers import KEY, Machine, Process, inspect, left_to_do, machine, until

pytestmark = pytest.mark.slow

Json = dict[str, Any]
SEED: Final = int(os.environ.get("KILL_SEED", "20260301"))
"""When the kills come, and in what order clients send; `dev.py soak` draws another one each round."""
REAL_KILLS: Final = 5
"""Of a server started as users start it."""
QUICK_KILLS: Final = 20
"""Of the same server in a fork, which starts five times as fast."""
CLIENTS: Final = 4
MOVES: Final = frozenset(f"automation.client{kind}" for kind in ("StartPath", "PathStep", "EndPath", "PathExit"))


class Load:
    """Clients that send all requests in order, each until it is answered, as far as they are let."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._let = threading.Semaphore(0)
        self.unanswered = 0
        self.failures: list[str] = []
        self.acknowledged: set[str] = set()
        self.size = 0
        self._threads = []
        for client in range(CLIENTS):
            mine = list(orders.requests(list(range(client, orders.CUSTOMERS, CLIENTS)), SEED + client))
            self.size += len(mine)
            self._threads.append(threading.Thread(target=self._send_all, args=(mine,), daemon=True))
        for thread in self._threads:
            thread.start()

    def let(self, requests: int) -> None:
        """So many more requests may be begun."""
        self._let.release(requests)

    def done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _send_all(self, requests: list[tuple[str, list[Json]]]) -> None:
        with httpx2.Client(base_url=f"{self._url}/api/v1", headers={"Authorization": f"Bearer {KEY}"}) as client:
            for path, items in requests:
                self._let.acquire()
                answer = until(functools.partial(self._sent, client, path, items), "a request is answered")
                if answer.status_code != 200:
                    self.failures.append(answer.text)
                self.acknowledged.update(item["id"] for item in answer.json()["items"] if "id" in item)

    def _sent(self, client: httpx2.Client, path: str, items: list[Json]) -> httpx2.Response | None:
        try:
            return client.post(path, json=items, timeout=10)
        except httpx2.TransportError:
            self.unanswered += 1
            return None


@pytest.fixture(scope="module")
def receivers() -> Iterator[Receivers]:
    with receiving() as made:
        yield made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, receivers: Receivers) -> Iterator[Machine]:
    log = tmp_path_factory.mktemp("kill") / "log"
    with machine(
        log, allow_private_networks="true", smtp_host="127.0.0.1", smtp_port=str(receivers.mail_port),
        smtp_security="none",
    ) as made:  # fmt: skip
        yield made


def prepare(server: Process, receivers: Receivers) -> None:
    """Make the customers known, and the journeys active."""
    server.until_ready()
    with httpx2.Client(base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {KEY}"}) as client:
        for number, definition in enumerate(orders.journeys(receivers.web_port)):
            id = client.post("/journeys", json=definition).raise_for_status().json()["id"]
            client.post(f"/journeys/{id}/activate").raise_for_status()
            for node in orders.TRACKED[number]:
                client.put(f"/journeys/{id}/nodes/{node}/tracking", json={"on": True}).raise_for_status()
        assert client.post("/profiles", json=orders.profiles()).status_code == 200


@pytest.fixture(scope="module")
def prepared(place: Machine, receivers: Receivers) -> pathlib.Path:
    """A folder with all customers and active journeys, owned by nobody."""
    folder = place.log.parent / "prepared"
    server = place.fork(folder)
    prepare(server, receivers)
    until(lambda: not any(left_to_do(folder).values()), "the customers are known")
    server.stop()
    return folder


def copy(prepared: pathlib.Path, name: str) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(prepared, prepared.with_name(name), symlinks=True))


def drain(load: Load, server: Process, folder: pathlib.Path) -> None:
    """Let all load in, wait until nothing is left to do, stop the server."""
    load.let(load.size)
    until(load.done, "all load is in")
    until(lambda: not any(left_to_do(folder).values()), "everything has drained")
    server.stop()


class Outcome:
    """What a run of the load has left in its stores and at the receivers."""

    def __init__(self, load: Load, found: Json, receivers: Receivers) -> None:
        self.load = load
        self.found = found
        self.delivered = receivers.calls + receivers.mails
        self.states = {intent["id"]: intent["state"] for intent in self.found["intents"]}
        self.events: list[Json] = sorted(self.found["activity"], key=lambda row: (row["profile"], row["position"]))
        self.moves = [row for row in self.events if row["action"] in MOVES]


@pytest.fixture(scope="module")
def undisturbed(place: Machine, prepared: pathlib.Path, receivers: Receivers) -> Outcome:
    receivers.forget()
    folder = copy(prepared, "undisturbed")
    server = place.fork(folder)
    server.until_ready()
    load = Load(server.url)
    drain(load, server, folder)
    return Outcome(load, inspect(folder), receivers)


def at_random(place: Machine, folder: pathlib.Path, load: Load) -> None:
    """Killed at any moment: while it works, and while it puts right what the kill before has left."""
    draw = random.Random(SEED)
    real = set(draw.sample(range(QUICK_KILLS + REAL_KILLS), REAL_KILLS))
    alive = threading.Event()
    for number in range(QUICK_KILLS + REAL_KILLS):
        server = place.serve(folder) if number in real else place.fork(folder)
        if number % 5 != 4:
            server.until_ready()
            load.let(load.size // (QUICK_KILLS + REAL_KILLS))
            alive.wait(draw.uniform(0, 0.5))
        else:
            alive.wait(draw.uniform(0, 0.6))
        server.kill()


def at_every_point(place: Machine, folder: pathlib.Path, load: Load) -> None:
    """Killed before and after each commit, each hand-over and each effect, at one of its first arrivals there."""
    draw = random.Random(SEED)
    for point in POINTS:
        server = place.fork(folder, point, draw.randint(1, 3))
        load.let(load.size // len(POINTS))
        assert server.wait() == -signal.SIGKILL, point


@pytest.fixture(scope="module", params=[at_random, at_every_point], ids=lambda kills: kills.__name__)
def killed(
    place: Machine, prepared: pathlib.Path, undisturbed: Outcome, receivers: Receivers, request: pytest.FixtureRequest
) -> Outcome:
    """The run is begun when the other ones have ended: they share the receivers."""
    receivers.forget()
    folder = copy(prepared, request.param.__name__)
    load = Load(f"http://127.0.0.1:{place.port}")
    request.param(place, folder, load)
    server = place.fork(folder)
    server.until_ready()
    drain(load, server, folder)
    return Outcome(load, inspect(folder), receivers)


def test_kills_met_work(killed: Outcome) -> None:
    assert killed.load.unanswered > 0
    assert not killed.load.failures


def test_every_event_that_was_sent_is_on_the_card_once(killed: Outcome, undisturbed: Outcome) -> None:  # D-2.2
    for outcome in (undisturbed, killed):
        sent = outcome.load.acknowledged
        assert Counter(row["id"] for row in outcome.events if row["id"] in sent) == Counter(sent)
    assert killed.load.acknowledged == undisturbed.load.acknowledged


def test_the_same_moves_were_made_and_none_twice(killed: Outcome, undisturbed: Outcome) -> None:  # D-1.1, D-1.4
    def told(outcome: Outcome) -> list[tuple[Any, ...]]:
        return sorted(
            (row["profile"], row["run"], params["pathId"], params["step"], row["action"], row["node"],
             params.get("outlet", ""), params.get("reason", ""), row["id"], row["tracked"])
            for row in outcome.moves
            for params in [row["params"]]
        )  # fmt: skip

    assert len({row["id"] for row in killed.events}) == len(killed.events)
    assert told(killed) == told(undisturbed)


def test_the_order_on_each_card_is_the_order_of_the_steps(killed: Outcome) -> None:  # D-3.8
    steps: dict[str, list[int]] = defaultdict(list)
    latest: dict[int, int] = {}
    for row in killed.moves:
        assert row["time"] >= latest.get(row["profile"], 0)
        latest[row["profile"]] = row["time"]
        steps[row["params"]["pathId"]].append(row["params"]["step"])
    for taken in steps.values():
        assert taken == list(range(taken[0], taken[0] + len(taken)))


def test_other_events_of_the_product_are_the_same(killed: Outcome, undisturbed: Outcome) -> None:  # D-2.5, D-3.2
    def told(outcome: Outcome) -> Counter[tuple[Any, ...]]:
        return Counter(
            (row["profile"], row["action"], row["params"].get("attribute"), str(row["params"].get("after")))
            for row in outcome.events
            if row["action"].startswith("profile.") or row["action"] == "order.followed"
        )

    assert told(killed) == told(undisturbed)
    assert killed.found["attributes"] == undisturbed.found["attributes"]


def test_counters_are_the_same_and_without_drift(killed: Outcome, undisturbed: Outcome) -> None:  # D-1.2, D-6
    assert killed.found["statistics"] == undisturbed.found["statistics"]
    for journey, statistics in killed.found["statistics"].items():
        arrivals = Counter(
            row["node"] for row in killed.moves
            if row["journey"] == journey and row["action"] != "automation.clientPathExit"
        )  # fmt: skip
        assert statistics["journey"]["started"] > 0
        assert statistics["journey"]["in_progress"] == 0
        for node, numbers in statistics["nodes"].items():
            assert numbers["drift"] == 0
            assert numbers["waiting"] == 0
            assert numbers["entered"] == arrivals[node]


def test_datapoints_are_the_tracked_moves_and_all_other_events_once(killed: Outcome) -> None:  # D-1.6
    assert {row["tracked"] for row in killed.moves} == {True, False}
    assert Counter(killed.found["datapoints"]) == Counter(row["id"] for row in killed.events if row["tracked"])


def test_every_intent_is_carried_out_once_or_named_uncertain(killed: Outcome, undisturbed: Outcome) -> None:  # D-7
    assert set(undisturbed.states.values()) == {"sent"}
    assert killed.states.keys() == undisturbed.states.keys()
    for outcome in (undisturbed, killed):
        answers = Counter(row["id"] for row in outcome.events if row["source"] == "delivery")
        for intent, state in outcome.states.items():
            assert state in {"sent", "uncertain"}
            assert outcome.delivered[intent] in ({1} if state == "sent" else {0, 1})
            assert answers[f"{intent}.sent"] == (state == "sent")
        assert outcome.delivered.keys() <= outcome.states.keys()
        assert sum(answers.values()) == list(outcome.states.values()).count("sent")


def test_no_input_was_given_up(killed: Outcome, undisturbed: Outcome) -> None:
    assert killed.found["dead_letters"] == undisturbed.found["dead_letters"] == []


def test_the_copy_of_every_profile_is_its_newest_state(killed: Outcome) -> None:
    assert killed.found["copies"] == killed.found["keys"]


def test_no_part_of_a_server_met_an_error(killed: Outcome, place: Machine) -> None:
    log = place.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "goes on after an error" not in log
