"""Any transactions, one after another: each store gives the answers of the one in memory, errors included."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.errors import MilepostError
from milepost.ports.state_store import (
    ApiKeyRow,
    CounterKey,
    Identifier,
    IntentChoice,
    StateStore,
    TimerKey,
    Transaction,
)
from milepost.stores.memory.state_store import MemoryStateStore
from milepost.stores.sqlite import SqliteStore
from tests.conformance.state_store import rows


class Call(NamedTuple):
    """One verb with its arguments."""

    verb: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]


class Undone(Exception):
    """Ends a block that is to be rolled back."""


Fresh: TypeAlias = Callable[[], contextlib.AbstractContextManager[StateStore]]

TRIED: Final[set[str]] = set()


def call(verb: str, *arguments: st.SearchStrategy[Any], **options: st.SearchStrategy[Any]) -> st.SearchStrategy[Call]:
    TRIED.add(verb)
    return st.builds(Call, st.just(verb), st.tuples(*arguments), st.fixed_dictionaries(options))


# Few values, so that rows meet.
small = st.integers(0, 4)
key = st.integers(1, 4)
place = st.integers(1, 2)
keys = st.lists(key, max_size=4)
limit = st.integers(1, 5)
TEXTS: Final = ["", "a", "b", "a\0b", "ż", "'"]
text = st.sampled_from(TEXTS)
texts = st.lists(text, max_size=4)
body = st.sampled_from([b"", b"x", b"\0\xff"])
identifier = st.builds(Identifier, st.sampled_from(["custom_id", "email", "uuid"]), text)
state = st.sampled_from(["pending", "sent", "failed"])
counter = st.builds(CounterKey, place, place, text, text, small)
deltas = st.integers(-2, 3)
flag = st.booleans()


def several(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, min_size=1, max_size=6)


run = st.builds(rows.run, key, workspace=place, journey=place, profile=key, due=st.none() | small, state=body)
kept = st.builds(rows.kept, key, journey=place, profile=key, instant=small)
entry = st.builds(rows.entry, key, workspace=place, instant=place, rank=place, body=body)
channel = st.sampled_from(["email", "webhook"])
intent = st.builds(
    rows.intent, text, workspace=place, due=small, state=state, body=body, lane=text, created=small, journey=place,
    profile=key, channel=channel, decision=text,
)  # fmt: skip
choice = st.builds(
    IntentChoice, state=st.none() | state, channel=st.none() | channel, journey=st.none() | place,
    node=st.none() | st.just("n1"), profile=st.none() | key, since=st.none() | small, until=st.none() | small,
)  # fmt: skip
attempt = st.builds(
    rows.attempt, text, key, begun=small, ended=st.none() | small,
    outcome=st.sampled_from(["", "sent", "retry", "uncertain"]), reason=text,
)  # fmt: skip
timers = st.dictionaries(st.builds(TimerKey, place, place, text, small), deltas, max_size=4)
file = st.builds(
    rows.file, text, workspace=place, state=st.sampled_from(["uploading", "running", "failed"]), created=small,
    stored=small, error=text,
)  # fmt: skip
switch = st.builds(rows.switch, place, text, small, on=st.booleans(), workspace=place)

#: Verbs that work on the same rows.
SUBJECTS: Final[dict[str, list[st.SearchStrategy[Call]]]] = {
    "workspaces": [
        call(
            "put_workspace",
            st.builds(rows.workspace, place, now=small, run_until=st.none() | small, name=text, demo=flag),
        ),
        call("next_workspace"),
        call("workspaces"),
        call("put_api_key", st.builds(ApiKeyRow, text, place, text, small)),
        call("api_key", text),
        call("api_keys", place),
    ],
    "lease": [
        call("hold_lease", small, st.sampled_from([-3_600_000, 0, 3_600_000])),
        call("lease"),
    ],
    "accounts": [
        call("put_account", st.builds(rows.account, place, email=text, name=text)),
        call("accounts"),
        call("account", text),
        call("put_session", st.builds(rows.session, text, account=place, seen=small, expires=small)),
        call("session", text),
        call("delete_session", text),
        call("delete_sessions", place),
        call("forget_sessions", small),
    ],
    "log": [
        call("append_inputs", st.lists(entry, min_size=1, max_size=3, unique_by=lambda row: row.position)),
        call("pending_inputs", place, limit=limit, until=st.none() | small),
        call("delete_inputs", keys),
        call("last_instant", place),
    ],
    "ids": [
        call("remember_ids", place, texts, small),
        call("known_ids", place, texts),
        call("forget_ids", small, limit),
    ],
    "profiles": [
        call("bind", place, st.dictionaries(identifier, key, max_size=4), small),
        call("resolve", place, several(identifier)),
        call("identifiers", keys),
        call("put_profiles", several(st.builds(rows.profile, key, workspace=place, version=small, body=body))),
        call("profiles", keys),
        call("list_profiles", place, limit=limit, after=small),
        call("count_profiles", place),
    ],
    "journeys": [
        call("insert_journey", st.builds(rows.journey, text, workspace=place)),
        call("update_journey", st.builds(rows.journey, text, workspace=place, key=place, name=text)),
        call("delete_journey", key),
        call("journeys", place),
        call("journey", place, text),
        call("put_version", st.builds(rows.version, place, small)),
        call("versions", keys),
        call("add_life", st.builds(rows.life, key, small, text)),
        call("life", key),
        call("add_tracking_changes", several(switch)),
        call("tracking_changes", place),
        call("definitions_stamp"),
    ],
    "runs": [
        call("put_runs", several(run)),
        call("delete_runs", keys),
        call("runs_of_profiles", place, keys),
        call("runs_of_journey", place, after=small, limit=limit),
        call("due_profiles", keys, small, limit=limit),
        call("next_due", keys),
        call("count_due", keys, small),
        call("add_timers", timers),
        call("timers", keys, small),
        call("timers_are_counted"),
        call("tell_timers_counted"),
    ],
    "kept": [
        call("add_kept", st.lists(kept, min_size=1, max_size=3, unique_by=lambda row: row[:2])),
        call("kept", keys, limit=limit),
        call("delete_kept", place, st.none() | keys),
    ],
    "counters": [
        call("add_counters", st.dictionaries(counter, deltas, max_size=4)),
        call("counters", keys, st.none() | small, st.none() | small),
    ],
    "cause starts": [
        call("add_cause_starts", place, st.dictionaries(text, deltas, max_size=4), small),
        call("cause_starts", place, texts),
        call("forget_cause_starts", small, limit),
    ],
    "outbox": [
        call("add_intents", several(intent)),
        call("claim_intents", text, small, limit=limit),
        call("settle_intents", several(intent)),
        call("unsettled_intents"),
        call("due_lanes"),
        call("waiting_lanes"),
        call("intent", place, text),
        call("intents", place, limit=limit, before=st.none() | st.tuples(small, st.just(0)), choice=choice),
        call("count_intents", place, st.none() | small, st.none() | small),
        call("put_attempts", several(attempt)),
        call("attempts", texts),
        call("count_repeats", place, st.none() | small, st.none() | small),
        call("outbox_depth"),
    ],
    "imports": [
        call("put_import", file),
        call("import_of", place, text),
        call("imports", place, limit=limit),
        call("running_imports"),
        call("delete_import", text),
    ],
    "hand-over": [
        call("add_batch", st.builds(rows.batch, key, workspace=place)),
        call("last_batch"),
        call("unprojected", limit=limit),
        call("handover_backlog"),
        call("kept_batches"),
        call("mark_projected", keys, st.none() | small),
        call("delete_batches", small),
        call("add_dead_letters", several(st.builds(rows.dead_letter, small, workspace=place, error=text))),
        call("dead_letters", place, limit=limit),
    ],
}

# A workspace takes all that is in it along, whatever that is.
for verbs in SUBJECTS.values():
    verbs.append(call("delete_workspace", place))


def blocks(subject: list[st.SearchStrategy[Call]]) -> st.SearchStrategy[list[tuple[list[Call], bool]]]:
    """Transactions: the verbs of each, and whether it is rolled back (one in four)."""
    calls = st.lists(st.one_of(subject), min_size=1, max_size=8)
    return st.lists(st.tuples(calls, st.sampled_from([False, False, False, True])), min_size=1, max_size=8)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """Gives empty stores, one after another. Not by the migrations: they would take most of the time."""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        return lambda: contextlib.nullcontext(server.empty_store())
    folder = tmp_path_factory.mktemp("fresh")
    SqliteStore(folder / "empty.db").close()

    def copied() -> contextlib.AbstractContextManager[StateStore]:
        for old in folder.glob("state.db*"):
            old.unlink()
        return contextlib.closing(SqliteStore(shutil.copy(folder / "empty.db", folder / "state.db")))

    return copied


def answers(tx: Transaction, calls: list[Call]) -> list[Any]:
    return [getattr(tx, verb)(*arguments, **options) for verb, arguments, options in calls]


def everything(tx: Transaction) -> list[Any]:
    """All that a store holds."""
    journeys = profiles = list(range(1, 5))
    answers: list[Any] = [tx.workspaces(), tx.next_workspace(), tx.accounts(), *map(tx.session, TEXTS)]
    answers += [tx.definitions_stamp(), tx.versions(journeys), tx.identifiers(profiles)]
    answers += [tx.profiles(profiles), tx.due_profiles(journeys, 99, limit=99), tx.next_due(journeys)]
    answers += [tx.kept(journeys, limit=99), tx.counters(journeys), tx.unsettled_intents(), tx.due_lanes()]
    answers += [tx.timers(journeys, 99), tx.attempts(TEXTS), tx.waiting_lanes()]
    answers += [tx.lease(), tx.last_batch(), tx.unprojected(limit=99), tx.running_imports()]
    for journey in journeys:
        answers += [tx.life(journey), tx.runs_of_journey(journey, limit=99)]
    for workspace in (1, 2):
        answers += [tx.api_keys(workspace), tx.pending_inputs(workspace, limit=99), tx.last_instant(workspace)]
        answers += [tx.journeys(workspace), tx.tracking_changes(workspace), tx.list_profiles(workspace, limit=99)]
        answers += [tx.runs_of_profiles(workspace, profiles), tx.intents(workspace, limit=99)]
        answers += [tx.count_intents(workspace), tx.dead_letters(workspace, limit=99)]
        answers += [tx.known_ids(workspace, TEXTS), tx.cause_starts(workspace, TEXTS), tx.imports(workspace, limit=99)]
    return answers


def outcome(store: StateStore, calls: list[Call], *, undo: bool) -> list[Any] | type[Exception]:
    """What a writing block answers, or the error that ended it."""
    try:
        with store.writing() as tx:
            found = answers(tx, calls)
            if undo:
                raise Undone
    except (MilepostError, Undone) as error:
        return type(error)
    return found


def test_every_verb_is_tried() -> None:
    assert {name for name in vars(Transaction) if not name.startswith("_")} == TRIED


@pytest.mark.parametrize("subject", SUBJECTS)
@settings(max_examples=25)
@given(data=st.data())
def test_each_store_answers_like_the_one_in_memory(fresh: Fresh, subject: str, data: st.DataObject) -> None:
    with fresh() as store, contextlib.closing(MemoryStateStore()) as memory:
        for calls, undo in data.draw(blocks(SUBJECTS[subject])):
            assert outcome(store, calls, undo=undo) == outcome(memory, calls, undo=undo)
        with store.reading() as left, memory.reading() as right:
            assert everything(left) == everything(right)
