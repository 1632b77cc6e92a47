"""The description of the API is true: what it allows is never answered by a surprise, and answers are as it says."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from milepost.api.server import create_api
from milepost.testing import World
from tests.acceptance.conftest import CART, Server, failure

EXAMPLES = 10
"""Requests per operation."""
OPERATIONS = [
    (method, path)
    for path, operations in create_api(World().engine, ready=dict, owner_token="").openapi()["paths"].items()
    for method in operations
]

OPEN = {"health", "session"}
"""Kinds of operations that somebody without a key may begin with."""


def make_sense(body: Any) -> None:
    """Give what the schema leaves open a value that can be meant: else most requests end at the same complaint."""
    for part in body if isinstance(body, list) else [body]:
        if isinstance(part, dict):
            meant = {"from": "2026-03-01", "to": "2026-03-31", "timezone": "UTC", "profile": {"custom_id": "ada"}}
            part.update({name: value for name, value in meant.items() if name in part})
            make_sense(list(part.values()))


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described(server: Server, method: str, path: str) -> None:
    journey = server.journey(CART)
    server.send({"profile": {"custom_id": "ada"}, "action": "cart.abandoned", "params": {"total": 60}})
    server.settle()
    there = {
        "id": journey, "node": "wait", "profile": "custom_id:ada", "action": "cart.abandoned", "name": "default",
    }  # fmt: skip
    operation = schemathesis.openapi.from_asgi("/api/v1/openapi.json", server.client.app)[path][method]

    @hypothesis.settings(max_examples=EXAMPLES)
    @hypothesis.given(case=operation.as_strategy(), known=hypothesis.strategies.booleans())
    def check(case: schemathesis.Case[Any], known: bool) -> None:
        if known:
            case.path_parameters.update({name: there[name] for name in case.path_parameters})
            make_sense(case.body)
        case.call_and_validate(
            headers={"Authorization": f"Bearer {server.key}"},
            checks=[
                not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
            ],
        )  # fmt: skip

    check()


def test_everything_but_health_and_signing_in_needs_a_key(server: Server) -> None:  # D-8
    del server.client.headers["Authorization"]
    for path, operations in server.client.get("/api/v1/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            if not OPEN & {*operation["tags"]}:
                answer = server.client.request(method, path.replace("{", "").replace("}", ""), json=CART)
                failure(answer, 401, "unauthorized")
