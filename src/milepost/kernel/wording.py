"""What is wrong with a value, in the product's words: a sentence that names the field by its title, and one that says
what to do.

Owns the words for every kind of error that pydantic finds. Must not know any single node type: titles and examples come
from the models.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core.core_schema import ErrorType

from milepost.kernel.condition import All, AnyOf, Condition, Not, Test
from milepost.kernel.duration import Duration


class Complaint(NamedTuple):
    """One thing that is wrong with a value."""

    place: str
    """Where, as a dotted path; empty for the value as a whole."""
    text: str
    """What is wrong, as a sentence."""
    fix: str
    """What to do about it, as a sentence."""


_NOTHING: Final = (None, "")
_CONDITION: Final = (Test, All, AnyOf, Not)
_ALPHABET: Final = re.compile(r"\^(\[A-Za-z0-9\])?\[A-Za-z0-9([^\]]*)\]\{\d+,(\d+)\}\$")
_PYDANTICS: Final = frozenset(get_args(ErrorType)) - {"value_error", "assertion_error"}
"""Kinds of error whose text is not ours."""
#: Kinds of error that say of which form the value should be: what is wrong, and what to do.
_FORMS: Final[dict[str, tuple[str, str]]] = {
    "int": ("is not a whole number", "Enter a whole number."),
    "float": ("is not a number", "Enter a number."),
    "finite": ("is not a number", "Enter a number."),
    "string": ("is not a text", "Enter a text."),
    "bool": ("is neither true nor false", "Choose one of them."),
    "tuple": ("is not a list", "Make it a list."),
    "list": ("is not a list", "Make it a list."),
    "dict": ("is not an object", "Make it an object: names with values."),
    "model": ("is not an object", "Make it an object: names with values."),
}


def complaint(found: Mapping[str, Any], model: Any, given: Any) -> Complaint:
    """One of pydantic's errors in words.

    Args:
        found: as in `ValidationError.errors()`.
        model: the type that the value should have; None if it is not known.
        given: the value.
    """
    if found["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        found = _of_the_tag(found)
    parts, field = _place(found["loc"], given), _Field(model)
    for part in parts:
        field = field.inside(part)
    place = ".".join(str(part) for part in parts if part != "")
    subject = f"“{field.name}”" if field.name else f"`{place}`" if place else "The value"
    text, fix = _words(found, subject, field)
    return Complaint(place, text, fix)


def title(model: type[BaseModel], setting: str) -> str:
    """What people call a field of a model, in quotation marks."""
    field = _Field(model).inside(setting)
    return f"“{field.name}”" if field.name else f"`{setting}`"


def _words(found: Mapping[str, Any], subject: str, field: _Field) -> tuple[str, str]:
    kind, context, value = found["type"], found.get("ctx") or {}, found["input"]
    if kind == "extra_forbidden":
        return f"There is no field {subject}.", "Leave it out."
    if kind == "missing" or (kind in _PYDANTICS and isinstance(value, str | None) and value in _NOTHING):
        return f"{subject} is missing.", field.how_to_fill()
    match kind:
        case "greater_than":
            return f"{subject} is too small.", f"Enter more than {_number(context['gt'])}."
        case "greater_than_equal":
            return f"{subject} is too small.", f"Enter {_number(context['ge'])} or more."
        case "less_than":
            return f"{subject} is too large.", f"Enter less than {_number(context['lt'])}."
        case "less_than_equal":
            return f"{subject} is too large.", f"Enter {_number(context['le'])} at most."
        case "int_from_float" | "int_parsing_size":
            return f"{subject} {_FORMS['int'][0]}.", _FORMS["int"][1]
        case "string_too_short":
            return f"{subject} is too short.", f"Write at least {_characters(context['min_length'])}."
        case "string_too_long":
            return f"{subject} is too long.", f"Write {_characters(context['max_length'])} at most."
        case "string_pattern_mismatch":
            return f"{subject} is not written as it has to be.", _alphabet(context["pattern"])
        case "too_short":
            return f"{subject} has too few entries.", f"Give at least {_number(context['min_length'])}."
        case "too_long":
            return f"{subject} has too many entries.", f"Give {_number(context['max_length'])} at most."
        case "literal_error":
            choices = str(context["expected"]).replace("'", "`")
            return f"{subject} is not one of the choices.", f"Choose {choices}."
    form = kind.partition("_")[0]
    if field.is_duration() and form in _FORMS:
        return f"{subject} is not a length of time.", field.how_to_fill()
    if field.is_condition() and form in _FORMS:
        return f"{subject} is no condition.", "Name a param or an attribute, and an operator."
    if form in _FORMS and kind.endswith(("_type", "_parsing", "_number")):
        what, fix = _FORMS[form]
        return f"{subject} {what}.", fix
    if kind in _PYDANTICS:
        return f"{subject} is not valid: {found['msg']}.", "Correct it."
    # Ours are written as the rest of a sentence.
    message = str(found["msg"]).removeprefix("Value error, ")
    if not found["loc"]:
        return f"{message[:1].upper()}{message[1:]}.", "Correct it."
    return f"{subject}: {message}.", "Correct it."


def _of_the_tag(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """An alternative that was not found, as an error of the field that names it."""
    context = found["ctx"]
    if not isinstance(found["input"], dict):
        return {**found, "type": "dict_type"}
    field, known = context["discriminator"].strip("'"), context.get("expected_tags")
    return {
        **found,
        "loc": (*found["loc"], field),
        "type": "missing" if known is None else "literal_error",
        "ctx": {"expected": known},
        "input": context.get("tag"),
    }


class _Field:
    """A place in a model: what people call it, and what belongs there."""

    def __init__(self, kind: Any, info: FieldInfo | None = None, name: str = "") -> None:
        self.name = name
        self._options = tuple(_options(kind))
        self._info = info

    def inside(self, part: int | str) -> _Field:
        """What stands at a name or an index. The two halves of a length of time are called as the whole is."""
        if self.is_duration():
            return self
        for option in self._options:
            if option is All and isinstance(part, int):  # a bare list is short for it
                return _Field(Condition, None, f"{self.name} {part + 1}" if self.name else "")
            if isinstance(option, type) and issubclass(option, BaseModel):
                for name, info in option.model_fields.items():
                    if part in {name, info.alias}:
                        return _Field(info.annotation, info, ", ".join(filter(None, (self.name, info.title))))
            elif isinstance(part, int) and get_origin(option) in {list, tuple}:
                return _Field(get_args(option)[0], None, f"{self.name} {part + 1}" if self.name else "")
            elif isinstance(part, str) and get_origin(option) is dict:
                return _Field(get_args(option)[1], None, ", ".join(filter(None, (self.name, part))))
        return _Field(None)

    def is_duration(self) -> bool:
        return Duration in self._options

    def is_condition(self) -> bool:
        return any(shape in self._options for shape in _CONDITION)

    def how_to_fill(self) -> str:
        """What to do when nothing is there."""
        if self.is_duration():
            return "Say how long: a number and a unit."
        if self._info is not None and self._info.examples:
            return f"Fill it in, such as `{self._info.examples[0]}`."
        return "Fill it in."


def _options(kind: Any) -> Iterator[Any]:
    """The alternatives that a type is made of."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _options(get_args(kind)[0])
    elif origin in {Union, types.UnionType}:
        for option in get_args(kind):
            yield from _options(option)
    else:
        yield kind


def _place(loc: Sequence[int | str], given: Any) -> list[int | str]:
    """Where in a value something is wrong, as its writer knows it.

    Pydantic's own place also has the names of the alternatives it tried: whatever does not lead on in the value, other
    than a field that is missing at the end, is left out.
    """
    parts: list[int | str] = []
    value = given
    for index, part in enumerate(loc):
        match value, part:
            case {}, _ if part in value:
                value = value[part]
            case [*_], int() if part < len(value):
                value = value[part]
            case {}, str() if part.isidentifier() and index == len(loc) - 1:
                value = None
            case _:
                continue
        parts.append(part)
    return parts


def _number(value: float) -> str:
    return f"{value:,}".removesuffix(".0")


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count:,} characters"


def _alphabet(pattern: str) -> str:
    """What may be written, as far as the pattern is one of ours."""
    found = _ALPHABET.fullmatch(pattern)
    if found is None:
        return "Take out dots at the ends and next to each other, and control characters."
    first, marks, most = found.groups()
    named = [f"`{mark}`" if mark != " " else "spaces" for mark in marks]
    begin = "Begin with a letter or a digit. " if first else ""
    return f"{begin}Use letters, digits, {', '.join(named[:-1])} and {named[-1]}: {int(most) + bool(first)} at most."
