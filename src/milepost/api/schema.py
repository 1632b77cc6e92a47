"""The JSON schema of a journey's definition, made from the node types there are.

Owns how the types' settings are put together into one schema. Must not know any single node type.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from milepost.kernel.journey import Definition, NodeDefinition
from milepost.kernel.node import registry

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of what goes in, for whoever writes it."""
    return model.model_json_schema(by_alias=True, mode="validation")


def journey() -> dict[str, Any]:
    """The schema of a definition: each node as its type says."""
    kinds = registry()
    models: list[type[BaseModel]] = [Definition, *kinds.values()]
    references, schema = models_json_schema([(model, "validation") for model in models])
    shared: dict[str, Any] = schema["$defs"]
    definition, node = shared.pop(Definition.__name__), shared.pop(NodeDefinition.__name__)
    places = {kind: f"#/$defs/node.{kind}" for kind in kinds}
    for kind, settings in kinds.items():
        own = {"type": {"const": kind, "title": "Type"}, "settings": references[settings, "validation"]}
        required = [*node["required"], *(["settings"] if of(settings).get("required") else [])]
        shared[f"node.{kind}"] = {
            **node, "title": settings.label, "properties": {**node["properties"], **own}, "required": required
        }  # fmt: skip
    definition["properties"]["nodes"]["items"] = {
        "oneOf": [{"$ref": place} for place in places.values()],
        "discriminator": {"propertyName": "type", "mapping": places},
    }
    return {"$schema": DIALECT, **definition, "$defs": shared}
