"""The ledger with every attempt, lanes of the outbox, what to do when nobody knows; the calendar of timers."""

from __future__ import annotations

import inspect

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    "ALTER TABLE workspaces ADD COLUMN uncertain TEXT COLLATE \"C\" NOT NULL DEFAULT 'ask'",
    "ALTER TABLE workspaces ALTER COLUMN uncertain DROP DEFAULT",
    'ALTER TABLE intents ADD COLUMN lane TEXT COLLATE "C"',
    # Where an old web call goes is written inside it alone: those of a workspace share a lane.
    "UPDATE intents SET lane = channel || ' ' || workspace",
    "ALTER TABLE intents ALTER COLUMN lane SET NOT NULL",
    "ALTER TABLE intents ADD COLUMN decision TEXT COLLATE \"C\" NOT NULL DEFAULT ''",
    "ALTER TABLE intents ALTER COLUMN decision DROP DEFAULT",
    "DROP INDEX intents_due",
    "DROP INDEX intents_order",
    "DROP INDEX intents_state",
    "CREATE INDEX intents_due ON intents (lane, due, position, channel, state) WHERE state = 'pending'",
    "CREATE INDEX intents_journey ON intents (journey, created, position)",
    "CREATE INDEX intents_order ON intents (workspace, created, position)",
    "CREATE INDEX intents_profile ON intents (profile, created, position)",
    "CREATE INDEX intents_state ON intents (workspace, state, created, position)",
    """
    CREATE TABLE attempts (
        intent TEXT COLLATE "C" NOT NULL,
        number BIGINT NOT NULL,
        begun BIGINT NOT NULL,
        ended BIGINT,
        outcome TEXT COLLATE "C" NOT NULL,
        reason TEXT COLLATE "C" NOT NULL,
        provider TEXT COLLATE "C" NOT NULL,
        reference TEXT COLLATE "C" NOT NULL,
        PRIMARY KEY (intent, number)
    )
    """,
    "CREATE INDEX attempts_accepted_again ON attempts (intent, number) WHERE outcome = 'sent' AND number > 1",
    "CREATE INDEX attempts_uncertain ON attempts (intent, number) WHERE outcome = 'uncertain'",
    """
    CREATE TABLE timers (
        journey BIGINT NOT NULL,
        version BIGINT NOT NULL,
        node TEXT COLLATE "C" NOT NULL,
        hour BIGINT NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (journey, version, node, hour)
    )
    """,
    "CREATE INDEX timers_gone ON timers (number) WHERE number = 0",
    # Which timers the runs have is written inside them alone: where there are runs, the engine counts them.
    "INSERT INTO numbers SELECT 'timers', CASE WHEN EXISTS (SELECT 1 FROM runs) THEN 0 ELSE 1 END",
)


def upgrade() -> None:
    """Add columns, make indexes anew, and make the new tables."""
    for statement in STATEMENTS:
        op.execute(inspect.cleandoc(statement))
