"""The real log that the import is tried on; it lies beside the repository, and need not be there."""

from __future__ import annotations

import os
import pathlib

import pytest

DATA = pathlib.Path(os.environ.get("MILEPOST_TEST_DATA", pathlib.Path(__file__).parents[4] / "shared" / "data"))


@pytest.fixture
def loan_applications() -> pathlib.Path:
    path = DATA / "bpi2012_events.csv.gz"
    if not path.is_file():
        pytest.skip(f"the loan applications (BPI Challenge 2012) are not here: {path.name}")
    return path
