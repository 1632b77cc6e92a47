"""Two servers on one PostgreSQL database and one ClickHouse server: when one ends, the other goes on.

The checks of `test_kill` hold here too: they are imported, and made of what these two have left (ARCH-2, D-1.1, D-6).
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import httpx2
import msgspec
import psutil
import psycopg
import pytest

from milepost.stores.clickhouse.server import ClickHouseServer
from milepost.stores.postgresql import PostgresqlStore
from tests import clickhouse
from tests.fault import test_kill, test_postgresql
from tests.fault.inspect_folder import held
from tests.fault.receivers import Receivers
from tests.fault.servers import KEY, Machine, Process, machine, until
from tests.fault.test_kill import (  # noqa: F401 - what is imported here is tried here
    Load,
    Outcome,
    receivers,
    test_counters_are_the_same_and_without_drift,
    test_datapoints_are_the_tracked_moves_and_all_other_events_once,
    test_every_event_that_was_sent_is_on_the_card_once,
    test_every_intent_is_carried_out_once_or_named_uncertain,
    test_kills_met_work,
    test_no_input_was_given_up,
    test_other_events_of_the_product_are_the_same,
    test_the_copy_of_every_profile_is_its_newest_state,
    test_the_order_on_each_card_is_the_order_of_the_steps,
    test_the_same_moves_were_made_and_none_twice,
)
from tests.postgresql import Server

pytestmark = pytest.mark.slow

Json = dict[str, Any]
ENDS: Final = 3
"""How often the server that works is ended under load."""
PATIENCE: Final = 30.0
"""Seconds until the other one works: five of the lease, the rest for a machine that is busy with something else."""


class Stores(NamedTuple):
    """One pair of stores, which servers share."""

    state: str
    events: clickhouse.Server

    def left(self) -> int:
        """How much a server still has before it."""
        questions = (
            "SELECT count(*) FROM inputs", "SELECT count(*) FROM runs",
            "SELECT count(*) FROM intents WHERE state IN ('pending', 'sending')",
            "SELECT count(*) FROM batches WHERE projected IS NULL",
        )  # fmt: skip
        with psycopg.connect(self.state) as connection:
            return sum(connection.execute(question).fetchall()[0][0] for question in questions)

    def held(self) -> Json:
        """What is in them."""
        with (
            contextlib.closing(PostgresqlStore(self.state)) as store,
            contextlib.closing(ClickHouseServer(self.events.address)) as driver,
        ):
            found: Json = msgspec.json.decode(msgspec.json.encode(held(store, driver)))
            return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(ClickHouseServer(self.events.address)) as driver:
            return driver.query(sql)


class Pair:
    """Two machines with one pair of stores, a data folder each."""

    def __init__(self, place: pathlib.Path, stores: Stores, **settings: str) -> None:
        self._opened = contextlib.ExitStack()
        self.folders = [place / "one", place / "two"]
        self.machines: list[Machine] = [
            self._opened.enter_context(
                machine(
                    folder.with_suffix(".log"), state_store=stores.state, event_store=stores.events.address, **settings
                )
            )
            for folder in self.folders
        ]
        self.urls = [f"http://127.0.0.1:{made.port}" for made in self.machines]

    def serve(self, index: int) -> Process:
        return self.machines[index].serve(self.folders[index])

    def log(self) -> str:
        return "".join(made.log.read_text(encoding="utf-8") for made in self.machines)

    def close(self) -> None:
        self._opened.close()


class LoadOfTwo(Load):
    """Clients that turn to whichever server works."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = urls
        super().__init__(urls[0])

    def _sent(self, client: httpx2.Client, path: str, items: list[Json]) -> httpx2.Response | None:
        for url in self._urls:
            try:
                answer = client.post(f"{url}/api/v1{path}", json=items, timeout=5)
            except httpx2.TransportError:
                self.unanswered += 1
                continue
            if answer.status_code != 503:
                return answer
        return None


@pytest.fixture(scope="module")
def mail(receivers: Receivers) -> dict[str, str]:  # noqa: F811 - a fixture
    """Settings that lead to the receivers."""
    return {
        "allow_private_networks": "true", "smtp_host": "127.0.0.1", "smtp_port": str(receivers.mail_port),
        "smtp_security": "none",
    }  # fmt: skip


@pytest.fixture(scope="module")
def copies(
    postgresql: Server,
    receivers: Receivers,  # noqa: F811
    mail: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[contextlib.ExitStack], Stores]:
    """Makes copies of a pair of stores with all customers and active journeys, on which nobody works."""
    events = tmp_path_factory.mktemp("prepared")
    state = postgresql.create_database()
    with clickhouse.running(events) as running:
        pair = Pair(tmp_path_factory.mktemp("servers"), Stores(state, running), **mail)
        with contextlib.closing(pair):
            server = pair.serve(0)
            test_kill.prepare(server, receivers)
            until(lambda: Stores(state, running).left() == 0, "the customers are known")
            server.stop()
    name = state.partition("///")[2].partition("?")[0]

    def copied(opened: contextlib.ExitStack) -> Stores:
        folder = shutil.copytree(events, tmp_path_factory.mktemp("events") / "copy", symlinks=True)
        return Stores(
            postgresql.create_database(template=name), opened.enter_context(clickhouse.running(pathlib.Path(folder)))
        )

    return copied


@pytest.fixture(scope="module")
def undisturbed(
    copies: Callable[[contextlib.ExitStack], Stores], receivers: Receivers, mail: dict[str, str],  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Outcome:  # fmt: skip
    """What one server makes of the load, alone."""
    receivers.forget()
    with contextlib.ExitStack() as opened:
        stores = copies(opened)
        pair = opened.enter_context(contextlib.closing(Pair(tmp_path_factory.mktemp("one"), stores, **mail)))
        server = pair.serve(0)
        server.until_ready()
        load = LoadOfTwo(pair.urls)
        drain(load, stores)
        server.stop()
        return Outcome(load, stores.held(), receivers)


def drain(load: Load, stores: Stores) -> None:
    load.let(load.size)
    until(load.done, "all load is in", 120)
    until(lambda: stores.left() == 0, "everything has drained", 120)


def until_standby(server: Process) -> None:
    """Wait until it says that it stands by."""

    def says() -> bool:
        with contextlib.suppress(httpx2.TransportError):
            return "standby" in httpx2.get(f"{server.url}/health/ready", timeout=5).json()["problems"]
        return False

    until(says, "a server stands by")


def killed_under_load(working: Process, other: Process) -> None:
    working.kill()
    until(other.ready, "the other server works", PATIENCE)


def paused_under_load(working: Process, other: Process) -> None:
    os.kill(working.pid, signal.SIGSTOP)
    until(other.ready, "the other server works", PATIENCE)
    os.kill(working.pid, signal.SIGCONT)
    # Whoever is in charge of it starts it again.
    assert working.wait() == 1


@pytest.fixture(scope="module", params=[killed_under_load, paused_under_load], ids=lambda end: end.__name__)
def killed(
    undisturbed: Outcome, copies: Callable[[contextlib.ExitStack], Stores], receivers: Receivers,  # noqa: F811
    mail: dict[str, str], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest,
) -> Outcome:  # fmt: skip
    """What two make of it, of which the one that works is ended again and again."""
    receivers.forget()
    with contextlib.ExitStack() as opened:
        stores = copies(opened)
        pair = opened.enter_context(contextlib.closing(Pair(tmp_path_factory.mktemp("two"), stores, **mail)))
        servers = [pair.serve(0)]
        servers[0].until_ready()
        servers.append(pair.serve(1))
        load = LoadOfTwo(pair.urls)
        for number in range(ENDS):
            working = number % 2
            until_standby(servers[1 - working])
            load.let(load.size // (ENDS + 1))
            request.param(servers[working], servers[1 - working])
            servers[working] = pair.serve(working)
        drain(load, stores)
        for server in servers:
            server.stop()
        assert "Traceback" not in pair.log()
        assert clickhouse.PASSWORD not in pair.log()
        return Outcome(load, stores.held(), receivers)


@pytest.fixture
def shop(postgresql: Server, tmp_path: pathlib.Path) -> Iterator[Stores]:
    """A new pair of stores."""
    events = tmp_path / "events"
    events.mkdir()
    with clickhouse.running(events) as running:
        yield Stores(postgresql.create_database(), running)


@pytest.mark.parametrize(
    ("point", "arrival"),
    [
        ("before rows of activity", 1),
        ("after rows of activity", 1),
        # The ones before are of its start.
        ("projector before commit", 4),
        ("before batch", 2),
    ],
)
def test_one_that_wakes_up_in_the_middle_of_its_work_adds_nothing(
    shop: Stores, tmp_path: pathlib.Path, point: str, arrival: int
) -> None:
    """It stands still at its point until the other one has done all there was to do, this work too."""
    number = 50
    with contextlib.closing(Pair(tmp_path, shop)) as pair:
        first = pair.machines[0].fork(pair.folders[0])
        first.until_ready()
        with test_postgresql.api(first) as client:
            journey = client.post("/journeys", json=test_postgresql.JOURNEY).raise_for_status().json()["id"]
            client.post(f"/journeys/{journey}/activate").raise_for_status()
        until(lambda: shop.left() == 0, "the journey is active")
        first.stop()

        old = pair.machines[0].fork(pair.folders[0], point, arrival, signal.SIGSTOP)
        old.until_ready()
        new = pair.serve(1)
        until_standby(new)
        with test_postgresql.api(old) as client, contextlib.suppress(httpx2.TransportError):
            client.timeout = 2
            test_postgresql.send(client, 0, number)
        until(lambda: psutil.Process(old.pid).status() == psutil.STATUS_STOPPED, "it stands still")
        until(new.ready, "the other server works", PATIENCE)
        with test_postgresql.api(new) as client:
            assert test_postgresql.send(client, 0, 2 * number) == 200
            until(lambda: test_postgresql.finished(client, journey) == 2 * number, "everybody has arrived")
            until(lambda: shop.left() == 0, "all is handed over")
            before = contents(shop)
            assert len(before["activity"]) == len({id for (id,) in before["activity"]}) >= 2 * number * 4
            os.kill(old.pid, signal.SIGCONT)
            assert old.wait() == 1
            assert new.ready()
            assert contents(shop) == before
        if point == "before rows of activity":
            assert "Another server writes to the event store" in pair.log()
        new.stop()


def contents(stores: Stores) -> dict[str, list[tuple[Any, ...]]]:
    """All that identifies what is in both stores, in order."""
    found = {table: sorted(stores.rows(f"SELECT id FROM {table}")) for table in ("activity", "datapoints")}
    found["profiles"] = sorted(stores.rows("SELECT profile, version FROM profiles"))
    with psycopg.connect(stores.state) as connection:
        for table in ("batches", "counters", "profiles", "event_ids"):
            found[table] = sorted((repr(row),) for row in connection.execute(f"SELECT * FROM {table}".encode()))
    return found


def test_a_standby_says_that_it_is_one_and_takes_over_at_once_from_one_that_stops(
    shop: Stores, tmp_path: pathlib.Path
) -> None:
    with contextlib.closing(Pair(tmp_path, shop)) as pair:
        first = pair.serve(0)
        first.until_ready()
        second = pair.serve(1)
        until_standby(second)
        assert httpx2.get(f"{second.url}/health/live").status_code == 200
        for path in ("/", "/api/v1/journeys"):
            answer = httpx2.get(f"{second.url}{path}", headers={"Authorization": f"Bearer {KEY}"})
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "standby")
        # One more on the folder of one that waits.
        assert pair.machines[0].serve(pair.folders[1]).wait() == 1
        first.stop()
        until(second.ready, "the other server works", PATIENCE)
        third = pair.serve(0)
        until_standby(third)
        assert third.stop() < 10
        assert second.ready()
        second.stop()
