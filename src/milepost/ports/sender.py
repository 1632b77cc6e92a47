"""A provider of messages or web calls, as the outbox sees it.

Owns the intent that was stored in the transaction of the move, and what a provider answers (D-7).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

Outcome = Literal["sent", "failed", "retry", "uncertain"]


class Intent(NamedTuple):
    """One effect to bring about: stored with the move, carried out by the outbox."""

    id: str
    """Pure function of (run, path, node, visit, ordinal): also the provider's idempotency key."""
    workspace: int
    channel: Literal["email", "webhook"]
    profile: int
    payload: dict[str, Any]
    """What the node rendered. Email: `to, sender, subject, body, html, variables`; webhook: `method, url, headers,
    body, response_event`."""
    origin: dict[str, Any]
    """`journeyId, journeyVersion, runId, pathId, nodeId, transactional`: carried by every result event."""
    cause: tuple[str, int, str]
    """`runId, depth, root` of the events that come back."""
    created: int
    attempts: int = 0


class Receipt(NamedTuple):
    """What became of one attempt."""

    outcome: Outcome
    reason: str = ""
    """Why it failed or will be tried again: a stable word, then the provider's own text."""
    response: Mapping[str, Any] = MappingProxyType({})
    """What came back: for a webhook `status`, `headers`, `body`."""
    provider: str = ""
    reference: str = ""
    """What the provider calls it, as far as it said so: for the ledger."""


class Sender(Protocol):
    """One provider of one channel."""

    channel: str
    name: str

    def send(self, intent: Intent) -> Receipt:
        """Carry the intent out once. Never raises for what the other side does; may block: the outbox has threads."""

    def close(self) -> None:
        """Release connections and worker processes."""
