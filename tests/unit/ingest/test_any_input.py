"""Whatever comes in: intake answers or refuses in its own words, and a file gives each of its lines exactly once."""

from __future__ import annotations

import json
import pathlib
import tempfile
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from milepost.errors import MilepostError
from milepost.ingest import files, mapping, native, profile
from milepost.ingest.files import Row
from milepost.ingest.record import Reject
from milepost.ports.arrival import Arrival, ProfileArrival, Rejection

NAMES = st.sampled_from([
    "profile", "custom_id", "email", "uuid", "action", "time", "params", "id", "eventSalt", "events", "profiles",
    "attributes", "tags", "add", "remove", "consents", "sms", "other",
])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.just("a"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES | st.binary(max_size=30), st.booleans())
def test_intake_answers_for_each_item_or_refuses_the_whole(value: Any, virtual: bool) -> None:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    for parse in (native.parse, profile.parse):
        try:
            results: list[Any] = [*parse(body, virtual=virtual)]
        except MilepostError:
            continue  # any other exception fails the test
        assert [result.item for result in results] == list(range(len(results)))
        assert all(isinstance(result, Arrival | ProfileArrival | Rejection) for result in results)


GOOD_LINE = st.sampled_from([b"1,a", b'2,"b"', b'3,"c ""d"""', b"4,"])
BAD_LINE = st.sampled_from([b"1", b"1,a,b", b'"open,x', b'1,"x"y', b"\xff,a", b'5,"open'])


@given(st.lists(GOOD_LINE | BAD_LINE | st.just(b""), max_size=30))
def test_every_line_of_a_csv_is_a_row_or_a_reject(lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "a.csv"
        path.write_bytes(b"\n".join([b"case,event", *lines]) + b"\n")
        items = list(files.read(path, mapping.rules(["action=event", "profile.custom_id=case"])))
    spanned = [
        number
        for item in items
        for number in range(
            item.line, item.line + 1 + (item.event.get("action", "").count("\n") if isinstance(item, Row) else 0)
        )
    ]
    assert spanned == [number for number, line in enumerate(lines, 2) if line or number in spanned]
    assert [item.line for item in items] == sorted({item.line for item in items})
    quoted = any(line.count(b'"') % 2 for line in lines)
    if not quoted:
        rejected = [item.line for item in items if isinstance(item, Reject)]
        bad = {b"1", b"1,a,b", b'1,"x"y', b"\xff,a"}
        assert rejected == [number for number, line in enumerate(lines, 2) if line in bad]
