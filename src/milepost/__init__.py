"""Milepost runs customer journeys and keeps a complete, honest record of every step that every customer takes."""

from __future__ import annotations

__version__ = "0.1.0"
