"""The app in a real browser: one server that all stories share, each with a workspace of its own, and watched pages.

Owns what is started and stopped. Must not know any story.
"""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import dev
from tests.browser.watched import AXE, Watch, photograph
from tests.browser.workspace import EMAIL, PASSWORD, Session, Workspace, sign_in
from tests.fault.servers import Machine, Process, machine
from tests.unit.delivery.servers import Mailbox, smtp_server

ROOT: Final = pathlib.Path(dev.__file__).parent
SCREENSHOTS: Final = ROOT / ".cache" / "screenshots"
"""How each test ended, for whoever wants to see it."""
PATIENCE: Final = 15_000
"""Milliseconds that a page may take on a machine that is busy with something else."""
CHROMIUM: Final = dev.CHROMIUM.find(os.environ)
"""Found before the tests are kept from the tester's own variables."""
LACKING: Final = "There is no Chromium. `python3 dev.py test` installs it, or says how."

Open = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def browser(place: Machine) -> Iterator[Browser]:
    """Chromium, without a window. As long as it is driven, this thread has a running event loop and can run no other:
    so no longer than one module, and what needs a loop to start (`place`) comes first.
    """
    del place
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail(LACKING)
        pytest.skip(LACKING)
    for made in (ROOT / "web" / "dist" / "index.html", AXE):
        assert made.exists(), f"{made} is missing: `python3 dev.py test` makes it."
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def watch(request: pytest.FixtureRequest) -> Iterator[Watch]:
    """What the pages of this test complain about: nothing, unless it is expected."""
    watch = Watch()
    yield watch
    name = re.sub(r"\W+", "-", f"{request.path.stem}-{request.node.name}").strip("-")[:150]
    for number, page in enumerate(watch.pages(), start=1):
        photograph(page, SCREENSHOTS / f"{name}{f'-{number}' if number > 1 else ''}.png")
    watch.close()
    faults = watch.faults()
    assert not faults, "\n".join(faults)


@pytest.fixture
def visitor(browser: Browser, watch: Watch) -> Open:
    """Opens a browser in which nobody is signed in: `visitor(url, color_scheme="dark")`."""

    def visitor(url: str, **options: Any) -> BrowserContext:
        look: dict[str, Any] = {
            "viewport": {"width": 1440, "height": 900}, "locale": "en-GB", "timezone_id": "UTC",
            "color_scheme": "light",
        }  # fmt: skip
        context = browser.new_context(base_url=url, **{**look, **options})
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        return context

    return visitor


# --- one server for many stories -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def mailbox() -> Mailbox:
    """Where the emails of all servers arrive."""
    return Mailbox()


@pytest.fixture(scope="session")
def place(mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Starts servers whose first account is given by the environment."""
    log = tmp_path_factory.mktemp("browser") / "log"
    account = {"account_email": EMAIL, "account_password": PASSWORD}
    mail = {"smtp_host": "127.0.0.1", "smtp_security": "none", "smtp_sender": "shop@example.org"}
    with (
        smtp_server(mailbox) as port,
        machine(log, **account, **mail, smtp_port=str(port), allow_private_networks="true") as made,
    ):
        yield made


@pytest.fixture(scope="session")
def shared(place: Machine, tmp_path_factory: pytest.TempPathFactory) -> Process:
    """The server of all stories that do not stop it."""
    server = place.serve(tmp_path_factory.mktemp("shared"))
    server.until_ready()
    return server


@pytest.fixture(scope="session")
def session(shared: Process) -> Session:
    """One sign-in for all stories that do not tell of it."""
    return sign_in(shared.url)


@pytest.fixture
def workspace(shared: Process, session: Session) -> Iterator[Workspace]:
    """An empty world on the shared server, for one story."""
    answer = httpx2.post(
        f"{shared.url}/api/v1/workspaces", json={"name": f"W {os.urandom(4).hex()}"}, trust_env=False,
        headers={"X-CSRF-Token": session.csrf}, cookies={"milepost_session": session.cookie},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    made = answer.json()
    workspace = Workspace(shared.url, made["workspace"]["name"], made["key"]["key"])
    yield workspace
    workspace.close()


@pytest.fixture
def signed_in(visitor: Open, session: Session) -> Open:
    """Opens a browser in which the first account of the shared server is signed in."""

    def signed_in(url: str, **options: Any) -> BrowserContext:
        context = visitor(url, **options)
        context.add_cookies([{"name": "milepost_session", "value": session.cookie, "url": url}])
        return context

    return signed_in


@pytest.fixture
def page(signed_in: Open, workspace: Workspace) -> Page:
    """A signed-in page at the journeys of the workspace."""
    page = signed_in(workspace.url).new_page()
    page.goto(workspace.at("/journeys"))
    expect(page.get_by_role("heading", name="Journeys", level=1)).to_be_visible()
    return page
