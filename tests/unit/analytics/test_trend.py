"""Trend: its rules (D-5). Numbers are checked in `conformance` and `property`."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from milepost.analytics.question import Question
from milepost.analytics.trend import Trend


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"series": []}, "trend_series"),
        ({"series": [{"action": "a", "measure": "sum"}]}, "literal_error"),
        ({"interval": "minute", "from": "2020-01-01"}, "trend_intervals"),
        ({"breakdown": {}}, "trend_breakdown"),
        ({"breakdown": {"param": "a", "attribute": "b"}}, "trend_breakdown"),
        ({"breakdown": {"param": "a", "top": 0}}, "greater_than_equal"),
        ({"series": [{"action": "a", "where": {"attribute": "x", "op": "exists"}}]}, "step_where"),
    ],
)
def test_refused(fields: dict[str, Any], code: str) -> None:
    question = {"from": "2026-03-01", "to": "2026-03-31", "series": [{"action": "a"}], **fields}
    with pytest.raises(ValidationError) as refused:
        Trend.model_validate(question)
    assert [error["type"] for error in refused.value.errors()] == [code]


def test_a_question_is_told_by_its_kind() -> None:
    question = {"kind": "trend", "from": "2026-03-01", "to": "2026-03-31", "series": [{"action": "a"}]}
    assert isinstance(TypeAdapter[Any](Question).validate_python(question), Trend)
    with pytest.raises(ValidationError):
        TypeAdapter[Any](Question).validate_python({**question, "kind": "retention"})
