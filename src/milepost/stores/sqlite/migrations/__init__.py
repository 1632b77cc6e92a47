"""Bringing a database to the present schema, forward only.

Owns the list of revisions (`versions/`, applied by Alembic) and the decision whether anything is to be done. Alembic
is imported only then: it takes longer than opening a database.
"""

from __future__ import annotations

import contextlib
import pathlib
import sqlite3
from typing import Any, Final

from milepost.errors import SchemaTooNew, StorageUnavailable
from milepost.stores.sqlite.connection import connect

#: The newest revision. Revisions are numbered in order.
HEAD: Final = "0005"
FOLDER: Final = pathlib.Path(__file__).parent


def upgrade(path: pathlib.Path) -> None:
    """Make the database at `path`, or apply the revisions that it lacks, all in one transaction.

    Raises SchemaTooNew when it has a revision that is not ours, StorageUnavailable when all of it is not ours.
    """
    with contextlib.closing(connect(path, writes=True)) as connection:
        stored = revision(connection)
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if stored == HEAD:
        return
    if stored is not None and stored > HEAD:
        raise SchemaTooNew(f"The state database has schema {stored}; this Milepost knows schemas up to {HEAD}.")
    if stored is None and tables:
        raise StorageUnavailable(f"{path} is a database, but not one of Milepost.")
    _apply(path)


def revision(connection: sqlite3.Connection) -> str | None:
    """The revision of a database; None for an empty one."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def _apply(path: pathlib.Path) -> None:
    import sqlalchemy  # noqa: PLC0415 - see above
    from alembic import command, config  # noqa: PLC0415

    engine = sqlalchemy.create_engine(
        "sqlite://", creator=lambda: connect(path, writes=True), poolclass=sqlalchemy.NullPool
    )

    # The driver would begin a transaction at the first INSERT only, and leave the tables outside.
    @sqlalchemy.event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    settings = config.Config()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    try:
        with engine.connect() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, HEAD)
    except sqlalchemy.exc.DBAPIError as error:
        # The driver's own error: it is translated with all others.
        raise (error.orig or error) from error
    finally:
        engine.dispose()
