"""Lanes of the outbox: effects of one lane are begun in order, and those of different lanes do not hold each other up.

Owns which effects share a lane: the messages of a workspace in one channel, and its web calls to one host. Must not
know how many of a lane are under way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

LONGEST: Final = 255
"""Characters of a host's name and port."""


class Lane(NamedTuple):
    """A lane, taken apart."""

    channel: str
    workspace: int
    target: str
    """Where a web call goes; empty for messages, which all go to one provider."""


def lane_of(workspace: int, channel: str, payload: Mapping[str, Any]) -> str:
    """The lane of an effect, as it is stored."""
    return f"{channel} {workspace} {_host(payload.get('url'))}".rstrip()


def parsed(lane: str) -> Lane:
    """What a lane's name says."""
    channel, workspace, *target = lane.split(" ", 2)
    return Lane(channel, int(workspace), target[0] if target else "")


def _host(url: Any) -> str:
    try:
        host = urlsplit(url.strip()).netloc if isinstance(url, str) else ""
    except ValueError:
        # It will be refused when it is carried out.
        return ""
    return "".join(host.rpartition("@")[2].lower().split())[:LONGEST]
