"""Texts in columns of PostgreSQL: any text there is, in the order of its characters.

PostgreSQL takes all characters but NUL. So NUL is stored as 1 1 and the character 1 as 1 2, which keeps texts apart and
in order; every other text is stored as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any, Final

from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Dumper, Loader
from psycopg.pq import Format

#: Characters of a text in an index: an entry has to fit into a third of a page, 2,704 bytes.
LONGEST: Final = 500

_ESCAPES: Final = {0: "\1\1", 1: "\1\2"}
_ESCAPED: Final = re.compile("\1([\1\2])")
_TEXT: Final = 25
"""PostgreSQL's number of the type `text`."""


def register(adapters: AdaptersMap) -> None:
    """Store and read texts so from now on."""
    for form in (Format.TEXT, Format.BINARY):
        adapters.register_dumper(str, type("TextDumper", (_TextDumper,), {"format": form}))
        adapters.register_loader("text", type("TextLoader", (_TextLoader,), {"format": form}))


def stand_in(text: str) -> str:
    """A text that fits into an index and stands for this one alone: the text itself, unless it is very long."""
    if len(text) <= LONGEST:
        return text
    # Longer than all that stand for themselves, so that it is none of them.
    return text[:LONGEST] + hashlib.sha256(text.encode()).hexdigest()


class _TextDumper(Dumper):
    oid = _TEXT

    def dump(self, obj: Any) -> bytes:
        text: str = obj
        return (text.translate(_ESCAPES) if "\0" in text or "\1" in text else text).encode()


class _TextLoader(Loader):
    def load(self, data: Buffer) -> str:
        text = bytes(data).decode()
        return _ESCAPED.sub(_unescape, text) if "\1" in text else text


_unescape: Final[Callable[[re.Match[str]], str]] = lambda found: chr(ord(found[1]) - 1)  # noqa: E731
