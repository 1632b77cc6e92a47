"""Files of past events: CSV and JSONL in a stream, broken lines as rejects (D-2.10)."""

from __future__ import annotations

import gzip
import json
import pathlib
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from milepost.errors import Invalid
from milepost.ingest import files, mapping, native
from milepost.ingest.files import Row
from milepost.ingest.record import Reject, Tally
from milepost.ports.arrival import Arrival

MAP = mapping.rules(["action=event", "profile.custom_id=case"])


def written(folder: pathlib.Path, name: str, content: str | bytes) -> pathlib.Path:
    path = folder / name
    raw = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def brief(items: Iterator[Row | Reject]) -> list[Any]:
    """Rows as (line, case, event), rejects as (line, reason)."""
    return [
        (item.line, item.reason) if isinstance(item, Reject)
        else (item.line, item.event["profile"]["custom_id"], item.event["action"])
        for item in items
    ]  # fmt: skip


def test_rows_become_events(tmp_path: pathlib.Path) -> None:
    text = "case,event,ts,amount,note\n7,Order placed,2011-10-01T00:38:44.546+02:00,12.5,\n"
    rules = mapping.rules([
        "action=event:slug", "profile.custom_id=case", "time=ts", "params.amount=amount:number", "params.note=note",
        "label:=From the shop",
    ])  # fmt: skip
    tally = Tally()
    (row,) = files.read(written(tmp_path, "a.csv", text), rules, tally=tally)
    assert isinstance(row, Row)
    identity = row.event.pop("id")
    assert identity.startswith("import-")
    assert row == Row(
        2,
        {
            "action": "Order_placed",
            "profile": {"custom_id": "7"},
            "time": "2011-09-30T22:38:44.546Z",
            "params": {"amount": 12.5},
            "label": "From the shop",
            "source": "import",
        },
    )
    assert tally.slugged == {"action": 1}
    assert (tally.rows, tally.rejects, tally.position) == (1, 0, tally.size)


def test_derived_ids_depend_on_name_and_row_alone(tmp_path: pathlib.Path) -> None:
    path = written(tmp_path, "a.csv", "case,event\n1,a\n1,a\n2,b\n")

    def ids(*where: str, name: str | None = None) -> list[str]:
        rows = files.read(path, MAP, mapping.where(where), name=name)
        return [row.event["id"] for row in rows if isinstance(row, Row)]

    first = ids()
    assert len(set(first)) == 3
    assert ids() == first
    assert ids("case=2") == first[2:]
    assert set(ids(name="other.csv")).isdisjoint(first)


def test_a_given_id_is_kept(tmp_path: pathlib.Path) -> None:
    rules = (*MAP, *mapping.rules(["insert_id=nr"]))
    with_id, without = files.read(written(tmp_path, "a.csv", "case,event,nr\n1,a,x1\n1,a,\n"), rules)
    assert isinstance(with_id, Row)
    assert isinstance(without, Row)
    assert (with_id.event.get("insert_id"), with_id.event.get("id")) == ("x1", None)
    assert without.event["id"].startswith("import-")


def test_a_broken_line_in_the_middle_is_a_reject_and_reading_goes_on(tmp_path: pathlib.Path) -> None:
    text = b'case,event\n1,a\n2,b,extra\n3\n4,"open\n5,e\n\n6,"two\nlines"\n7,\xff\n8,a"b\n9,"x"y\n10,j\n'
    assert brief(files.read(written(tmp_path, "a.csv", text), MAP)) == [
        (2, "1", "a"),
        (3, "it has 3 cells, the header has 2"),
        (4, "it has 1 cells, the header has 2"),
        (5, "a quote is opened and not closed"),
        (6, "5", "e"),
        (8, "6", "two\nlines"),
        (10, "it is not UTF-8"),
        (11, "8", 'a"b'),
        (12, "',' expected after '\"'"),
        (13, "10", "j"),
    ]


def test_a_quote_open_until_the_end_swallows_nothing(tmp_path: pathlib.Path) -> None:
    text = 'case,event\n1,"a\n' + "".join(f"{n},b\n" for n in range(2, 30_000))
    first, *others = brief(files.read(written(tmp_path, "a.csv", text), MAP))
    assert first == (2, "a quote is opened and not closed")
    assert len(others) == 29_998


def test_an_endless_line_is_given_up_without_being_held(tmp_path: pathlib.Path) -> None:
    path = written(tmp_path, "a.csv.gz", b"case,event\n1," + b"x" * 20_000_000 + b"\n2,b\n")
    tracemalloc.start()
    try:
        result = brief(files.read(path, MAP))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result == [(2, "it has more than 262,144 bytes"), (3, "2", "b")]
    assert peak < 5_000_000


def test_memory_does_not_grow_with_the_file(tmp_path: pathlib.Path) -> None:
    path = written(tmp_path, "a.csv.gz", "case,event\n" + "".join(f"{n},{'e' * 200}\n" for n in range(50_000)))
    tracemalloc.start()
    try:
        rows = (item for item in files.read(path, MAP) if isinstance(item, Row))
        count = sum(len(batch.rows) for batch in files.batched(rows))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 50_000
    assert peak < 5_000_000


def test_a_cell_that_cannot_be_converted_names_field_and_value(tmp_path: pathlib.Path) -> None:
    rules = (*MAP, *mapping.rules(["params.n=n:number"]))
    reject, row = files.read(written(tmp_path, "a.csv", "case,event,n\n1,a,many\n1,a,2\n"), rules)
    assert reject == Reject(2, "params.n", "`many`: it is not a number", "1,a,many")
    assert isinstance(row, Row)


def test_a_damaged_file_gives_what_is_before_the_damage(tmp_path: pathlib.Path) -> None:
    text = "case,event\n" + "".join(f"{n},e{n * 7919 % 1000}\n" for n in range(20_000))
    path = written(tmp_path, "a.csv.gz", text)
    path.write_bytes(path.read_bytes()[:-5_000])
    *rows, last = files.read(path, MAP)
    assert isinstance(last, Reject)
    assert "damaged" in last.reason
    assert len(rows) > 1_000
    assert all(isinstance(row, Row) for row in rows)


@pytest.mark.parametrize("text", ["case;event\n1;a\n", "case\tevent\n1\ta\n", "\ufeffcase,event\r\n1,a\r\n"])
def test_what_spreadsheets_write(tmp_path: pathlib.Path, text: str) -> None:
    assert brief(files.read(written(tmp_path, "a.csv", text), MAP)) == [(2, "1", "a")]


def test_conditions_choose_rows(tmp_path: pathlib.Path) -> None:
    path = written(tmp_path, "a.csv", "case,event,life\n1,a,START\n2,b,COMPLETE\n3,c,\n")
    tally = Tally()
    assert brief(files.read(path, MAP, mapping.where(["life=COMPLETE"]), tally=tally)) == [(3, "2", "b")]
    assert (tally.rows, tally.left_out) == (1, 2)
    assert len(list(files.read(path, MAP, mapping.where(["life!=START"])))) == 2


def test_columns_named_after_fields_need_no_mapping(tmp_path: pathlib.Path) -> None:
    text = "id,profile.email,action,time,params.plan\ne1,ann@example.com,signup,2026-03-01T12:00:00Z,pro\n"
    (row,) = files.read(written(tmp_path, "a.csv", text))
    assert isinstance(row, Row)
    assert row.event == {
        "id": "e1", "profile": {"email": "ann@example.com"}, "action": "signup", "time": "2026-03-01T12:00:00.000Z",
        "params": {"plan": "pro"}, "source": "import",
    }  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        files.read(written(tmp_path, "b.csv", "action,plan\n"))
    assert "--map params.plan=plan" in str(refusal.value.fix)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", ""), ("a.csv", "a,a\n"), ("a.csv", b"\xff\n"), ("a.xlsx", "x"), ("a.csv.gz.csv", "\n")],
)
def test_a_file_that_cannot_be_read_at_all_is_refused_at_once(
    tmp_path: pathlib.Path, name: str, content: str | bytes
) -> None:
    with pytest.raises(Invalid) as refusal:
        files.read(written(tmp_path, name, content), MAP)
    assert refusal.value.fix


def test_a_file_that_is_not_there_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Invalid, match="There is no file"):
        files.read(tmp_path / "none.csv", MAP)


def test_lines_of_json_are_events_as_they_are(tmp_path: pathlib.Path) -> None:
    event = {"id": "e1", "profile": {"uuid": "u"}, "action": "a", "params": {"x": [1]}}
    text = json.dumps(event) + "\n\n{broken\n[1]\n" + json.dumps({**event, "id": "e2"})
    first, broken, no_object, last = files.read(written(tmp_path, "a.jsonl.gz", text))
    assert first == Row(1, {**event, "source": "import"})
    assert isinstance(broken, Reject)
    assert isinstance(no_object, Reject)
    assert (broken.line, broken.text, no_object.line) == (3, "{broken", 4)
    assert isinstance(last, Row)
    assert (last.line, last.event["id"]) == (5, "e2")


def test_lines_of_json_can_be_mapped_by_dotted_places(tmp_path: pathlib.Path) -> None:
    text = '{"user": {"id": 7}, "type": "click", "ok": true}\n{"user": 3, "type": "click"}\n'
    rules = mapping.rules(["action=type", "profile.custom_id=user.id:text", "params.ok=ok"])
    first, second = files.read(written(tmp_path, "a.ndjson", text), rules)
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.event["profile"], first.event["params"]) == ({"custom_id": "7"}, {"ok": True})
    assert "profile" not in second.event


def test_batches_keep_to_the_limits_of_a_request_and_to_the_order() -> None:
    rows = [Row(n, {"id": str(n), "params": {"x": "y" * (3_000 if n < 800 else 1)}}) for n in range(3_000)]
    batches = list(files.batched(rows))
    assert [row for batch in batches for row in batch.rows] == rows
    for batch in batches:
        assert len(batch.body) <= 1_048_576
        assert len(batch.rows) <= 1_000
        assert [event["id"] for event in json.loads(batch.body)] == [row.event["id"] for row in batch.rows]


def test_rows_by_time_for_a_replay() -> None:
    times = ["2026-03-01T12:00:00.000Z", 5, None, "2026-03-01T11:00:00+01:00", 5]
    rows = [Row(line, {"time": time} if time else {}) for line, time in enumerate(times, 1)]
    assert [row.line for row in files.sorted_by_time(rows)] == [3, 2, 5, 4, 1]
    instants = files.sorted_by_time(rows, instants=True)
    assert [row.line for row in instants] == [3, 2, 5, 4, 1]
    assert [row.event.get("received_at") for row in instants] == [row.event.get("time") for row in instants]
    given = files.sorted_by_time([Row(1, {"time": 9, "received_at": 20}), Row(2, {"time": 10})], instants=True)
    assert [(row.line, row.event["received_at"]) for row in given] == [(2, 10), (1, 20)]


def test_the_loan_applications(loan_applications: pathlib.Path) -> None:
    """Real input: 44 % of the names have a space in them, which no action may have."""
    rules = mapping.rules([
        "action=event:slug", "profile.custom_id=case", "time=ts", "params.amount=amount:number",
    ])  # fmt: skip
    tally = Tally()
    items = files.read(loan_applications, rules, mapping.where(["lifecycle=COMPLETE"]), tally=tally)
    (first, *_) = batches = list(files.batched(item for item in items if isinstance(item, Row)))
    assert (tally.rows, tally.left_out, tally.rejects) == (164_506, 97_694, 0)
    assert tally.slugged == {"action": 72_413}
    assert sum(len(batch.rows) for batch in batches) == 164_506
    assert all(isinstance(result, Arrival) for result in native.parse(first.body))
