"""Providers of web calls."""
