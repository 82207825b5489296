"""Features of satisfaction surveys: CSAT, NPS and CES answers, and surveys left unanswered."""

from __future__ import annotations

from typing import Any

import ibis

from ..core.config import Config
from .declare import Form, Group, days_of, mean, thousandths, within
from .sources import Tables
from .spine import Keys, known_events

__all__ = ["SATISFACTION"]

_ANSWER = ("surveys.responded_at", "surveys.score")


def _rows(tables: Tables, keys: Keys) -> Any:
    """Return each pair's known surveys; ``order`` runs by answer, then by key."""
    e = known_events(tables, keys, "surveys")
    by_answer = ibis.window(group_by="row", order_by=[e.responded_at, e.survey_id])
    return e.mutate(order=ibis.row_number().over(by_answer))


def _metrics(config: Config) -> tuple[str, ...]:
    return tuple(type(config.scales).model_fields)


SATISFACTION = Group("satisfaction", _rows)


@SATISFACTION.feature(name="{metric}_last", unit="score", sources=_ANSWER, known="responded_at", items=_metrics)
def last(e: Any, item: str) -> Any:
    """Latest {metric} score."""
    return e.score.argmax(e.order, where=(e.metric == item) & e.score.notnull())


@SATISFACTION.feature(
    name="{metric}_mean", unit="score", sources=_ANSWER, known="responded_at", windows=True, items=_metrics
)
def mean_score(e: Any, item: str, days: int) -> Any:
    """Mean {metric} score of the answers given in the window."""
    return mean(thousandths(e.score), 1000.0, (e.metric == item) & within(e.responded_at_age, days))


@SATISFACTION.feature(
    name="{metric}_min", unit="score", sources=_ANSWER, known="responded_at", windows=(365,), items=_metrics
)
def lowest(e: Any, item: str, days: int) -> Any:
    """Lowest {metric} score of the answers given in the window."""
    return e.score.min(where=(e.metric == item) & within(e.responded_at_age, days))


@SATISFACTION.feature(unit="surveys", sources=("surveys.sent_at",), known="sent_at", form=Form.COUNT, windows=True)
def surveys_sent(e: Any, days: int) -> Any:
    """Surveys sent in the window."""
    return e.count(where=within(e.sent_at_age, days))


@SATISFACTION.feature(
    unit="surveys",
    sources=("surveys.sent_at", "surveys.responded_at"),
    known="sent_at, responded_at",
    form=Form.COUNT,
    windows=True,
)
def surveys_unanswered(e: Any, days: int) -> Any:
    """Surveys sent in the window and not answered before as_of."""
    return e.count(where=e.responded_at.isnull() & within(e.sent_at_age, days))


@SATISFACTION.feature(unit="days", sources=("surveys.responded_at",), known="responded_at")
def days_since_survey_answer(e: Any) -> Any:
    """Days since the customer last answered a survey."""
    return days_of(e.responded_at_age.min())
