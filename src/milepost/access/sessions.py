"""Sessions: how somebody stays signed in with a browser (D-8).

Owns the token in the browser's cookie, its hash in the store, and the second token that a page must show to change
something. Must not know who may sign in, nor how the tokens travel.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from milepost.ports.clock import Clock
from milepost.ports.state_store import AccountRow, SessionRow, StateStore

LIFETIME: Final = 30 * 86_400_000
"""Milliseconds after which one has to sign in again."""
SEEN_EVERY: Final = 3_600_000
"""Milliseconds between two notes of a session's use: each is a write."""


class Sessions:
    """The sessions in a state store."""

    def __init__(self, store: StateStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def begin(self, account: AccountRow, *, instead_of: str | None = None) -> str:
        """The token of a new session; the one that the browser had until now ends."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        with self._store.writing() as tx:
            tx.forget_sessions(now)
            if instead_of is not None:
                tx.delete_session(hash_token(instead_of))
            tx.put_session(SessionRow(hash_token(token), account.key, now, now, now + LIFETIME))
        return token

    def find(self, token: str) -> AccountRow | None:
        """Who is signed in with this token; None when nobody is, or no more."""
        now = self._clock.now()
        with self._store.reading() as tx:
            row = tx.session(hash_token(token))
            accounts = {account.key: account for account in tx.accounts()} if row is not None else {}
        if row is None or row.expires <= now:
            return None
        if now - row.seen >= SEEN_EVERY:
            with self._store.writing() as tx:
                # It may have ended meanwhile, and must not come back.
                if tx.session(row.hash) is not None:
                    tx.put_session(row._replace(seen=now))
        return accounts.get(row.account)

    def end(self, token: str) -> None:
        """Sign out."""
        with self._store.writing() as tx:
            tx.delete_session(hash_token(token))

    def end_all(self, account: AccountRow) -> None:
        """Sign out everywhere."""
        with self._store.writing() as tx:
            tx.delete_sessions(account.key)


def hash_token(token: str) -> str:
    """What is stored instead of a token; one fast hash is enough for 256 random bits, as with API keys."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token(token: str) -> str:
    """What a page of ours must show beside the cookie: other sites make browsers send the cookie, but cannot read this.

    It is made from the session's token, so nothing has to be stored, and ends with it.
    """
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_csrf_token(given: str, token: str) -> bool:
    """Whether this is the second token, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(given.encode(), csrf_token(token).encode())
