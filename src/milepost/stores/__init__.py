"""Adapters of the two store ports, one folder per engine. They do not know each other; `app` chooses."""

from __future__ import annotations
