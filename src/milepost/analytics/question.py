"""The family of questions: what `POST /api/v1/query` takes, and what comes back.

Owns the unions of questions, answers and members, and the one way into the reference answers. Must not know any store.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from milepost.analytics import funnel, trend
from milepost.analytics.datapoint import Attributes, Datapoint
from milepost.analytics.funnel import Funnel, FunnelAnswer, FunnelMembers
from milepost.analytics.trend import Trend, TrendAnswer, TrendMembers

Question = Annotated[Funnel | Trend, Field(discriminator="kind")]
Answer = FunnelAnswer | TrendAnswer
Members = Annotated[FunnelMembers | TrendMembers, Field(discriminator="kind")]


def answer(question: Question, datapoints: Iterable[Datapoint], attributes: Attributes, now: int) -> Answer:
    """The reference answer over a workspace's datapoints, as of `now` (ms) unless the question says when."""
    match question:
        case Funnel():
            return funnel.answer(question, datapoints, attributes, now)
        case Trend():
            return trend.answer(question, datapoints, attributes, now)


def members(
    question: Question, datapoints: Iterable[Datapoint], attributes: Attributes, whom: Members, now: int
) -> list[int]:
    """Keys of the profiles behind one number of the answer, in order; nobody if it is not a number of this question."""
    match question, whom:
        case Funnel(), FunnelMembers():
            return funnel.members(question, datapoints, attributes, whom, now)
        case Trend(), TrendMembers():
            return trend.members(question, datapoints, attributes, whom, now)
    return []
