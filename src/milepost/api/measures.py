"""`/metrics`: what Prometheus reads. For admins: it says nothing of any customer, but how much business there is.

Owns who may read it. Must not know a measure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request, Response

from milepost.api.caller import Admin

Measure = Callable[[], bytes]
"""The measures as text."""
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter()


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, caller: Admin) -> Response:
    """Every measure, in the text format of Prometheus."""
    del caller
    measure: Measure = request.app.state.measure
    return Response(measure(), media_type=CONTENT_TYPE)
