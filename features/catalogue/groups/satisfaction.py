"""Features of satisfaction surveys: CSAT, NPS and CES answers, and surveys left unanswered."""

from __future__ import annotations

import ibis

from ....core.config.business import Config
from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, days_of, mean, share, thousandths, within

__all__ = ["SATISFACTION"]

_ANSWER = ("surveys.responded_at", "surveys.score")
_SENT = ("surveys.sent_at", "surveys.responded_at")

_LOW = {"csat": 1 / 4, "nps": 6 / 10, "ces": 1 / 3}
"""How far up its scale an answer is low: CSAT 1-2 of 1-5, NPS 0-6 of 0-10 (detractors), CES 1-3 of 1-7."""


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known surveys; ``order`` runs by answer, then by key; ``low`` tells the low answers."""
    e = known_events(tables, keys, "surveys")
    e = e.mutate(order=ibis.struct({"at": e.responded_at, "key": e.survey_id}), score_k=thousandths(e.score))
    return e.mutate(low=_is_low(e, tables.config))


def _is_low(e: Rows, config: Config) -> Value:
    """Return whether each answer lies in the low part of its scale."""
    low = ibis.literal(False)
    for metric, part in _LOW.items():
        bottom, top = getattr(config.scales, metric)
        low = low | ((e.metric == metric) & (e.score_k <= round(1000 * (bottom + part * (top - bottom)))))
    return low


def _metrics(config: Config) -> tuple[str, ...]:
    return tuple(type(config.scales).model_fields)


SATISFACTION = Group("satisfaction", _rows)


@SATISFACTION.feature(name="{metric}_last", unit="score", sources=_ANSWER, known="responded_at", items=_metrics)
def last(e: Rows, item: str) -> Value:
    """Latest {metric} score."""
    return e.score.argmax(e.order, where=(e.metric == item) & e.score.notnull())


@SATISFACTION.feature(
    name="{metric}_mean", unit="score", sources=_ANSWER, known="responded_at", windows=True, items=_metrics
)
def mean_score(e: Rows, item: str, days: int) -> Value:
    """Mean {metric} score of the answers given in the window."""
    return mean(e.score_k, 1000.0, (e.metric == item) & within(e.responded_at_age, days))


@SATISFACTION.feature(
    name="{metric}_min", unit="score", sources=_ANSWER, known="responded_at", windows=(365,), items=_metrics
)
def lowest(e: Rows, item: str, days: int) -> Value:
    """Lowest {metric} score of the answers given in the window."""
    return e.score.min(where=(e.metric == item) & within(e.responded_at_age, days))


@SATISFACTION.feature(name="{metric}_trend", unit="score", sources=_ANSWER, known="responded_at", items=_metrics)
def trend(e: Rows, item: str) -> Value:
    """Latest {metric} score minus the mean of all earlier ones."""
    there = (e.metric == item) & e.score.notnull()
    latest, earlier = e.score_k.argmax(e.order, where=there), e.count(where=there) - 1
    rest = e.score_k.sum(where=there).cast("int64") - latest
    return (latest * earlier - rest).cast("float64") / earlier.nullif(0).cast("float64") / 1000.0


@SATISFACTION.feature(
    name="{metric}_answers",
    unit="answers",
    sources=_ANSWER,
    known="responded_at",
    form=Form.COUNT,
    windows=(365,),
    items=_metrics,
)
def answers(e: Rows, item: str, days: int) -> Value:
    """Answers on {metric} given in the window."""
    return e.count(where=(e.metric == item) & e.score.notnull() & within(e.responded_at_age, days))


@SATISFACTION.feature(
    name="{metric}_low_share", unit="share", sources=_ANSWER, known="responded_at", windows=(365,), items=_metrics
)
def low_share(e: Rows, item: str, days: int) -> Value:
    """Share of low scores among the answers on {metric} given in the window: CSAT 1-2 of 1-5, NPS 0-6 of 0-10, CES 1-3
    of 1-7, the same part of other scales.
    """
    return share(e.low, (e.metric == item) & e.score.notnull() & within(e.responded_at_age, days))


@SATISFACTION.feature(
    name="days_since_{metric}_answer", unit="days", sources=_ANSWER, known="responded_at", items=_metrics
)
def days_since_answer(e: Rows, item: str) -> Value:
    """Days since the customer last gave a {metric} score."""
    return days_of(e.responded_at_age.min(where=(e.metric == item) & e.score.notnull()))


@SATISFACTION.feature(unit="surveys", sources=("surveys.sent_at",), known="sent_at", form=Form.COUNT, windows=True)
def surveys_sent(e: Rows, days: int) -> Value:
    """Surveys sent in the window."""
    return e.count(where=within(e.sent_at_age, days))


@SATISFACTION.feature(
    unit="surveys",
    sources=_SENT,
    known="sent_at, responded_at",
    form=Form.COUNT,
    windows=True,
)
def surveys_unanswered(e: Rows, days: int) -> Value:
    """Surveys sent in the window and not answered before as_of."""
    return e.count(where=e.responded_at.isnull() & within(e.sent_at_age, days))


@SATISFACTION.feature(unit="share", sources=_SENT, known="sent_at, responded_at", windows=(365,))
def survey_response_rate(e: Rows, days: int) -> Value:
    """Share answered before as_of of the surveys sent in the window."""
    return share(e.responded_at.notnull(), e.sent_at.notnull() & within(e.sent_at_age, days))


@SATISFACTION.feature(unit="days", sources=("surveys.responded_at",), known="responded_at")
def days_since_survey_answer(e: Rows) -> Value:
    """Days since the customer last answered a survey."""
    return days_of(e.responded_at_age.min())
