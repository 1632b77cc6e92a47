"""What may happen when a timer is due, read off the journey that is drawn.

Owns the walk from a wait to the next one. Pure. Must not know which way anybody will take, nor who waits.
"""

from __future__ import annotations

from milepost.kernel.journey import Definition
from milepost.kernel.node import NodeSettings, registry


def messages_behind(definition: Definition, node: str) -> list[str]:
    """Ids of the nodes that may hand something over when a timer at `node` is due, in order of their distance.

    All ways from the outlet by which the timer leads on are followed up to the next node at which paths may stand.
    """
    drawn = {one.id: one for one in definition.nodes}
    settings: dict[str, NodeSettings] = {
        one.id: registry()[one.type].model_validate(one.settings) for one in definition.nodes if one.type in registry()
    }
    outlet = settings[node].when_due() if node in settings else None
    if outlet is None:
        return []
    queue = [drawn[node].outlets.get(outlet)]
    seen: set[str] = set()
    found: list[str] = []
    for id in queue:
        if id is None or id in seen or id not in settings:
            continue
        seen.add(id)
        if settings[id].sends is not None:
            found.append(id)
        if not settings[id].holds():
            queue += drawn[id].outlets.values()
    return found
