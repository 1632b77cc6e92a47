"""Accounts and sessions; workspaces with simulated visitors; since when an identifier is whose."""

from __future__ import annotations

import inspect

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    CREATE TABLE accounts (
        key INTEGER PRIMARY KEY,
        email TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password TEXT NOT NULL,
        created INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE sessions (
        hash TEXT PRIMARY KEY,
        account INTEGER NOT NULL,
        created INTEGER NOT NULL,
        seen INTEGER NOT NULL,
        expires INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX sessions_account ON sessions (account)",
    "CREATE INDEX sessions_expires ON sessions (expires)",
    # A table that is made anew says in the schema what it is; an added column would be a patch at its end.
    "ALTER TABLE workspaces RENAME TO workspaces_before",
    """
    CREATE TABLE workspaces (
        key INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        clock TEXT NOT NULL,
        now INTEGER NOT NULL,
        run_until INTEGER,
        timezone TEXT NOT NULL,
        track_by_default INTEGER NOT NULL,
        created INTEGER NOT NULL,
        demo INTEGER NOT NULL
    )
    """,
    "INSERT INTO workspaces SELECT *, 0 FROM workspaces_before",
    "DROP TABLE workspaces_before",
    "ALTER TABLE identifiers RENAME TO identifiers_before",
    """
    CREATE TABLE identifiers (
        workspace INTEGER NOT NULL,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        profile INTEGER NOT NULL,
        since INTEGER NOT NULL,
        PRIMARY KEY (workspace, kind, value)
    ) WITHOUT ROWID
    """,
    "INSERT INTO identifiers SELECT *, 0 FROM identifiers_before",
    "DROP TABLE identifiers_before",
    "CREATE INDEX identifiers_profile ON identifiers (profile)",
    "INSERT INTO numbers SELECT 'workspace', coalesce(max(key), 0) FROM workspaces",
)


def upgrade() -> None:
    """Make what is new, and give `workspaces` its new column."""
    for statement in STATEMENTS:
        op.execute(inspect.cleandoc(statement))
