"""A new data folder takes its place whole, or not at all."""

from __future__ import annotations

import os
import pathlib

import pytest

from milepost.errors import Conflict, FolderInUse, StorageUnavailable
from milepost.stores.folder import DataFolder, Owner, new_folder

ME = Owner(os.getpid(), "http://127.0.0.1:8420", "token")


def test_it_is_there_when_it_is_whole(tmp_path: pathlib.Path) -> None:
    place = tmp_path / "deep" / "data"
    with new_folder(place) as made:
        (made / "a").write_text("1")
        assert not place.exists()
    assert (place / "a").read_text() == "1"
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize("before", ["nothing", "empty", "lock of nobody"])
def test_an_empty_place_is_taken(tmp_path: pathlib.Path, before: str) -> None:
    place = tmp_path / "data"
    if before != "nothing":
        place.mkdir()
    if before == "lock of nobody":
        (place / "lock").write_text("")
    with new_folder(place) as made:
        (made / "a").touch()
    assert [entry.name for entry in place.iterdir()] == ["a"]


def test_what_fails_leaves_nothing(tmp_path: pathlib.Path) -> None:
    def fail() -> None:
        with new_folder(tmp_path / "data") as made:
            (made / "a").touch()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file in it", "file", "dangling link"])
def test_a_place_where_something_is_is_refused(tmp_path: pathlib.Path, kind: str) -> None:
    place = tmp_path / "data"
    if kind == "file":
        place.touch()
    elif kind == "dangling link":
        place.symlink_to(tmp_path / "nowhere")
    else:
        place.mkdir()
        (place / "a").touch()
    with pytest.raises(Conflict, match="not empty"), new_folder(place):
        pytest.fail("it was begun")
    assert os.path.lexists(place)


def test_what_comes_meanwhile_is_not_overwritten(tmp_path: pathlib.Path) -> None:
    place = tmp_path / "data"

    def meet() -> None:
        with new_folder(place) as made:
            (made / "a").touch()
            place.mkdir()
            (place / "b").touch()

    with pytest.raises(Conflict):
        meet()
    assert [entry.name for entry in place.iterdir()] == ["b"]


def test_a_place_that_somebody_owns_is_refused(tmp_path: pathlib.Path) -> None:
    folder = DataFolder(tmp_path / "data", ME)
    with pytest.raises(FolderInUse, match=f"process id {ME.pid}"), new_folder(tmp_path / "data"):
        pytest.fail("it was begun")
    folder.close()


def test_a_place_that_cannot_be(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable, match="cannot be made"), new_folder(tmp_path / "file" / "data"):
        pytest.fail("it was begun")
