"""Traps of the trade, said where they bite: a short horizon, feedback ignored, one stage alone, agents forgotten."""

from __future__ import annotations

import pandas as pd

from ...core.messages import Message
from ...core.time import instant
from ...features.indicators.followed_up import FOLLOW_DAYS, feedback
from ...features.indicators.measure import Measured
from ...features.indicators.scope import MONTH, month_day

__all__ = ["traps"]

_YEAR = 13
"""Months from which on there is a year before to hold the latest against."""

_IGNORED = 0.5
"""Share of low scores that nobody followed up from which on feedback counts as ignored."""

_ONE_STAGE = 0.95
_AGENTS = ("agent_engagement", "agent_nps")


def traps(measured: Measured) -> tuple[Message, ...]:
    """Return the traps that bite, each with its figures."""
    found = []
    months = _months_with_values(measured)
    if months < _YEAR:
        found.append(Message.of("short_horizon", months=months))
    since = instant(month_day(measured.first), measured.scope.tables.config.timezone)
    heard = feedback(measured.scope, since)
    if heard is not None:
        least = measured.scope.config.least
        if heard.followed is not None and heard.low >= least and heard.followed < (1 - _IGNORED) * heard.low:
            missed = heard.low - heard.followed
            share = missed / heard.low
            found.append(Message.of("feedback_ignored", missed=missed, low=heard.low, share=share, days=FOLLOW_DAYS))
        about = heard.about_contact
        if about is not None and heard.answers >= least and about >= _ONE_STAGE * heard.answers:
            found.append(Message.of("one_stage", share=about / heard.answers, answers=heard.answers))
    rows = measured.rows
    agents = rows[rows["indicator"].isin(_AGENTS) & (rows[MONTH] >= measured.first) & (rows["n"] > 0)]
    if agents.empty:
        found.append(Message.of("agents_forgotten"))
    return tuple(found)


def _months_with_values(measured: Measured) -> int:
    """Return of how many months, at most, an indicator is known: the year before the period included."""
    rows = measured.rows
    known = rows[(rows["by"] == "") & rows["known"] & (rows["n"].astype("float64") > 0)]
    counts = known.groupby("indicator")[MONTH].nunique()
    return 0 if counts.empty else int(pd.Series(counts).max())
