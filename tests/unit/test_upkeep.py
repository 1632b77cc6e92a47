"""Upkeep refuses what it could do only by half."""

from __future__ import annotations

import pathlib

import pytest

from milepost import upkeep
from milepost.config import Settings
from milepost.errors import Conflict, NotFound


@pytest.mark.parametrize(
    ("elsewhere", "said"),
    [({"state_store": "postgresql://a/b"}, "pg_dump"), ({"event_store": "clickhouse://a:1/b"}, "BACKUP DATABASE")],
)
def test_what_is_not_in_the_data_folder_has_its_own_backups(
    tmp_path: pathlib.Path, elsewhere: dict[str, str], said: str
) -> None:
    settings = Settings.model_validate({"data": tmp_path, **elsewhere})
    with pytest.raises(Conflict) as refused:
        next(upkeep.backup(settings))
    assert said in (refused.value.fix or "")
    with pytest.raises(Conflict):
        upkeep.examine(settings)


def test_a_folder_that_is_none_of_ours_is_not_made_into_one(tmp_path: pathlib.Path) -> None:
    with pytest.raises(NotFound, match="There is no state"):
        upkeep.examine(Settings(data=tmp_path / "data"))
    assert not (tmp_path / "data").exists()
    (tmp_path / "state.sqlite").touch()
    with pytest.raises(NotFound, match="There is no event store"):
        next(upkeep.backup(Settings(data=tmp_path)))
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.sqlite"]
