"""All verbs of the state store's port on one connection: a sum of the subjects, each in its own module."""

from __future__ import annotations

from milepost.stores.sqlite.accounts import Accounts
from milepost.stores.sqlite.calendar import Calendar
from milepost.stores.sqlite.counters import Counters
from milepost.stores.sqlite.handover import Handover
from milepost.stores.sqlite.imports import Imports
from milepost.stores.sqlite.journeys import Journeys
from milepost.stores.sqlite.kept import Kept
from milepost.stores.sqlite.lease import Lease
from milepost.stores.sqlite.log import Log
from milepost.stores.sqlite.outbox import Outbox
from milepost.stores.sqlite.profiles import Profiles
from milepost.stores.sqlite.runs import Runs
from milepost.stores.sqlite.workspaces import Workspaces


class SqliteTransaction(
    Lease, Workspaces, Accounts, Log, Profiles, Journeys, Runs, Calendar, Kept, Counters, Outbox, Imports, Handover
):
    """Valid inside the block of the store that made it, and used by one thread at a time."""
