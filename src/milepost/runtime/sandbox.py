"""What answers in a provider's place in virtual workspaces and the demo: at once, and nothing leaves (D-3.8).

Owns the answers. Must not know real providers.
"""

from __future__ import annotations

from typing import Any, Final

from milepost.kernel.command import Send
from milepost.ports.state_store import WorkspaceRow

PROVIDER: Final = "sandbox"


def sandboxed(workspace: WorkspaceRow) -> bool:
    """Whether a workspace's messages and web calls stay here: those of a virtual clock, and those of the demo."""
    return workspace.clock == "virtual" or workspace.demo


def answer(send: Send) -> tuple[str, dict[str, Any]]:
    """The event that comes back: (action, params)."""
    if send.channel == "webhook":
        params = {"url": send.payload["url"], "status": 200, "provider": PROVIDER, "messageId": send.id}
        return send.payload["response_event"], {**params, **send.origin}
    return "message.sent", {**send.origin, "channel": send.channel, "messageId": send.id, "provider": PROVIDER}
