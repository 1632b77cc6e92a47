"""All verbs of the state store's port on one connection: a sum of the subjects, each in its own module."""

from __future__ import annotations

from milepost.stores.postgresql.accounts import Accounts
from milepost.stores.postgresql.calendar import Calendar
from milepost.stores.postgresql.counters import Counters
from milepost.stores.postgresql.handover import Handover
from milepost.stores.postgresql.imports import Imports
from milepost.stores.postgresql.journeys import Journeys
from milepost.stores.postgresql.kept import Kept
from milepost.stores.postgresql.lease import Lease
from milepost.stores.postgresql.log import Log
from milepost.stores.postgresql.outbox import Outbox
from milepost.stores.postgresql.profiles import Profiles
from milepost.stores.postgresql.runs import Runs
from milepost.stores.postgresql.workspaces import Workspaces


class PostgresqlTransaction(
    Lease, Workspaces, Accounts, Log, Profiles, Journeys, Runs, Calendar, Kept, Counters, Outbox, Imports, Handover
):
    """Valid inside the block of the store that made it, and used by one thread at a time."""
