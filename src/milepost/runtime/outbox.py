"""The outbox: intents that were stored with their moves are carried out, and what became of them comes back as events.

Owns attempts, waiting between them, and the ledger's states (D-7). Must not know providers: senders are given.
An intent that a crash left in `sending` is *uncertain*: it is not sent again by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Final

from milepost.kernel.event import Cause, Event
from milepost.ports.clock import Clock
from milepost.ports.sender import Intent, Receipt, Sender
from milepost.ports.state_store import IntentRow, StateStore
from milepost.runtime import codec
from milepost.runtime.definitions import workspace_of
from milepost.runtime.log import Log

MOST_ATTEMPTS: Final = 8
FIRST_PAUSE: Final = 5_000
"""Milliseconds before the second attempt; each further pause is three times as long."""
LONGEST_PAUSE: Final = 3_600_000
AT_ONCE: Final = 8
"""Effects that are carried out at the same time."""


class Outbox:
    """Carries intents out in threads of its own; `step` is driven by one thread."""

    def __init__(
        self,
        store: StateStore,
        log: Log,
        clock: Clock,
        senders: Mapping[str, Sender],
        stored: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._log = log
        self._clock = clock
        self._senders = senders
        self._stored = stored
        """Called after result events were appended to the log."""
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="outbox")
        self._under_way: dict[Future[Receipt], tuple[IntentRow, Intent]] = {}
        self._ended = threading.Event()

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
                self._under_way[self._threads.submit(self._carry_out, intent)] = (row, intent)
        if not self._under_way:
            return False
        done, _ = wait(self._under_way, timeout=patience, return_when=FIRST_COMPLETED)
        if done:
            self._settle([(*self._under_way.pop(future), future.result()) for future in done])
        return True

    def next_due(self) -> int | None:
        """When the next attempt may be made."""
        with self._store.reading() as tx:
            return tx.next_intent_due()

    def close(self) -> None:
        """Wait for what is under way, settle it, release the senders."""
        while self._under_way:
            self.step()
        self._threads.shutdown()
        for sender in self._senders.values():
            sender.close()

    def _any_due(self) -> bool:
        due = self.next_due()
        return due is not None and due <= self._clock.now()

    def _carry_out(self, intent: Intent) -> Receipt:
        sender = self._senders.get(intent.channel)
        if sender is None:
            return Receipt("failed", f"no_provider: no provider is configured for {intent.channel}")
        try:
            return sender.send(intent)
        except Exception as error:  # noqa: BLE001 - a defect of a provider: nobody knows how far it came
            return Receipt("uncertain", f"error: {type(error).__name__}: {error}", provider=sender.name)

    def _settle(self, ended: list[tuple[IntentRow, Intent, Receipt]]) -> None:
        now = self._clock.now()
        self._log.positions.prepare(len(ended))
        with self._store.writing() as tx:
            for row, intent, receipt in ended:
                settled = _settled(row, receipt, now)
                tx.settle_intents([settled])
                event = result_event(intent, receipt, settled.state, now)
                if event is not None:
                    self._log.append_produced(tx, workspace_of(tx, row.workspace), [event])
        self._stored()


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
