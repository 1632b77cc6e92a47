"""What the bytes in the state store's rows are: inputs, runs, profiles, kept events, intents.

Owns the encoding (MessagePack) and nothing else. Must not know a rule of the domain.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from milepost.kernel.event import Cause, Event
from milepost.kernel.profile import Consent, Profile, ProfileChange
from milepost.kernel.run import Run
from milepost.ports.sender import Intent
from milepost.ports.state_store import Identifier, ProfileRow


class Logged(NamedTuple):
    """An event in the log: params stay the text that came in, and are read only if somebody asks."""

    id: str
    profile: int
    action: str
    time: int
    received_at: int
    position: int
    text: bytes
    """`params` as JSON."""
    label: str
    source: str
    cause: Cause | None

    def event(self) -> Event:
        """As the kernel sees it."""
        return Event(
            self.id, self.profile, self.action, self.time, self.received_at, self.position, _json(self.text),
            self.label, self.source, self.cause,
        )  # fmt: skip


class LoggedChange(NamedTuple):
    """A change of a profile in the log."""

    position: int
    instant: int
    profile: int
    set: dict[str, Any]
    add_tags: tuple[str, ...]
    remove_tags: tuple[str, ...]
    consents: dict[str, bool]
    source: str

    def change(self) -> ProfileChange:
        """As the kernel sees it."""
        return ProfileChange(self.set, {}, self.add_tags, self.remove_tags, self.consents)


_encode: Final = msgspec.msgpack.Encoder().encode
_json: Final = msgspec.json.Decoder(dict[str, Any]).decode
_events: Final = msgspec.msgpack.Decoder(list[Logged])
_event: Final = msgspec.msgpack.Decoder(Logged)
_changes: Final = msgspec.msgpack.Decoder(list[LoggedChange])
_any: Final = msgspec.msgpack.Decoder()
_profile: Final = msgspec.msgpack.Decoder(tuple[dict[str, Any], list[str], dict[str, Consent]])
_json_encode: Final = msgspec.json.Encoder().encode


def json_text(value: Any) -> str:
    """A JSON value as compact text."""
    return _json_encode(value).decode()


def logged(event: Event) -> Logged:
    """An event that the product made, on its way into the log."""
    return Logged(
        event.id, event.profile, event.action, event.time, event.received_at, event.position,
        _json_encode(event.params), event.label, event.source, event.cause,
    )  # fmt: skip


def encode_events(events: list[Logged]) -> bytes:
    """Events of one row of the log."""
    return _encode(events)


def decode_events(body: bytes) -> list[Logged]:
    """Events of one row of the log."""
    return _events.decode(body)


def encode_event(event: Logged) -> bytes:
    """One kept event."""
    return _encode(event)


def decode_event(body: bytes) -> Logged:
    """One kept event."""
    return _event.decode(body)


def encode_changes(changes: list[LoggedChange]) -> bytes:
    """Changes of profiles of one row of the log."""
    return _encode(changes)


def decode_changes(body: bytes) -> list[LoggedChange]:
    """Changes of profiles of one row of the log."""
    return _changes.decode(body)


def encode_command(command: dict[str, Any]) -> bytes:
    """A command: a flat object with `type`."""
    return _encode(command)


def decode_command(body: bytes) -> dict[str, Any]:
    """A command: a flat object with `type`."""
    decoded: dict[str, Any] = _any.decode(body)
    return decoded


def encode_run(run: Run) -> bytes:
    """A run's state, without key and journey."""
    return _encode(run.state())


def decode_run(key: int, journey: int, state: bytes) -> Run:
    """A run from its state."""
    return Run.of(key, journey, _any.decode(state))


def encode_profile(profile: Profile) -> bytes:
    """Attributes, tags and consents."""
    return _encode((profile.attributes, sorted(profile.tags), dict(profile.consents)))


EMPTY_PROFILE: Final = _encode(({}, [], {}))


def decode_profile(row: ProfileRow, identifiers: list[Identifier]) -> Profile:
    """The profile in a row, with the newest address of each kind among its identifiers, which come oldest first."""
    attributes, tags, consents = _profile.decode(row.body)
    addresses = {identifier.kind: identifier.value for identifier in identifiers}
    return Profile(row.key, attributes, frozenset(tags), consents, addresses.get("email"), addresses.get("phone"))


def encode_intent(intent: Intent) -> bytes:
    """Payload, origin and cause of an intent."""
    return _encode((intent.payload, intent.origin, intent.cause))


def decode_intent(body: bytes) -> tuple[dict[str, Any], dict[str, Any], tuple[str, int, str]]:
    """Payload, origin and cause of an intent."""
    payload, origin, cause = _any.decode(body)
    return payload, origin, tuple(cause)
