"""Inserts: what they give, and that whoever writes one cannot do more than read and compute a little (D-3.7)."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from milepost.kernel import insert
from milepost.kernel.event import Event
from milepost.kernel.insert import MAX_OUTPUT, InsertError, MissingAttribute, Scope
from milepost.kernel.operation import FILTERS, MISSING
from milepost.kernel.profile import Profile

PARAMS: dict[str, Any] = {
    "n": 3, "f": 2.5, "s": "five", "no": False, "nothing": None, "list": [1, "1", True], "inner": {"key": "value"},
}  # fmt: skip
ATTRIBUTES: dict[str, Any] = {
    "tier": "gold",
    "points": 12,
    "first name": "Ann",
    "address": {"city": "Bern"},
    "gone": None,
}
SCOPE = Scope(
    event=Event("e1", 7, "order.placed", 1_772_366_400_123, 1_772_366_400_123, 5, PARAMS, "a label"),
    profile=Profile(7, ATTRIBUTES),
    journey={"id": "j1", "name": "Welcome", "version": 2},
    run={"id": "r1"},
    now=1_772_366_461_000,
    steps={"Cart": Event("e0", 7, "cart.left", 0, 0, 1, {"total": 99})},
)


CART = '{"id": "e0", "action": "cart.left", "label": "", "time": "1970-01-01T00:00:00.000Z", "params": {"total": 99}}'


def value_of(source: Any, scope: Scope = SCOPE) -> Any:
    return insert.bind(source)(scope)


def text_of(source: str, scope: Scope = SCOPE) -> str:
    return insert.text(source)(scope)


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PARAMS)
def test_a_value_that_is_exactly_one_insert_keeps_its_type(name: str) -> None:
    assert value_of(f"{{{{ event.params.{name} }}}}") is PARAMS[name]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ customer.tier }}", "gold"),
        ("{{ customer['first name'] }}", "Ann"),
        ("{{ customer.address.city }}", "Bern"),
        ("{{ event.action }}", "order.placed"),
        ("{{ event.label }}", "a label"),
        ("{{ event.time }}", "2026-03-01T12:00:00.123Z"),
        ("{{ event.params.list[1] }}", "1"),
        ("{{ steps['Cart'].event.params.total }}", 99),
        ("{{ steps.Cart.event.action }}", "cart.left"),
        ("{{ journey.name }}", "Welcome"),
        ("{{ run.id }}", "r1"),
        ("{{ now }}", "2026-03-01T12:01:01.000Z"),
    ],
)
def test_what_an_insert_can_read(source: str, expected: Any) -> None:
    assert value_of(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "{{ customer.x }}", "{{ event.params.x }}", "{{ event.params.n.x }}", "{{ event.params.s.x }}",
        "{{ event.params.list[9] }}", "{{ event.params.list.x }}", "{{ event.x }}", "{{ steps['x'].event.params.x }}",
        "{{ customer[0] }}",
    ],
)  # fmt: skip
def test_what_is_not_there_is_missing_and_empty_as_text(source: str) -> None:
    assert value_of(source) is MISSING
    assert text_of(f"<{source}>") == "<>"
    assert insert.without_missing({"a": value_of(source), "b": [value_of(source)]}) == {"b": [None]}


def test_without_an_event_all_of_it_is_missing() -> None:
    scope = Scope(None, Profile(7, {}), {}, {}, 0)
    assert value_of("{{ event }}", scope) is MISSING
    assert value_of("{{ event.params.n }}", scope) is MISSING


def test_values_are_rendered_inside_lists_and_objects_and_plain_ones_stay() -> None:
    given = {"a": ["{{ event.params.n }}", "n={{ event.params.n }}", 1], "b": {"c": "{{ customer.x }}"}, "d": None}
    assert value_of(given) == {"a": [3, "n=3", 1], "b": {"c": MISSING}, "d": None}
    for plain in (5, 2.5, True, None, "a { b } c"):
        assert value_of(plain) is plain


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("n={{ event.params.n }}", "n=3"),
        ("{{ event.params.no }}{{ event.params.nothing }}", "false"),
        ("{{ event.params.list }}{{ event.params.inner }}", '[1, "1", true]{"key": "value"}'),
        ("{{ steps['Cart'].event }}", CART),
        ("{# a remark #}a{% raw %}{{ b }}{% endraw %}", "a{{ b }}"),
    ],
)  # fmt: skip
def test_values_as_text(source: str, expected: str) -> None:
    assert text_of(source) == expected


# --- expressions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("event.params.n + 1", 4), ("event.params.n * 2 - 1", 5), ("event.params.f / 2", 1.25),
        ("-event.params.n", -3),
        ("event.params.s + 1", MISSING), ("event.params.no + 1", MISSING), ("event.params.n / 0", MISSING),
        ("event.params.n == 3.0", True), ("event.params.n == '3'", False), ("event.params.no == 0", False),
        ("event.params.n != 4", True), ("1 < event.params.n <= 3", True), ("event.params.n < 'x'", False),
        ("'a' < 'b'", True), ("event.params.x < 1", False), ("event.params.x == event.params.x", True),
        ("event.params.n is defined", True), ("event.params.x is defined", False),
        ("event.params.x is not defined", True),
        ("not event.params.no", True), ("event.params.no or 'b'", "b"), ("event.params.n and 'b'", "b"),
        ("'a' if customer.tier == 'gold' else 'b'", "a"), ("'a' if customer.x", MISSING),
        ("'iv' in event.params.s", True), ("'1' in event.params.list", True), ("1.0 in event.params.list", True),
        ("0 in event.params.list", False), ("'key' in event.params.inner", True),
        ("'x' not in event.params.inner", True),
        ("event.params.list in event.params.inner", False), ("1 in event.params.n", False),
    ],
)  # fmt: skip
def test_expressions_coerce_nothing(source: str, expected: Any) -> None:
    found = value_of(f"{{{{ {source} }}}}")
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("customer.x | default('-')", "-"), ("customer.gone | default('-')", "-"),
        ("customer.tier | default('-')", "gold"),
        ("customer.x | default", ""), ("customer.tier | upper", "GOLD"), ("'AbC' | lower", "abc"),
        ("'ann b' | capitalize", "Ann b"), ("'ann b' | title", "Ann B"), ("'  a ' | trim", "a"),
        ("event.params.list | length", 3), ("customer.x | length", 0), ("2.5678 | round(2)", 2.57), ("2.7 | round", 3),
        ("customer.tier | round", MISSING), ("event.params.n | string", "3"), ("'a b/ü&' | urlencode",
        "a%20b%2F%C3%BC%26"),
        ("event.params.inner | tojson", '{"key": "value"}'), ("customer.x | tojson", "null"),
    ],
)  # fmt: skip
def test_filters(source: str, expected: Any) -> None:
    assert value_of(f"{{{{ {source} }}}}") == expected


def test_text_that_depends_on_something() -> None:
    source = "{% if customer.points > 10 %}many{% elif customer.points > 5 %}some{% else %}few{% endif %}"
    for points, expected in ((12, "many"), (7, "some"), (1, "few"), ("12", "few"), (None, "few")):
        assert text_of(source, Scope(None, Profile(1, {"points": points}), {}, {}, 0)) == expected
    assert text_of("a{% if customer.x %}b{% endif %}c") == "ac"


def test_every_filter_is_in_the_reference() -> None:
    page = (pathlib.Path(__file__).parents[3] / "docs/reference/inserts.md").read_text(encoding="utf-8")
    assert [name for name in FILTERS if f"`{name}`" not in page and f"`{name}(" not in page] == []


# --- {% customer x %} ------------------------------------------------------------------------------------------------


def test_a_required_attribute_is_read_or_named_as_missing() -> None:
    assert text_of("Dear {% customer tier %} of {% customer address.city %}") == "Dear gold of Bern"
    for name in ("x", "gone", "address.street", "tier.x"):
        with pytest.raises(MissingAttribute) as missing:
            text_of(f"Dear {{% customer {name} %}}")
        assert missing.value.name == name


def test_a_required_attribute_is_not_asked_for_where_its_text_is_left_out() -> None:
    assert text_of("{% if customer.x %}{% customer x %}{% endif %}!") == "!"


def test_what_a_text_reads_is_known_before_it_is_rendered() -> None:
    source = "{% customer a.b %}{{ event.params.x }}{{ steps['Cart'].event.id }}{{ steps.Start.event.id }}{{ now }}"
    assert insert.required(source) == {"a.b"}
    assert insert.roots(source) == {"customer", "event", "steps", "now"}
    assert insert.steps_read(source) == {"Cart", "Start"}
    assert insert.variables(SCOPE, {"steps", "now", "run", "customer"}) == {
        "steps": {"Cart": {"event": insert.event_view(SCOPE.steps["Cart"])}},
        "now": "2026-03-01T12:01:01.000Z", "run": SCOPE.run, "customer": ATTRIBUTES,
    }  # fmt: skip


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ unknown }}", "there is no variable `unknown`; there are customer, event, journey, now, run, steps"),
        ("{{ customer.x | shout }}", "there is no filter `shout`"),
        ("{{ customer.x | upper('a') }}", "the filter `upper` takes no argument"),
        ("{{ customer.x | default(1, 2) }}", "the filter `default` takes 1 argument"),
        ("{{ customer.x | default(value=1) }}", "the filter `default` takes 1 argument"),
        ("{{ customer.x", "unexpected end of template"),
        ("a\n{% if %}", "line 2"),
        ("{% if customer.x %}", "line 1"),
        ("{% customer %}", "expected token 'name'"),
        ("{% customer x y %}", "end of statement block"),
        ("{% customer 'x' %}", "expected token 'name'"),
    ],
)
def test_a_text_that_cannot_be_understood_is_refused_with_its_place(source: str, said: str) -> None:
    with pytest.raises(InsertError, match=r".") as refusal:
        insert.bind(source)
    assert said in str(refusal.value)


HOSTILE = [
    "{% for i in range(10) %}x{% endfor %}", "{% set x = 1 %}", "{% macro m() %}{% endmacro %}", "{% include 'x' %}",
    "{% import 'x' as x %}", "{% extends 'x' %}", "{% block b %}{% endblock %}", "{% filter upper %}a{% endfilter %}",
    "{{ range(1000000000) }}", "{{ event.params.s.upper() }}", "{{ ''.__class__() }}", "{{ 9 ** 9 ** 9 }}",
    "{{ 'a' ~ 'b' }}",
    "{{ [1, 2] }}", "{{ {'a': 1} }}", "{{ (1, 2) }}", "{{ event.params.list[0:9] }}", "{{ customer[event.params.s] }}",
    "{{ event.params.s % 9 }}", "{{ customer.x is none }}", "{{ loop }}", "{{ self }}", "{{ namespace }}",
    "{{ lipsum }}",
    "{{ cycler }}", "{{ 'x' | attr('__class__') }}", "{{ 'x' | customer }}", "{{ event.params.list | map('upper') }}",
    "{{ '\\ud800' }}", "{{ " + "9" * 5_000 + " }}", "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "{{ " + "not " * 5_000 + "1 }}", "{{ event" + ".a" * 5_000 + " }}", "{{ 1" + " + 1" * 5_000 + " }}",
    "{{ customer.x" + " | trim" * 5_000 + " }}", "{% if 1 %}" * 2_000 + "{% endif %}" * 2_000,
]  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE, ids=lambda source: source[:30])
def test_there_are_no_loops_no_calls_and_no_depths(source: str) -> None:
    with pytest.raises(InsertError):
        insert.bind(source)


@pytest.mark.parametrize(
    "path",
    ["event.__class__", "event._replace", "event.params.__class__", "event.params.items", "event.params.s.__len__",
     "customer.__class__.__mro__", "customer['__class__']", "customer.keys", "steps.__class__", "now.__class__",
     "journey.pop", "run['__init__']"],
)  # fmt: skip
def test_no_insert_reaches_an_attribute_of_python(path: str) -> None:
    assert value_of(f"{{{{ {path} }}}}") is MISSING


@pytest.mark.parametrize(
    ("source", "params"),
    [
        ("{{ event.params.n * 1000 }}", {"n": 2**63}),
        ("{{ event.params.n + event.params.n }}", {"n": 2**64 - 1}),
        ("{{ -event.params.n }}", {"n": 2**64 - 1}),
        ("{{ event.params.n + event.params.n }}", {"n": 1e308}),
        ("{{ event.params.n * event.params.n }}", {"n": 1e300}),
        ("{{ event.params.n / 1e-300 }}", {"n": 1e300}),
        ("{{ event.params.n | round }}", {"n": 1e300}),
        ("{{ 5 | round(-1000000000) }}", {}),
        ("{{ 5 | round(1000000000) }}", {}),
        ("{{ 1e999 }}", {}),
        ("{{ 123456789012345678901234567890 }}", {}),
    ],
)
def test_numbers_stay_within_64_bits_and_finite(source: str, params: dict[str, Any]) -> None:
    """Else what comes of them could not be stored, and its batch would never be committed."""
    found = value_of(source, Scope(Event("e", 1, "a", 0, 0, 0, params), Profile(1, {}), {}, {}, 0))
    assert found is MISSING or (isinstance(found, float) and abs(found) < float("inf"))


def test_a_number_in_a_setting_stays_within_64_bits() -> None:
    assert value_of({"n": 2**64}) == {"n": float(2**64)}
    assert type(value_of(2**64)) is float


@pytest.mark.parametrize(
    "source",
    [
        "{{ customer.big }}{{ customer.big }}",
        "{{ customer.big }}" * 10_000,
        "{% if 1 %}{{ customer.big }}{% endif %}" * 10_000,
        "{{ customer.big" + " | tojson" * 60 + " }}",
        "{{ customer.big" + " | urlencode" * 60 + " }}",
    ],
    ids=lambda source: source[:40],
)
def test_the_output_is_bounded(source: str) -> None:
    scope = Scope(None, Profile(1, {"big": '"\\ü' * 20_000}), {}, {}, 0)
    assert len(text_of(source, scope)) == MAX_OUTPUT
