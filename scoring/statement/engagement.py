"""How engaged agents were over a period, beside as long a time before: told, and never called an effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ...features.tables.tables import Tables

__all__ = ["Engagement", "engagement_of"]


@dataclass(frozen=True)
class Engagement:
    """Mean engagement of the teams over a period.

    Parameters
    ----------
    mean, low, high
        Mean of the teams' means, and its 95% interval by Student's t over teams; NaN of fewer than two teams.
    teams
        How many teams answered.
    before
        The mean over as long a time before; NaN where nobody answered.
    """

    mean: float
    low: float
    high: float
    teams: int
    before: float


def engagement_of(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> Engagement | None:
    """Return the engagement over [since, until), a month counted by its first day; None where nobody answered.

    Teams count alike, whatever their size: a team's months are averaged first, so that months of one team, which are
    alike, do not make the interval look surer than it is.
    """
    if not tables.has("agent_surveys", "engagement"):
        return None
    rows = tables["agent_surveys"]
    frame = tables.execute(rows.select("team", "month", "engagement"))
    month = pd.to_datetime(frame["month"]).dt.to_period("M").dt.to_timestamp()
    teams = _means(frame[(month >= since) & (month < until)])
    if not len(teams):
        return None
    earlier = _means(frame[(month >= since - (until - since)) & (month < since)])
    mean, low, high = float(teams.mean()), np.nan, np.nan
    if len(teams) > 1:
        half = float(stats.t.ppf(0.975, len(teams) - 1) * teams.std(ddof=1) / np.sqrt(len(teams)))
        low, high = mean - half, mean + half
    return Engagement(mean, low, high, len(teams), float(earlier.mean()) if len(earlier) else np.nan)


def _means(rows: pd.DataFrame) -> pd.Series:
    """Return the mean of each team's months."""
    return rows.astype({"engagement": float}).groupby("team")["engagement"].mean()
