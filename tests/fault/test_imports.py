"""An import that is cut short again and again comes to what it would have come to, to the last row (D-2.2, D-2.10).

The server is killed while the file comes in and while it is read: at any moment, and before and after commits. What is
compared are the events by their ids, the tallies, and the file of rejects byte by byte.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest

from tests.fault.servers import KEY, Machine, Process, inspect, left_to_do, machine, until

pytestmark = pytest.mark.slow

Json = dict[str, Any]
SEED: Final = int(os.environ.get("KILL_SEED", "20260301"))
ROWS: Final = 40_000
PIECE: Final = 40_000
"""Bytes of the file in one request."""
KILLS: Final = 5
"""While the file comes in, and again while it is read."""
POINTS: Final = ("intake before commit", "intake after commit") * 4
NAME: Final = "orders.csv"
NEW: Final[Json] = {
    "name": NAME,
    "map": ["profile.custom_id=who", "params.who=who", "action=what:slug", "time=at", "id=key"],
    "where": ["what!=noise"],
}
COUNTED: Final = ("state", "rows", "read", "received", "stored", "duplicates", "rejected", "left_out", "slugged")


def file() -> bytes:
    """Orders, with what can be wrong with a row; some have a key, and some of these come twice."""
    draw = random.Random(1)
    lines = ["who,what,at,key"]
    for number in range(ROWS):
        at = f"2026-01-{number % 28 + 1:02}T00:00:{number % 60:02}Z"
        key = f"k{draw.randrange(2_000)}" if number % 10 == 0 else ""
        match number % 97:
            case 1:
                lines.append(f"c{number % 500},noise,{at},")
            case 2:
                lines.append("c1")
            case 3:
                lines.append(f"c{number % 500},automation.mine,{at},")
            case 4:
                lines.append(f"c{number % 500},Order paid,{at},{key}")
            case _:
                lines.append(f"c{number % 500},order.completed,{at},{key}")
    return "\n".join(lines).encode()


FILE: Final = file()


class Sender:
    """Begins an import and sends its file, each piece until it is answered, as the answers say."""

    def __init__(self, url: str) -> None:
        self._client = httpx2.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {KEY}"}, timeout=10)
        self.id = ""
        self.answered = 0
        self.unanswered = 0
        self._let = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._send_all, daemon=True)

    def begin(self) -> None:
        """The server must be ready."""
        self.id = self._client.post("/imports", json={**NEW, "size": len(FILE)}).raise_for_status().json()["id"]
        self._thread.start()

    def let(self, pieces: int) -> None:
        """So many more pieces may be begun."""
        self._let.release(pieces)

    def let_first_in(self, pieces: int) -> None:
        """So many more pieces may be begun; returns when the first of them is answered."""
        before = self.answered
        self.let(pieces)
        until(lambda: self.answered > before, "a piece has come in")

    def done(self) -> bool:
        return not self._thread.is_alive()

    def state(self) -> Json:
        """How far the import is; empty while the server is away."""
        with contextlib.suppress(httpx2.TransportError):
            found: Json = self._client.get(f"/imports/{self.id}").raise_for_status().json()
            return found
        return {}

    def rejects(self) -> bytes:
        return self._client.get(f"/imports/{self.id}/rejects").raise_for_status().content

    def close(self) -> None:
        self._client.close()

    def _send_all(self) -> None:
        state: Json = until(self.state, "the import is there")
        while state["state"] == "uploading":
            self._let.acquire()
            offset = state["received"]
            state = self._sent(offset) or until(self.state, "the server is back")

    def _sent(self, offset: int) -> Json:
        try:
            answer = self._client.put(
                f"/imports/{self.id}/file", params={"offset": offset}, content=FILE[offset : offset + PIECE]
            )
        except httpx2.TransportError:
            self.unanswered += 1
            return {}
        found: Json = answer.raise_for_status().json()
        self.answered += 1
        return found


class Outcome:
    """What an import has left, over HTTP and in the folder."""

    def __init__(self, sender: Sender, server: Process, folder: pathlib.Path) -> None:
        state = until(lambda: (now := sender.state()).get("state") == "finished" and now, "the import has finished")
        self.tallies = {name: state[name] for name in COUNTED}
        self.rejects = sender.rejects()
        until(lambda: not any(left_to_do(folder).values()), "everything has drained")
        server.stop()
        self.left = sorted(path.name for path in (folder / "imports" / sender.id).iterdir())
        self.events = sorted(
            (row["id"], row["action"], row["time"], row["params"]["who"], row["source"])
            for row in inspect(folder)["activity"]
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine(tmp_path_factory.mktemp("imports") / "log") as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(place: Machine) -> Outcome:
    folder = place.log.parent / "undisturbed"
    server = place.fork(folder)
    server.until_ready()
    with contextlib.closing(Sender(server.url)) as sender:
        sender.begin()
        sender.let(len(FILE) // PIECE + 1)
        return Outcome(sender, server, folder)


@pytest.fixture(scope="module")
def killed(place: Machine, undisturbed: Outcome) -> Iterator[Outcome]:
    del undisturbed  # the machine has one server at a time
    folder, draw, pause = place.log.parent / "killed", random.Random(SEED), threading.Event()
    server = place.fork(folder)
    server.until_ready()
    with contextlib.closing(Sender(server.url)) as sender:
        sender.begin()
        for _ in range(KILLS):
            sender.let_first_in(len(FILE) // PIECE // (KILLS + 1))
            server.kill()  # the next piece is on its way
            server = place.fork(folder)
            server.until_ready()
        assert sender.state()["state"] == "uploading", "the kills came too late"
        sender.let(len(FILE) // PIECE + 1)
        until(lambda: sender.state().get("state") == "running", "the file has come in")
        for _ in range(KILLS):
            server.kill()
            server = place.fork(folder)
            server.until_ready()
            pause.wait(draw.uniform(0, 0.1))
        server.kill()
        for point in POINTS:
            server = place.fork(folder, point, draw.randint(1, 3))
            assert server.wait() == -signal.SIGKILL, point
        server = place.fork(folder)
        server.until_ready()
        assert sender.done()
        assert sender.unanswered > 0
        yield Outcome(sender, server, folder)


def test_the_undisturbed_import_is_what_the_file_says(undisturbed: Outcome) -> None:
    tallies = undisturbed.tallies
    assert tallies["rows"] == ROWS
    assert tallies["received"] == tallies["read"] == len(FILE)
    assert tallies["stored"] + tallies["duplicates"] + tallies["rejected"] + tallies["left_out"] == ROWS
    assert min(tallies["duplicates"], tallies["rejected"], tallies["left_out"], tallies["slugged"]["action"]) > 100
    assert tallies["stored"] == len(undisturbed.events) == len({event[0] for event in undisturbed.events})


def test_no_event_is_lost_or_doubled(killed: Outcome, undisturbed: Outcome) -> None:
    assert Counter(killed.events) == Counter(undisturbed.events)


def test_the_tallies_are_the_same(killed: Outcome, undisturbed: Outcome) -> None:
    assert killed.tallies == undisturbed.tallies


def test_the_rejects_are_the_same_and_only_they_are_left(killed: Outcome, undisturbed: Outcome) -> None:
    assert killed.rejects == undisturbed.rejects
    assert killed.rejects.count(b"\n") == killed.tallies["rejected"]
    assert killed.left == undisturbed.left == [f"{NAME}.rejects.jsonl"]


def test_no_part_of_a_server_met_an_error(killed: Outcome, place: Machine) -> None:
    del killed
    log = place.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "goes on after an error" not in log


def test_memory_does_not_grow_with_the_file(place: Machine) -> None:
    """Files of which nearly nothing is stored, each in one request: all of it passes through the server."""

    def bring_in(rows: int) -> int:
        """Import so many rows of 1 KB; the most memory that the server has ever had, in bytes."""
        row = f"c1,noise,2026-01-01T00:00:00Z,{'x' * 970}\n".encode()
        head, last = b"who,what,at,key\n", b"c1,order.completed,2026-01-01T00:00:00Z,\n"
        with httpx2.Client(base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {KEY}"}) as client:
            new = {**NEW, "size": len(head) + rows * len(row) + len(last)}
            id = client.post("/imports", json=new).raise_for_status().json()["id"]
            pieces = (part for part in (head, *[row * 1_000] * (rows // 1_000), last))
            client.put(f"/imports/{id}/file", params={"offset": 0}, content=pieces, timeout=60).raise_for_status()

            def ended() -> Json | None:
                state: Json = client.get(f"/imports/{id}").json()
                return state if state["state"] not in {"uploading", "running"} else None

            state = until(ended, "the import has ended")
            assert (state["state"], state["left_out"]) == ("finished", rows)
        status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) * 1_024

    server = place.fork(place.log.parent / "large")
    server.until_ready()
    small = bring_in(50_000)
    # Of 100 MB more.
    assert bring_in(150_000) - small < 30_000_000
    server.stop()
