"""Settings: where a value comes from, what is refused and how that is said, and that secrets stay secret."""

from __future__ import annotations

import pathlib

import pytest
from pydantic import ValidationError

from milepost import config
from milepost.errors import Invalid


def test_defaults_need_nothing_from_outside() -> None:
    settings = config.load(environ={})
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8420, pathlib.Path("data"))
    assert not settings.allow_private_networks
    assert settings.api_key is None


def test_the_environment_wins_over_the_default_and_a_flag_over_both() -> None:
    environ = {"MILEPOST_PORT": "9000", "MILEPOST_HOST": "0.0.0.0"}
    settings = config.load({"port": 9001, "host": None}, environ)
    assert (settings.port, settings.host) == (9001, "0.0.0.0")


def test_an_empty_variable_counts_as_not_set() -> None:
    assert config.load(environ={"MILEPOST_PORT": "", "MILEPOST_API_KEY": ""}) == config.load(environ={})


def test_variables_of_other_programs_do_not_matter() -> None:
    assert config.load(environ={"PORT": "1", "MILEPOST_SERVICE_HOST": "10.0.0.1"}) == config.load(environ={})


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("no", False), ("0", False)])
def test_switches_are_read_as_people_write_them(text: str, value: bool) -> None:
    assert config.load(environ={"MILEPOST_ALLOW_PRIVATE_NETWORKS": text}).allow_private_networks is value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MILEPOST_PORT", "0"),
        ("MILEPOST_PORT", "65536"),
        ("MILEPOST_PORT", "tcp://10.0.0.1:8420"),
        ("MILEPOST_DISK_RESERVE", "-1"),
        ("MILEPOST_API_KEY", "too short"),
        ("MILEPOST_SMTP_SECURITY", "perhaps"),
        ("MILEPOST_STATE_STORE", "mysql://me@host/milepost"),
        ("MILEPOST_EVENT_STORE", "http://me@host/milepost"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        config.load(environ={name: value})
    assert refused.value.field == name
    assert name in refused.value.message


def test_a_wrong_flag_is_refused_by_its_own_name() -> None:
    with pytest.raises(Invalid) as refused:
        config.load({"port": 99999}, {})
    assert refused.value.field == "port"


@pytest.mark.parametrize("alone", ["MILEPOST_SMTP_USERNAME", "MILEPOST_SMTP_PASSWORD"])
def test_half_a_login_is_refused(alone: str) -> None:
    with pytest.raises(Invalid, match="smtp_username and smtp_password go together"):
        config.load(environ={alone: "something"})


def test_secrets_are_not_shown() -> None:
    key, password = "a-key-of-thirty-two-letters-or-more", "the-password"
    environ = {
        "MILEPOST_API_KEY": key, "MILEPOST_SMTP_USERNAME": "me", "MILEPOST_SMTP_PASSWORD": password,
        "MILEPOST_STATE_STORE": f"postgresql://me:{password}@host/milepost",
        "MILEPOST_EVENT_STORE": f"clickhouse://me:{password}@host/milepost",
    }  # fmt: skip
    settings = config.load(environ=environ)
    shown = f"{settings!r} {settings.model_dump_json()}"
    assert key not in shown
    assert password not in shown


@pytest.mark.parametrize(
    ("name", "value"), [("MILEPOST_API_KEY", "hunter2"), ("MILEPOST_STATE_STORE", "me:hunter2@host/milepost")]
)
def test_a_refused_secret_is_not_shown(name: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        config.load(environ={name: value})
    assert "hunter2" not in f"{refused.value.message} {refused.value.fix} {refused.value!r}"


def test_settings_do_not_change_while_a_server_runs() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        config.load(environ={}).port = 1  # type: ignore[misc]


# --- a file ----------------------------------------------------------------------------------------------------------


def written(folder: pathlib.Path, text: str) -> pathlib.Path:
    file = folder / "milepost.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: pathlib.Path) -> None:
    file = written(tmp_path, 'port = 9000\nhost = "0.0.0.0"\ndisk_reserve = 7\nallow_private_networks = true\n')
    environ = {"MILEPOST_PORT": "9001", "MILEPOST_HOST": "::1", "MILEPOST_DISK_RESERVE": ""}
    settings = config.load({"port": 9002, "host": None}, environ, file)
    assert (settings.port, settings.host, settings.disk_reserve) == (9002, "::1", 7)
    assert settings.allow_private_networks


def test_the_environment_may_name_the_file(tmp_path: pathlib.Path) -> None:
    file = written(tmp_path, "port = 9000")
    assert config.load(environ={"MILEPOST_CONFIG": str(file)}).port == 9000
    other = tmp_path / "other.toml"
    other.write_text("port = 9003", encoding="utf-8")
    assert config.load(environ={"MILEPOST_CONFIG": str(file)}, file=other).port == 9003
    assert config.load(environ={"MILEPOST_CONFIG": ""}) == config.load(environ={})


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("port = 0", "port", "port: Input should be greater"),
        ("prot = 9000", "prot", "no setting `prot`"),
        ("[server]\nport = 1", "server", "no setting `server`"),
        ("port = ", "config", "is not TOML"),
        ('api_key = "hunter2"', "api_key", "api_key"),
        ('smtp_host = "mail.example.com', "config", "is not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_refused_by_its_place(
    tmp_path: pathlib.Path, text: str, field: str, said: str
) -> None:
    file = written(tmp_path, text)
    with pytest.raises(Invalid) as refused:
        config.load(environ={}, file=file)
    assert refused.value.field == field
    assert said in refused.value.message
    assert str(file) in refused.value.message
    assert "hunter2" not in f"{refused.value.message} {refused.value.fix}"


def test_a_value_of_the_environment_is_not_blamed_on_the_file(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Invalid) as refused:
        config.load(environ={"MILEPOST_PORT": "0"}, file=written(tmp_path, "port = 9000"))
    assert refused.value.field == "MILEPOST_PORT"
    assert "milepost.toml" not in refused.value.message


def test_a_file_that_cannot_be_read_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Invalid, match="cannot be read: No such file"):
        config.load(environ={}, file=tmp_path / "nothing.toml")
    (tmp_path / "latin").write_bytes(b"host = '\xe9'")
    with pytest.raises(Invalid, match="it is not UTF-8"):
        config.load(environ={}, file=tmp_path / "latin")
