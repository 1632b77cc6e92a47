"""The ledger: what an attempt, a rule or a person makes of an effect, and the event that tells of it (D-7).

Owns the states of an effect and who may change them. Must not know providers, threads or HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from milepost.errors import Conflict, NotFound
from milepost.kernel.event import Cause, Event
from milepost.ports.sender import Intent, Receipt
from milepost.ports.state_store import AttemptRow, IntentRow, StateStore, UncertainRule
from milepost.runtime import codec
from milepost.runtime.definitions import workspace_of
from milepost.runtime.log import Log

MOST_ATTEMPTS: Final = 8
FIRST_PAUSE: Final = 5_000
"""Milliseconds before the second attempt; each further pause is three times as long."""
LONGEST_PAUSE: Final = 3_600_000
STOPPED: Final = "stopped: the server stopped before the provider's answer was stored"
BY_RULE: Final = "rule"

Decision = Literal["sent", "send_again", "leave"]


class Ledger:
    """What people decide. `decided` is called after each decision, outside of the transaction."""

    def __init__(self, store: StateStore, log: Log, decided: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._log = log
        self._decided = decided

    def decide(self, workspace: int, id: str, decision: Decision, who: str) -> IntentRow:
        """Say what an uncertain effect is to count as. Raises NotFound, and Conflict if it is not uncertain."""
        self._log.positions.prepare(1)
        with self._store.writing() as tx:
            row = tx.intent(workspace, id)
            if row is None:
                message = f"There is no effect `{id}`."
                raise NotFound(message)
            if row.state != "uncertain":
                message = f"The effect is {row.state}; only of one that is uncertain can be decided what became of it."
                raise Conflict(message, field="state", fix="Leave it as it is.")
            whole = workspace_of(tx, workspace)
            now = self._log.instant(whole)
            decided = row._replace(decision=_decision(decision, who, now))
            if decision == "sent":
                decided = decided._replace(state="sent")
                provider = next((attempt.provider for attempt in reversed(tx.attempts([id]))), "")
                event = result_event(intent_of(row), Receipt("sent", provider=provider), "sent", now)
                if event is not None:
                    event.params["decidedBy"] = who
                    self._log.append_produced(tx, whole, [event])
            elif decision == "send_again":
                decided = decided._replace(state="pending", due=now)
            tx.settle_intents([decided])
        self._decided()
        return decided


def intent_of(row: IntentRow) -> Intent:
    """An intent as its provider is handed it."""
    payload, origin, cause = codec.decode_intent(row.body)
    channel: Any = row.channel
    return Intent(row.id, row.workspace, channel, row.profile, payload, origin, cause, row.created, row.attempts)


def settled(row: IntentRow, receipt: Receipt, rule: UncertainRule, now: int) -> IntentRow:
    """What an attempt makes of an intent, under a workspace's rule for what is uncertain."""
    result = codec.json_text(
        {"reason": receipt.reason, "provider": receipt.provider, "response": dict(receipt.response), "at": now}
    )
    row = row._replace(result=result)
    tries_left = row.attempts < MOST_ATTEMPTS
    pause = min(FIRST_PAUSE * 3 ** (row.attempts - 1), LONGEST_PAUSE)
    match receipt.outcome:
        case "retry" if tries_left:
            return row._replace(state="pending", due=now + pause)
        case "retry":
            return row._replace(state="failed")
        case "uncertain" if rule == "send_again" and tries_left:
            return row._replace(state="pending", due=now + pause, decision=_decision("send_again", BY_RULE, now))
        case "uncertain":
            decision = _decision("leave", BY_RULE, now) if rule == "leave" else ""
            return row._replace(state="uncertain", decision=decision)
        case outcome:
            return row._replace(state=outcome)


def attempt(row: IntentRow, receipt: Receipt, ended: int | None) -> AttemptRow:
    """The attempt that has ended with this receipt; when it began is in the ledger already."""
    begun = row.due if ended is None else ended
    return AttemptRow(
        row.id, row.attempts, begun, ended, receipt.outcome, receipt.reason, receipt.provider, receipt.reference
    )  # fmt: skip


def _decision(decision: Decision, who: str, now: int) -> str:
    return codec.json_text({"decision": decision, "by": who, "at": now})


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
