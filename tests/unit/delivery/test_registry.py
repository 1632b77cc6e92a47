"""Providers: one file each, found by themselves."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from milepost.delivery import registry
from milepost.delivery.template import Templates
from milepost.errors import Invalid, NotFound


def test_the_built_in_providers_are_found() -> None:
    found = registry.providers()
    assert {("email", "smtp"), ("webhook", "http")} <= found.keys()
    assert all((provider.channel, provider.name) == key for key, provider in found.items())


@pytest.mark.parametrize(("channel", "name"), list(registry.providers()))
def test_every_provider_has_a_page_that_names_all_its_settings(channel: str, name: str) -> None:
    page = (pathlib.Path(__file__).parents[3] / "docs" / "providers" / f"{name}.md").read_text(encoding="utf-8")
    provider = registry.providers().get((channel, name))
    fields = provider.settings_type.model_fields if provider else {}
    assert [field for field in fields if f"| `{field}` |" not in page] == []


def test_an_unknown_provider_names_those_that_there_are(templates: Templates) -> None:
    with pytest.raises(NotFound) as refusal:
        registry.build("email", "pigeon", {}, templates)
    assert "smtp" in str(refusal.value.fix)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "email.smtp.host"),
        ({"host": "h", "port": 0}, "email.smtp.port"),
        ({"host": "h", "security": "maybe"}, "email.smtp.security"),
        ({"host": "h", "hots": 1}, "email.smtp.hots"),
    ],
)
def test_bad_settings_name_the_field(templates: Templates, settings: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        registry.build("email", "smtp", settings, templates)
    assert refusal.value.field == field


def test_a_password_is_not_in_what_a_log_could_print(templates: Templates) -> None:
    sender = registry.build("email", "smtp", {"host": "h", "password": "hush"}, templates)
    assert "hush" not in repr(vars(sender))
    with pytest.raises(Invalid) as refusal:
        registry.build("email", "smtp", {"host": "h", "port": "x", "password": "hush"}, templates)
    assert "hush" not in str(refusal.value)
