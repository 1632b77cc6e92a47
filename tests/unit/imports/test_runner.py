"""Imports that the server runs by itself: what ends one, what holds it up, and that each row counts once (D-2.10)."""

from __future__ import annotations

import gzip
import itertools
import json
import pathlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from milepost.errors import Conflict, NotFound, StorageFull, StorageUnavailable
from milepost.imports import reading
from milepost.imports.desk import Desk, Mapping, New
from milepost.imports.runner import Runner
from milepost.imports.shelf import Shelf
from milepost.ingest import files, native
from milepost.ports.state_store import ImportRow
from milepost.runtime import codec
from milepost.runtime.engine import Engine
from milepost.stores.memory.event_store import MemoryEventStore
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.testing import FixedClock

MAP = ("profile.custom_id=who", "action=what")


class Place:
    """A workspace, a desk, and a runner that goes step by step."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.full = False
        self.engine = Engine(MemoryStateStore(), MemoryEventStore(), FixedClock(1), guard=self._guard)
        self.workspace = self.engine.create_workspace("w", "real").key
        self.shelf = Shelf(folder)
        self.desk = Desk(self.engine.store, self.engine.clock, self.shelf)
        self.runner = self.another()
        self.engine.intake.start()

    def another(self) -> Runner:
        """One more runner of the same imports."""
        return Runner(self.desk, self.engine.intake, threading.Event())

    def _guard(self) -> None:
        if self.full:
            raise StorageFull

    def bring(
        self, content: bytes, name: str = "orders.csv", map: Sequence[str] = MAP, where: Sequence[str] = ()
    ) -> str:
        """A complete file; the id of its import."""
        new = New(name, len(content), Mapping(tuple(map), tuple(where)))
        row = self.desk.begin(self.workspace, "anna", new)
        with self.desk.receiving(self.workspace, row.id, 0) as receipt:
            receipt.keep(content)
        return row.id

    def row(self, id: str) -> ImportRow:
        return self.desk.one(self.workspace, id)

    def run(self, runner: Runner | None = None) -> None:
        """Go on until there is nothing to do."""
        while (runner or self.runner).step():
            pass

    def ids(self) -> list[str]:
        """Of all events that were stored."""
        with self.engine.store.reading() as tx:
            inputs = tx.pending_inputs(self.workspace, limit=1_000)
        return sorted(event.id for row in inputs for event in codec.decode_events(row.body))

    def rejects(self, id: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in b"".join(self.shelf.read_rejects(self.row(id))).splitlines()]


@pytest.fixture
def place(tmp_path: pathlib.Path) -> Iterator[Place]:
    made = Place(tmp_path / "imports")
    yield made
    made.engine.intake.stop()


def rows(number: int, *, broken: bool = False) -> bytes:
    """A CSV of so many rows, of which every hundredth is broken if wanted."""
    lines = (f"c{one},{'' if broken and one % 100 == 0 else 'order.completed'}" for one in range(number))
    return "\n".join(["who,what", *lines]).encode()


def test_a_cancelled_import_stores_nothing_more_and_keeps_what_it_has(place: Place) -> None:
    id, behind = place.bring(rows(5_000)), place.bring(rows(10), "other.csv")
    while not place.row(id).stored:
        place.runner.step()
    stored = place.desk.cancel(place.workspace, id).stored
    assert 0 < stored < 5_000
    place.run()
    assert (place.row(id).state, place.row(id).stored) == ("cancelled", stored)
    assert not place.shelf.file(place.row(id)).exists()
    assert (place.row(behind).state, place.row(behind).stored) == ("finished", 10)


def test_an_import_waits_for_room_on_the_disk_and_goes_on_where_it_was(place: Place) -> None:
    id = place.bring(rows(5_000, broken=True))
    while not place.row(id).stored:
        place.runner.step()
    place.full = True
    for _ in range(3):
        with pytest.raises(StorageFull):
            place.run()
    assert place.row(id).state == "running"
    place.full = False
    place.run()
    assert (place.row(id).stored, place.row(id).duplicates, place.row(id).rejected) == (4_950, 0, 50)
    assert [one["line"] for one in place.rejects(id)] == list(range(2, 5_002, 100))


def test_rejects_that_cannot_be_written_hold_up_the_import_alone(place: Place) -> None:
    id = place.bring(rows(300, broken=True))
    in_the_way = place.shelf.rejects(place.row(id))
    in_the_way.mkdir()
    with pytest.raises(StorageUnavailable):
        place.run()
    assert place.row(id).stored == 0
    event = {"profile": {"custom_id": "live"}, "action": "order.completed"}
    assert len(place.engine.intake.submit(place.workspace, native.parse(json.dumps(event).encode())).result(10)) == 1
    in_the_way.rmdir()
    place.run()
    assert (place.row(id).stored, place.row(id).rejected) == (297, 3)


def test_of_two_runners_one_counts_each_row(place: Place) -> None:
    """As when a server that was taken for dead wakes up beside its successor."""
    id = place.bring(rows(8_000, broken=True))
    other = place.another()
    for runner in itertools.cycle([place.runner, other, other]):
        runner.step()
        if place.row(id).state == "finished":
            break
    place.run()
    place.run(other)
    assert (place.row(id).stored, place.row(id).duplicates, place.row(id).rejected) == (7_920, 0, 80)
    assert len(place.rejects(id)) == 80


def test_a_row_that_is_too_large_for_any_request_is_rejected_and_the_others_are_not(
    place: Place, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "orders.parquet"
    table = {"who": ["a", "b", "c"], "what": ["x", "x", "x"], "text": ["short", "x" * 2_000_000, "short"]}
    pq.write_table(pa.table(table), path)
    id = place.bring(path.read_bytes(), path.name, (*MAP, "params.text=text"))
    place.run()
    assert (place.row(id).stored, place.row(id).rejected) == (2, 1)
    [reject] = place.rejects(id)
    assert reject["line"] == 2
    assert "limit" in reject["reason"]
    assert len(reject["text"]) < 1_000


@pytest.mark.parametrize("number", [0, 9, 10, 11, 20])
def test_an_import_ends_wherever_the_file_does(place: Place, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(reading, "AT_ONCE", 10)
    monkeypatch.setattr(reading, "PIECE", 5)
    left_out, stored = place.bring(rows(number), where=["what=none"]), place.bring(rows(number))
    place.run()
    for id, counted in ((left_out, (number, 0, number)), (stored, (number, number, 0))):
        row = place.row(id)
        assert (row.state, row.position) == ("finished", row.size)
        assert (row.rows, row.stored, row.left_out) == counted


CSV = b'who,what\n\na,x\n"b\nb",x\n\n\nc\nd,x\n"e,x\nf,x\ng,x\n"h\n\nh",x\r\ni,automation.no\n\nj,x\n"k,x\nl,x\nm'
JSONL = b"".join(
    b'{"profile": {"custom_id": "%d"}, "action": "x"}\n%s' % (number, (b"\n", b"", b"no\n")[number % 3])
    for number in range(20)
)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", CSV), ("a.csv.gz", gzip.compress(CSV)), ("a.jsonl", JSONL), ("a.jsonl.gz", gzip.compress(JSONL))],
    ids=["csv", "csv.gz", "jsonl", "jsonl.gz"],
)
def test_a_reading_that_is_begun_anew_at_every_row_comes_to_the_same(
    place: Place, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    rules = MAP if ".csv" in name else ()
    whole = place.bring(content, name, rules)
    place.run()
    other = Place(tmp_path / "other")
    monkeypatch.setattr(reading, "PIECE", 1)
    monkeypatch.setattr(reading, "CHUNK", 3)
    id = other.bring(content, name, rules)
    begun = 0
    while other.row(id).state == "running":
        runner, before = other.another(), other.row(id).rows
        begun += 1
        while other.row(id).rows == before and runner.step():
            pass
    other.engine.intake.stop()
    assert begun > 8
    assert other.rejects(id) == place.rejects(whole)
    assert len(place.rejects(whole)) > 3
    counted = ("rows", "stored", "duplicates", "rejected", "position")
    assert [getattr(other.row(id), one) for one in counted] == [getattr(place.row(whole), one) for one in counted]
    assert other.ids() == place.ids()


def test_a_file_that_is_not_here_any_more_ends_its_import_with_advice(place: Place) -> None:
    id = place.bring(rows(10))
    place.shelf.remove(id)
    place.run()
    assert place.row(id).state == "failed"
    assert "Import it again" in place.row(id).error


def test_a_workspace_takes_its_imports_along(place: Place) -> None:
    id = place.bring(rows(5_000))
    while not place.row(id).stored:
        place.runner.step()
    with place.engine.store.writing() as tx:
        tx.delete_workspace(place.workspace)
    place.run()
    place.desk.sweep()
    assert place.shelf.ids() == []


@pytest.mark.parametrize("end", [Desk.cancel, Desk.delete])
def test_what_comes_in_when_an_import_has_just_ended_does_not_stay(place: Place, end: Callable[..., object]) -> None:
    row = place.desk.begin(place.workspace, "anna", New("orders.csv", 9, Mapping()))
    with place.desk.receiving(place.workspace, row.id, 0) as receipt:
        receipt.keep(b"who")
        end(place.desk, place.workspace, row.id)
        with pytest.raises((NotFound, Conflict)):
            receipt.keep(b",what\n")
    assert place.shelf.size(row) == 0


def test_a_file_that_no_reader_can_read_keeps_nobody_waiting(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    id, behind = place.bring(rows(10)), place.bring(rows(10), "other.jsonl", ())

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setitem(files.FORMATS, ".csv", broken)
    place.run()
    assert place.row(id).state == "failed"
    assert "RuntimeError" in place.row(id).error
    assert (place.row(behind).state, place.row(behind).rejected) == ("finished", 11)


def test_one_sender_at_a_time(place: Place) -> None:
    row = place.desk.begin(place.workspace, "anna", New("orders.csv", 9, Mapping()))
    with place.desk.receiving(place.workspace, row.id, 0) as receipt:
        with pytest.raises(Exception, match="Somebody is sending"):  # noqa: SIM117
            with place.desk.receiving(place.workspace, row.id, 0):
                raise AssertionError
        receipt.keep(b"who")
    with place.desk.receiving(place.workspace, row.id, 3) as receipt:
        receipt.keep(b",what\n")
    assert place.row(row.id).state == "running"
