"""The ledger with every attempt, lanes of the outbox, what to do when nobody knows; the calendar of timers."""

from __future__ import annotations

import inspect

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
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
        demo INTEGER NOT NULL,
        uncertain TEXT NOT NULL
    )
    """,
    "INSERT INTO workspaces SELECT *, 'ask' FROM workspaces_before",
    "DROP TABLE workspaces_before",
    "DROP INDEX intents_due",
    "DROP INDEX intents_sending",
    "DROP INDEX intents_order",
    "DROP INDEX intents_state",
    "ALTER TABLE intents RENAME TO intents_before",
    """
    CREATE TABLE intents (
        id TEXT PRIMARY KEY NOT NULL,
        position INTEGER NOT NULL,
        workspace INTEGER NOT NULL,
        journey INTEGER NOT NULL,
        node TEXT NOT NULL,
        profile INTEGER NOT NULL,
        channel TEXT NOT NULL,
        state TEXT NOT NULL,
        due INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        created INTEGER NOT NULL,
        result TEXT NOT NULL,
        body BLOB NOT NULL,
        lane TEXT NOT NULL,
        decision TEXT NOT NULL
    )
    """,
    # Where an old web call goes is written inside it alone: those of a workspace share a lane.
    "INSERT INTO intents SELECT *, channel || ' ' || workspace, '' FROM intents_before",
    "DROP TABLE intents_before",
    # With the state, though it is the same in all: SQLite reads the row itself to look at a column that is not there.
    "CREATE INDEX intents_due ON intents (lane, due, position, channel, state) WHERE state = 'pending'",
    "CREATE INDEX intents_sending ON intents (due, position) WHERE state = 'sending'",
    "CREATE INDEX intents_order ON intents (workspace, created, position)",
    "CREATE INDEX intents_state ON intents (workspace, state, created, position)",
    "CREATE INDEX intents_journey ON intents (journey, created, position)",
    "CREATE INDEX intents_profile ON intents (profile, created, position)",
    """
    CREATE TABLE attempts (
        intent TEXT NOT NULL,
        number INTEGER NOT NULL,
        begun INTEGER NOT NULL,
        ended INTEGER,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        provider TEXT NOT NULL,
        reference TEXT NOT NULL,
        PRIMARY KEY (intent, number)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX attempts_accepted_again ON attempts (intent, number) WHERE outcome = 'sent' AND number > 1",
    "CREATE INDEX attempts_uncertain ON attempts (intent, number) WHERE outcome = 'uncertain'",
    """
    CREATE TABLE timers (
        journey INTEGER NOT NULL,
        version INTEGER NOT NULL,
        node TEXT NOT NULL,
        hour INTEGER NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (journey, version, node, hour)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX timers_gone ON timers (number) WHERE number = 0",
    # Which timers the runs have is written inside them alone: where there are runs, the engine counts them.
    "INSERT INTO numbers SELECT 'timers', NOT EXISTS (SELECT 1 FROM runs)",
)


def upgrade() -> None:
    """Make tables anew with their columns and indexes, and make the new ones."""
    for statement in STATEMENTS:
        op.execute(inspect.cleandoc(statement))
