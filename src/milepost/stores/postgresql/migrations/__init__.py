"""Bringing a database to the present schema, forward only.

Owns the list of revisions (`versions/`, applied by Alembic) and the decision whether anything is to be done. Alembic
is imported only then: it takes longer than opening a database.
"""

from __future__ import annotations

import contextlib
import pathlib
from typing import Any, Final

from milepost.errors import SchemaTooNew, StorageUnavailable, StoreInUse
from milepost.stores.postgresql.connection import LOCK_TIMEOUT, Connection, connect
from milepost.stores.postgresql.writer import LOCK as WRITERS

#: The newest revision. Revisions are numbered in order.
HEAD: Final = "0003"
FOLDER: Final = pathlib.Path(__file__).parent
#: Of two servers that start at once, one brings the database up and the other waits for it.
LOCK: Final = int.from_bytes(b"schema")


def upgrade(address: str) -> None:
    """Fill the database at `address`, or apply the revisions that it lacks, all in one transaction.

    Raises SchemaTooNew when it has a revision that is not ours, StorageUnavailable when all of it is not ours,
    StoreInUse while a server works with an older one.
    """
    with contextlib.closing(connect(address)) as connection:
        # Held until the connection is closed: not over a server's whole life.
        connection.execute("SET lock_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        stored = revision(connection)
        if stored == HEAD:
            return
        if stored is not None and stored > HEAD:
            raise SchemaTooNew(f"The state database has schema {stored}; this Milepost knows schemas up to {HEAD}.")
        if stored is None and _tables(connection):
            raise StorageUnavailable("The database has tables, but not those of Milepost.", fix="Name an empty one.")
        if stored is not None:
            _refuse_in_use(connection)
        _apply(connection)


def _refuse_in_use(connection: Connection) -> None:
    """Raise StoreInUse while a server works with the older schema; from now on none begins to."""
    connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}s'")
    connection.execute("SELECT pg_advisory_lock(%s)", [WRITERS])
    held = connection.execute(
        "SELECT 1 FROM numbers WHERE name = 'lease' AND value > extract(epoch FROM clock_timestamp()) * 1000"
    ).fetchone()
    if held:
        raise StoreInUse(
            "A server of an older version works with the state database.", field="state_store",
            fix="Stop it; this one brings the database up to date then.",
        )  # fmt: skip


def revision(connection: Connection) -> str | None:
    """The revision of a database; None for an empty one."""
    if "alembic_version" not in _tables(connection):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def _tables(connection: Connection) -> set[str]:
    return {
        name for (name,) in connection.execute("SELECT relname FROM pg_class WHERE relnamespace ="
        " current_schema()::regnamespace AND relkind = 'r'")
    }  # fmt: skip


def _apply(connection: Connection) -> None:
    import sqlalchemy  # noqa: PLC0415 - see above
    from alembic import command, config  # noqa: PLC0415

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: connection, poolclass=sqlalchemy.StaticPool
    )

    @sqlalchemy.event.listens_for(engine, "begin")
    def begin(alembic: Any) -> None:
        alembic.exec_driver_sql("BEGIN")

    settings = config.Config()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    try:
        with engine.connect() as opened:
            settings.attributes["connection"] = opened
            command.upgrade(settings, HEAD)
    except sqlalchemy.exc.DBAPIError as error:
        # The driver's own error: it is translated with all others.
        raise (error.orig or error) from error
