"""Any transactions, one after another: each store gives the answers of the one in memory, errors included."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.errors import MilepostError
from milepost.ports.state_store import ApiKeyRow, CounterKey, Identifier, StateStore, Transaction
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
text = st.sampled_from(["", "a", "b", "a\0b", "ż", "'"])
texts = st.lists(text, max_size=4)
body = st.sampled_from([b"", b"x", b"\0\xff"])
identifier = st.builds(Identifier, st.sampled_from(["custom_id", "email", "uuid"]), text)
state = st.sampled_from(["pending", "sent", "failed"])
counter = st.builds(CounterKey, place, place, text, text, small)
deltas = st.integers(-2, 3)


def several(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, max_size=4)


WRITES: Final = st.one_of(
    call("put_workspace", st.builds(rows.workspace, place, now=small, run_until=st.none() | small, name=text)),
    call("put_api_key", st.builds(ApiKeyRow, text, place, text, small)),
    call("append_inputs", several(st.builds(rows.entry, key, workspace=place, instant=small, rank=place, body=body))),
    call("delete_inputs", keys),
    call("remember_ids", place, texts, small),
    call("forget_ids", small, limit),
    call("bind", place, st.dictionaries(identifier, key, max_size=4)),
    call("put_profiles", several(st.builds(rows.profile, key, workspace=place, version=small, body=body))),
    call("insert_journey", st.builds(rows.journey, text, workspace=place)),
    call("update_journey", st.builds(rows.journey, text, workspace=place, key=key, name=text)),
    call("delete_journey", key),
    call("put_version", st.builds(rows.version, key, small)),
    call("add_life", st.builds(rows.life, key, small, text)),
    call("add_tracking_changes", several(st.builds(rows.switch, key, text, small, on=st.booleans(), workspace=place))),
    call(
        "put_runs",
        several(
            st.builds(rows.run, key, workspace=place, journey=place, profile=key, due=st.none() | small, state=body)
        ),
    ),
    call("delete_runs", keys),
    call("add_kept", several(st.builds(rows.kept, key, journey=place, profile=key, instant=small))),
    call("delete_kept", place, st.none() | keys),
    call("add_counters", st.dictionaries(counter, deltas, max_size=4)),
    call("add_cause_starts", place, st.dictionaries(text, deltas, max_size=4), small),
    call("forget_cause_starts", small, limit),
    call("add_intents", several(st.builds(rows.intent, text, workspace=place, due=small, state=state, body=body))),
    call("claim_intents", small, limit=limit),
    call("settle_intents", several(st.builds(rows.intent, text, due=small, state=state))),
    call("add_batch", st.builds(rows.batch, key)),
    call("mark_projected", keys, small),
    call("delete_batches", small),
    call("add_dead_letters", several(st.builds(rows.dead_letter, small, workspace=place, error=text))),
)
READS: Final = st.one_of(
    call("workspaces"),
    call("api_key", text),
    call("api_keys", place),
    call("pending_inputs", place, limit=limit, until=st.none() | small),
    call("last_instant", place),
    call("known_ids", place, texts),
    call("resolve", place, several(identifier)),
    call("identifiers", keys),
    call("profiles", keys),
    call("list_profiles", place, limit=limit, after=small),
    call("count_profiles", place),
    call("journeys", place),
    call("journey", place, text),
    call("versions", keys),
    call("life", key),
    call("definitions_stamp"),
    call("tracking_changes", place),
    call("runs_of_profiles", place, keys),
    call("due_profiles", keys, small, limit=limit),
    call("next_due", keys),
    call("runs_of_journey", place, after=small, limit=limit),
    call("kept", keys, limit=limit),
    call("counters", keys, st.none() | small, st.none() | small),
    call("cause_starts", place, texts),
    call("unsettled_intents"),
    call("next_intent_due"),
    call("intents", place, limit=limit, after=text, state=st.none() | state),
    call("count_intents", place),
    call("last_batch"),
    call("unprojected", limit=limit),
    call("dead_letters", place, limit=limit),
)
BLOCK: Final = st.tuples(st.lists(WRITES | READS, min_size=1, max_size=8), st.booleans())


@pytest.fixture(scope="module")
def fresh() -> Iterator[Callable[[], SqliteStore]]:
    """Makes new databases, by copying: to migrate each would take most of the time."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        SqliteStore(folder / "empty.db").close()

        def make() -> SqliteStore:
            for old in folder.glob("state.db*"):
                old.unlink()
            return SqliteStore(shutil.copy(folder / "empty.db", folder / "state.db"))

        yield make


def answers(tx: Transaction, calls: list[Call]) -> list[Any]:
    return [getattr(tx, verb)(*arguments, **options) for verb, arguments, options in calls]


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


@settings(max_examples=150)
@given(blocks=st.lists(BLOCK, max_size=8), last=st.lists(READS, min_size=10, max_size=40))
def test_sqlite_answers_like_memory(
    fresh: Callable[[], SqliteStore], blocks: list[tuple[list[Call], bool]], last: list[Call]
) -> None:
    with contextlib.closing(fresh()) as sqlite, contextlib.closing(MemoryStateStore()) as memory:
        for calls, undo in blocks:
            assert outcome(sqlite, calls, undo=undo) == outcome(memory, calls, undo=undo)
        with sqlite.reading() as left, memory.reading() as right:
            assert answers(left, last) == answers(right, last)
