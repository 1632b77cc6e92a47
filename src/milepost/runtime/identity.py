"""Which profile an input belongs to (D-2.4): by its highest-ranking known identifier, which takes on the others.

Owns the rules for one group of inputs inside one transaction. Must not know what the inputs say.
Merging of two profiles is not part of it: an anonymous id seen with a known profile passes to that profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from milepost.errors import IdentifierConflict
from milepost.ports.state_store import Identifier, ProfileRow, Transaction
from milepost.runtime import codec
from milepost.runtime.sequence import Sequence as Numbers


class Identities:
    """Resolves the identifiers of a group, creates the profiles that are new, and writes both at the end."""

    def __init__(self, tx: Transaction, workspace: int, groups: Iterable[Sequence[Identifier]], keys: Numbers) -> None:
        self._tx = tx
        self._workspace = workspace
        self._keys = keys
        wanted = {identifier for identifiers in groups for identifier in identifiers}
        self._known = tx.resolve(workspace, list(wanted)) if wanted else {}
        tablets = [key for identifier, key in self._known.items() if identifier.kind == "uuid"]
        held = tx.identifiers(tablets) if tablets else {}
        self._kinds = {key: {identifier.kind for identifier in found} for key, found in held.items()}
        """What kinds of identifiers the profiles have that are known by a uuid."""
        self._bound: dict[Identifier, int] = {}
        self._created: list[int] = []

    def profile_of(self, identifiers: Sequence[Identifier]) -> int:
        """The profile's key. Raises IdentifierConflict when two different known profiles are named."""
        owner: tuple[Identifier, int] | None = None
        for identifier in identifiers:
            key = self._known.get(identifier)
            if key is None:
                continue
            if owner is None:
                owner = (identifier, key)
            elif key != owner[1] and identifier.kind != "uuid":
                message = (
                    f"`{owner[0].kind}` {owner[0].value!r} and `{identifier.kind}` {identifier.value!r} "
                    "belong to two different profiles."
                )
                raise IdentifierConflict(
                    message, field=f"profile.{identifier.kind}", fix="Send identifiers of one profile only."
                )
        if owner is not None and owner[0].kind == "uuid" and self._is_somebody_else(owner[1], identifiers):
            owner = None
        if owner is None:
            key = self._keys.take(1)
            self._created.append(key)
        else:
            key = owner[1]
        for identifier in identifiers:
            self._kinds.setdefault(key, set()).add(identifier.kind)
            if self._known.get(identifier) != key:
                self._known[identifier] = self._bound[identifier] = key
        return key

    def _is_somebody_else(self, key: int, identifiers: Sequence[Identifier]) -> bool:
        """Whether a profile known by the uuid of a shared device is named otherwise than these identifiers say."""
        return any(identifier.kind != "uuid" and identifier.kind in self._kinds[key] for identifier in identifiers)

    def write(self, instant: int) -> None:
        """Store what is new."""
        if self._created:
            self._tx.put_profiles([
                ProfileRow(key, self._workspace, instant, 0, codec.EMPTY_PROFILE) for key in self._created
            ])  # fmt: skip
        if self._bound:
            self._tx.bind(self._workspace, self._bound, instant)
