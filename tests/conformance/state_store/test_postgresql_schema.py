"""The schema on PostgreSQL: what the migrations make, what they keep, what they refuse."""

from __future__ import annotations

import contextlib
import pathlib
import re
import subprocess
import sys
import threading
from typing import Any

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import milepost.stores.postgresql
import milepost.stores.sqlite
from milepost.errors import SchemaTooNew, StorageUnavailable, StoreInUse
from milepost.stores.postgresql import PostgresqlStore, migrations
from tests.conformance.state_store import rows
from tests.postgresql import Server

SCHEMA = pathlib.Path(milepost.stores.postgresql.__file__).with_name("schema.sql")
#: A database full of rows for each revision there was, as it was written then.
HISTORY = sorted((pathlib.Path(__file__).parent / "history" / "postgresql").glob("*.sql"))


def run(address: str, *statements: str) -> list[Any]:
    """What the last of the statements answers."""
    with psycopg.connect(address) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def schema(address: str) -> dict[str, list[Any]]:
    """All that the catalogue says of our tables, with their columns in order."""
    columns = (
        "SELECT table_name, ordinal_position, column_name, data_type, collation_name, is_nullable, is_identity"
        " FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
    )
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    keys = "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
    return {statement: sorted(run(address, statement)) for statement in (columns, indexes, keys)}


def written_down(server: Server) -> dict[str, list[Any]]:
    """The same, when `schema.sql` makes the tables."""
    statements = re.split(r";\n", SCHEMA.read_text(encoding="utf-8"))
    # The tables of journeys come before those that refer to them.
    statements.sort(key=lambda text: (not text.strip().startswith("CREATE TABLE"), "REFERENCES" in text))
    address = server.create_database()
    run(address, *filter(str.strip, statements))
    return schema(address)


def test_the_migrations_make_the_schema_that_is_written_down(postgresql: Server) -> None:
    address = postgresql.create_database()
    PostgresqlStore(address).close()
    assert schema(address) == written_down(postgresql)


def test_the_tables_are_those_of_sqlite() -> None:
    def tables(module: Any) -> dict[str, list[str]]:
        text = pathlib.Path(module.__file__).with_name("schema.sql").read_text(encoding="utf-8")
        made = re.findall(r"^CREATE TABLE (\w+) \(([^;]*?)\)[^;)]*;$", text, re.MULTILINE)
        return {name: re.findall(r'(?:^|\n|, ) *"?([a-z_]+)"? [A-Z]', columns) for name, columns in made}

    # What SQLite numbers by itself, the order in which rows were added, is a column here.
    ours = {
        name: [word for word in words if word != "place"] for name, words in tables(milepost.stores.postgresql).items()
    }
    assert ours == tables(milepost.stores.sqlite)
    assert ours["runs"] == ["key", "workspace", "journey", "profile", "due", "state"]


def test_the_newest_revision_is_the_one_that_is_compared() -> None:
    settings = Config()
    settings.set_main_option("script_location", str(migrations.FOLDER))
    revisions = [script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()]
    assert revisions == sorted(revisions, reverse=True)
    assert revisions[0] == migrations.HEAD
    assert [file.stem for file in HISTORY] == sorted(revisions)


@pytest.mark.parametrize("history", HISTORY, ids=lambda file: file.stem)
def test_a_database_of_each_revision_is_brought_up_with_its_rows(postgresql: Server, history: pathlib.Path) -> None:
    address = postgresql.create_database()
    run(address, history.read_text(encoding="utf-8"))
    with contextlib.closing(PostgresqlStore(address)) as store:
        assert store.reserve("run", 1) == 4
        with store.reading() as tx:
            assert tx.workspaces() == [rows.workspace(1, now=9)]
            assert tx.accounts() == [rows.account()]
            assert tx.session("s") == rows.session()
            assert tx.journeys(1) == [rows.journey(key=1)]
            assert tx.versions([1]) == [rows.version(1)]
            assert tx.life(1) == [rows.life(1, 3)]
            assert tx.tracking_changes(1) == [rows.switch(1)]
            assert tx.pending_inputs(1, limit=9) == [rows.entry(1)]
            assert tx.known_ids(1, ["seen", "new"]) == {"seen"}
            assert tx.profiles([1]) == {1: rows.profile(1)}
            assert tx.resolve(1, [rows.email("a@b.c")]) == {rows.email("a@b.c"): 1}
            assert tx.runs_of_profiles(1, [1]) == [rows.run(1, due=5)]
            assert tx.kept([1], limit=9) == [rows.kept(1)]
            assert tx.intents(1, limit=9) == [rows.intent("a")]
            assert tx.attempts(["a"]) == [rows.attempt("a")] * (history.stem >= "0002")
            assert tx.timers([1], 99) == ({rows.timer(1): 1} if history.stem >= "0002" else {})
            assert tx.timers_are_counted() == (history.stem >= "0002")
            assert tx.running_imports() == [rows.file()] * (history.stem >= "0003")
            assert tx.unprojected(limit=9) == [rows.batch(1)]
            assert tx.dead_letters(1, limit=9) == [rows.dead_letter(1)]
    assert schema(address) == written_down(postgresql)


def test_an_older_schema_stays_while_a_server_works_with_it(postgresql: Server) -> None:
    address = postgresql.create_database()
    run(address, HISTORY[0].read_text(encoding="utf-8"))
    lease = (
        "INSERT INTO numbers VALUES ('epoch', 1), ('lease', {}) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    run(address, lease.format(1 << 60))
    with pytest.raises(StoreInUse, match="older version"):
        PostgresqlStore(address)
    assert run(address, "SELECT version_num FROM alembic_version") == [(HISTORY[0].stem,)]
    run(address, lease.format(0))
    PostgresqlStore(address).close()
    assert run(address, "SELECT version_num FROM alembic_version") == [(migrations.HEAD,)]


def test_a_newer_schema_is_refused_and_left_alone(postgresql: Server) -> None:
    address = postgresql.create_database()
    PostgresqlStore(address).close()
    run(address, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew, match="9999"):
        PostgresqlStore(address)
    assert run(address, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_somebody_elses_database_is_refused(postgresql: Server) -> None:
    address = postgresql.create_database()
    run(address, "CREATE TABLE notes (body TEXT)")
    with pytest.raises(StorageUnavailable, match="not those of Milepost"):
        PostgresqlStore(address)


def test_a_database_that_cannot_hold_every_text_is_refused(postgresql: Server) -> None:
    postgresql.run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StorageUnavailable, match="LATIN1"):
        PostgresqlStore(postgresql.address("latin"))


def test_a_migration_that_fails_leaves_nothing(postgresql: Server) -> None:
    address = postgresql.create_database()
    # The last table of the first revision cannot be made.
    run(address, "CREATE TYPE dead_letters AS ENUM ('in the way')")
    with pytest.raises(psycopg.Error, match="dead_letters"):
        PostgresqlStore(address)
    assert not any(schema(address).values())
    run(address, "DROP TYPE dead_letters")
    PostgresqlStore(address).close()
    assert schema(address) == written_down(postgresql)


def test_of_servers_that_start_at_once_one_makes_the_tables(postgresql: Server) -> None:
    address = postgresql.create_database()
    opened: list[PostgresqlStore] = []
    threads = [threading.Thread(target=lambda: opened.append(PostgresqlStore(address))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(store.reserve("run", 1) for store in opened) == [1, 2, 3]
    for store in opened:
        store.close()


def test_opening_an_up_to_date_database_loads_no_migration_tool(postgresql: Server) -> None:
    program = (
        "import sys; from milepost.stores.postgresql import PostgresqlStore; PostgresqlStore(sys.argv[1]).close();"
        " print([name for name in ('alembic', 'sqlalchemy') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program, postgresql.emptied()]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[]"
