"""The state store in a PostgreSQL database: owns its schema and its statements. Must not know what the bytes mean."""

from __future__ import annotations

from milepost.stores.postgresql.store import PostgresqlStore

__all__ = ["PostgresqlStore"]
