"""The form of the log, and that errors and libraries bring nothing of a customer into it."""

from __future__ import annotations

import errno
import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from milepost.errors import StorageUnavailable
from milepost.telemetry import logs

ADA = "ada@example.com"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, hook = logging.getLogger(), threading.excepthook
    before, config = (root.handlers, root.level), structlog.get_config()
    yield
    root.handlers, threading.excepthook = before[0], hook
    root.setLevel(before[1])
    structlog.configure(**config)


def fail_for(who: str) -> None:
    try:
        raise KeyError(who)
    except KeyError as error:
        raise StorageUnavailable(f"about {who}") from error


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("format", ["json", "console"])
def test_a_stack_says_where_and_what_kind_but_not_about_whom(format: logs.Format) -> None:
    out = io.StringIO()
    logs.configure(format, "info", out)
    try:
        fail_for(ADA)
    except StorageUnavailable:
        structlog.get_logger().exception("it went wrong", thread="cycle")
        logging.getLogger("some.library").exception("it failed for %s", ADA)
    said = out.getvalue()
    assert ADA not in said
    assert said.count("StorageUnavailable") == said.count("KeyError") == 2
    assert "test_logs.py:" in said
    assert "in fail_for" in said
    assert "it failed for %s" in said


def test_a_line_of_json_has_its_time_level_and_what_is_bound() -> None:
    out = io.StringIO()
    logs.configure("json", "info", out)
    with structlog.contextvars.bound_contextvars(request="r1"):
        structlog.get_logger().warning("attempt ended", run="abc")
        structlog.get_logger().debug("not this one")
        logging.getLogger("some.server").warning("Invalid HTTP request received.")
        logging.getLogger("httpx").info("HTTP Request: %s", ADA)
    ours, library = lines(out.getvalue())
    assert {"level": "warning", "event": "attempt ended", "run": "abc", "request": "r1"}.items() <= ours.items()
    assert ours["time"].endswith("Z")
    assert library["logger"] == "some.server"


def test_a_library_s_line_is_cut_where_it_may_quote_something() -> None:
    out = io.StringIO()
    logs.configure("json", "debug", out)
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: ValueError('ada@example.com')")
    assert [line["event"] for line in lines(out.getvalue())] == ["Task exception was never retrieved"]
    assert ADA not in out.getvalue()


def test_a_thread_that_ends_with_an_error_is_told_without_its_text() -> None:
    out = io.StringIO()
    logs.configure("json", "info", out)
    thread = threading.Thread(target=fail_for, args=(ADA,), name="somebody")
    thread.start()
    thread.join()
    (line,) = lines(out.getvalue())
    assert line["thread"] == "somebody"
    assert "in fail_for" in line["exception"]
    assert ADA not in out.getvalue()


def test_nothing_is_written_below_the_level() -> None:
    out = io.StringIO()
    logs.configure("console", "error", out)
    structlog.get_logger().warning("no")
    logging.getLogger("x").debug("no")
    assert out.getvalue() == ""


def test_it_goes_to_standard_error_unless_told_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("console", "debug")
    structlog.get_logger().debug("ours")
    logging.getLogger("x").warning("theirs")
    out, said = capsys.readouterr()
    assert out == ""
    assert said.index("ours") < said.index("theirs")


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("closed", [False, True])
def test_a_log_that_cannot_be_written_stops_nobody(closed: bool) -> None:
    out = io.StringIO() if closed else Full()
    logs.configure("json", "info", out)
    if closed:
        out.close()
    structlog.get_logger().warning("lost")
    logging.getLogger("other").warning("lost")
