"""From the body of a request to typed items: fast when all is well, item by item when something is not.

Owns the limits of a request, the place of a JSON error, and how msgspec's complaints become rejections.
Must not know what an item means.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterable
from typing import Annotated, Any, Final, Generic, NoReturn, TypeVar

import msgspec

from milepost.errors import Invalid, Malformed, TooLarge
from milepost.ports.arrival import Rejection

MAX_ITEMS: Final = 1_000
MAX_BYTES: Final = 1_048_576
DEEPEST: Final = 64
"""Levels of objects and lists in a request that is not intake's."""

#: ISO 8601 with a zone, or milliseconds since 1970.
Time = int | Annotated[datetime.datetime, msgspec.Meta(tz=True)]

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MILLISECOND: Final = datetime.timedelta(milliseconds=1)
_PLACED: Final = re.compile(r"(?P<text>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?", re.DOTALL)
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING: Final = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_BYTE: Final = re.compile(r"JSON is malformed: (?P<text>.*) \(byte (?P<byte>\d+)\)", re.DOTALL)

Item = TypeVar("Item", bound=msgspec.Struct)


def milliseconds(time: Time | None) -> int | None:
    """A time as integer milliseconds since 1970, UTC; what is finer is cut off."""
    return (time - _EPOCH) // _MILLISECOND if isinstance(time, datetime.datetime) else time


class Body(Generic[Item]):
    """Decodes one item, a list of items, or an object with a list under `plural`."""

    def __init__(self, item: type[Item], plural: str) -> None:
        self._plural = plural
        self._item = msgspec.json.Decoder(item)
        self._items = msgspec.json.Decoder(list[item])  # type: ignore[valid-type] # a type made at run time
        self._raw_items = msgspec.json.Decoder(list[msgspec.Raw])
        self._fields = _fields(item)

    def decode(self, body: bytes) -> list[Item | Rejection]:
        """The items in order, each decoded or rejected.

        Raises TooLarge for a body over 1 MB or with more than 1,000 items, Malformed for what is not JSON, and Invalid
        when there is no item in it.
        """
        if len(body) > MAX_BYTES:
            message = f"The body has {len(body):,} bytes; the limit is {MAX_BYTES:,}."
            raise TooLarge(message, fix="Send it in several requests.")
        text = body.lstrip()
        if text[:1] == b"{":
            text = self._unwrap(text, body)
        items: list[Item | Rejection]
        try:
            items = self._items.decode(text)
        except msgspec.ValidationError:
            items = self._one_by_one(text, body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            _refuse(body)
        except RecursionError:
            raise _too_deep() from None
        if not items:
            message = f"There are no {self._plural} in the body."
            raise Invalid(message, field=self._plural, fix="Send at least one.")
        if len(items) > MAX_ITEMS:
            message = f"The body has {len(items):,} {self._plural}; the limit is {MAX_ITEMS:,}."
            raise TooLarge(message, field=self._plural, fix="Send them in several requests.")
        return items

    def _unwrap(self, text: bytes, body: bytes) -> bytes:
        """An object is the list in its member `plural`, or else a list of itself."""
        try:
            members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError):
            _refuse(body)
        except RecursionError:
            raise _too_deep() from None
        if self._plural not in members:
            return b"[" + text + b"]"
        if extra := sorted(members.keys() - {self._plural}):
            message = f"There is no field `{extra[0]}` beside `{self._plural}`."
            raise Invalid(message, field=extra[0], fix="Remove it.")
        return bytes(members[self._plural])

    def _one_by_one(self, text: bytes, body: bytes) -> list[Item | Rejection]:
        try:
            body.decode()  # a raw item is skipped over, not looked into
            raws = self._raw_items.decode(text)
        except msgspec.ValidationError:
            message = f"The body is neither one of the {self._plural} nor a list of them."
            raise Invalid(message, field=self._plural, fix="Send a JSON object or a list of objects.") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            _refuse(body)
        except RecursionError:
            raise _too_deep() from None
        return [self._decode_one(index, raw) for index, raw in enumerate(raws)]

    def _decode_one(self, index: int, raw: msgspec.Raw) -> Item | Rejection:
        try:
            return self._item.decode(raw)
        except msgspec.ValidationError as error:
            return self._rejection(index, str(error))
        except RecursionError:
            return Rejection(index, "too_deep", "", "The item is nested too deeply.", "Flatten it.")

    def _rejection(self, index: int, complaint: str) -> Rejection:
        placed = _PLACED.fullmatch(complaint)
        text, path = (placed["text"], placed["path"] or "") if placed else (complaint, "")
        field = path.removesuffix("[...]").strip(".")
        if unknown := _UNKNOWN.fullmatch(text):
            name = unknown["name"]
            known = self._fields.get(field, [])
            near = difflib.get_close_matches(name, known, 1)
            fix = f"Did you mean `{near[0]}`?" if near else f"There are: {', '.join(known)}."
            message = f"There is no field `{name}`."
            return Rejection(index, "unknown_field", f"{field}.{name}".strip("."), message, fix)
        if missing := _MISSING.fullmatch(text):
            name = missing["name"]
            return Rejection(index, "missing_field", f"{field}.{name}".strip("."), f"`{name}` is missing.", "Add it.")
        if "datetime" in text:
            fix = "Send ISO 8601 with a zone, as 2026-03-01T12:00:00Z, or milliseconds since 1970 as an integer."
            return Rejection(index, "invalid_time", field, f"{text}.", fix)
        if text.startswith("Expected"):
            return Rejection(index, "wrong_type", field, f"{text}.", "Nothing is coerced: send the type asked for.")
        return Rejection(index, "out_of_range", field, f"{text}.", "Send it as a string.")


def value(body: bytes) -> Any:
    """Any JSON value, in Python's own types. Raises Malformed, and Invalid for what is nested too deeply."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        _refuse(body)
    except RecursionError:
        raise _too_deep() from None
    level, depth = [found], 0
    while level := [child for parent in level for child in _children(parent)]:
        depth += 1
        if depth > DEEPEST:
            raise _too_deep()
    return found


def _children(parent: Any) -> Iterable[Any]:
    if isinstance(parent, dict):
        return parent.values()
    return parent if isinstance(parent, list) else ()


def _fields(item: type[msgspec.Struct]) -> dict[str, list[str]]:
    """The field names on the wire, by dotted place: of the item itself under the empty name."""
    found: dict[str, list[str]] = {}

    def walk(struct: type[msgspec.Struct], place: str) -> None:
        fields = msgspec.structs.fields(struct)
        found[place] = [field.encode_name for field in fields]
        for field in fields:
            for part in getattr(field.type, "__args__", (field.type,)):
                if isinstance(part, type) and issubclass(part, msgspec.Struct):
                    walk(part, f"{place}.{field.encode_name}".strip("."))

    walk(item, "")
    return found


def _too_deep() -> Invalid:
    return Invalid("The body is nested too deeply.", fix="Flatten it.")


def _refuse(body: bytes) -> NoReturn:
    """Raise Malformed with the line and column at which the body stops being JSON."""
    fix = "Send one JSON object or list, in UTF-8."
    try:
        body.decode()
    except UnicodeDecodeError as error:
        message = f"The body is not UTF-8 ({_place(body, error.start)})."
        raise Malformed(message, fix=fix) from None
    try:
        msgspec.json.decode(body)
    except RecursionError:
        raise _too_deep() from None
    except msgspec.DecodeError as error:
        placed = _BYTE.fullmatch(str(error))
        text, at = (placed["text"], int(placed["byte"])) if placed else ("it ends too early", len(body))
        message = f"The body is not valid JSON: {text} ({_place(body, at)})."
        raise Malformed(message, fix=fix) from None
    raise Malformed(fix=fix)


def _place(body: bytes, at: int) -> str:
    before = body[:at]
    column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
    line = before.count(b"\n") + 1
    return f"line {line}, column {column}"
