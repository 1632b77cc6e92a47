"""What only a store beyond a network can meet: late rows, a server that goes away, others that write (ARCH-2)."""

from __future__ import annotations

import contextlib
import pathlib
import threading
from collections.abc import Callable, Iterator

import pytest

from milepost import errors
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.clickhouse.server import ClickHouseServer
from tests import clickhouse
from tests.fault.servers import until
from tests.reference.rows import lines

ROWS = lines("activity", [{"workspace": 1, "batch": 1}])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[clickhouse.Server]:
    with clickhouse.running(tmp_path_factory.mktemp("server")) as made:
        yield made


@pytest.fixture
def connect(server: clickhouse.Server) -> Iterator[Callable[[int], ClickHouseEventStore]]:
    """Makes a store of an epoch; each test begins without rows and fences."""
    with contextlib.ExitStack() as opened:

        def made(epoch: int) -> ClickHouseEventStore:
            return opened.enter_context(contextlib.closing(ClickHouseEventStore.connect(server.address, epoch)))

        made(0)
        with contextlib.closing(ClickHouseServer(server.address)) as driver:
            for table in ("activity", "fences"):
                driver.command(f"TRUNCATE TABLE {table}")
        yield made


def test_who_was_taken_over_inserts_nothing_any_more(connect: Callable[[int], ClickHouseEventStore]) -> None:
    old = connect(1)
    assert old.batches("activity", 1) == set()
    old.append("activity", 1, ROWS)
    new = connect(2)
    # It may write until the other one has asked what is there.
    old.append("activity", 2, ROWS)
    assert new.batches("activity", 1) == {1}
    for late in (lambda: old.append("activity", 3, ROWS), lambda: old.batches("activity", 1)):
        with pytest.raises(errors.LeaseLost):
            late()
    assert new.count(1, "activity") == 2
    new.append("activity", 3, ROWS)
    assert new.count(1, "activity") == 3


def test_rows_that_were_on_their_way_when_it_was_asked_stay_out(connect: Callable[[int], ClickHouseEventStore]) -> None:
    """A process that was killed has sent them; the one that is started in its place has its epoch."""
    killed, started = connect(1), connect(1)
    killed.batches("activity", 1)
    started.batches("activity", 1)
    with pytest.raises(errors.LeaseLost):
        killed.append("activity", 1, ROWS)
    # So does one that asks again: it goes on with the new number, and what it sent under the one before is late.
    killed.batches("activity", 1)
    killed.append("activity", 1, ROWS)
    assert killed.count(1, "activity") == 1


def test_an_insert_that_goes_on_is_ended_before_it_is_said_what_is_there(
    connect: Callable[[int], ClickHouseEventStore],
) -> None:
    old, new = connect(1), connect(2)
    slow = (
        "INSERT INTO activity (workspace, batch) SELECT 1, 1 + sleepEachRow(1) FROM numbers(60)"
        " WHERE throwIf((SELECT max((epoch, attempt)) FROM fences) > (9, 9)) = 0 SETTINGS max_block_size = 1"
    )
    failed: list[errors.MilepostError] = []

    def insert() -> None:
        try:
            old._driver.command(slow)
        except errors.MilepostError as error:
            failed.append(error)

    thread = threading.Thread(target=insert)
    thread.start()
    going_on = "SELECT 1 FROM system.processes WHERE query_kind = 'Insert'"
    until(lambda: new._driver.query(going_on), "the insert goes on")
    assert new.batches("activity", 1) == set()
    assert new._driver.query(going_on) == []
    thread.join()
    assert len(failed) == 1
    assert new.count(1, "activity") == 0


def test_every_insert_waits_for_the_disk(connect: Callable[[int], ClickHouseEventStore]) -> None:
    """The server may lose power alone, and nobody would look back."""
    store = connect(1)
    store.append("activity", 1, ROWS)
    ((made,),) = store._driver.query(
        "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = 'activity'"
    )
    assert "fsync_after_insert = 1" in made
    assert "fsync_part_directory = 1" in made


def test_a_server_that_comes_back_is_found_again(tmp_path: pathlib.Path) -> None:
    with clickhouse.running(tmp_path) as server, contextlib.closing(connected(server.address)) as store:
        store.append("activity", 1, ROWS)
        server.kill()
        for call in (lambda: store.count(1, "activity"), lambda: store.append("activity", 2, ROWS)):
            with pytest.raises(errors.StorageUnavailable, match="cannot be reached"):
                call()
        server.start()
        assert store.count(1, "activity") == 1
        store.append("activity", 2, ROWS)
        assert store.count(1, "activity") == 2


def connected(address: str) -> ClickHouseEventStore:
    return ClickHouseEventStore.connect(address)


def test_what_keeps_it_from_connecting_is_said_without_the_password(server: clickhouse.Server) -> None:
    good = server.address
    secret = clickhouse.PASSWORD
    port = good.rpartition(":")[2].partition("/")[0]
    for wrong, said in (
        (good.replace(secret, "secret"), "AUTHENTICATION_FAILED"),
        (good.replace("/default", "/nowhere"), "UNKNOWN_DATABASE"),
        (good.replace(port, "1"), "cannot be reached"),
        (good.replace(port, "secret"), "cannot be read"),
        (good + "?no_such_option=secret", "cannot be read"),
    ):
        with pytest.raises(errors.StorageUnavailable) as raised:
            connected(wrong)
        assert said in raised.value.message
        assert "secret" not in f"{raised.value.message} {raised.value.fix}"
        assert secret not in raised.value.message


def test_after_it_was_closed_it_says_so(server: clickhouse.Server) -> None:
    store = connected(server.address)
    store.close()
    with pytest.raises(errors.StorageUnavailable, match="closed"):
        store.count(1, "activity")
