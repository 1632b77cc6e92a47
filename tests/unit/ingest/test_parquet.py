"""Parquet: typed columns become the events that the same rows of CSV and JSON lines give (D-2.10)."""

from __future__ import annotations

import datetime
import decimal
import json
import pathlib
import tracemalloc
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from milepost.errors import Invalid
from milepost.ingest import files, mapping
from milepost.ingest.files import Row
from milepost.ingest.record import Reject, Tally


def written(folder: pathlib.Path, rows: list[dict[str, Any]], **options: Any) -> pathlib.Path:
    path = folder / "a.parquet"
    pq.write_table(pa.Table.from_pylist(rows, **options), path, row_group_size=7)
    return path


def test_a_row_gives_the_event_that_the_same_row_of_csv_gives(tmp_path: pathlib.Path) -> None:
    rules = mapping.rules(["action=event:slug", "profile.custom_id=case", "time=ts", "params.amount=amount"])
    rows = [
        {"event": "Order placed", "case": f"c{number}", "ts": f"2026-03-01T12:00:{number:02}Z", "amount": number}
        for number in range(20)
    ]
    csv = tmp_path / "a.csv"
    lines = [",".join(map(str, row.values())) for row in rows]
    csv.write_text("\n".join(["event,case,ts,amount", *lines]))
    expected = [row.event for row in files.read(csv, rules, name="same") if isinstance(row, Row)]
    for event in expected:
        event["params"]["amount"] = int(event["params"]["amount"])
    found = list(files.read(written(tmp_path, rows), rules, name="same"))
    assert [row.event for row in found if isinstance(row, Row)] == expected
    assert [row.line for row in found] == list(range(1, 21))


def test_types_become_those_of_json(tmp_path: pathlib.Path) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    row = {
        "action": "order.placed",
        "profile": {"custom_id": "c1"},
        "time": datetime.datetime(2026, 3, 1, 14, 0, 0, 123_000, tzinfo=zone),
        "params": {
            "paid": True, "amount": decimal.Decimal("12.50"), "rate": float("nan"), "day": datetime.date(2026, 3, 1),
            "took": datetime.timedelta(seconds=1.5), "note": "naïve".encode(), "sizes": [1, 2],
            "to": {"city": "Kraków"},
        },
    }  # fmt: skip
    (found,) = files.read(written(tmp_path, [row]))
    assert isinstance(found, Row)
    assert found.event["time"] == "2026-03-01T12:00:00.123Z"
    assert found.event["profile"] == {"custom_id": "c1"}
    assert found.event["params"] == {
        "paid": True, "amount": 12.5, "day": "2026-03-01", "took": 1500, "note": "naïve", "sizes": [1, 2],
        "to.city": "Kraków",
    }  # fmt: skip
    json.dumps(found.event)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_time_without_a_zone_is_not_guessed(tmp_path: pathlib.Path, unit: str) -> None:
    moment = datetime.datetime(2026, 3, 1, 12)  # noqa: DTZ001 - that is the point
    columns = pa.schema([("case", pa.string()), ("ts", pa.timestamp(unit))])
    path = written(tmp_path, [{"case": "c1", "ts": moment}], schema=columns)
    rules = ["action:=visit", "profile.custom_id=case"]
    (rejected,) = files.read(path, mapping.rules([*rules, "time=ts"]))
    assert isinstance(rejected, Reject)
    assert rejected.field == "time"
    (taken,) = files.read(path, mapping.rules([*rules, "time=ts:utc"]))
    assert isinstance(taken, Row)
    assert taken.event["time"] == "2026-03-01T12:00:00.000Z"


def test_columns_that_are_no_fields_must_be_mapped(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Invalid, match=r"The column `user\.id` is not a field") as refused:
        files.read(written(tmp_path, [{"user": {"id": "c1"}}]))
    assert refused.value.field == "map"
    with pytest.raises(Invalid, match="The file has no column `id`"):
        files.read(written(tmp_path, [{"user": {"id": "c1"}}]), mapping.rules(["profile.custom_id=id"]))


def test_bytes_that_are_no_text_are_a_reject_and_reading_goes_on(tmp_path: pathlib.Path) -> None:
    path = written(tmp_path, [{"action": name, "profile.custom_id": "c1"} for name in (b"a", b"\xff", b"b")])
    found = list(files.read(path))
    assert [row.event["action"] for row in found if isinstance(row, Row)] == ["a", "b"]
    assert [(row.line, row.reason) for row in found if isinstance(row, Reject)] == [
        (2, "a column holds bytes that are not UTF-8")
    ]


def test_what_is_no_parquet_is_refused_at_once(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"case,event\n1,a\n")
    with pytest.raises(Invalid, match="cannot be read as Parquet") as refused:
        files.read(path)
    assert refused.value.field == "file"


def test_a_damaged_file_gives_what_is_before_the_damage(tmp_path: pathlib.Path) -> None:
    rows = [{"action": f"a{number}", "profile.custom_id": "x" * 200 + str(number)} for number in range(5_000)]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=1_000, compression="gzip")
    whole = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(3).column(1).data_page_offset
    whole[start : start + 400] = b"\0" * 400
    path.write_bytes(whole)
    *taken, last = files.read(path)
    assert isinstance(last, Reject)
    assert last.reason.startswith("the file is damaged, reading ends here")
    assert [row.event["action"] for row in taken if isinstance(row, Row)] == [f"a{number}" for number in range(3_000)]


def test_memory_does_not_grow_with_the_file(tmp_path: pathlib.Path) -> None:
    def peak(rows: int) -> int:
        path = tmp_path / f"{rows}.parquet"
        table = pa.table({"action": ["visit"] * rows, "profile.custom_id": [str(number) for number in range(rows)]})
        pq.write_table(table, path, row_group_size=2_000)
        before = pa.total_allocated_bytes()
        tracemalloc.start()
        tally, most = Tally(), 0
        for number, _ in enumerate(files.read(path, tally=tally)):
            if number % 500 == 0:
                most = max(most, tracemalloc.get_traced_memory()[1] + pa.total_allocated_bytes() - before)
        tracemalloc.stop()
        assert tally.position == tally.size
        assert tally.rows == rows
        return most

    peak(2_000)
    assert peak(40_000) < 2 * peak(4_000)
