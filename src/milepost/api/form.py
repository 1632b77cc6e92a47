"""What every request and answer model shares.

Owns strictness of requests, and pages. Must not know any noun.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

MOST_IN_A_PAGE: Final = 1_000


class Asked(BaseModel):
    """Base of what comes in: a field or a query parameter that does not exist is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Told(BaseModel):
    """Base of what goes out."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


Limit = Annotated[int, Field(ge=1, le=MOST_IN_A_PAGE, description="Items in a page.")]
