"""The state store in one SQLite file: owns its schema and its statements. Must not know what the bytes mean."""

from __future__ import annotations

from milepost.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
