"""Every provider there is: found by importing the modules of the channels' packages.

Owns how a provider is found and made from settings. Must not know any by name.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

import pydantic

import milepost.delivery
from milepost.delivery.provider import Provider
from milepost.delivery.template import Templates
from milepost.errors import Invalid, NotFound


@functools.cache
def providers() -> dict[tuple[str, str], type[Provider]]:
    """Provider classes by (channel, name)."""
    for channel in pkgutil.iter_modules(milepost.delivery.__path__, "milepost.delivery."):
        if channel.ispkg:
            for module in pkgutil.iter_modules(importlib.import_module(channel.name).__path__, f"{channel.name}."):
                importlib.import_module(module.name)
    return dict(sorted(Provider.known.items()))


def build(channel: str, name: str, settings: Mapping[str, Any], templates: Templates) -> Provider:
    """A provider, ready to send. Raises NotFound for one that does not exist and Invalid for bad settings."""
    found = providers().get((channel, name))
    if found is None:
        names = ", ".join(name for known, name in providers() if known == channel)
        message = f"There is no provider `{name}` for {channel}."
        raise NotFound(message, field="provider", fix=f"There are: {names or 'none'}.")
    try:
        checked = found.settings_type.model_validate(dict(settings))
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        message = f"{first['msg']}."
        raise Invalid(message, field=f"{channel}.{name}.{field}", fix="See the provider's page.") from None
    return found(checked, templates)
