"""Builds the app in the browser: for `dev.py` (which loads this file by its path) and into every wheel.

Owns which Node is used and when a build is fresh. Standard library only, but for the hook's base class, which is there
whenever hatchling is at work. Must not know what the app is.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

NODE = (20, 19)
NPM = (10, 9)
WEB = "web"
BUILT = "web/dist"
STAMP = "web/dist/.built-from"
SOURCES = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", ".npmrc")


class NoNode(Exception):
    """There is no Node that can build the app, and none could be had."""


def built_from(root: pathlib.Path) -> str:
    """A fingerprint of everything that goes into the build."""
    digest = hashlib.sha256()
    for path in _sources(root / WEB):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources(web: pathlib.Path) -> Iterator[pathlib.Path]:
    for name in SOURCES:
        if (web / name).is_file():
            yield web / name
    for folder in ("public", "scripts", "src"):
        yield from sorted(path for path in (web / folder).rglob("*") if path.is_file())


def is_fresh(root: pathlib.Path) -> bool:
    """Whether the built app is the one of the present sources."""
    stamp = root / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == built_from(root)


def build_web(root: pathlib.Path, call: Callable[..., None] | None = None) -> None:
    """Build `web/` into `web/dist`, unless that is fresh.

    `call` runs a command: `call(log name, *command, cwd=folder)`; by default with its output on the terminal.
    Raises NoNode, or what `call` raises when a command fails.
    """
    if is_fresh(root):
        return
    run = call or _call
    npm = npm_of(root, run)
    install(root, run, npm)
    run("web-build", *npm, "run", "build", cwd=root / WEB)
    (root / STAMP).write_text(built_from(root), encoding="utf-8")


def install(root: pathlib.Path, run: Callable[..., None], npm: list[str]) -> None:
    """Install the app's packages, exactly as locked, unless they are there."""
    lock = hashlib.sha256((root / WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = root / WEB / "node_modules" / ".installed-from"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != lock:
        run("web-packages", *npm, "ci", cwd=root / WEB)
        stamp.write_text(lock, encoding="utf-8")


def npm_of(root: pathlib.Path, run: Callable[..., None]) -> list[str]:
    """The command for npm: of the Node on PATH if it is new enough, else of the one that PyPI has as a package."""
    if _version("node") >= NODE and _version("npm") >= NPM:
        return ["npm"]
    folder = root / ".cache" / "node"
    lock = root / "requirements" / "node.txt"
    if not (folder / "installed").is_file():
        if not lock.is_file():
            message = (
                f"The app needs Node {NODE[0]}.{NODE[1]} or newer with npm {NPM[0]}.{NPM[1]} or newer: install it."
            )
            raise NoNode(message)
        shutil.rmtree(folder, ignore_errors=True)
        run(
            "node", sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--only-binary", ":all:", "--require-hashes", "--target", str(folder), "-r", str(lock), cwd=root,
        )  # fmt: skip
        (folder / "installed").write_text("")
    # npm's own scripts find this Node by PATH.
    binaries = next(folder.glob("**/bin/node"), None)
    if binaries is None:
        message = "The Node package has no `node` for this system: install Node yourself."
        raise NoNode(message)
    os.environ["PATH"] = f"{binaries.parent}{os.pathsep}{os.environ['PATH']}"
    npm = next(folder.glob("**/npm/bin/npm-cli.js"))
    return [str(binaries), str(npm)]


def _version(program: str) -> tuple[int, ...]:
    found = shutil.which(program)
    if found is None:
        return (0,)
    shown = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", shown)[:2])


def _call(log: str, *command: str, cwd: pathlib.Path) -> None:
    del log
    subprocess.run(command, cwd=cwd, check=True)


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:
    # dev.py calls with a bare Python.
    pass
else:

    class WebHook(BuildHookInterface):  # type: ignore[type-arg]
        """Puts the built app into the wheel; an editable install is run from the checkout."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, object]) -> None:
            """Build, and say where the files go."""
            if self.target_name == "wheel" and version == "standard":
                root = pathlib.Path(self.root)
                build_web(root)
                build_data["force_include"] = {str(root / BUILT): "milepost/web"}
