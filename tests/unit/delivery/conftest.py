"""What the delivery tests share: a real worker process for bodies, intents, and certificates made on the spot."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from milepost.delivery.template import Limits, Templates
from milepost.ports.sender import Intent

MakeIntent = Callable[..., Intent]


class Certificate(NamedTuple):
    """A self-signed certificate for localhost: its own authority."""

    certificate: pathlib.Path
    key: pathlib.Path


@pytest.fixture(scope="session")
def templates() -> Iterator[Templates]:
    shared = Templates(Limits(seconds=30))
    yield shared
    shared.close()


@pytest.fixture
def email_intent() -> MakeIntent:
    def make(**payload: Any) -> Intent:
        whole = {
            "to": "Ann <ann@example.com>",
            "sender": "Shop <shop@example.org>",
            "subject": "Hello",
            "body": "Hello {{ customer.name }}",
            "variables": {"customer": {"name": "Ann"}},
            **payload,
        }
        return _intent("email", whole)

    return make


@pytest.fixture
def call_intent() -> MakeIntent:
    def make(**payload: Any) -> Intent:
        return _intent("webhook", payload)

    return make


def _intent(channel: Any, payload: dict[str, Any]) -> Intent:
    return Intent(
        id="r1-p1.n 2.1.0",
        workspace=1,
        channel=channel,
        profile=7,
        payload=payload,
        origin={},
        cause=("r1", 1, "e1"),
        created=1_772_366_400_123,
    )


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: no certificate to try TLS with")
    folder = tmp_path_factory.mktemp("certificate")
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", made.key, "-out", made.certificate, "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return made
