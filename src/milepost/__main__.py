"""`python -m milepost`: the same as the command `milepost`."""

from __future__ import annotations

from milepost.cli import app

if __name__ == "__main__":
    app()
