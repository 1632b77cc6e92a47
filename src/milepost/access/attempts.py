"""How often somebody may give a wrong password: per email, so that one account cannot be guessed from many places, and
per address, so that many accounts cannot be guessed from one.

Owns the counting, in memory of a bounded size: a restart forgets it. Must not know what is attempted.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from typing import Final

from milepost.errors import TooManyAttempts

MOST: Final = 5
WINDOW: Final = 15 * 60_000
"""Milliseconds for which a failure counts."""
ROOM: Final = 20_000
"""Emails and addresses that are remembered; beyond that, those whose last failure is the oldest are forgotten."""


class Attempts:
    """Failures of late. Threads may share it."""

    def __init__(self, *, most: int = MOST, window: int = WINDOW, room: int = ROOM) -> None:
        self._most = most
        self._window = window
        self._room = room
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, list[int]] = OrderedDict()

    def begin(self, email: str, address: str, now: int) -> None:
        """Count an attempt as failed until `succeeded` says otherwise, so that many at once do not slip through.

        Raises TooManyAttempts when the email or the address has failed too often; such an attempt does not count.
        """
        subjects = _subjects(email, address)
        with self._lock:
            recent = {subject: self._recent(subject, now) for subject in subjects}
            waits = [failures[0] + self._window - now for failures in recent.values() if len(failures) >= self._most]
            if waits:
                raise TooManyAttempts(seconds=-(-max(waits) // 1000))
            for subject, failures in recent.items():
                self._failures[subject] = [*failures, now]
                self._failures.move_to_end(subject)
            while len(self._failures) > self._room:
                self._failures.popitem(last=False)

    def succeeded(self, email: str, address: str, now: int) -> None:
        """The attempt that began at `now` was right: the email is free again, and the address has failed once less."""
        of_email, of_address = _subjects(email, address)
        with self._lock:
            self._failures.pop(of_email, None)
            failures = self._failures.get(of_address, [])
            if now in failures:
                failures.remove(now)
            if not failures:
                self._failures.pop(of_address, None)

    def forget(self, email: str) -> None:
        """The email is free again."""
        with self._lock:
            self._failures.pop(_of_email(email), None)

    def __len__(self) -> int:
        """How many emails and addresses are remembered."""
        return len(self._failures)

    def _recent(self, subject: str, now: int) -> list[int]:
        return [at for at in self._failures.get(subject, []) if at > now - self._window]


def _subjects(email: str, address: str) -> tuple[str, str]:
    return _of_email(email), f"address {network(address)}"


def _of_email(email: str) -> str:
    return f"email {email}"


def network(address: str) -> str:
    """What one customer of a provider has: an IPv4 address, or the 2**64 addresses of an IPv6 network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)
