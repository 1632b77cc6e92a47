"""What is in a backup, and that nothing which is not a whole one passes for one."""

from __future__ import annotations

import contextlib
import io
import pathlib
import tarfile
from collections.abc import Callable, Iterator

import pytest

import milepost
from milepost.errors import Conflict, Invalid, SchemaTooNew, StorageFull
from milepost.ports.backup import Piece, Pieces
from milepost.runtime import backup
from milepost.runtime.backup import Backups, Known, Manifest
from milepost.testing import FixedClock

KNOWN = Known(state="0003", events="0001")
PART = "events/activity/all_1_1_0/data.bin"


class Files:
    """A store of one file, which may change while it is held."""

    schema = "0001"

    def __init__(self, name: str, path: pathlib.Path, content: bytes) -> None:
        self.piece = Piece(name, path)
        path.write_bytes(content)
        self.is_held = False

    @contextlib.contextmanager
    def held(self) -> Iterator[Pieces]:
        self.is_held = True
        yield lambda scratch: [self.piece]
        self.is_held = False


@pytest.fixture
def made(tmp_path: pathlib.Path) -> Backups:
    folder = tmp_path / "data"
    folder.mkdir()
    state = Files("state.sqlite", folder / "state.sqlite", b"s" * 3_000_000)
    return Backups(folder, state, Files(PART, folder / "part", b"e" * 513), FixedClock(0))


def written(made: Backups, path: pathlib.Path, change: Callable[[bytes], bytes] = lambda text: text) -> pathlib.Path:
    path.write_bytes(change(b"".join(made.stream())))
    return path


def rewritten(source: pathlib.Path, path: pathlib.Path, keep: Callable[[str], bool], more: str = "") -> pathlib.Path:
    """The archive with fewer entries, or one more before the last."""
    with tarfile.open(source) as old, tarfile.open(path, "w") as new:
        for member in old:
            if member.name == backup.SUMS and more:
                info = tarfile.TarInfo(more)
                info.size = 1
                new.addfile(info, io.BytesIO(b"x"))
            if keep(member.name):
                new.addfile(member, old.extractfile(member))
    return path


def test_what_is_unpacked_is_what_was_there(made: Backups, tmp_path: pathlib.Path) -> None:
    archive, folder, again = written(made, tmp_path / "a.tar"), tmp_path / "a", tmp_path / "b"
    folder.mkdir()
    again.mkdir()
    manifest = backup.unpack(archive, folder, KNOWN)
    assert manifest == Manifest(1, milepost.__version__, "1970-01-01T00:00:00.000Z", "0001", "0001")
    # A folder is a backup as well.
    assert backup.unpack(folder, again, KNOWN) == manifest
    for place in (folder, again):
        assert (place / "state.sqlite").read_bytes() == b"s" * 3_000_000
        assert (place / PART).read_bytes() == b"e" * 513
    assert backup.unpack(archive, None) == manifest


def test_the_state_is_held_while_nothing_is_handed_over_and_let_go_afterwards(tmp_path: pathlib.Path) -> None:
    seen: list[bool] = []
    state, events = (Files(name, tmp_path / name.rpartition("/")[2], b"x") for name in ("state.sqlite", PART))

    @contextlib.contextmanager
    def still() -> Iterator[None]:
        yield
        seen.append(state.is_held and events.is_held)

    list(Backups(tmp_path, state, events, FixedClock(), still=still).stream())
    assert seen == [True]
    assert not state.is_held
    assert not (tmp_path / backup.SCRATCH).exists()


def test_one_backup_at_a_time_and_another_after_one_that_was_broken_off(made: Backups) -> None:
    first = made.stream()
    next(first)
    with pytest.raises(Conflict, match="already"):
        next(made.stream())
    first.close()
    assert b"".join(made.stream())


def test_without_room_nothing_is_begun(tmp_path: pathlib.Path) -> None:
    def room(size: int) -> None:
        assert size == 7
        raise StorageFull

    state, events = Files("state.sqlite", tmp_path / "state.sqlite", b"7 bytes"), Files(PART, tmp_path / "e", b"")
    made = Backups(tmp_path, state, events, FixedClock(), room=room)
    for _ in range(2):
        with pytest.raises(StorageFull):
            next(made.stream())
    assert not (tmp_path / backup.SCRATCH).exists()


@pytest.mark.parametrize("keep", [0, 1, 511, 512, 2_000, 1_000_000, 3_000_000, 3_001_856])
def test_a_backup_that_ends_too_early_is_refused(made: Backups, tmp_path: pathlib.Path, keep: int) -> None:
    archive = written(made, tmp_path / "a.tar", lambda text: text[:keep])
    with pytest.raises(Invalid, match="not a whole backup") as refused:
        backup.unpack(archive, None)
    assert refused.value.field == "backup"


@pytest.mark.parametrize("content", [b'"made":"1970', b"sssss", b"eeeee"])
def test_a_byte_that_has_changed_is_noticed(made: Backups, tmp_path: pathlib.Path, content: bytes) -> None:
    changed = bytes([*content[:-1], content[-1] ^ 1])
    archive = written(made, tmp_path / "a.tar", lambda text: text.replace(content, changed, 1))
    with pytest.raises(Invalid, match="not a whole backup"):
        backup.unpack(archive, None)


@pytest.mark.parametrize("lost", [backup.MANIFEST, backup.SUMS, "state.sqlite", PART])
def test_a_file_that_is_missing_is_noticed(made: Backups, tmp_path: pathlib.Path, lost: str) -> None:
    whole = written(made, tmp_path / "a.tar")
    with pytest.raises(Invalid, match="not a whole backup"):
        backup.unpack(rewritten(whole, tmp_path / "b.tar", lambda name: name != lost), None)


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "events/../../evil", "events/activity/all_1/../../x", "evil", "state.sqlite"]
)
def test_a_name_that_leads_elsewhere_is_refused(made: Backups, tmp_path: pathlib.Path, name: str) -> None:
    whole = written(made, tmp_path / "a.tar")
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(Invalid, match="does not belong"):
        backup.unpack(rewritten(whole, tmp_path / "b.tar", lambda name: True, more=name), into)
    assert not (tmp_path / "evil").exists()


def test_what_is_no_archive_at_all_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.tar").write_text("hello")
    with pytest.raises(Invalid, match="not a whole backup"):
        backup.unpack(tmp_path / "a.tar", None)
    with pytest.raises(Invalid, match="No such file"):
        backup.unpack(tmp_path / "b.tar", None)
    (tmp_path / "folder").mkdir()
    with pytest.raises(Invalid, match="too early"):
        backup.unpack(tmp_path / "folder", None)


@pytest.mark.parametrize(
    "newer",
    [
        Manifest(2, "0.0.1", "", "0001", "0001"),
        Manifest(1, "0.0.1", "", "0004", "0001"),
        Manifest(1, "0.0.1", "", "0001", "0002"),
        Manifest(1, "1000.0.0", "", "0001", "0001"),
    ],
)
def test_a_backup_of_a_newer_version_is_refused_before_anything_is_written(
    tmp_path: pathlib.Path, newer: Manifest
) -> None:
    (tmp_path / "a.tar").write_bytes(b"".join(backup.archive(newer, [])))
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(SchemaTooNew, match=newer.milepost):
        backup.unpack(tmp_path / "a.tar", into, KNOWN)
    assert not list(into.iterdir())
    older = Manifest(1, milepost.__version__, "", "0002", "0001")
    (tmp_path / "b.tar").write_bytes(b"".join(backup.archive(older, [])))
    backup.unpack(tmp_path / "b.tar", into, KNOWN)
