"""Customers by value and by risk, under names that people use, and how they move from one segment to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...core.short_repr import ShortRepr
from ..scores.score import SCORES
from .scored import stored

__all__ = ["Cuts", "Segment", "cuts_of", "movement", "segments_of"]

_RISKIEST = 0.75


class Segment(StrEnum):
    """A customer's segment."""

    PROTECT = "valuable_at_risk"
    KEEP = "valuable_settled"
    WATCH = "modest_at_risk"
    QUIET = "modest_settled"


@dataclass(frozen=True)
class Cuts(ShortRepr):
    """From which value a customer is valuable, and from which risk at risk; NaN where nobody has one."""

    value: float
    risk: float

    def facts(self) -> dict[str, float]:
        """Return them as plain values for a file."""
        return {"value": self.value, "risk": self.risk}


def cuts_of(config: Config, scores: Path) -> Cuts:
    """Return where the customers scored are cut: by the configuration, else by their median value and upper risk.

    Parameters
    ----------
    config, scores
        The business, and the folder of its scores.
    """
    wish = config.targets.segments
    frame = pd.read_parquet(stored(scores, SCORES), columns=["churn_probability", "clv"], partitioning=None)
    value = float(frame["clv"].median()) if wish.value is None else wish.value
    risk = float(frame["churn_probability"].quantile(_RISKIEST)) if wish.risk is None else wish.risk
    return Cuts(value, risk)


def segments_of(clv: pd.Series, risk: pd.Series, cuts: Cuts) -> pd.Series:
    """Return each customer's segment, (n,); missing where value or risk is.

    Examples
    --------
    >>> cuts = Cuts(value=100.0, risk=0.1)
    >>> segments_of(pd.Series([150.0, 20.0]), pd.Series([0.2, 0.01]), cuts).tolist()
    ['valuable_at_risk', 'modest_settled']
    """
    valuable, risky = clv >= cuts.value, risk >= cuts.risk
    named = np.select(
        [valuable & risky, valuable & ~risky, ~valuable & risky],
        [Segment.PROTECT.value, Segment.KEEP.value, Segment.WATCH.value],
        Segment.QUIET.value,
    )
    known = clv.notna() & risk.notna()
    return pd.Series(named, index=clv.index, dtype=object).where(known, None)


def movement(before: pd.DataFrame, after: pd.DataFrame, cuts: Cuts) -> dict[str, dict[str, int]]:
    """Return how many customers went from each segment to each, by the same cuts at both times.

    Parameters
    ----------
    before, after
        Scores of an earlier and of a later instant: customer_id, churn_probability, clv.
    cuts
        Where both are cut.

    Returns
    -------
    dict
        By the segment before (``new`` where there were no scores), by the segment after (``gone`` where there are
        none): how many.
    """
    named = [
        frame.assign(segment=segments_of(frame["clv"], frame["churn_probability"], cuts))[["customer_id", "segment"]]
        .dropna()
        .drop_duplicates("customer_id")
        for frame in (before, after)
    ]
    both = named[0].merge(named[1], on="customer_id", how="outer", suffixes=("_before", "_after"))
    filled = both.fillna({"segment_before": "new", "segment_after": "gone"})
    found: dict[str, dict[str, int]] = {}
    for came, part in filled.groupby("segment_before", sort=True):
        counts = part["segment_after"].value_counts().sort_index()
        found[str(came)] = {str(went): int(n) for went, n in counts.items()}
    return found
