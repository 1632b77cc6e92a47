#!/usr/bin/env python3
"""The one entry point for whoever works on Milepost: set up, run, test, measure.

Owns the set-up of `.venv` and the list of checks that CI runs. Standard library only, and it parses on Python versions
too old for Milepost, so that they get a sentence and not a stack. Must not know what Milepost does.
"""

from __future__ import annotations

import argparse
import contextlib
import glob
import hashlib
import importlib.util
import os
import pathlib
import random
import re
import runpy
import shlex
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

ROOT = pathlib.Path(__file__).resolve().parent
OLDEST = (3, 11)
DISK_NEEDED = 2 * 1024**3  # bytes: 1.3 GB of packages with the tests' ones, and pip unpacks beside them
LOCK_COMMAND = "uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate"


class Impossible(Exception):
    """Something is missing that this program cannot supply; the text says what, and what to do about it."""


# --- what must be so: each answers with a remedy, or with None ------------------------------------------------------


def old_python(version: Sequence[int], which: Callable[[str], str | None] = shutil.which) -> str | None:
    """A remedy if `version` (major, minor) is below the oldest that Milepost runs on."""
    if tuple(version) >= OLDEST:
        return None
    newer = next((name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if which(name)), None)
    remedy = f"There is a newer one here: {newer} dev.py ..." if newer else "Install a newer one and use it for dev.py."
    return f"Milepost needs Python 3.11 or newer; this is {version[0]}.{version[1]}. {remedy}"


def foreign_platform(platform: str, host_type: str) -> str | None:
    """A remedy on systems that the embedded event store (chDB) is not built for."""
    if platform.startswith(("win", "cygwin")):
        return "Milepost does not run on Windows itself: chDB has no build for it. Use WSL 2 or a Linux container."
    if "musl" in host_type:
        return "Milepost does not run on musl (Alpine): chDB has no build for it. Use a Debian or other glibc image."
    return None


def no_ensurepip(found: bool) -> str | None:
    """A remedy if Python cannot make virtual environments (Debian and Ubuntu ship that part separately)."""
    return None if found else "Python's venv module is incomplete here. Install it: apt install python3-venv"


def little_disk(free: int, folder: pathlib.Path) -> str | None:
    """A remedy if fewer than 2 GB (`free`, in bytes) are left where the packages go."""
    if free >= DISK_NEEDED:
        return None
    return f"Set-up needs 2 GB of disk; {folder} has {free / 1024**3:.1f} GB free. Free some, or clone to another disk."


def port_taken(host: str, port: int) -> str | None:
    """A remedy if nothing can listen on that address."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"Cannot listen on {host}:{port}: {error.strerror}. Choose another: dev.py run --port {port + 1}"
    return None


def require(*remedies: str | None) -> None:
    """Stop at the first thing that is not as it must be.

    Raises:
        Impossible: with the remedy.
    """
    for remedy in remedies:
        if remedy:
            raise Impossible(remedy)


# --- programs that the tests drive ----------------------------------------------------------------------------------


class Program(NamedTuple):
    """A program that some tests drive, and that no package of Python's holds."""

    title: str
    names: tuple[str, ...]
    """Where it may be, the best first: names on PATH, or paths; of those that fit a pattern, the newest version."""
    variable: str
    """Names it where it is somewhere else."""
    package: str
    """Of Debian, and of most others."""
    brew: str
    """Of Homebrew, on macOS."""

    def find(self, environ: Mapping[str, str], which: Callable[[str], str | None] = shutil.which) -> str | None:
        """The one that the variable names, else one that is installed."""
        named = environ.get(self.variable)
        names = [named] if named else [found for name in self.names for found in self.fitting(name)]
        return next(filter(None, map(which, names)), None)

    def remedy(
        self, environ: Mapping[str, str], platform: str, which: Callable[[str], str | None] = shutil.which
    ) -> str:
        """What to do where there is none: the exact command, where it is known."""
        named = environ.get(self.variable)
        if named:
            return f"{self.variable} is {named}, and there is no such program: correct it, or leave it out."
        commands = {
            "apt-get": f"sudo apt-get install {self.package}",
            "dnf": f"sudo dnf install {self.package}",
            "pacman": f"sudo pacman -S {self.package}",
            "zypper": f"sudo zypper install {self.package}",
        }
        if platform == "darwin":
            commands = {"brew": f"brew install {self.brew}"}
        command = next((command for manager, command in commands.items() if which(manager)), f"install {self.title}")
        return f"Some tests need {self.title}: {command}, or name one in {self.variable}."

    @staticmethod
    def fitting(name: str) -> list[str]:
        """The paths that fit, the newest version first; a name without a pattern is itself."""
        if "*" not in name:
            return [name]
        found = glob.glob(name)  # noqa: PTH207 - a whole path, not one in a folder
        return sorted(found, key=lambda path: [int(part) for part in re.findall(r"\d+", path)], reverse=True)


CHROMIUM = Program(
    "Chromium",
    (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ),
    "MILEPOST_CHROMIUM",
    "chromium",
    "--cask google-chrome",
)
POSTGRESQL = Program(
    "PostgreSQL",
    ("/usr/lib/postgresql/*/bin/postgres", "postgres"),  # Debian puts it where no PATH leads
    "MILEPOST_POSTGRES",
    "postgresql",
    "postgresql",
)
PROGRAMS = (CHROMIUM, POSTGRESQL)
#: Without starting what is installed: the tests start what they need, and end it.
APT = "env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get"


# --- locks ----------------------------------------------------------------------------------------------------------


def pins(lock: str) -> list[str]:
    """The `name==version ; marker` of each package in a lock, without its hashes."""
    return [line.rstrip(" \\") for line in lock.splitlines() if line and not line.startswith((" ", "#"))]


def faults_in_locks(locks: Mapping[str, str], project: str) -> list[str]:
    """What is wrong with `requirements/*.txt` (name -> text), measured against the text of `pyproject.toml`."""
    faults = []
    for name, text in sorted(locks.items()):
        for number, line in enumerate(text.splitlines(), start=1):
            if "://" in line or line.startswith("-"):
                faults.append(f"requirements/{name}.txt:{number} names a host or an option: {line}")
    missing = set(pins(locks["run"])) - set(pins(locks["dev"]))
    faults += [f"requirements/dev.txt lacks {pin}, which requirements/run.txt has" for pin in sorted(missing)]
    locked = {canonical(pin) for pin in pins(locks["dev"])}
    faults += [f"pyproject.toml needs {name}, which no lock has" for name in sorted(declared(project) - locked)]
    return faults and [*faults, "Make the locks anew: python3 dev.py lock"]


def declared(project: str) -> set[str]:
    """The packages that `pyproject.toml` asks for to run, build and test."""
    import tomllib  # noqa: PLC0415 - came with Python 3.11, and this file must load on older ones

    content = tomllib.loads(project)
    groups = content["dependency-groups"]
    return {canonical(name) for name in [*content["project"]["dependencies"], *groups["build"], *groups["dev"]]}


def canonical(requirement: str) -> str:
    """The name in a requirement, in the one spelling by which names compare."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


# --- set-up ---------------------------------------------------------------------------------------------------------


class Step(NamedTuple):
    """One piece of set-up, done when its inputs have changed or what it made is gone."""

    title: str
    stamp: pathlib.Path
    key: str
    """A digest of all that the step depends on."""
    result: pathlib.Path
    """Something it makes, without which it was never done."""
    do: Callable[[], None]

    def fresh(self) -> bool:
        """Whether it was done, to its end, with these inputs."""
        return self.result.exists() and read(self.stamp) == self.key

    def run(self) -> None:
        """Do it unless it is fresh, and say so. Its stamp is written last; meanwhile the stamp is empty."""
        print(f"  {self.title:<32}", end="", flush=True)
        if self.fresh():
            print("   fresh")
            return
        start = time.monotonic()
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text("")
        self.do()
        self.stamp.write_text(self.key)
        print(f"{time.monotonic() - start:6.1f} s", flush=True)


def read(path: pathlib.Path) -> str:
    """A file's text; empty when there is no such file."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def digest(*parts: str) -> str:
    """A short fingerprint of some texts, in order."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


class Workshop:
    """One clone: its places, and what can be done in it."""

    def __init__(self, root: pathlib.Path = ROOT) -> None:
        self.root = root
        self.venv = root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.stamps = root / ".cache" / "stamps"
        self.logs = root / ".cache" / "logs"

    def steps(self, lock: str) -> list[Step]:
        """What it takes to have `requirements/LOCK.txt` and Milepost installed, in order."""
        made_by = digest(sys.version, sys.base_prefix, str(self.root))
        locked = digest(read(self.root / "requirements" / f"{lock}.txt"))
        project = digest(read(self.root / "pyproject.toml"))
        command = self.venv / "bin" / "milepost"
        return [
            Step("Python environment", self.stamps / "environment", made_by, self.python, self.make_environment),
            Step(f"Packages to {lock}", self.stamps / lock, locked, self.python, lambda: self.install_packages(lock)),
            Step("Milepost from this folder", self.stamps / "project", project, command, self.install_project),
        ]

    def set_up(self, lock: str, *, app: bool = False) -> None:
        """Bring `.venv` up to `requirements/LOCK.txt`: after any interruption, and also when asked twice at once.

        With `app`, build the app in the browser, too.
        """
        host_type = str(sysconfig.get_config_var("HOST_GNU_TYPE"))
        require(old_python(sys.version_info[:2]), foreign_platform(sys.platform, host_type))
        with self.alone():
            self.forget_half_made()
            steps = self.steps(lock)
            if not all(step.fresh() for step in steps):
                require(little_disk(shutil.disk_usage(self.root).free, self.root))
            print(f"Set-up of {self.root / '.venv'}", flush=True)
            for step in [*steps, *([self.app_step()] if app else [])]:
                step.run()

    def app_step(self) -> Step:
        """The step that builds the app in the browser; `hatch_build.py` knows how, and does it for wheels, too."""
        web = self.web()
        made_from = web.built_from(self.root)

        def build() -> None:
            try:
                web.build_web(self.root, self.call)
            except web.NoNode as error:
                raise Impossible(str(error)) from None

        return Step("App in the browser", self.stamps / "app", made_from, self.root / web.STAMP, build)

    def web(self) -> Any:
        """What `hatch_build.py` defines; no package holds it."""
        return types.SimpleNamespace(**runpy.run_path(str(self.root / "hatch_build.py")))

    def forget_half_made(self) -> None:
        """Where the big steps were cut short nobody knows what is missing, so the environment is made anew."""
        if any(not read(stamp) for stamp in self.stamps.glob("*") if stamp.name not in {"project", "app"}):
            shutil.rmtree(self.stamps)

    def make_environment(self) -> None:
        """Make an empty `.venv` in place of whatever is there; what was installed into the old one is forgotten."""
        require(no_ensurepip(importlib.util.find_spec("ensurepip") is not None))
        for stamp in self.stamps.glob("*"):
            stamp.write_text("")
        maker = getattr(sys, "_base_executable", sys.executable)  # `.venv` cannot make itself
        self.call("environment", maker, "-m", "venv", "--clear", str(self.venv))
        for stamp in self.stamps.glob("*"):
            stamp.unlink()

    def install_packages(self, lock: str) -> None:
        """Install exactly the pinned files: by hash, and never by running a package's own build."""
        self.pip("packages", "--only-binary", ":all:", "--require-hashes", "-r", f"requirements/{lock}.txt")
        if lock == "dev":  # it holds all of run.txt: `faults_in_locks` sees to that
            (self.stamps / "run").write_text(digest(read(self.root / "requirements" / "run.txt")))

    def install_project(self) -> None:
        """Make `import milepost` and the command `milepost` work from the source in this folder."""
        self.pip("project", "--no-deps", "--no-build-isolation", "--editable", ".")

    def pip(self, log: str, *arguments: str) -> None:
        """Let the environment's own pip install something."""
        self.call(log, str(self.python), "-m", "pip", "install", "--disable-pip-version-check", *arguments)

    def call(self, log: str, *command: str, cwd: pathlib.Path | None = None) -> None:
        """Run a command with its output in a log, which is shown if it fails.

        Raises:
            Impossible: with the end of the log.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        path = self.logs / f"{log}.log"
        with path.open("w", encoding="utf-8") as output:
            output.write(f"$ {shlex.join(command)}\n\n")
            output.flush()
            code = subprocess.run(
                command, cwd=cwd or self.root, stdout=output, stderr=subprocess.STDOUT, check=False
            ).returncode
        if code:
            end = "\n".join(read(path).splitlines()[-30:])
            raise Impossible(f"This failed with exit code {code}; all of its output is in {path}\n\n{end}")

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let one set-up at a time work in this clone; a second one waits."""
        import fcntl  # noqa: PLC0415 - not on Windows, which has been refused by now

        self.stamps.parent.mkdir(parents=True, exist_ok=True)
        with (self.stamps.parent / "set-up.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("Waiting for another set-up of this folder to end ...", flush=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    # --- commands ----------------------------------------------------------------------------------------------------

    def run(self, options: argparse.Namespace, rest: Sequence[str]) -> NoReturn:
        """Set up and serve; this process becomes the server."""
        require(port_taken(options.host, options.port))
        self.set_up("run", app=True)
        data = ["--data", options.data] if options.data else []
        where = ["--host", options.host, "--port", str(options.port)]
        self.become(self.python, "-m", "milepost", "serve", *where, *data, *rest)

    def test(self, options: argparse.Namespace, rest: Sequence[str]) -> int:
        """Set up, then every check and every test; the exit code is not 0 if any of them failed."""
        self.set_up("dev")
        failed = [program.title for program in PROGRAMS if not self.has(program, os.environ)]
        failed += [title for title, check in self.checks() if not self.passes(title, check)]
        command = [str(self.python), "-m", "pytest", *(["-m", "not slow"] if options.fast else []), *rest]
        print(f"\n$ {shlex.join(['pytest', *command[3:]])}", flush=True)
        if subprocess.run(command, cwd=self.root, check=False).returncode:
            failed.append("Tests")
        if failed:
            print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
        return 1 if failed else 0

    def has(
        self,
        program: Program,
        environ: Mapping[str, str],
        which: Callable[[str], str | None] = shutil.which,
        *,
        root: bool | None = None,
    ) -> bool:
        """Say which one the tests drive; install one when none is there and `root` may. Not there at all, it is a
        failure under CI only: elsewhere its tests are skipped.
        """
        print(f"  {program.title:<32}", end="", flush=True)
        may = os.geteuid() == 0 if root is None else root
        if program.find(environ, which) is None and not environ.get(program.variable) and may and which("apt-get"):
            with contextlib.suppress(Impossible):  # as without a network; what to do is said below
                for words in ("update", f"install --yes --no-install-recommends {program.package}"):
                    self.call(program.package, *APT.split(), *words.split())
        found = program.find(environ, which)
        if found:
            print(f"   {found}", flush=True)
            return True
        failed = bool(environ.get("CI"))
        print(f"   {'FAILED' if failed else 'missing, its tests are skipped'}\n", flush=True)
        print(f"{program.remedy(environ, sys.platform, which)}\n", flush=True)
        return not failed

    def checks(self) -> list[tuple[str, Callable[[], str]]]:
        """Title and check of everything but the tests; a check answers with its complaint, or with nothing."""
        tools = {
            "Style": ["ruff", "check", "--quiet", "."],
            "Format": ["ruff", "format", "--check", "--quiet", "."],
            "Types": ["mypy", "--no-error-summary"],
            "Import contracts": ["lint-imports", "--no-logo"],
        }
        return [
            *((title, lambda command=command: self.complaint(command)) for title, command in tools.items()),
            ("Locks", self.lock_complaint),
            ("App: style, types, tests, build", self.app_complaint),
        ]

    def complaint(self, command: Sequence[str]) -> str:
        """The output of a tool in `.venv` if it failed."""
        tool = [str(self.venv / "bin" / command[0]), *command[1:]]
        done = subprocess.run(tool, cwd=self.root, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).strip() or f"exit code {done.returncode}" if done.returncode else ""

    def lock_complaint(self) -> str:
        """What is wrong with the locks."""
        locks = {path.stem: read(path) for path in (self.root / "requirements").glob("*.txt")}
        faults = faults_in_locks(locks, read(self.root / "pyproject.toml"))
        if '"resolved"' in read(self.root / "web" / "package-lock.json"):
            faults.append("web/package-lock.json names a registry: make it with the settings in web/.npmrc.")
        return "\n".join(faults)

    def app_complaint(self) -> str:
        """What is wrong with the app in the browser."""
        web = self.web()
        try:
            npm = web.npm_of(self.root, self.call)
            web.install(self.root, self.call, npm)
            for script in ("lint", "test", "build", "budget"):
                self.call(f"web-{script}", *npm, "run", script, cwd=self.root / web.WEB)
        except (Impossible, web.NoNode) as error:
            return str(error)
        (self.root / web.STAMP).write_text(web.built_from(self.root), encoding="utf-8")
        return ""

    def passes(self, title: str, check: Callable[[], str]) -> bool:
        """Run one check and show how it went."""
        print(f"  {title:<32}", end="", flush=True)
        start = time.monotonic()
        complaint = check()
        print(f"{time.monotonic() - start:6.1f} s" if not complaint else f"  FAILED\n\n{complaint}\n", flush=True)
        return not complaint

    def bench(self, options: argparse.Namespace, rest: Sequence[str]) -> NoReturn:
        """Set up, then the benchmarks; this process becomes theirs."""
        del options
        self.set_up("dev")
        self.become(self.python, "-m", "benchmarks", *rest)

    def soak(self, options: argparse.Namespace, rest: Sequence[str]) -> int:
        """Set up, then kill servers at other moments each time until the minutes are over, or a result differs."""
        self.set_up("dev")
        until = time.monotonic() + 60 * options.minutes
        rounds = 0
        while time.monotonic() < until:
            seed = str(random.SystemRandom().randrange(10**9))
            print(f"\nRound {rounds + 1}, KILL_SEED={seed}", flush=True)
            tests = [str(self.python), "-m", "pytest", "-q", "tests/fault/test_kill.py", *rest]
            if subprocess.run(tests, cwd=self.root, env={**os.environ, "KILL_SEED": seed}, check=False).returncode:
                print(f"\nThe result differs. Again: KILL_SEED={seed} {shlex.join(tests)}", file=sys.stderr)
                return 1
            rounds += 1
        print(f"\n{rounds} rounds, each ended like a run that nobody disturbed.")
        return 0

    def docs(self, options: argparse.Namespace, rest: Sequence[str]) -> NoReturn:
        """Set up, then write the reference pages that are made from the code."""
        del options
        self.set_up("dev")
        self.become(self.python, "docs/generate.py", *rest)

    def lock(self, options: argparse.Namespace, rest: Sequence[str]) -> int:
        """Make `requirements/*.txt` from `pyproject.toml`, with uv in a throwaway environment."""
        require(old_python(sys.version_info[:2]), no_ensurepip(importlib.util.find_spec("ensurepip") is not None))
        upgrade = [*(["--upgrade"] if options.upgrade else []), *rest]
        with tempfile.TemporaryDirectory() as folder:
            uv = pathlib.Path(folder, "bin", "uv")
            self.call("lock", sys.executable, "-m", "venv", folder)
            self.call("lock", str(uv.with_name("python")), "-m", "pip", "install", "--only-binary", ":all:", "uv")
            for arguments in (
                "pyproject.toml --group build -o requirements/run.txt",
                "pyproject.toml --group build --group dev --constraint requirements/run.txt -o requirements/dev.txt",
                "--group node -o requirements/node.txt",
            ):
                print(f"  {arguments}", flush=True)
                self.call("lock", str(uv), *shlex.split(LOCK_COMMAND)[1:], *upgrade, *arguments.split())
        print(self.lock_complaint() or "The locks are made; they name no host.")
        return 0

    def become(self, *command: object) -> NoReturn:
        """Put another program in the place of this one, so that signals and the exit code are its own."""
        os.chdir(self.root)
        sys.stdout.flush()
        words = [str(word) for word in command]
        os.execv(words[0], words)


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """The command with its options, and the arguments that are passed on as they are."""
    parser = argparse.ArgumentParser(
        prog="dev.py", description="Set up, run, test and measure Milepost. Every command sets up what it needs first."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="set up and serve", epilog="Other arguments go to `milepost serve`.")
    run.add_argument("--host", default=os.environ.get("MILEPOST_HOST", "127.0.0.1"), help="default: %(default)s")
    run.add_argument("--port", default=os.environ.get("MILEPOST_PORT", "8420"), type=int, help="default: %(default)s")
    run.add_argument("--data", metavar="FOLDER", help="where everything is kept; default: ./data")

    test = commands.add_parser(
        "test",
        help="set up, then every check and every test",
        description="Set up, then style, format, types, import contracts, locks and the app (always all of them), then "
        "pytest. The tests in the browser drive MILEPOST_CHROMIUM, else an installed Chromium or Chrome.",
        epilog="Other arguments go to pytest: `-k WORDS`, `-x`, paths of tests, ...",
    )
    test.add_argument("--fast", action="store_true", help="leave out the tests marked `slow`, and nothing else")

    commands.add_parser("bench", help="set up, then measure", epilog="Other arguments go to `python -m benchmarks`.")
    soak = commands.add_parser("soak", help="set up, then kill servers under load for some minutes, and compare")
    soak.add_argument("--minutes", type=float, default=10, help="after which no round is begun; default: %(default)s")
    commands.add_parser("docs", help="set up, then write the reference pages that are made from the code")
    lock = commands.add_parser("lock", help="make requirements/*.txt anew, after a change of dependencies")
    lock.add_argument("--upgrade", action="store_true", help="take the newest versions, not the ones locked so far")
    return parser.parse_known_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run one command; the answer is the exit code."""
    options, rest = parse(arguments)
    try:
        code: int = getattr(Workshop(), options.command)(options, rest)
    except Impossible as reason:
        print(f"\ndev.py: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
