"""Milepost runs customer journeys and keeps a complete, honest record of every step that every customer takes."""
