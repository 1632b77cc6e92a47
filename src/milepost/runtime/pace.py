"""How fast a provider may be spoken to.

Owns the count of what was begun. Must not know a clock: instants are given, in milliseconds.
"""

from __future__ import annotations

import math
from collections import deque


class Pace:
    """At most `rate` per second: in no stretch of that length are more begun, however it lies.

    A rate below one is one in so many seconds. What was begun before `now`, by a server that has ended, is unknown:
    so the first stretch is counted as full.
    """

    def __init__(self, rate: float, now: int) -> None:
        number = max(1, math.floor(rate))
        self._stretch = math.ceil(number * 1_000 / rate)
        self._begun = deque([now] * number, maxlen=number)

    def free(self, now: int) -> int:
        """How many may be begun now."""
        return sum(begun + self._stretch <= now for begun in self._begun)

    def next_free(self) -> int:
        """From when on at least one may be begun."""
        return self._begun[0] + self._stretch

    def begin(self, number: int, now: int) -> None:
        """So many are begun now."""
        self._begun.extend([now] * number)
