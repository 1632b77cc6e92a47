"""Action *Update profile*: set, clear, increment, tags; inserts allowed (D-2.5, D-3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field, FiniteFloat, StringConstraints, model_validator

from milepost.kernel import insert
from milepost.kernel.node import NEXT, Behaviour, Decision, Family, NodeSettings, Step
from milepost.kernel.operation import MISSING, is_number
from milepost.kernel.profile import ProfileChange

Attribute = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class UpdateProfile(NodeSettings):
    """Changes the profile."""

    kind: ClassVar[str] = "update_profile"
    family: ClassVar[Family] = "action"
    label: ClassVar[str] = "Update profile"
    produces: ClassVar[tuple[str, ...]] = ("profile.updated", "profile.tagAdded", "profile.tagRemoved")

    set: dict[Attribute, Any] = Field({}, title="Set", description="Attribute to value; inserts keep their type")
    clear: tuple[Attribute, ...] = Field((), title="Clear")
    increment: dict[Attribute, int | FiniteFloat] = Field(
        {}, title="Add to", description="A missing attribute starts at 0"
    )
    add_tags: tuple[Tag, ...] = Field((), title="Add tags")
    remove_tags: tuple[Tag, ...] = Field((), title="Remove tags")

    @model_validator(mode="after")
    def something(self) -> UpdateProfile:
        """Nothing to change is a mistake."""
        if not (self.set or self.clear or self.increment or self.add_tags or self.remove_tags):
            message = "say what to change: set, clear, increment, add_tags or remove_tags"
            raise ValueError(message)
        return self

    def behaviour(self, node_id: str) -> Behaviour:
        return _Behaviour(self)

    def texts(self) -> Iterator[tuple[str, Any]]:
        yield "set", self.set
        yield "add_tags", list(self.add_tags)
        yield "remove_tags", list(self.remove_tags)


class _Behaviour(Behaviour):
    def __init__(self, settings: UpdateProfile) -> None:
        self.cleared = dict.fromkeys(settings.clear)
        self.set = {name: insert.bind(value) for name, value in settings.set.items()}
        self.increment = settings.increment
        self.add_tags = [insert.text(tag) for tag in settings.add_tags]
        self.remove_tags = [insert.text(tag) for tag in settings.remove_tags]

    def arrive(self, step: Step) -> Decision:
        scope = step.scope()
        try:
            values = {name: render(scope) for name, render in self.set.items()}
            add = tuple(tag for render in self.add_tags if (tag := render(scope)))
            remove = tuple(tag for render in self.remove_tags if (tag := render(scope)))
        except insert.MissingAttribute as missing:
            step.skip("missing_attribute", attribute=missing.name)
            return NEXT
        # An insert that finds nothing has no value to set.
        found = {name: insert.without_missing(value) for name, value in values.items() if value is not MISSING}
        replaced = {**self.cleared, **found}
        wrong = self.not_a_number({**step.profile.attributes, **replaced})
        if wrong is not None:
            step.skip("not_a_number", attribute=wrong)
            return NEXT
        step.update(ProfileChange(replaced, self.increment, add, remove))
        return NEXT

    def not_a_number(self, attributes: dict[str, Any]) -> str | None:
        """The first attribute that cannot be added to."""
        for name in self.increment:
            value = attributes.get(name)
            if value is not None and not is_number(value):
                return name
        return None
