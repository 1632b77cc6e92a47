"""The dialects in which events may come in: each a module of this package with a `DIALECT`, found by its stem.

Owns what a dialect is and how it is found. Must not know any of them by name.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import NamedTuple, Protocol

import milepost.ingest
from milepost.errors import NotFound
from milepost.ports.arrival import Arrival, Rejection


class Parse(Protocol):
    """From a body to its events, in order."""

    def __call__(self, body: bytes, *, virtual: bool = False) -> list[Arrival | Rejection]: ...


class Dialect(NamedTuple):
    """One wire format."""

    name: str
    parse: Parse


@functools.cache
def dialects() -> dict[str, Dialect]:
    """Every dialect by its name."""
    stems = sorted(module.name for module in pkgutil.iter_modules(milepost.ingest.__path__))
    modules = [importlib.import_module(f"milepost.ingest.{stem}") for stem in stems]
    found: list[Dialect] = [module.DIALECT for module in modules if hasattr(module, "DIALECT")]
    return {dialect.name: dialect for dialect in found}


def dialect(name: str) -> Dialect:
    """The dialect of that name. Raises NotFound."""
    try:
        return dialects()[name]
    except KeyError:
        message = f"There is no dialect `{name}`."
        raise NotFound(message, field="dialect", fix=f"There are: {', '.join(dialects())}.") from None
