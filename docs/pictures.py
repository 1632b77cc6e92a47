"""Makes the pictures of the docs from the running product: `.venv/bin/python docs/pictures.py`.

Starts a server with the demo in a folder of its own, signs in, and photographs the screens in Chromium. The demo's
history is the same every time, but its dates are those of the day.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from playwright.sync_api import Page, ViewportSize, sync_playwright

FOLDER = pathlib.Path(__file__).parent / "pictures"
SIZE: ViewportSize = {"width": 1440, "height": 900}
PATIENCE = 60.0
EMAIL, PASSWORD = "ada@example.com", "four words without sense"


def main() -> None:
    """Make all pictures anew."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "MILEPOST_ACCOUNT_EMAIL": EMAIL, "MILEPOST_ACCOUNT_PASSWORD": PASSWORD}
        command = [sys.executable, "-m", "milepost", "serve", "--data", data, "--port", str(port)]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            photograph(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait(PATIENCE)


def photograph(url: str) -> None:
    """Sign in, and go from screen to screen."""
    until(lambda: urllib.request.urlopen(f"{url}/health/ready").status == 200)
    browser = os.environ.get("MILEPOST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport=SIZE, color_scheme="light", locale="en-GB")
        page.goto(url)
        page.locator("input[type=email], input[autocomplete=username]").first.fill(EMAIL)
        page.locator("input[type=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_text("Abandoned cart").wait_for()
        page.get_by_text("Active").nth(1).wait_for()
        shoot(page, "journeys")
        page.goto(f"{url}/profiles/12")
        page.get_by_text(re.compile("steps?$")).first.wait_for()
        shoot(page, "card")
        chromium.close()


def shoot(page: Page, name: str) -> None:
    """One picture, once nothing moves any more: the screens ask the server again and again, so they are never idle."""
    page.wait_for_timeout(1_000)
    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"docs/pictures/{name}.png")


def until(holds: object) -> None:
    """Wait for something that fails until it holds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if callable(holds) and holds():
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            message = "the server did not start"
            raise TimeoutError(message)
        time.sleep(0.1)


if __name__ == "__main__":
    main()
