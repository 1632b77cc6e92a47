"""What every test gets: a clean environment, and property tests that do not depend on the machine's speed."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest
import structlog

if TYPE_CHECKING:
    from tests.acceptance.conftest import Server
    from tests.postgresql import Server as PostgresqlServer

# A shared machine makes any example slow at some time: only what an example shows counts, not how long it takes.
hypothesis.settings.register_profile(
    "milepost", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("milepost")


@pytest.fixture
def server() -> Iterator[Server]:
    """A server without a network, whose work a thread of the test does."""
    # Loaded only where it is asked for: most tests need no API.
    from tests.acceptance.conftest import Server

    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True, scope="session")
def no_settings_from_outside() -> Iterator[None]:
    """The tester's own `MILEPOST_...` variables do not reach the tests, nor the servers that they start."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("MILEPOST_")]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True, scope="module")
def logging_as_it_was() -> Iterator[None]:
    """A server that logs in the process of the tests leaves no stream behind, which is closed by then."""
    root, hook, level = logging.getLogger(), threading.excepthook, logging.getLogger().level
    before = root.handlers
    structlog.reset_defaults()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    yield
    threading.excepthook = hook
    root.setLevel(level)
    if root.handlers is not before:
        root.handlers = []  # pytest puts its own there again, phase by phase


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A private PostgreSQL server; without one, what asks for it is skipped."""
    from tests import postgresql

    with postgresql.running() as server:
        yield server
