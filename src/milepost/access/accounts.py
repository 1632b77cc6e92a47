"""Accounts: who may sign in, and the proof that it is them (D-8).

Owns what an email and a password must be, and the hash that is stored instead of a password. Must not know how somebody
stays signed in, nor HTTP. Hashing takes a tenth of a second and 64 MB on purpose: call it where that is no harm.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

import argon2

from milepost.access.attempts import Attempts
from milepost.errors import Conflict, Invalid, NotFound, Unauthorized
from milepost.ports.clock import Clock
from milepost.ports.state_store import AccountRow, StateStore

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 1_024
LONGEST_EMAIL: Final = 254
LONGEST_NAME: Final = 100

_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")
_hasher: Final = argon2.PasswordHasher()


class Accounts:
    """The accounts in a state store."""

    def __init__(self, store: StateStore, clock: Clock, attempts: Attempts | None = None) -> None:
        self._store = store
        self._clock = clock
        self._attempts = Attempts() if attempts is None else attempts

    def none(self) -> bool:
        """Whether there is no account yet."""
        with self._store.reading() as tx:
            return not tx.accounts()

    def create_first(self, email: str, password: str, name: str = "") -> AccountRow:
        """Make the first account. Raises Invalid, and Conflict when there is one."""
        email = accept_email(email)
        password = accept_password(password, email)
        refusal = Conflict("There is an account already.", fix="Sign in with it.")
        # Asked twice: before the work, and where nobody can come in between.
        if not self.none():
            raise refusal
        row = AccountRow(1, email, name.strip(), _hasher.hash(password), self._clock.now())
        with self._store.writing() as tx:
            if tx.accounts():
                raise refusal
            tx.put_account(row)
        return row

    def by_password(self, email: str, password: str, address: str) -> AccountRow:
        """The account with this email and password, asked from a client's address.

        Raises Unauthorized, with one text and after one time whether email or password is wrong, and TooManyAttempts.
        """
        email, now = canonical(email), self._clock.now()
        self._attempts.begin(email, address, now)
        with self._store.reading() as tx:
            row = tx.account(email)
        if not _matches(password, None if row is None else row.password) or row is None:
            raise Unauthorized("The email or the password is wrong.", fix="Check both and try again.")
        self._attempts.succeeded(email, address, now)
        return row

    def all(self) -> list[AccountRow]:
        """Every account, oldest first."""
        with self._store.reading() as tx:
            return tx.accounts()

    def set_password(self, email: str, password: str) -> AccountRow:
        """Give an account a new password, for whoever need not know the present one. Raises NotFound, Invalid.

        Failed attempts to sign in with the email are forgotten.
        """
        email = canonical(email)
        with self._store.reading() as tx:
            row = tx.account(email)
        if row is None:
            message = f"There is no account with the email `{email}`."
            raise NotFound(message, field="email", fix="See who has one: `milepost accounts list`.")
        row = row._replace(password=_hasher.hash(accept_password(password, email)))
        with self._store.writing() as tx:
            tx.put_account(row)
        self._attempts.forget(email)
        return row

    def change_password(self, account: AccountRow, present: str, new: str, address: str) -> None:
        """Give the account a new password. Raises Invalid, TooManyAttempts."""
        new = accept_password(new, account.email, field="new")
        try:
            row = self.by_password(account.email, present, address)
        except Unauthorized:
            raise Invalid("The present password is wrong.", field="present", fix="Type it again.") from None
        hashed = _hasher.hash(new)
        with self._store.writing() as tx:
            tx.put_account(row._replace(password=hashed))


def canonical(email: str) -> str:
    """The one spelling of an email's spellings."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def accept_email(email: str) -> str:
    """The email as it is stored. Raises Invalid."""
    email = canonical(email)
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise Invalid("This is not an email address.", field="email", fix="Write it as `ada@example.com`.")
    return email


def accept_password(password: str, email: str, *, field: str = "password") -> str:
    """The password, if it is long enough and not the email. Raises Invalid."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        message = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,} characters."
        raise Invalid(message, field=field, fix="Several words that do not belong together make a good one.")
    if canonical(password) == email:
        raise Invalid("The email is no password: everybody knows it.", field=field, fix="Choose another one.")
    return _typed(password)


def _matches(password: str, hash: str | None) -> bool:
    """Whether this is the password. Without a hash it is not, but that takes as long to find out."""
    decoy = _decoy()
    try:
        _hasher.verify(decoy if hash is None else hash, _typed(password))
    except argon2.exceptions.VerifyMismatchError:
        return False
    return hash is not None


@functools.cache
def _decoy() -> str:
    return _hasher.hash("nobody's")


def _typed(password: str) -> str:
    """One form for what keyboards send as one character or as two."""
    return unicodedata.normalize("NFC", password)
