"""Whether low scores were followed by anything: a contact that the business began, or an action."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import pandas as pd

from ..expressions import Rows
from .groups.surveys import SURVEYS
from .scope import Scope

__all__ = ["FOLLOW_DAYS", "Feedback", "feedback"]

FOLLOW_DAYS = 30
"""Days after a low score within which somebody ought to have acted on it."""

_DETRACTORS = 6


@dataclass(frozen=True)
class Feedback:
    """What became of answers.

    Parameters
    ----------
    answers
        Answers of the months.
    about_contact
        Those about a contact; None where no survey says so.
    low
        Low scores older than :data:`FOLLOW_DAYS`: a csat or ces in the lowest quarter of its scale, an nps up to 6.
    followed
        Those of them that a contact of ours or an action followed; None where nobody could tell.
    """

    answers: int
    about_contact: int | None
    low: int
    followed: int | None


def feedback(scope: Scope, since: pd.Timestamp) -> Feedback | None:
    """Return what became of the answers of surveys sent from ``since`` on; None without surveys."""
    if not scope.has("surveys.score"):
        return None
    rows = SURVEYS.stored(scope)
    rows = rows.filter(rows.answered, rows["at"] >= since.to_pydatetime())
    about = rows.contact_id.notnull().cast("int64").sum() if "contact_id" in rows.columns else ibis.null("int64")
    counted = scope.tables.execute(rows.aggregate(answers=rows.count(), about=about)).iloc[0]
    low = _low(scope, rows)
    steps = _steps(scope)
    total = int(scope.tables.execute(low.aggregate(times=low.count()))["times"].iloc[0])
    followed = None if steps is None else _followed(scope, low, steps)
    return Feedback(int(counted["answers"]), _whole(counted["about"]), total, followed)


def _whole(value: float) -> int | None:
    return None if pd.isna(value) else int(value)


def _low(scope: Scope, rows: Rows) -> Rows:
    scales = scope.tables.config.scales
    lowest = {name: low + 0.25 * (high - low) for name, (low, high) in (("csat", scales.csat), ("ces", scales.ces))}
    bad = (rows.metric == "csat") & (rows.score <= lowest["csat"])
    if scope.config.ces_version == "2.0":
        bad |= (rows.metric == "ces") & (rows.score <= lowest["ces"])
    bad |= (rows.metric == "nps") & (rows.score <= _DETRACTORS)
    ripe = scope.tables.data_until.to_pydatetime() - dt.timedelta(days=FOLLOW_DAYS)
    return rows.filter(bad, rows.responded_at < ripe).select("survey_id", "customer_id", "responded_at")


def _steps(scope: Scope) -> Rows | None:
    """Return when the business turned to which customer; None where no table tells."""
    parts = []
    if scope.has("contacts.direction"):
        calls = scope.tables["contacts"]
        calls = calls.filter(calls.direction == "outbound")
        parts.append(calls.select(helped="customer_id", helped_at="opened_at"))
    if scope.has("actions.arm"):
        acts = scope.tables["actions"]
        acts = acts.filter(acts.arm == "treated")
        parts.append(acts.select(helped="customer_id", helped_at="decided_at"))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else parts[0].union(parts[1])


def _followed(scope: Scope, low: Rows, steps: Rows) -> int:
    low = low.mutate(late=low.responded_at + ibis.interval(days=FOLLOW_DAYS))
    pairs = low.join(
        steps,
        [low.customer_id == steps.helped, steps.helped_at > low.responded_at, steps.helped_at <= low.late],
    )
    return int(scope.tables.execute(pairs.aggregate(times=pairs.survey_id.nunique()))["times"].iloc[0])
