"""The language of `--map` and `--where`: from the columns of a file to the fields of an event.

Owns the fields that can be filled, the converters, and the rules as values. Must not know files. To add a converter,
write a function and give it a name in `CONVERTERS` and a row in the import how-to.
"""

from __future__ import annotations

import datetime
import difflib
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from milepost.errors import Invalid
from milepost.ingest.decode import milliseconds
from milepost.ingest.identifiers import RANK
from milepost.kernel.insert import iso

IDS: Final = ("id", "messageId", "uuid", "insert_id", "eventSalt")
TIMES: Final = ("time", "received_at")
FIELDS: Final = ("action", "label", "source", *TIMES, *IDS, *(f"profile.{kind}" for kind in RANK))

_PARAM: Final = "params."
_NOT_SLUG: Final = re.compile(r"[^A-Za-z0-9._-]+")
_INTEGER: Final = re.compile(r"[+-]?\d+")
_TRUTH: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Rule(NamedTuple):
    """How one field of the event is filled."""

    target: tuple[str, ...]
    """`("action",)` or `("profile", "custom_id")`."""
    column: str | None
    """Column to read, in JSONL a dotted place; None for a constant."""
    constant: str = ""
    converters: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The target as it is written."""
        return ".".join(self.target)


class Where(NamedTuple):
    """Which rows are read: those whose column is (or, negated, is not) one of the values."""

    column: str
    values: frozenset[str]
    negated: bool = False

    def keeps(self, text: str) -> bool:
        """Whether a row with this text in the column is read."""
        return (text in self.values) != self.negated


def rule(text: str) -> Rule:
    """Read `FIELD=COLUMN[:CONVERTER...]`, or `FIELD:=TEXT` for the same text in every row. Raises Invalid."""
    field, equals, column = text.partition("=")
    if not equals or not field or not (column or field.endswith(":")):
        message = f"`{text}` is not a mapping."
        raise Invalid(message, field="map", fix="Write FIELD=COLUMN, FIELD=COLUMN:CONVERTER or FIELD:=TEXT.")
    if field.endswith(":"):
        return Rule(_target(field[:-1]), None, constant=column)
    converters: list[str] = []
    while (cut := column.rpartition(":"))[1] and cut[2] in CONVERTERS:
        column = cut[0]
        converters.insert(0, cut[2])
    if not converters and field in TIMES:
        converters = ["time"]
    return Rule(_target(field), column, converters=tuple(converters))


def rules(texts: Iterable[str]) -> tuple[Rule, ...]:
    """Read several mappings; each field may be filled once. Raises Invalid."""
    found: dict[str, Rule] = {}
    for text in texts:
        one = rule(text)
        if one.field in found:
            message = f"`{one.field}` is mapped twice."
            raise Invalid(message, field="map", fix="Keep one of the two.")
        found[one.field] = one
    return tuple(found.values())


def where(texts: Iterable[str]) -> tuple[Where, ...]:
    """Read `COLUMN=VALUE` and `COLUMN!=VALUE`; several values of one column are alternatives. Raises Invalid."""
    values: dict[tuple[str, bool], set[str]] = {}
    for text in texts:
        column, equals, value = text.partition("=")
        negated = column.endswith("!")
        column = column.removesuffix("!")
        if not equals or not column:
            message = f"`{text}` is not a condition."
            raise Invalid(message, field="where", fix="Write COLUMN=VALUE or COLUMN!=VALUE.")
        values.setdefault((column, negated), set()).add(value)
    return tuple(Where(column, frozenset(some), negated) for (column, negated), some in values.items())


def check_columns(mapped: Sequence[Rule], conditions: Sequence[Where], header: Sequence[str]) -> None:
    """Raise Invalid when a mapping or a condition names a column that the file does not have."""
    columns = [("map", one.column) for one in mapped if one.column is not None]
    columns += [("where", one.column) for one in conditions]
    for option, column in columns:
        if column in header:
            continue
        name, _, converter = column.rpartition(":")
        if name in header:
            message = f"There is no converter `{converter}`."
            raise Invalid(message, field=option, fix=_suggest(converter, sorted(CONVERTERS)))
        message = f"The file has no column `{column}`."
        raise Invalid(message, field=option, fix=_suggest(column, header))


def rules_of_header(header: Sequence[str]) -> tuple[Rule, ...]:
    """The mapping of a file whose columns are named after the fields of an event. Raises Invalid."""
    for column in header:
        if column not in FIELDS and not (column.startswith(_PARAM) and column != _PARAM):
            message = f"The column `{column}` is not a field of an event."
            raise Invalid(
                message, field="map", fix=f"Say what becomes of each column, as --map params.{column}={column}."
            )
    return rules(f"{column}={column}" for column in header)


def convert(one: Rule, value: Any) -> tuple[Any, bool]:
    """The value after the rule's converters, and whether `slug` had to change it. Raises ValueError, saying why."""
    slugged = False
    for name in one.converters:
        before = value
        value = CONVERTERS[name](value)
        slugged |= name == "slug" and value != before
    return value, slugged


def as_text(value: Any) -> str:
    """A value as text: booleans in lower case, as in JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("it is not a single value")


def when(value: Any) -> int:
    """A time on the wire in milliseconds, to sort by; 0 for what is not one: intake will say so."""
    if isinstance(value, int):
        return value
    try:
        moment = _moment(value)
    except ValueError:
        return 0
    return 0 if moment.tzinfo is None else milliseconds(moment) or 0


def _target(field: str) -> tuple[str, ...]:
    if field.startswith(_PARAM) and field != _PARAM:
        return "params", field.removeprefix(_PARAM)
    if field not in FIELDS:
        message = f"An event has no field `{field}`."
        raise Invalid(message, field="map", fix=_suggest(field, [*FIELDS, "params.NAME"]))
    return tuple(field.split(".", 1))


def _suggest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"Did you mean `{near[0]}`?" if near else f"There are: {', '.join(known)}."


def _slug(value: Any) -> str:
    plain = as_text(value)
    if not plain.isascii():
        plain = "".join(mark for mark in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(mark))
    slug = _NOT_SLUG.sub("_", plain)
    if not slug.strip("_"):
        raise ValueError("nothing is left of it as a slug")
    return slug


def _number(value: Any) -> int | float:
    text = as_text(value).strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        raise ValueError("it is not a number") from None
    if not math.isfinite(number):
        raise ValueError("it is not a finite number")
    return number


def _integer(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError("it is not a whole number")
    return int(number)


def _boolean(value: Any) -> bool:
    try:
        return _TRUTH[as_text(value).strip().lower()]
    except KeyError:
        raise ValueError("it is none of true, false, yes, no, 1, 0") from None


def _moment(value: Any) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(as_text(value).strip())
    except ValueError:
        raise ValueError("it is not a time in ISO 8601") from None


def _iso(moment: datetime.datetime) -> str:
    return iso(milliseconds(moment) or 0)


def _time(value: Any) -> str:
    moment = _moment(value)
    if moment.tzinfo is None:
        raise ValueError("the time has no zone; if it is UTC, convert by `utc`")
    return _iso(moment)


def _utc(value: Any) -> str:
    moment = _moment(value)
    return _iso(moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment)


def _since_1970(milliseconds_each: int) -> Callable[[Any], str]:
    def convert_count(value: Any) -> str:
        try:
            return iso(int(_number(value) * milliseconds_each))
        except (OverflowError, OSError, ValueError):
            raise ValueError("it is not a time since 1970") from None

    return convert_count


#: From the text of a cell (or a JSON value) to a value; raises ValueError with the reason. Times become ISO 8601, UTC,
#: with milliseconds: of one width, so that their text sorts as they do.
CONVERTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "text": as_text,
    "slug": _slug,
    "lower": lambda value: as_text(value).lower(),
    "upper": lambda value: as_text(value).upper(),
    "trim": lambda value: as_text(value).strip(),
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "time": _time,
    "utc": _utc,
    "unix": _since_1970(1000),
    "milliseconds": _since_1970(1),
}
