"""What may go out when a timer is due, read off the journey that is drawn (D-3.2)."""

from __future__ import annotations

import pytest

from milepost.kernel.journey import Definition
from milepost.kernel.outlook import messages_behind
from tests.unit.kernel.trial import definition, node, trigger

HOUR = {"duration": {"value": 1, "unit": "hour"}}
MAIL = {"subject": "Hi", "body": "Hello"}
CALL = {"url": "https://example.com/"}
DRAWN = definition(
    trigger("wait"),
    node("wait", "delay", HOUR, next="split"),
    node("split", "split", {"outlets": ["a", "b"]}, a="vip", b="call"),
    node("vip", "profile_filter", {"where": {"attribute": "tier", "op": "equal", "value": 1}},
         matched="mail-vip", not_matched="mail"),
    node("mail-vip", "send_email", MAIL, next="mail"),
    node("mail", "send_email", MAIL, next="answer"),
    node("call", "webhook", CALL, next="answer"),
    node(
        "answer", "event_filter", {"action": "reply", "limit": {"value": 1, "unit": "day"}},
        matched="thanks", not_matched="reminder",
    ),
    node("thanks", "send_email", MAIL, next="forever"),
    node("reminder", "send_email", MAIL, next="forever"),
    node("forever", "event_filter", {"action": "reply"}, matched="late"),
    node("late", "send_email", MAIL, next="end"),
    node("end", "end"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        ("wait", ["call", "mail-vip", "mail"]),
        ("answer", ["reminder"]),
        ("forever", []),
        ("mail", []),
        ("unknown", []),
    ],
)
def test_all_ways_are_followed_up_to_the_next_wait(waiting: str, expected: list[str]) -> None:
    assert messages_behind(Definition.model_validate(DRAWN), waiting) == expected
