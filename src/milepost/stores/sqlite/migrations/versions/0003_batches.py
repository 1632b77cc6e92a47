"""Batches say of which workspace they are, so that they go when it goes."""

from __future__ import annotations

import inspect

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    "DROP INDEX batches_unprojected",
    "DROP INDEX batches_projected",
    "ALTER TABLE batches RENAME TO batches_before",
    """
    CREATE TABLE batches (
        number INTEGER PRIMARY KEY,
        workspace INTEGER NOT NULL,
        committed INTEGER NOT NULL,
        projected INTEGER,
        activity BLOB,
        datapoints BLOB,
        profiles BLOB
    )
    """,
    # Of which workspace the few that are on their way are is written inside them alone: 0 is none.
    "INSERT INTO batches SELECT number, 0, committed, projected, activity, datapoints, profiles FROM batches_before",
    "DROP TABLE batches_before",
    "CREATE INDEX batches_unprojected ON batches (number) WHERE projected IS NULL",
    "CREATE INDEX batches_projected ON batches (projected) WHERE projected IS NOT NULL",
)


def upgrade() -> None:
    """Make the table anew, with its new column and its indexes."""
    for statement in STATEMENTS:
        op.execute(inspect.cleandoc(statement))
