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
