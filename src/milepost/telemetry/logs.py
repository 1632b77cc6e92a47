"""The log: one line per happening, for people or as JSON, of our own parts and of the libraries under them.

Owns the form, and the promise that nothing of a customer gets in: stacks come without the texts of errors, which may
quote what they choked on, and of other libraries' lines only the fixed part. Must not know what is told.
"""

from __future__ import annotations

import contextlib
import logging
import pathlib
import sys
import threading
import traceback
from types import TracebackType
from typing import Final, Literal, TextIO, cast

import structlog

import milepost

Format = Literal["console", "json"]
Level = Literal["debug", "info", "warning", "error"]
OURS: Final = pathlib.Path(milepost.__file__).parent.parent


def configure(format: Format, level: Level, to: TextIO | None = None) -> None:
    """Log from now on in this form, from this level on, to standard error."""
    stream = cast("TextIO", _Unfailing(to or sys.stderr))
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if format == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.ExceptionRenderer(stack),
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.addFilter(_without_values)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[*shared[:2], structlog.stdlib.add_logger_name, *shared[2:]],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # Whatever is asked of ours: below this libraries tell what they do with what they were given.
    root.setLevel(logging.WARNING)
    threading.excepthook = _ended


class _Unfailing:
    """A stream that loses what cannot be written: a log on a full disk, or a pipe that nobody reads any more, must not
    stop the work that it tells of.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # ValueError: it is closed
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()


def _ended(what: threading.ExceptHookArgs) -> None:
    """A thread that has ended with an error, as a line like any other."""
    name = what.thread.name if what.thread else ""
    error = (what.exc_type, what.exc_value, what.exc_traceback)
    structlog.get_logger().error("thread has ended with an error", thread=name, exc_info=error)


def _without_values(record: logging.LogRecord) -> bool:
    """Leave of a library's line the part that is the same every time."""
    record.msg = str(record.msg).splitlines()[0] if record.msg else ""
    record.args = ()
    return True


def stack(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """What was raised where, cause after cause: kinds of errors and places in the program, never their texts."""
    value: BaseException | None = exc_info[1]
    parts = []
    while value is not None:
        parts.append("\n".join([_name(value), *_places(value.__traceback__)]))
        value = value.__cause__ or (None if value.__suppress_context__ else value.__context__)
    return "\n\n".join(parts)


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _places(trace: TracebackType | None) -> list[str]:
    return [
        f"  {_short(frame.f_code.co_filename)}:{line} in {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(trace)
    ]


def _short(file: str) -> str:
    path = pathlib.Path(file)
    return str(path.relative_to(OURS)) if path.is_relative_to(OURS) else "/".join(path.parts[-3:])
