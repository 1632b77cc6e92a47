"""One workspace of a running server, spoken to as a customer's programs do: over HTTP, with its key.

Owns the requests. Must not know what a browser shows.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import httpx2

from tests.fault.servers import until

Json = dict[str, Any]
EMAIL: Final = "ada@example.com"
PASSWORD: Final = "four words without sense"


class Workspace:
    """A world of its own: what one test does in it, no other sees."""

    def __init__(self, url: str, name: str, key: str) -> None:
        self.url = url
        self.name = name
        self.key = key
        self.client = httpx2.Client(
            base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        )

    def get(self, path: str) -> Any:
        """The JSON of a successful answer."""
        return self._told(self.client.get(path))

    def post(self, path: str, body: Any = None) -> Any:
        """The JSON of a successful answer."""
        return self._told(self.client.post(path, json=body))

    def send(self, *events: Json) -> None:
        """Store events: `{"profile": {...}, "action": ..., ...}`; up to 1,000 in one request."""
        for first in range(0, len(events), 1_000):
            answer = self.post("/events", list(events[first : first + 1_000]))
            assert answer["rejected"] == 0, answer

    def journey(self, definition: Json, *, active: bool = True) -> str:
        """Store a journey, and activate it. Its id."""
        id: str = self.post("/journeys", definition)["id"]
        if active:
            self.post(f"/journeys/{id}/activate")
        return id

    def profile(self, identifier: str) -> int:
        """The key of a profile, once there is one with this identifier, as `email:ada@example.com`."""

        def found() -> Any:
            answer = self.client.get(f"/profiles/{identifier}")
            return answer.json() if answer.status_code == 200 else None

        key: int = until(found, f"there is a profile {identifier}")["profile"]
        return key

    def actions(self, profile: int) -> list[str]:
        """What is on a card, newest first."""
        return [event["action"] for event in self.get(f"/profiles/{profile}/activity")["events"]]

    def at(self, path: str, **search: Any) -> str:
        """The address of a page of the app in this workspace; what is no text is written as JSON."""
        written = {name: value if isinstance(value, str) else json.dumps(value) for name, value in search.items()}
        return f"{path}?{urlencode({'workspace': self.name, **written})}"

    def close(self) -> None:
        self.client.close()

    @staticmethod
    def _told(answer: httpx2.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()


class Session(NamedTuple):
    """Somebody who is signed in: the cookie for a browser, and what changes something has to show beside it."""

    cookie: str
    csrf: str


def sign_in(url: str) -> Session:
    """Begin a session of the first account."""
    answer = httpx2.post(f"{url}/api/v1/session", json={"email": EMAIL, "password": PASSWORD}, trust_env=False)
    assert answer.is_success, answer.text
    return Session(answer.cookies["milepost_session"], answer.json()["csrf"])
