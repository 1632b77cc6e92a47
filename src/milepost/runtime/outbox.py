"""The outbox: intents that were stored with their moves are carried out, and what became of them comes back as events.

Owns which are begun when: in order within a lane, in turns between lanes, no faster than a provider's rate. Must not
know providers (senders are given), nor what an answer makes of an intent (that is `ledger`).
An intent that a crash left in `sending` is *uncertain*: whether it is sent again is the workspace's rule.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import MappingProxyType
from typing import Final, NamedTuple

import structlog

from milepost.ports.clock import Clock
from milepost.ports.observer import SILENT, Observer
from milepost.ports.sender import Intent, Receipt, Sender
from milepost.ports.state_store import AttemptRow, IntentRow, StateStore
from milepost.runtime import codec
from milepost.runtime.lane import parsed
from milepost.runtime.ledger import STOPPED, attempt, intent_of, result_event, settled
from milepost.runtime.log import Log
from milepost.runtime.pace import Pace

AT_ONCE: Final = 64
"""Effects that are carried out at the same time."""
IN_A_LANE: Final = 8
"""Of these, in one lane; only one where the last attempt did not come through: a host that hangs must not take all."""
ENDING: Final = 2.0
"""Seconds that those under way have to end when the server stops: with the requests' one, a stop takes less than five.
"""

_log = structlog.get_logger()


class _Ended(NamedTuple):
    receipt: Receipt
    at: int


class _UnderWay(NamedTuple):
    row: IntentRow
    intent: Intent


class Outbox:
    """Carries intents out in threads of its own; `step` is driven by one thread."""

    def __init__(
        self,
        store: StateStore,
        log: Log,
        clock: Clock,
        senders: Mapping[str, Sender],
        stored: Callable[[], None] = lambda: None,
        observer: Observer = SILENT,
        rates: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """`rates` says how many per second a channel's provider takes; without one it takes what it can."""
        self._observer = observer
        self._store = store
        self._log = log
        self._clock = clock
        self._senders = senders
        self._stored = stored
        """Called after result events were appended to the log."""
        self.ended: Callable[[], None] = lambda: None
        """Called by an attempt's thread when it has ended, so that whoever drives the outbox steps again."""
        self._under_way: dict[Future[_Ended], _UnderWay] = {}
        self._paces = {channel: Pace(rate, clock.now()) for channel, rate in rates.items()}
        self._ailing: set[str] = set()
        """Lanes whose last attempt did not come through."""
        self._turn = 0
        self._turns: dict[str, int] = {}
        """Lane to when it last had its turn."""

    def recover(self) -> int:
        """Name what a crash left undecided; answers with how many. Call it before the first `step`."""
        now, receipt = self._clock.now(), Receipt("uncertain", STOPPED)
        with self._store.writing() as tx:
            rules = {row.key: row.uncertain for row in tx.workspaces()}
            rows = [row for row in tx.unsettled_intents() if row.workspace in rules]
            tx.put_attempts([attempt(row, receipt, None) for row in rows])
            tx.settle_intents([settled(row, receipt, rules[row.workspace], now) for row in rows])
        return len(rows)

    def step(self, patience: float = 0.0) -> bool:
        """Begin what is due and settle what has ended, waiting for the first to end up to `patience` seconds.

        Answers whether anything was begun or settled.
        """
        begun = self._begin_due()
        return self._collect(patience) or begun

    def next_due(self) -> int | None:
        """When the next attempt may be made; None if that depends on one that is under way, or nothing waits."""
        with self._store.reading() as tx:
            lanes = tx.due_lanes()
        busy = self._busy()
        if len(self._under_way) >= AT_ONCE:
            return None
        return min((self._may_begin(lane, due) for lane, due in lanes.items() if self._room(lane, busy)), default=None)

    def close(self, patience: float = ENDING) -> None:
        """Begin nothing more, settle what ends within `patience` seconds, release the senders.

        What is still under way then stays `sending`: the next start finds it as a crash would have left it.
        """
        deadline = time.monotonic() + patience
        while self._under_way and (left := deadline - time.monotonic()) > 0:
            self._collect(left)
        for sender in self._senders.values():
            sender.close()

    # --- which ones --------------------------------------------------------------------------------------------------

    def _busy(self) -> Counter[str]:
        return Counter(row.lane for row, _ in self._under_way.values())

    def _room(self, lane: str, busy: Mapping[str, int]) -> int:
        """How many more of a lane may be under way."""
        return max(0, (1 if lane in self._ailing else IN_A_LANE) - busy.get(lane, 0))

    def _may_begin(self, lane: str, due: int) -> int:
        pace = self._paces.get(parsed(lane).channel)
        return due if pace is None else max(due, pace.next_free())

    def _begin_due(self) -> bool:
        """Begin what may be; lanes that have waited longest for a turn come first, and share what there is."""
        now, busy = self._clock.now(), self._busy()
        free = AT_ONCE - len(self._under_way)
        if free <= 0:
            return False
        with self._store.reading() as tx:
            lanes = tx.due_lanes()
        known = lanes.keys() | busy.keys()
        self._ailing &= known
        self._turns = {lane: turn for lane, turn in self._turns.items() if lane in known}
        ready = [lane for lane, due in lanes.items() if self._may_begin(lane, due) <= now and self._room(lane, busy)]
        if not ready:
            return False
        ready.sort(key=lambda lane: self._turns.get(lane, 0))
        sharing = Counter(parsed(lane).channel for lane in ready)
        claimed: list[IntentRow] = []
        with self._store.writing() as tx:
            for index, lane in enumerate(ready):
                channel = parsed(lane).channel
                pace = self._paces.get(channel)
                number = min(self._room(lane, busy), -(-(free - len(claimed)) // (len(ready) - index)))
                if pace is not None:
                    number = min(number, -(-pace.free(now) // sharing[channel]))
                sharing[channel] -= 1
                if number > 0:
                    rows = tx.claim_intents(lane, now, limit=number)
                    claimed += rows
                    self._turn += 1
                    self._turns[lane] = self._turn
                    if pace is not None:
                        pace.begin(len(rows), now)
            tx.put_attempts([AttemptRow(row.id, row.attempts, now, None, "", "", "", "") for row in claimed])
        for row in claimed:
            intent = intent_of(row)
            self._under_way[self._begin(intent)] = _UnderWay(row, intent)
        return bool(claimed)

    # --- carrying out ------------------------------------------------------------------------------------------------

    def _begin(self, intent: Intent) -> Future[_Ended]:
        # A thread for each, and not a pool: Python waits for the threads of a pool before it ends, however long a
        # provider keeps them.
        future: Future[_Ended] = Future()

        def work() -> None:
            future.set_result(_Ended(self._carry_out(intent), self._clock.now()))
            self.ended()

        threading.Thread(target=work, name="outbox-intent", daemon=True).start()
        return future

    def _collect(self, patience: float) -> bool:
        """Settle what has ended, waiting for the first up to `patience` seconds. Answers whether anything had."""
        if not self._under_way:
            return False
        done, _ = wait(self._under_way, timeout=patience, return_when=FIRST_COMPLETED)
        if done:
            self._settle([(*self._under_way[future], future.result()) for future in done])
        # Only now: what could not be stored, on a full disk for one, is stored the next time.
        for future in done:
            del self._under_way[future]
        return bool(done)

    def _carry_out(self, intent: Intent) -> Receipt:
        sender = self._senders.get(intent.channel)
        if sender is None:
            return Receipt("failed", f"no_provider: no provider is configured for {intent.channel}")
        try:
            receipt = sender.send(intent)
            # What cannot be stored would keep all others from being settled.
            codec.json_text(dict(receipt.response))
        except Exception as error:  # noqa: BLE001 - a defect of a provider: nobody knows how far it came
            return Receipt("uncertain", f"error: {type(error).__name__}: {error}", provider=sender.name)
        return receipt

    def _settle(self, ended: list[tuple[IntentRow, Intent, _Ended]]) -> None:
        now = self._clock.now()
        self._log.positions.prepare(len(ended))
        with self._store.writing() as tx:
            workspaces = {row.key: row for row in tx.workspaces()}
            for row, intent, (receipt, at) in ended:
                if row.workspace not in workspaces:
                    continue  # deleted meanwhile, and the intent with it
                after = settled(row, receipt, workspaces[row.workspace].uncertain, now)
                tx.settle_intents([after])
                tx.put_attempts([attempt(row, receipt, at)])
                event = result_event(intent, receipt, after.state, now)
                if event is not None:
                    self._log.append_produced(tx, workspaces[row.workspace], [event])
        for row, intent, (receipt, _) in ended:
            if receipt.outcome in {"retry", "uncertain"}:
                self._ailing.add(row.lane)
            else:
                self._ailing.discard(row.lane)
            self._observer.settled(intent.channel, receipt.outcome)
            say = _log.debug if receipt.outcome == "sent" else _log.warning
            # Of the reason the word alone: the provider's own text may name the customer.
            word = receipt.reason.partition(":")[0]
            say(
                "attempt ended", intent=intent.id, channel=intent.channel, run=intent.origin.get("runId"),
                outcome=receipt.outcome, reason=word if word.isidentifier() else "",
            )  # fmt: skip
        self._stored()
