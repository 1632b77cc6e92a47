"""The port EventStore on ClickHouse's SQL.

Owns which query answers which verb, and how rows become the port's values. Must not know how a question becomes SQL,
nor how the driver connects.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Sequence
from typing import Any, Final, Self

from milepost.analytics.funnel import Funnel, FunnelMembers
from milepost.analytics.question import Answer, Members, Question
from milepost.analytics.trend import Trend, TrendAnswer, TrendMembers
from milepost.kernel import date
from milepost.kernel.condition import Condition
from milepost.ports.event_store import COLUMNS, ActivityRow, Arrivals, MoveCount, SeenAction, Table
from milepost.stores.clickhouse import funnel, trend
from milepost.stores.clickhouse.backup import ChdbCopy
from milepost.stores.clickhouse.chdb import Chdb
from milepost.stores.clickhouse.condition import Translator
from milepost.stores.clickhouse.driver import Driver
from milepost.stores.clickhouse.migrate import migrate
from milepost.stores.clickhouse.server import ClickHouseServer
from milepost.stores.clickhouse.sql import QUERIES, Arguments

_END_OF_TIME: Final = 2**64 - 1


class ClickHouseEventStore:
    """Activity, datapoints and profiles in one database. Any thread may call."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        migrate(driver)

    @classmethod
    def open(cls, folder: pathlib.Path, *, memory: int = 4 << 30, threads: int = 2) -> Self:
        """The store in a folder of this machine; at most `memory` bytes and `threads` threads for one query."""
        return cls(Chdb(folder, memory=memory, threads=threads))

    @classmethod
    def connect(cls, address: str, epoch: int = 0) -> Self:
        """The store in the database of a server, as `ClickHouseServer` takes it."""
        return cls(ClickHouseServer(address, epoch))

    def append(self, table: Table, batch: int, rows: bytes) -> None:
        """Store a whole batch or nothing."""
        self._driver.insert(table, COLUMNS[table], rows)

    def batches(self, table: Table, first: int) -> set[int]:
        """The numbers of the batches from `first` on that the table holds; no other one comes in late."""
        self._driver.fence()
        return {number for (number,) in self._driver.query(QUERIES["batches"], {"table": table, "first": first})}

    def activity(
        self,
        workspace: int,
        profile: int,
        *,
        limit: int,
        before: tuple[int, int] | None = None,
        since: int | None = None,
        until: int | None = None,
        actions: Sequence[str] = (),
        run: str | None = None,
    ) -> list[ActivityRow]:
        """A profile's events, newest first by (time, position)."""
        before_time, before_position = before or (_END_OF_TIME, _END_OF_TIME)
        rows = self._driver.query(
            QUERIES["activity"],
            {
                "workspace": workspace,
                "profile": profile,
                "limit": limit,
                "before_time": max(before_time, 0),
                "before_position": max(before_position, 0),
                "since": max(since or 0, 0),
                "until": _END_OF_TIME if until is None else max(until, 0),
                "actions": list(actions),
                "run": run or "",
            },
        )
        return [
            ActivityRow._make((*rest, json.loads(params), json.loads(why) if why else None))
            for *rest, params, why in rows
        ]

    def arrivals(
        self, workspace: int, journey: str, node: str, *, limit: int, after: int = 0
    ) -> tuple[int, list[Arrivals]]:
        """How many profiles have an arrival at the node among the datapoints, and a page in order of key."""
        values = {"workspace": workspace, "journey": journey, "node": node}
        total = self._driver.query(QUERIES["arrivals_total"], values)[0][0]
        page = self._driver.query(QUERIES["arrivals"], {**values, "after": after, "limit": limit})
        return total, [Arrivals(*row) for row in page]

    def matching(
        self, workspace: int, where: Condition, now: int, *, limit: int, after: int = 0
    ) -> tuple[int, list[int]]:
        """How many profiles fit a condition on their attributes, and a page of their keys, in order."""
        arguments = Arguments(workspace=workspace, after=after, limit=limit)
        holds = Translator(arguments, date.UTC, now).translate(where, "attributes")
        these = f"FROM profiles FINAL WHERE workspace = {{workspace:UInt32}} AND {holds}"
        total = self._driver.query(f"SELECT count() {these}", arguments.values)[0][0]
        page = f"SELECT profile {these} AND profile > {{after:UInt64}} ORDER BY profile LIMIT {{limit:UInt32}}"
        return total, [profile for (profile,) in self._driver.query(page, arguments.values)]

    def actions(self, workspace: int) -> list[SeenAction]:
        """Every action among the datapoints, by name."""
        return [SeenAction(*row) for row in self._driver.query(QUERIES["actions"], {"workspace": workspace})]

    def samples(self, workspace: int, action: str, *, limit: int) -> list[dict[str, Any]]:
        """The params of an action's newest datapoints, newest first."""
        values = {"workspace": workspace, "action": action, "limit": limit}
        return [json.loads(params) for (params,) in self._driver.query(QUERIES["samples"], values)]

    def answer(self, workspace: int, question: Question, now: int) -> Answer:
        """The answer, tied to `now` and to the newest datapoint unless the question was tied already."""
        question = self._pinned(workspace, question, now)
        match question:
            case Funnel():
                row = self._driver.query(*funnel.answer_query(question, workspace))[0]
                return funnel.read_answer(question, row)
            case Trend():
                lines = []
                for index, series in enumerate(question.series):
                    top = self._top(workspace, question, index)
                    rows = self._driver.query(*trend.answer_query(question, workspace, series, top))
                    lines += trend.read_answer(question, index, top, rows)
                return TrendAnswer(question=question, intervals=tuple(question.intervals[:-1]), lines=tuple(lines))

    def members(self, workspace: int, question: Question, members: Members, now: int) -> list[int]:
        """The keys of the profiles behind one number, in order."""
        question = self._pinned(workspace, question, now)
        match question, members:
            case Funnel(), FunnelMembers():
                built = funnel.members_query(question, workspace, members)
            case Trend(), TrendMembers() if members.series < len(question.series):
                top = self._top(workspace, question, members.series) if members.group.kind == "other" else []
                built = trend.members_query(question, workspace, members, top)
            case _:
                return []
        return [profile for (profile,) in self._driver.query(*built)]

    def count(self, workspace: int, table: Table) -> int:
        """How many events (of `profiles`: profiles) of a workspace the table holds."""
        if table == "profiles":
            return int(self._driver.query(QUERIES["count_profiles"], {"workspace": workspace})[0][0])
        return int(self._driver.query(QUERIES["count_events"], {"workspace": workspace, "table": table})[0][0])

    def moves(self, workspace: int, *, up_to: int, without: Sequence[int] = ()) -> list[MoveCount]:
        """The moves in batches up to a number, but for some, counted."""
        values = {"workspace": workspace, "up_to": up_to, "without": list(without)}
        return [MoveCount(*row) for row in self._driver.query(QUERIES["moves"], values)]

    def untracked(
        self, workspace: int, journey: str, node: str, intervals: Sequence[tuple[int, int]], *, up_to: int
    ) -> int:
        """Moves among the datapoints whose time lies in none of the intervals."""
        values = {
            "workspace": workspace, "journey": journey, "node": node, "up_to": up_to,
            "on": [max(on, 0) for on, _ in intervals], "off": [max(off, 0) for _, off in intervals],
        }  # fmt: skip
        return int(self._driver.query(QUERIES["untracked"], values)[0][0])

    def delete_workspace(self, workspace: int) -> None:
        """Remove all rows of a workspace: parts that hold some of them are written anew without them."""
        for table in COLUMNS:
            self._driver.command(QUERIES["delete_workspace"], {"table": table, "workspace": workspace})

    def copy(self) -> ChdbCopy | None:
        """What makes backups of it; None for a server, which has its own."""
        return ChdbCopy(self._driver) if isinstance(self._driver, Chdb) else None

    def close(self) -> None:
        """Release every connection; afterwards another process, or another folder in this one, may be opened."""
        self._driver.close()

    def _pinned(self, workspace: int, question: Question, now: int) -> Question:
        if question.at is not None and question.as_of is not None:
            return question
        newest = self._driver.query(QUERIES["newest"], {"workspace": workspace})[0][0]
        return question.pinned(now, newest)

    def _top(self, workspace: int, question: Trend, series: int) -> list[str]:
        built = trend.top_query(question, workspace, question.series[series])
        return [] if built is None else [text for (text,) in self._driver.query(*built)]
