"""The schema: what the migrations make, what they keep, what they refuse."""

from __future__ import annotations

import contextlib
import pathlib
import re
import sqlite3
import subprocess
import sys

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import milepost.stores.sqlite
from milepost.errors import SchemaTooNew, StorageFull, StorageUnavailable
from milepost.stores.sqlite import SqliteStore, migrations
from milepost.stores.sqlite.connection import connect
from tests.conformance.state_store import rows

SCHEMA = pathlib.Path(milepost.stores.sqlite.__file__).with_name("schema.sql")
#: A database full of rows for each revision there was, as it was written then.
HISTORY = sorted(pathlib.Path(__file__).with_name("history").glob("*.sql"))


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "state.db"


def schema(path: pathlib.Path) -> str:
    """All tables and indexes as SQL, in the form of `schema.sql`."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        made = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT IN ('alembic_version',"
            " 'sqlite_sequence') ORDER BY tbl_name, type = 'index', name"
        ).fetchall()
    return "\n\n".join(f"{sql.strip()};" for (sql,) in made) + "\n"


def test_the_migrations_make_the_schema_that_is_written_down(path: pathlib.Path) -> None:
    SqliteStore(path).close()
    assert schema(path) == SCHEMA.read_text(encoding="utf-8")


def test_every_table_is_described() -> None:
    page = (pathlib.Path(__file__).parents[3] / "docs" / "explanation" / "state-schema.md").read_text(encoding="utf-8")
    tables = re.findall(r"^CREATE TABLE (\w+)", SCHEMA.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(re.findall(r"^### (\w+)$", page, re.MULTILINE)) == tables


def test_the_newest_revision_is_the_one_that_is_compared() -> None:
    settings = Config()
    settings.set_main_option("script_location", str(migrations.FOLDER))
    revisions = [script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()]
    assert revisions == sorted(revisions, reverse=True)
    assert revisions[0] == migrations.HEAD
    assert [file.stem for file in HISTORY] == sorted(revisions)


@pytest.mark.parametrize("history", HISTORY, ids=lambda file: file.stem)
def test_a_database_of_each_revision_is_brought_up_with_its_rows(path: pathlib.Path, history: pathlib.Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.executescript(history.read_text(encoding="utf-8"))
    with contextlib.closing(SqliteStore(path)) as store:
        assert store.reserve("run", 1) == 4
        with store.reading() as tx:
            assert tx.workspaces() == [rows.workspace(1, now=9)]
            assert tx.accounts() == [rows.account()] * (history.stem >= "0002")
            assert tx.session("s") == (rows.session() if history.stem >= "0002" else None)
            assert tx.journeys(1) == [rows.journey(key=1)]
            assert tx.versions([1]) == [rows.version(1)]
            assert tx.life(1) == [rows.life(1, 3)]
            assert tx.tracking_changes(1) == [rows.switch(1)]
            assert tx.pending_inputs(1, limit=9) == [rows.entry(1)]
            assert tx.profiles([1]) == {1: rows.profile(1)}
            assert tx.resolve(1, [rows.email("a@b.c")]) == {rows.email("a@b.c"): 1}
            assert tx.runs_of_profiles(1, [1]) == [rows.run(1, due=5)]
            assert tx.kept([1], limit=9) == [rows.kept(1)]
            assert tx.intents(1, limit=9) == [rows.intent("a")]
            assert tx.attempts(["a"]) == [rows.attempt("a")] * (history.stem >= "0004")
            assert tx.timers([1], 99) == ({rows.timer(1): 1} if history.stem >= "0004" else {})
            assert tx.timers_are_counted() == (history.stem >= "0004")
            assert tx.running_imports() == [rows.file()] * (history.stem >= "0005")
            assert tx.unprojected(limit=9) == [rows.batch(1, workspace=1 if history.stem >= "0003" else 0)]
            assert tx.dead_letters(1, limit=9) == [rows.dead_letter(1)]
    assert schema(path) == SCHEMA.read_text(encoding="utf-8")


def test_a_newer_schema_is_refused_and_left_alone(path: pathlib.Path) -> None:
    SqliteStore(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew, match="9999"):
        SqliteStore(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert migrations.revision(connection) == "9999"


def test_somebody_elses_database_is_refused(path: pathlib.Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (text)")
    with pytest.raises(StorageUnavailable, match="not one of Milepost"):
        SqliteStore(path)


def test_a_migration_that_fails_leaves_nothing(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cramped(path: pathlib.Path, *, writes: bool) -> sqlite3.Connection:
        connection = connect(path, writes=writes)
        connection.execute("PRAGMA max_page_count = 10")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "connect", cramped)
        with pytest.raises(StorageFull):
            SqliteStore(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []
    SqliteStore(path).close()
    assert schema(path) == SCHEMA.read_text(encoding="utf-8")


def test_opening_an_up_to_date_database_loads_no_migration_tool(path: pathlib.Path) -> None:
    SqliteStore(path).close()
    program = (
        "import sys; from milepost.stores.sqlite import SqliteStore; SqliteStore(sys.argv[1]).close();"
        " print([name for name in ('alembic', 'sqlalchemy') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program, str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[]"
