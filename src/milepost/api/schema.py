"""The JSON schema of a journey's definition, made from the node types there are.

Owns how the types' settings are put together into one schema. Must not know any single node type.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from milepost.kernel.journey import Definition
from milepost.kernel.node import NodeSettings, registry

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of what goes in, for whoever writes it."""
    return model.model_json_schema(by_alias=True, mode="validation")


def journey() -> dict[str, Any]:
    """The schema of a definition: each node as its type says."""
    schema = of(Definition)
    shared: dict[str, Any] = schema.pop("$defs")
    node = shared.pop("NodeDefinition")
    for kind, settings in registry().items():
        own = of(settings)
        shared |= own.pop("$defs", {})
        shared[f"node.{kind}"] = _node(node, kind, settings, own)
    schema["properties"]["nodes"]["items"] = {
        "oneOf": [{"$ref": f"#/$defs/node.{kind}"} for kind in registry()],
        "discriminator": {
            "propertyName": "type", "mapping": {kind: f"#/$defs/node.{kind}" for kind in registry()},
        },
    }  # fmt: skip
    return {"$schema": DIALECT, **schema, "$defs": shared}


def _node(node: dict[str, Any], kind: str, settings: type[NodeSettings], own: dict[str, Any]) -> dict[str, Any]:
    properties = {**node["properties"], "type": {"const": kind, "title": "Type"}, "settings": own}
    required = [*node["required"], *(["settings"] if own.get("required") else [])]
    return {**node, "title": settings.label, "properties": properties, "required": required}
