"""Files that the server imports."""

from __future__ import annotations

import inspect

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """
    CREATE TABLE imports (
        id TEXT PRIMARY KEY NOT NULL,
        workspace INTEGER NOT NULL,
        who TEXT NOT NULL,
        name TEXT NOT NULL,
        mapping TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        state TEXT NOT NULL,
        size INTEGER NOT NULL,
        received INTEGER NOT NULL,
        position INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        stored INTEGER NOT NULL,
        duplicates INTEGER NOT NULL,
        rejected INTEGER NOT NULL,
        left_out INTEGER NOT NULL,
        slugged TEXT NOT NULL,
        rejects INTEGER NOT NULL,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        error TEXT NOT NULL
    )
    """,
    "CREATE INDEX imports_order ON imports (workspace, created, id)",
    "CREATE INDEX imports_running ON imports (created, id) WHERE state = 'running'",
)


def upgrade() -> None:
    """Make the table and its indexes."""
    for statement in STATEMENTS:
        op.execute(inspect.cleandoc(statement))
