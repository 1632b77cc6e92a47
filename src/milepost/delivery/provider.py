"""What every provider file has: a channel, a name, settings, and `send`.

Owns the base class, with which a provider becomes known to `registry`. Must not know any provider. To add one: a file
`delivery/<channel>/<name>.py` with a subclass, its test in `tests/unit/delivery/`, its page in `docs/providers/`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import pydantic

from milepost.delivery.template import Templates
from milepost.ports.sender import Intent, Outcome, Receipt


class Settings(pydantic.BaseModel):
    """What an operator can say about a provider; subclasses add fields."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Provider(ABC):
    """One provider of one channel; implements the port `Sender`. Used from several threads at once."""

    channel: str
    name: str
    settings_type: ClassVar[type[Settings]] = Settings
    known: ClassVar[dict[tuple[str, str], type[Provider]]] = {}

    def __init_subclass__(cls) -> None:
        cls.known[cls.channel, cls.name] = cls

    def __init__(self, settings: Settings, templates: Templates) -> None:
        """`settings` are of `settings_type`; `templates` is shared with the other providers, which do not close it."""
        self.templates = templates

    @abstractmethod
    def send(self, intent: Intent) -> Receipt:
        """Carry the intent out once. Never raises for what the other side does."""

    def close(self) -> None:  # noqa: B027 - a provider that keeps nothing has nothing to release
        """Release connections."""

    def receipt(
        self, outcome: Outcome, reason: str = "", response: dict[str, Any] | None = None, reference: str = ""
    ) -> Receipt:
        """A receipt in this provider's name."""
        return Receipt(outcome, reason, response or {}, self.name, reference)
