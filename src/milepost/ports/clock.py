"""The clock: the only way in which time enters."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Milliseconds since 1970, UTC. May step back: whoever needs an order keeps the latest value seen."""

    def now(self) -> int:
        """The present time in milliseconds."""
