"""Every error that a user can meet: one base, a stable code, the field, and the fix.

Owns the error classes and their texts. Must not know HTTP: `api` maps `status` to a response of one shape.
"""

from __future__ import annotations

from typing import Any, ClassVar


class MilepostError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str | None = None,
        fix: str | None = None,
        details: list[dict[str, Any]] | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.field = field
        self.fix = fix
        self.details = details or []
        super().__init__(self.message)


class Invalid(MilepostError):
    """The request does not have the right form."""

    code = "invalid"
    status = 422


class Malformed(MilepostError):
    """The body is not valid JSON."""

    code = "malformed"
    status = 400


class TooLarge(MilepostError):
    """The request is over a limit."""

    code = "too_large"
    status = 413


class Unauthorized(MilepostError):
    """There is no valid API key and nobody is signed in, or the email or password is wrong."""

    code = "unauthorized"
    status = 401


class Forbidden(MilepostError):
    """This is not allowed."""

    code = "forbidden"
    status = 403


class CrossSite(MilepostError):
    """The request may have been made by another site: it does not show the session's second token."""

    code = "csrf"
    status = 403


class TooManyAttempts(MilepostError):
    """There were too many failed attempts to sign in."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, *, seconds: int) -> None:
        self.seconds = seconds
        """How long to wait."""
        minutes = -(-seconds // 60)
        super().__init__(fix=f"Try again in {minutes} minute{'s' * (minutes > 1)}.")


class NotFound(MilepostError):
    """There is no such thing."""

    code = "not_found"
    status = 404


class WorkspaceGone(NotFound):
    """The workspace is not there any more."""

    code = "workspace_gone"


class Conflict(MilepostError):
    """The present state does not allow this."""

    code = "conflict"
    status = 409


class JourneyHasIssues(MilepostError):
    """The journey cannot be activated while it has issues."""

    code = "journey_has_issues"
    status = 409


class IdentifierConflict(MilepostError):
    """The identifiers belong to two different known profiles."""

    code = "identifier_conflict"
    status = 409


class StorageFull(MilepostError):
    """There is not enough free disk space to store this safely."""

    code = "storage_full"
    status = 507


class StorageUnavailable(MilepostError):
    """The store cannot be written at the moment."""

    code = "storage_unavailable"
    status = 503


class AddressInUse(MilepostError):
    """The server cannot listen on its address."""

    code = "address_in_use"
    status = 409


class FolderInUse(MilepostError):
    """Another server owns this data folder."""

    code = "folder_in_use"
    status = 409


class StoreInUse(MilepostError):
    """Another server works with this state store."""

    code = "store_in_use"
    status = 409


class Standby(MilepostError):
    """This server is a standby: another one works."""

    code = "standby"
    status = 503


class LeaseLost(MilepostError):
    """Another worker has taken over."""

    code = "lease_lost"
    status = 503


class SchemaTooNew(MilepostError):
    """The data was written by a newer Milepost."""

    code = "schema_too_new"
    status = 409
