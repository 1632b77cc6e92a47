"""A power cut takes what the event store had not put on the disk yet, though it had been handed over (ARCH-2)."""

from __future__ import annotations

import pathlib
import shutil
from collections import Counter

import httpx2
import pytest

from tests.fault.servers import KEY, inspect, left_to_do, machine, until

pytestmark = pytest.mark.slow

REQUESTS = 10


@pytest.mark.parametrize("lost", ["activity", "datapoints", "profiles"])
def test_what_the_event_store_has_lost_is_handed_over_again(lost: str, tmp_path: pathlib.Path) -> None:
    data = tmp_path / "data"
    with machine(tmp_path / "log") as place:
        server = place.fork(data)
        server.until_ready()
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx2.Client(base_url=f"{server.url}/api/v1", headers=headers) as speaking:
            for number in range(REQUESTS):
                profile = {"custom_id": f"c{number}"}
                events = [{"id": f"e{number}", "profile": profile, "action": "a"}]
                assert speaking.post("/events", json=events).status_code == 200
                change = {"profile": profile, "attributes": {"number": number}}
                assert speaking.post("/profiles", json=change).status_code == 200
        until(lambda: not any(left_to_do(data).values()), "everything has drained")
        server.stop()
        parts = list((data / "events" / "chdb" / "data" / "default" / lost).glob("all_*"))
        assert parts
        for part in parts:
            shutil.rmtree(part)

        again = place.fork(data)
        again.until_ready()
        until(lambda: not any(left_to_do(data).values()), "everything has drained")
        again.stop()
        found = inspect(data)
    stored = Counter(row["id"] for row in found["activity"])
    assert stored == Counter(found["datapoints"])
    assert {stored[f"e{number}"] for number in range(REQUESTS)} == {1}
    assert sum(stored.values()) == 2 * REQUESTS
    assert found["copies"] == found["keys"]
