"""The outbox: intents that were stored with their moves are carried out, and what became of them comes back as events.

Owns attempts, waiting between them, and the ledger's states (D-7). Must not know providers: senders are given.
An intent that a crash left in `sending` is *uncertain*: it is not sent again by itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Final

import structlog

from milepost.kernel.event import Cause, Event
from milepost.ports.clock import Clock
from milepost.ports.observer import SILENT, Observer
from milepost.ports.sender import Intent, Receipt, Sender
from milepost.ports.state_store import IntentRow, StateStore
from milepost.runtime import codec
from milepost.runtime.log import Log

MOST_ATTEMPTS: Final = 8
FIRST_PAUSE: Final = 5_000
"""Milliseconds before the second attempt; each further pause is three times as long."""
LONGEST_PAUSE: Final = 3_600_000
AT_ONCE: Final = 8
"""Effects that are carried out at the same time."""
ENDING: Final = 2.0
"""Seconds that those under way have to end when the server stops: with the requests' two, a stop takes less than five.
"""

_log = structlog.get_logger()


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
    ) -> None:
        self._observer = observer
        self._store = store
        self._log = log
        self._clock = clock
        self._senders = senders
        self._stored = stored
        """Called after result events were appended to the log."""
        self._under_way: dict[Future[Receipt], tuple[IntentRow, Intent]] = {}

    def recover(self) -> int:
        """Name what a crash left undecided; answers with how many. Call it before the first `step`."""
        with self._store.writing() as tx:
            rows = tx.unsettled_intents()
            note = codec.json_text({"reason": "the server stopped before the provider's answer was stored"})
            tx.settle_intents([row._replace(state="uncertain", result=note) for row in rows])
        return len(rows)

    def step(self, patience: float = 1.0) -> bool:
        """Begin what is due, settle what has ended, waiting for that up to `patience` seconds.

        Answers whether anything is under way or was settled.
        """
        free = AT_ONCE - len(self._under_way)
        if free and self._any_due():
            with self._store.writing() as tx:
                rows = tx.claim_intents(self._clock.now(), limit=free)
            for row in rows:
                intent = _intent(row)
                self._under_way[self._begin(intent)] = (row, intent)
        if not self._under_way:
            return False
        self._collect(patience)
        return True

    def next_due(self) -> int | None:
        """When the next attempt may be made."""
        with self._store.reading() as tx:
            return tx.next_intent_due()

    def close(self, patience: float = ENDING) -> None:
        """Begin nothing more, settle what ends within `patience` seconds, release the senders.

        What is still under way then stays `sending`: the next start finds it as a crash would have left it.
        """
        deadline = time.monotonic() + patience
        while self._under_way and (left := deadline - time.monotonic()) > 0:
            self._collect(left)
        for sender in self._senders.values():
            sender.close()

    def _any_due(self) -> bool:
        due = self.next_due()
        return due is not None and due <= self._clock.now()

    def _begin(self, intent: Intent) -> Future[Receipt]:
        # A thread for each, and not a pool: Python waits for the threads of a pool before it ends, however long a
        # provider keeps them.
        future: Future[Receipt] = Future()
        threading.Thread(
            target=lambda: future.set_result(self._carry_out(intent)), name="outbox-intent", daemon=True
        ).start()
        return future

    def _collect(self, patience: float) -> None:
        """Settle what has ended, waiting for the first up to `patience` seconds."""
        done, _ = wait(self._under_way, timeout=patience, return_when=FIRST_COMPLETED)
        if done:
            self._settle([(*self._under_way[future], future.result()) for future in done])
        # Only now: what could not be stored, on a full disk for one, is stored the next time.
        for future in done:
            del self._under_way[future]

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

    def _settle(self, ended: list[tuple[IntentRow, Intent, Receipt]]) -> None:
        now = self._clock.now()
        self._log.positions.prepare(len(ended))
        with self._store.writing() as tx:
            workspaces = {row.key: row for row in tx.workspaces()}
            for row, intent, receipt in ended:
                if row.workspace not in workspaces:
                    continue  # deleted meanwhile, and the intent with it
                settled = _settled(row, receipt, now)
                tx.settle_intents([settled])
                event = result_event(intent, receipt, settled.state, now)
                if event is not None:
                    self._log.append_produced(tx, workspaces[row.workspace], [event])
        self._stored()
        for _, intent, receipt in ended:
            self._observer.settled(intent.channel, receipt.outcome)
            say = _log.debug if receipt.outcome == "sent" else _log.warning
            # Of the reason the word alone: the provider's own text may name the customer.
            word = receipt.reason.partition(":")[0]
            say(
                "attempt ended", intent=intent.id, channel=intent.channel, run=intent.origin.get("runId"),
                outcome=receipt.outcome, reason=word if word.isidentifier() else "",
            )  # fmt: skip


def _intent(row: IntentRow) -> Intent:
    payload, origin, cause = codec.decode_intent(row.body)
    channel: Any = row.channel
    return Intent(row.id, row.workspace, channel, row.profile, payload, origin, cause, row.created, row.attempts)


def _settled(row: IntentRow, receipt: Receipt, now: int) -> IntentRow:
    result = codec.json_text(
        {"reason": receipt.reason, "provider": receipt.provider, "response": dict(receipt.response), "at": now}
    )
    if receipt.outcome == "retry" and row.attempts < MOST_ATTEMPTS:
        pause = min(FIRST_PAUSE * 3 ** (row.attempts - 1), LONGEST_PAUSE)
        return row._replace(state="pending", due=now + pause, result=result)
    return row._replace(state="failed" if receipt.outcome == "retry" else receipt.outcome, result=result)


def result_event(intent: Intent, receipt: Receipt, state: str, now: int) -> Event | None:
    """The event that comes back (D-7), still without position; None while nothing is decided."""
    outcome = {"sent": "sent", "failed": "failed"}.get(state)
    if outcome is None:
        return None
    run, depth, root = intent.cause
    params: dict[str, Any] = {
        **intent.origin, "messageId": intent.id, "provider": receipt.provider, "causeRunId": run, "depth": depth,
    }  # fmt: skip
    if intent.channel == "webhook":
        action = intent.payload["response_event"] if outcome == "sent" else "webhook.failed"
        params |= {"url": intent.payload["url"], **receipt.response}
    else:
        action = f"message.{outcome}"
        params["channel"] = intent.channel
    if outcome == "failed":
        params["reason"] = receipt.reason
    return Event(
        f"{intent.id}.{outcome}", intent.profile, action, now, now, 0, params, source="delivery",
        cause=Cause(run, depth, root),
    )  # fmt: skip
