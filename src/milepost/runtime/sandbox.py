"""What a virtual workspace answers in a provider's place: at once, and nothing leaves the house (D-3.8).

Owns the answers. Must not know real providers.
"""

from __future__ import annotations

from typing import Any, Final

from milepost.kernel.command import Send

PROVIDER: Final = "sandbox"


def answer(send: Send) -> tuple[str, dict[str, Any]]:
    """The event that comes back: (action, params)."""
    if send.channel == "webhook":
        params = {"url": send.payload["url"], "status": 200, "provider": PROVIDER, "messageId": send.id}
        return send.payload["response_event"], {**params, **send.origin}
    return "message.sent", {**send.origin, "channel": send.channel, "messageId": send.id, "provider": PROVIDER}
