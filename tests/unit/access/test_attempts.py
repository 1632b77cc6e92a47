"""Wrong passwords: how many, for how long, and how much memory they take (D-8)."""

from __future__ import annotations

import pytest

from milepost.access.attempts import Attempts, network
from milepost.errors import TooManyAttempts

MINUTE = 60_000


def test_what_failed_long_ago_does_not_count() -> None:
    attempts = Attempts(most=2, window=10 * MINUTE)
    for now in (0, 6 * MINUTE, 12 * MINUTE, 18 * MINUTE):
        attempts.begin("ada", "10.0.0.1", now)
    with pytest.raises(TooManyAttempts) as refusal:
        attempts.begin("ada", "10.0.0.1", 18 * MINUTE + 1)
    # The one at 12 minutes leaves first.
    assert refusal.value.seconds == 4 * 60


def test_a_refused_attempt_does_not_make_the_wait_longer() -> None:
    attempts = Attempts(most=1, window=10 * MINUTE)
    attempts.begin("ada", "10.0.0.1", 0)
    for now in (MINUTE, 9 * MINUTE):
        with pytest.raises(TooManyAttempts):
            attempts.begin("ada", "10.0.0.1", now)
    attempts.begin("ada", "10.0.0.1", 10 * MINUTE)


def test_attempts_at_the_same_time_do_not_slip_through() -> None:
    """They count from their beginning: five guesses are under way at most, however many are sent at once."""
    attempts = Attempts()
    for _ in range(5):
        attempts.begin("ada", "10.0.0.1", 7)
    with pytest.raises(TooManyAttempts):
        attempts.begin("ada", "10.0.0.1", 7)


def test_who_succeeds_frees_the_email_and_not_the_other_failures_of_the_address() -> None:
    attempts = Attempts(most=3)
    for email in ("eve", "eve", "ada"):
        attempts.begin(email, "10.0.0.1", 0)
    attempts.succeeded("ada", "10.0.0.1", 0)
    attempts.begin("ada", "10.0.0.1", 1)
    with pytest.raises(TooManyAttempts):
        attempts.begin("ada", "10.0.0.1", 2)
    attempts.begin("ada", "10.0.0.2", 3)


def test_who_only_ever_succeeds_leaves_nothing_behind() -> None:
    attempts = Attempts()
    for now in range(1_000):
        attempts.begin("ada", f"10.0.{now % 256}.1", now)
        attempts.succeeded("ada", f"10.0.{now % 256}.1", now)
    assert len(attempts) == 0


def test_memory_is_bounded_and_the_oldest_failures_are_forgotten_first() -> None:
    attempts = Attempts(most=1, room=10)
    for number in range(1_000):
        attempts.begin(f"{number}@example.com", f"10.0.{number // 256}.{number % 256}", number)
        assert len(attempts) <= 10
    with pytest.raises(TooManyAttempts):
        attempts.begin("999@example.com", "10.9.9.9", 1_000)
    attempts.begin("0@example.com", "10.9.9.9", 1_000)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_addresses_of_one_customer_are_one(address: str, counted: str) -> None:
    assert network(address) == counted
