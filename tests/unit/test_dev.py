"""The set-up's own rules: what is refused and with which remedy, when a step is done again, what is passed on."""

from __future__ import annotations

import ast
import pathlib
import socket

import pytest

import dev

# --- preconditions ---------------------------------------------------------------------------------------------------


def test_parses_on_python_too_old_for_milepost() -> None:
    ast.parse(pathlib.Path(dev.__file__).read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 14), (4, 0)])
def test_accepts_python_from_3_11_on(version: tuple[int, int]) -> None:
    assert dev.old_python(version) is None


def test_old_python_names_a_newer_one_that_is_there() -> None:
    remedy = dev.old_python((3, 9), which={"python3.12": "/usr/bin/python3.12"}.get)
    assert remedy is not None
    assert "this is 3.9" in remedy
    assert "python3.12 dev.py" in remedy


def test_old_python_without_a_newer_one_says_what_to_install() -> None:
    remedy = dev.old_python((3, 10), which=lambda _: None)
    assert remedy is not None
    assert "Install a newer one" in remedy


@pytest.mark.parametrize(
    ("platform", "host_type", "word"),
    [
        ("linux", "x86_64-pc-linux-gnu", None),
        ("linux", "aarch64-unknown-linux-gnu", None),
        ("darwin", "arm-apple-darwin23", None),
        ("win32", "None", "WSL"),
        ("cygwin", "x86_64-pc-cygwin", "WSL"),
        ("linux", "x86_64-alpine-linux-musl", "Debian"),
    ],
)
def test_platforms_without_the_event_store_are_refused(platform: str, host_type: str, word: str | None) -> None:
    remedy = dev.foreign_platform(platform, host_type)
    assert (remedy is None) if word is None else (remedy is not None and word in remedy)


def test_missing_ensurepip_names_the_package() -> None:
    assert dev.no_ensurepip(found=True) is None
    assert "apt install python3-venv" in str(dev.no_ensurepip(found=False))


def test_disk_is_measured_against_two_gigabytes() -> None:
    folder = pathlib.Path("somewhere")
    assert dev.little_disk(2 * 1024**3, folder) is None
    assert "has 2.0 GB free" in str(dev.little_disk(2 * 1024**3 - 1, folder))


def test_a_taken_port_is_refused_and_another_proposed() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"--port {port + 1}" in str(dev.port_taken("127.0.0.1", port))
    assert dev.port_taken("127.0.0.1", port) is None


def test_an_impossible_command_is_a_sentence_and_not_a_stack(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert dev.main(["run", "--port", str(taken.getsockname()[1])]) == 1
    assert capsys.readouterr().err.startswith("\ndev.py: Cannot listen on 127.0.0.1:")


# --- programs that the tests drive -----------------------------------------------------------------------------------

APT_GET = {"apt-get": "/usr/bin/apt-get"}


class Shop(dev.Workshop):
    """A workshop whose commands are only noted down; one of them may make programs appear, or fail."""

    def __init__(self, folder: pathlib.Path, programs: dict[str, str], installs: dict[str, str] | None = None) -> None:
        super().__init__(folder)
        self.programs = dict(programs)
        self.installs = installs
        self.called: list[str] = []

    def call(self, log: str, *command: str, cwd: pathlib.Path | None = None) -> None:
        self.called.append(" ".join(command))
        if self.installs is None:
            raise dev.Impossible(log)
        if "install" in command:
            self.programs.update(self.installs)

    def finds(self, *, root: bool, **environ: str) -> bool:
        return self.has(dev.CHROMIUM, environ, self.programs.get, root=root)


def test_the_browser_that_is_named_wins_over_those_that_are_installed() -> None:
    programs = {"chromium": "/usr/bin/chromium", "google-chrome": "/usr/bin/google-chrome", "mine": "/opt/mine"}
    assert dev.CHROMIUM.find({"MILEPOST_CHROMIUM": "mine"}, programs.get) == "/opt/mine"
    assert dev.CHROMIUM.find({"MILEPOST_CHROMIUM": ""}, programs.get) == "/usr/bin/chromium"
    del programs["chromium"]
    assert dev.CHROMIUM.find({}, programs.get) == "/usr/bin/google-chrome"


def test_a_browser_that_is_named_and_not_there_is_not_replaced_by_another(tmp_path: pathlib.Path) -> None:
    shop = Shop(tmp_path, {"chromium": "/usr/bin/chromium", **APT_GET}, {})
    assert not shop.finds(root=True, MILEPOST_CHROMIUM="/opt/gone", CI="1")
    assert shop.called == []
    assert "MILEPOST_CHROMIUM is /opt/gone" in dev.CHROMIUM.remedy(
        {"MILEPOST_CHROMIUM": "/opt/gone"}, "linux", shop.programs.get
    )


def test_an_installed_browser_is_taken_as_it_is(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = Shop(tmp_path, {"chromium": "/usr/bin/chromium", **APT_GET})
    assert shop.finds(root=True, CI="1")
    assert shop.called == []
    assert capsys.readouterr().out.endswith("   /usr/bin/chromium\n")


def test_root_gets_the_browser_by_the_package_manager(tmp_path: pathlib.Path) -> None:
    shop = Shop(tmp_path, APT_GET, {"chromium": "/usr/bin/chromium"})
    assert shop.finds(root=True, CI="1")
    assert [call.split(" apt-get ")[1].split()[0] for call in shop.called] == [
        "update",
        "install",
    ]


def test_others_are_told_the_exact_command(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = Shop(tmp_path, APT_GET, {"chromium": "/usr/bin/chromium"})
    assert shop.finds(root=False)
    assert shop.called == []
    out = capsys.readouterr().out
    assert "its tests are skipped" in out
    assert ": sudo apt-get install chromium, or" in out


def test_of_several_versions_the_newest_is_taken(tmp_path: pathlib.Path) -> None:
    for version in ("9.6", "15", "17"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "postgres").touch(mode=0o755)
    program = dev.POSTGRESQL._replace(names=(f"{tmp_path}/*/postgres", "postgres"))
    assert program.find({}) == f"{tmp_path}/17/postgres"
    (tmp_path / "17" / "postgres").unlink()
    assert program.find({}) == f"{tmp_path}/15/postgres"


@pytest.mark.parametrize(
    ("platform", "programs", "command"),
    [
        ("linux", {"dnf": "/usr/bin/dnf"}, "sudo dnf install chromium"),
        ("linux", {}, "install Chromium"),
        ("darwin", {"brew": "/opt/brew"}, "brew install --cask google-chrome"),
        ("darwin", APT_GET, "install Chromium"),
    ],
)
def test_the_command_is_that_of_the_system(platform: str, programs: dict[str, str], command: str) -> None:
    assert f"need Chromium: {command}, or" in dev.CHROMIUM.remedy({}, platform, programs.get)


@pytest.mark.parametrize("ci", ["", "true"])
def test_a_missing_browser_is_a_failure_under_ci_only(tmp_path: pathlib.Path, ci: str) -> None:
    shop = Shop(tmp_path, APT_GET)
    assert shop.finds(root=True, CI=ci) is (ci == "")
    assert len(shop.called) == 1


# --- steps -----------------------------------------------------------------------------------------------------------


class Recorded:
    """A step whose work is counted, and can be told to break off."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.done = 0
        self.breaks = False

    def step(self, key: str) -> dev.Step:
        return dev.Step("Work", self.folder / "stamps" / "work", key, self.folder / "made", self.work)

    def work(self) -> None:
        if self.breaks:
            raise KeyboardInterrupt
        self.done += 1
        (self.folder / "made").touch()


def test_a_step_is_done_once_for_the_same_inputs(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = Recorded(tmp_path)
    work.step("a").run()
    work.step("a").run()
    assert work.done == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(" s")
    assert second.endswith("fresh")


def test_a_step_is_done_again_when_its_inputs_change(tmp_path: pathlib.Path) -> None:
    work = Recorded(tmp_path)
    work.step("a").run()
    work.step("b").run()
    assert work.done == 2


def test_a_step_is_done_again_when_its_result_is_gone(tmp_path: pathlib.Path) -> None:
    work = Recorded(tmp_path)
    work.step("a").run()
    (tmp_path / "made").unlink()
    work.step("a").run()
    assert work.done == 2


def test_a_step_cut_short_is_not_fresh_even_if_it_was_before(tmp_path: pathlib.Path) -> None:
    work = Recorded(tmp_path)
    work.step("a").run()
    work.breaks = True
    with pytest.raises(KeyboardInterrupt):
        work.step("b").run()
    assert not work.step("a").fresh()
    assert not work.step("b").fresh()


def workshop(folder: pathlib.Path, **stamps: str) -> dev.Workshop:
    """A clone in which every step of the dev set-up was done, except that some stamps read as given."""
    (folder / "requirements").mkdir()
    for lock in ("run", "dev"):
        (folder / "requirements" / f"{lock}.txt").write_text(f"{lock}==1\n")
    (folder / "pyproject.toml").write_text("[project]\n")
    shop = dev.Workshop(folder)
    shop.python.parent.mkdir(parents=True)
    shop.stamps.mkdir(parents=True)
    for step in [*shop.steps("run"), *shop.steps("dev")]:
        step.stamp.write_text(stamps.get(step.stamp.name, step.key))
        step.result.touch()
    return shop


def fresh(shop: dev.Workshop, lock: str = "dev") -> list[bool]:
    return [step.fresh() for step in shop.steps(lock)]


def test_nothing_is_done_when_everything_is_fresh(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    workshop(tmp_path).set_up("dev")
    assert capsys.readouterr().out.count("fresh") == 3


def test_a_changed_lock_makes_only_the_packages_stale(tmp_path: pathlib.Path) -> None:
    shop = workshop(tmp_path)
    (tmp_path / "requirements" / "dev.txt").write_text("dev==2\n")
    assert fresh(shop) == [True, False, True]
    assert fresh(shop, "run") == [True, True, True]


def test_a_clone_that_was_moved_is_set_up_anew(tmp_path: pathlib.Path) -> None:
    (tmp_path / "old").mkdir()
    workshop(tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    assert fresh(dev.Workshop(tmp_path / "new"))[0] is False


@pytest.mark.parametrize("cut_short", ["environment", "run", "dev"])
def test_a_half_made_environment_is_made_anew(tmp_path: pathlib.Path, cut_short: str) -> None:
    shop = workshop(tmp_path, **{cut_short: ""})
    shop.forget_half_made()
    assert fresh(shop) == [False, False, False]


def test_a_project_step_that_failed_costs_only_itself(tmp_path: pathlib.Path) -> None:
    shop = workshop(tmp_path, project="")
    shop.forget_half_made()
    assert fresh(shop) == [True, True, False]


def test_a_failed_command_shows_the_end_of_its_log(tmp_path: pathlib.Path) -> None:
    shop = dev.Workshop(tmp_path)
    with pytest.raises(dev.Impossible, match=r"exit code 3(.|\n)*packages\.log(.|\n)*no such package"):
        shop.call("packages", "sh", "-c", "echo no such package >&2; exit 3")


def test_the_environment_is_passed_on(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_CERTIFICATE", "here")
    shop = dev.Workshop(tmp_path)
    shop.call("packages", "sh", "-c", "echo $A_CERTIFICATE")
    assert (shop.logs / "packages.log").read_text().endswith("here\n")


# --- arguments -------------------------------------------------------------------------------------------------------


def test_what_pytest_understands_is_passed_on_in_order() -> None:
    options, rest = dev.parse(["test", "--fast", "-k", "funnel and not slow", "-x", "tests/unit", "--ff"])
    assert options.fast
    assert rest == ["-k", "funnel and not slow", "-x", "tests/unit", "--ff"]


def test_what_the_server_understands_is_passed_on() -> None:
    options, rest = dev.parse(["run", "--port", "9000", "--data", "else where", "--log", "json"])
    assert (options.port, options.data, rest) == (9000, "else where", ["--log", "json"])


def test_the_port_comes_from_the_environment_when_no_flag_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_PORT", "9001")
    assert dev.parse(["run"])[0].port == 9001
    assert dev.parse(["run", "--port", "9002"])[0].port == 9002


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["run", "--port", "many"]])
def test_what_is_not_understood_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        dev.parse(arguments)


# --- locks -----------------------------------------------------------------------------------------------------------

PROJECT = """
[project]
dependencies = ["google-re2>=1.1", "Typer"]
[dependency-groups]
build = ["hatchling==1.33.0"]
dev = ["import_linter"]
"""
RUN = """\
google-re2==1.1.20251105 \\
    --hash=sha256:aa
hatchling==1.33.0 \\
    --hash=sha256:bb
typer==0.29.2 ; sys_platform != 'win32' \\
    --hash=sha256:cc \\
    --hash=sha256:dd
"""
DEV = RUN + "import-linter==2.17 \\\n    --hash=sha256:ee\n"


def test_good_locks_have_no_faults() -> None:
    assert dev.faults_in_locks({"run": RUN, "dev": DEV}, PROJECT) == []


@pytest.mark.parametrize("line", ["--index-url https://example.org/simple", "-e .", "x @ https://example.org/x.whl"])
def test_a_lock_that_names_a_host_or_an_option_is_refused(line: str) -> None:
    faults = dev.faults_in_locks({"run": RUN, "dev": DEV, "node": line + "\n"}, PROJECT)
    assert faults[0] == f"requirements/node.txt:1 names a host or an option: {line}"


def test_the_lock_of_the_tests_holds_the_lock_of_the_server() -> None:
    faults = dev.faults_in_locks({"run": RUN, "dev": DEV.replace("typer==0.29.2", "typer==0.29.3")}, PROJECT)
    assert faults[0].startswith("requirements/dev.txt lacks typer==0.29.2 ; sys_platform")
    assert faults[-1].endswith("dev.py lock")


def test_a_dependency_that_no_lock_has_is_found() -> None:
    faults = dev.faults_in_locks({"run": RUN, "dev": DEV}, PROJECT.replace('"Typer"', '"Typer", "rich[extra]>=15"'))
    assert faults[0] == "pyproject.toml needs rich, which no lock has"
