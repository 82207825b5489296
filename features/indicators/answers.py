"""Everybody who was asked, with what was known of them when they were: for who answers, and who stays silent."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import numpy as np
import pandas as pd

from ...core.arrays import Floats
from ..expressions import Rows, Value
from ..timeline.look_ahead import microseconds
from .aggregate import GROUP, grouped
from .declare import Indicator
from .groups.surveys import SURVEYS
from .scope import CLUSTER, MONTH, Scope

__all__ = ["answers", "groups_of", "known_when_asked"]

_HOUR = 3600e6
_DAY = 24 * _HOUR
_MOST_LEVELS = 20
_TEXTS = ("channel", "reason")


def answers(scope: Scope, indicator: Indicator) -> pd.DataFrame:
    """Return everybody asked for an indicator's survey, one row a survey.

    Returns
    -------
    pandas.DataFrame
        survey_id, month, cluster, answered, asked, at, responded_at, ``worth`` (what the answer counts; 0 without one),
        and where the tables have them channel, reason, complaint, waited, since, solved, tenure: what was known of the
        customer and of the contact at the instant of asking.
    """
    rows = SURVEYS.stored(scope)
    rows = rows.filter(rows.metric == indicator.survey, rows.asked | rows.answered)
    customers = scope.tables["customers"]
    customers = customers.select(asked_customer="customer_id", signed="signed_up_at")
    rows = rows.left_join(customers, rows.customer_id == customers.asked_customer)
    rows = rows.select(*rows.columns)
    cut = indicator.parts(rows, scope)
    base = ("survey_id", MONTH, CLUSTER, "answered", "asked", "at", "responded_at")
    return scope.tables.execute(rows.select(*base, worth=cut.numerator, **_known(rows)))


def groups_of(scope: Scope, indicator: Indicator, by: str) -> pd.DataFrame:
    """Return the group of each survey by a dimension: survey_id and group."""
    rows = grouped(scope, SURVEYS, by)
    rows = rows.filter(rows.metric == indicator.survey)
    return scope.tables.execute(rows.select("survey_id", GROUP))


def _known(rows: Rows) -> dict[str, Value]:
    """Return what was known strictly before each survey was sent, null where it was not."""
    found: dict[str, Value] = {name: rows[name] for name in _TEXTS if name in rows.columns}
    found["tenure"] = microseconds(rows["at"], rows.signed) / _DAY
    if "opened_at" not in rows.columns:
        return found
    found["since"] = microseconds(rows["at"], rows.opened_at) / _DAY
    if "is_complaint" in rows.columns:
        found["complaint"] = rows.is_complaint.cast("float64")
    if "answered_at" in rows.columns:
        waited = microseconds(rows.answered_at, rows.opened_at) / _HOUR
        found["waited"] = ibis.ifelse(rows.answered_at < rows["at"], waited, ibis.null("float64"))
    if {"closed_at", "resolved"} <= set(rows.columns):
        solved = rows.resolved.cast("float64")
        found["solved"] = ibis.ifelse(rows.closed_at < rows["at"], solved, ibis.null("float64"))
    return found


def known_when_asked(asked: pd.DataFrame) -> Floats:
    """Return what was known of everybody asked as numbers, (n, p): 0 and a mark stand for what is missing.

    Parameters
    ----------
    asked
        What :func:`answers` returned. The customer's surveys before it are among what was known: how many, and how
        many of them were answered by then.
    """
    columns = [*_history(asked)]
    for name in ("tenure", "since", "waited", "complaint", "solved"):
        if name in asked:
            columns += _number(asked[name])
    for name in _TEXTS:
        if name in asked:
            columns += _levels(asked[name])
    return np.column_stack(columns)


def _number(values: pd.Series) -> list[Floats]:
    """Return a number as its signed root, whose large values weigh less, and whether it is missing."""
    known = values.to_numpy(dtype=float, na_value=np.nan)
    gone = np.isnan(known)
    filled = np.where(gone, 0.0, known)
    return [np.sign(filled) * np.sqrt(np.abs(filled)), gone.astype(float)]


def _levels(values: pd.Series) -> Iterable[Floats]:
    """Return a column for each of the most frequent texts."""
    frequent = values.value_counts().index[:_MOST_LEVELS]
    return [(values == level).fillna(False).to_numpy(dtype=float) for level in frequent]


def _history(asked: pd.DataFrame) -> list[Floats]:
    """Return the roots of how many surveys each customer was sent before, and had answered by then."""
    _, who = np.unique(asked[CLUSTER].astype(str), return_inverse=True)
    moments = asked["at"].to_numpy(dtype="datetime64[us]").astype(np.int64)
    start = moments.min() if len(moments) else 0
    span = np.int64(1) << 40  # microseconds would overflow: a tenth of a second is fine enough
    when = who * span + (moments - start) // 100_000
    told = asked["answered"].to_numpy(dtype=bool)
    replied = asked["responded_at"].to_numpy(dtype="datetime64[us]").astype(np.int64)[told]
    replies = np.sort(who[told] * span + np.maximum(replied - start, 0) // 100_000)
    sent = np.sort(when)
    before = np.searchsorted(sent, when, "left") - np.searchsorted(sent, who * span, "left")
    known = np.searchsorted(replies, when, "left") - np.searchsorted(replies, who * span, "left")
    return [np.sqrt(before.astype(float)), np.sqrt(known.astype(float))]
