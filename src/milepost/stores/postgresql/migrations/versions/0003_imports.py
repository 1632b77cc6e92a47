"""Files that the server imports."""

from __future__ import annotations

import inspect

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    """
    CREATE TABLE imports (
        id TEXT COLLATE "C" PRIMARY KEY,
        workspace BIGINT NOT NULL,
        who TEXT COLLATE "C" NOT NULL,
        name TEXT COLLATE "C" NOT NULL,
        mapping TEXT COLLATE "C" NOT NULL,
        fingerprint TEXT COLLATE "C" NOT NULL,
        state TEXT COLLATE "C" NOT NULL,
        size BIGINT NOT NULL,
        received BIGINT NOT NULL,
        position BIGINT NOT NULL,
        rows BIGINT NOT NULL,
        stored BIGINT NOT NULL,
        duplicates BIGINT NOT NULL,
        rejected BIGINT NOT NULL,
        left_out BIGINT NOT NULL,
        slugged TEXT COLLATE "C" NOT NULL,
        rejects BIGINT NOT NULL,
        created BIGINT NOT NULL,
        updated BIGINT NOT NULL,
        error TEXT COLLATE "C" NOT NULL
    )
    """,
    "CREATE INDEX imports_order ON imports (workspace, created, id)",
    "CREATE INDEX imports_running ON imports (created, id) WHERE state = 'running'",
)


def upgrade() -> None:
    """Make the table and its indexes."""
    for statement in STATEMENTS:
        op.execute(inspect.cleandoc(statement))
