"""Message bodies, rendered by the real worker process (D-3.7)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from milepost.delivery.template import Limits, Part, TemplateFailed, Templates, variables

SCOPE: dict[str, Any] = {
    "customer": {"name": "<Ann>", "tier": None, "address": {"city": "Utrecht"}, "items": "mine", "vip": True},
    "event": {"action": "order.placed", "params": {"lines": [{"sku": "a"}, {"sku": "b"}], "price": 12.5}},
    "steps": {"Cart abandoned": {"event": {"params": {"price": 3}}}},
    "journey": {"name": "Winback"},
    "run": {"id": "r1"},
    "now": "2026-03-01T12:00:00.000Z",
}


def render(templates: Templates, source: str, *, html: bool = False) -> str:
    (text,) = templates.render([Part(source, html)], SCOPE)
    return text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("{{ customer.name }}, {{ customer.address.city }}", "<Ann>, Utrecht"),
        ("{{ event.params.price }} {{ event.action }}", "12.5 order.placed"),
        ("{{ steps['Cart abandoned'].event.params.price }}", "3"),
        ("{{ journey.name }} {{ run.id }} {{ now }}", "Winback r1 2026-03-01T12:00:00.000Z"),
        ("[{{ customer.none }}{{ customer.none.deeper }}{{ customer.tier }}{{ nobody.x }}]", "[]"),
        ("{{ customer.vip }} {{ event.params.lines }}", 'true [{"sku": "a"}, {"sku": "b"}]'),
        ("{{ customer.items }}[{{ customer.keys }}]", "mine[]"),
        ("{% customer name %}/{% customer address.city %}", "<Ann>/Utrecht"),
        ("{% for line in event.params.lines %}{{ line.sku }};{% endfor %}", "a;b;"),
        ("{% if customer.vip %}yes{% else %}no{% endif %}", "yes"),
        ("{{ customer.nick or 'you' }} {{ customer.nick | default('you') }}", "you you"),
        ("{{ 'é€😀' }}", "é€😀"),
    ],
)
def test_a_body_is_rendered(templates: Templates, source: str, text: str) -> None:
    assert render(templates, source) == text


def test_html_escapes_values_and_nothing_else(templates: Templates) -> None:
    assert render(templates, "<b>{{ customer.name }}</b>", html=True) == "<b>&lt;Ann&gt;</b>"
    assert render(templates, "{% customer name %}", html=True) == "&lt;Ann&gt;"


def test_parts_of_one_message_come_back_in_order(templates: Templates) -> None:
    parts = [Part("a {{ customer.name }}"), Part("b {{ customer.name }}", html=True), Part("")]
    assert templates.render(parts, SCOPE) == ["a <Ann>", "b &lt;Ann&gt;", ""]


@pytest.mark.parametrize(
    ("source", "reason", "message"),
    [
        ("line\n{{ customer.", "syntax", "line 2"),
        ("{% unknown %}", "syntax", "unknown"),
        ("{{ 1 / 0 }}", "error", "ZeroDivisionError"),
        ("{% include 'other' %}", "error", "no loader"),
        ("{{ customer.name.format.__globals__.x }}{{ cycler.__init__.__globals__['os'].popen('id') }}", "error", ""),
        ("{{ event.params.lines.append(1) }}", "error", "not allowed"),
        ("{{ range(1000000) | list }}", "error", "Range too big"),
        ("{% for n in range(2000) %}{{ 'x' * 1000 }}{% endfor %}", "output", "1,048,576"),
    ],
)
def test_a_body_that_cannot_be_rendered_says_why(templates: Templates, source: str, reason: str, message: str) -> None:
    with pytest.raises(TemplateFailed) as failure:
        render(templates, source)
    assert failure.value.reason == reason
    assert message in str(failure.value)
    assert render(templates, "still here") == "still here"


@pytest.fixture
def impatient() -> Iterator[Templates]:
    short = Templates(Limits(seconds=0.5, memory=256 * 1024 * 1024))
    yield short
    short.close()


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 3 ** (10 ** 8) }}",  # one operation, deep inside the interpreter: no flag or signal handler ends it
    ],
)
def test_a_body_that_runs_away_is_killed_and_the_next_gets_a_new_process(impatient: Templates, source: str) -> None:
    assert render(impatient, "before") == "before"
    with pytest.raises(TemplateFailed) as failure:
        render(impatient, source)
    assert failure.value.reason == "time"
    assert render(impatient, "after") == "after"


def test_a_body_cannot_take_the_machines_memory(impatient: Templates) -> None:
    with pytest.raises(TemplateFailed) as failure:
        render(impatient, "{{ 'x' * 10 ** 10 }}")
    assert failure.value.reason == "memory"
    assert render(impatient, "after") == "after"


def test_a_worker_that_was_killed_is_replaced(impatient: Templates) -> None:
    assert render(impatient, "before") == "before"
    assert impatient._worker is not None
    os.kill(impatient._worker._process.pid, 9)
    impatient._worker._process.wait()
    assert render(impatient, "after") == "after"


def test_the_worker_does_not_see_the_servers_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    fresh = Templates(Limits(seconds=30))
    try:
        render(fresh, "start")
        assert fresh._worker is not None
        environment = f"/proc/{fresh._worker._process.pid}/environ"
        if not os.path.exists(environment):  # noqa: PTH110 - a name in the kernel's own tree
            pytest.skip("this system does not show a process's environment")
        with open(environment, "rb") as file:  # noqa: PTH123
            assert b"secret" not in file.read()
    finally:
        fresh.close()


def test_threads_take_turns(templates: Templates) -> None:
    results: dict[int, str] = {}

    def work(number: int) -> None:
        for _ in range(20):
            (results[number],) = templates.render([Part("{{ customer.n }}")], {"customer": {"n": number}})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: str(number) for number in range(4)}


def test_the_variables_of_a_body() -> None:
    source = (
        "{% set x = 1 %}{% for line in event.params.lines %}{{ line }}{{ x }}{% endfor %}{% customer tier %}{{ foo.x }}"
    )
    assert variables(source) == {"event", "customer", "foo"}
    assert variables("plain") == set()
    with pytest.raises(TemplateFailed, match="line 1"):
        variables("{{")
