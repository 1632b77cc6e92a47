"""The process that renders message bodies: `python -m milepost.delivery.template_worker MEMORY OUTPUT SECONDS`.

Owns the Jinja2 environment and what one request and one answer look like. Must not import anything heavy: it is started
anew whenever a body runs away. Standard input and output are one socket: a line of JSON in, a line of JSON out.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import jinja2
import msgspec
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

_CACHED: Final = 200


class CustomerTag(Extension):
    """`{% customer x %}`: the attribute x, which the kernel has made sure of before it handed the message over."""

    tags = {"customer"}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        expression: nodes.Expr = nodes.Name("customer", "load", lineno=line)
        expression = nodes.Getattr(expression, parser.stream.expect("name").value, "load", lineno=line)
        while parser.stream.skip_if("dot"):
            expression = nodes.Getattr(expression, parser.stream.expect("name").value, "load", lineno=line)
        return nodes.Output([expression], lineno=line)


class Missing(jinja2.ChainableUndefined):
    """What is not there: empty as text, and so is anything inside it."""


class Environment(ImmutableSandboxedEnvironment):
    """A sandbox whose data is JSON: `customer.items` is an attribute of the customer, not a method of `dict`."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class TooLong(Exception):
    """The text has more characters than it may."""


def as_text(value: Any) -> Any:
    """A value as it stands in a message: null is empty, true and false as in JSON, lists and objects as JSON."""
    if value is None or callable(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


ENVIRONMENT: Final = Environment(
    extensions=[CustomerTag], undefined=Missing, finalize=as_text, cache_size=0, autoescape=False
)
_HTML: Final = ENVIRONMENT.overlay(autoescape=True)

_compiled: dict[tuple[str, bool], jinja2.Template] = {}


def render(source: str, variables: dict[str, Any], *, html: bool, limit: int) -> str:
    """One body as text. Raises TooLong when it comes to more than `limit` characters."""
    template = _compiled.get((source, html))
    if template is None:
        if len(_compiled) >= _CACHED:
            _compiled.clear()
        template = _compiled[source, html] = (_HTML if html else ENVIRONMENT).from_string(source)
    return "".join(_bounded(template.generate(variables), limit))


def _bounded(pieces: Iterator[str], limit: int) -> Iterator[str]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise TooLong(f"It comes to more than {limit:,} characters.")
        yield piece


def answer(line: bytes, limit: int) -> tuple[list[str], str, str]:
    """Texts, or a reason and a message, for one request."""
    try:
        parts, variables = msgspec.json.decode(line)
        return [render(source, variables, html=html, limit=limit) for source, html in parts], "", ""
    except jinja2.TemplateSyntaxError as error:
        return [], "syntax", f"line {error.lineno}: {error.message}"
    except TooLong as error:
        return [], "output", str(error)
    except MemoryError:
        _compiled.clear()
        return [], "memory", "It needs more memory than a message may use."
    except SecurityError as error:
        return [], "error", f"This is not allowed in a message: {error}"
    except Exception as error:  # noqa: BLE001 - a template may raise whatever its expressions raise
        return [], "error", f"{type(error).__name__}: {error}"


def main(memory: int, limit: int, seconds: float) -> None:
    """Answer requests until the other side closes."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sink.write(b"ready\n")
    sink.flush()
    for line in source:
        # The server kills a worker that takes too long; this is for the day on which the server itself was killed.
        # No handler: the signal ends the process wherever it is.
        signal.setitimer(signal.ITIMER_REAL, 2 * seconds + 1)
        sink.write(msgspec.json.encode(answer(line, limit)) + b"\n")
        sink.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    except ConnectionError:
        # The server was killed in the middle of a message. At once: an ordinary end would try to write the rest.
        os._exit(1)
