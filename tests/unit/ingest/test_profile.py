"""The body of `POST /api/v1/profiles` (D-2.4, D-2.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from milepost.errors import TooLarge
from milepost.ingest import profile
from milepost.ports.arrival import ProfileArrival, Rejection
from milepost.ports.state_store import Identifier

GOOD: dict[str, Any] = {"profile": {"custom_id": "c1"}}


def one(change: dict[str, Any], *, virtual: bool = False) -> ProfileArrival | Rejection:
    (result,) = profile.parse(json.dumps(change).encode(), virtual=virtual)
    return result


def test_every_field_arrives() -> None:
    change = {
        "profile": {"email": "ann@example.com", "custom_id": "c1"},
        "attributes": {"tier": "gold", "old": None, "address": {"city": "Utrecht"}},
        "tags": {"add": ["vip"], "remove": ["new"]},
        "consents": {"email": True, "sms": False, "push": None},
        "source": "crm",
    }
    assert one(change) == ProfileArrival(
        item=0,
        identifiers=(Identifier("custom_id", "c1"), Identifier("email", "ann@example.com")),
        attributes={"tier": "gold", "old": None, "address": {"city": "Utrecht"}},
        add_tags=("vip",),
        remove_tags=("new",),
        consents={"email": True, "sms": False},
        source="crm",
    )


def test_identifiers_alone_are_a_change_too() -> None:
    result = one(GOOD)
    assert isinstance(result, ProfileArrival)
    assert (result.attributes, result.add_tags, result.consents) == ({}, (), {})


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"profile": None}, "no_identifier", "profile"),
        ({"profile": {"email": "ann"}}, "invalid_identifier", "profile.email"),
        ({"attribute": {}}, "unknown_field", "attribute"),
        ({"attributes": []}, "wrong_type", "attributes"),
        ({"attributes": {"": 1}}, "invalid_length", "attributes"),
        ({"attributes": {"n": 2**64}}, "invalid_attributes", "attributes"),
        ({"attributes": {"n": "x" * 65_536}}, "attributes_too_large", "attributes"),
        ({"tags": ["vip"]}, "wrong_type", "tags"),
        ({"tags": {"add": [1]}}, "wrong_type", "tags.add[0]"),
        ({"tags": {"set": []}}, "unknown_field", "tags.set"),
        ({"tags": {"add": [""]}}, "invalid_length", "tags"),
        ({"tags": {"add": ["a"], "remove": ["a"]}}, "contradiction", "tags"),
        ({"consents": {"fax": True}}, "unknown_field", "consents.fax"),
        ({"consents": {"email": "yes"}}, "wrong_type", "consents.email"),
        ({"source": ""}, "invalid_length", "source"),
        ({"received_at": 5}, "received_at_not_allowed", "received_at"),
    ],
)
def test_a_bad_change_is_rejected_naming_the_field(change: dict[str, Any], code: str, field: str) -> None:
    rejection = one({**GOOD, **change})
    assert isinstance(rejection, Rejection)
    assert (rejection.code, rejection.field) == (code, field)


def test_the_instant_is_the_senders_in_a_virtual_workspace_only() -> None:
    """D-3.8."""
    result = one({**GOOD, "received_at": 5}, virtual=True)
    assert isinstance(result, ProfileArrival)
    assert result.received_at == 5
    assert isinstance(one({**GOOD, "received_at": -5}, virtual=True), Rejection)


def test_lists_of_up_to_1000() -> None:
    assert len(profile.parse(json.dumps({"profiles": [GOOD] * 1_000}).encode())) == 1_000
    with pytest.raises(TooLarge):
        profile.parse(json.dumps([GOOD] * 1_001).encode())
