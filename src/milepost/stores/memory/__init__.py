"""The stores in plain objects: for tests, test runs and backtests. They promise what the others promise, but nothing
of it outlives the process.
"""

from __future__ import annotations
