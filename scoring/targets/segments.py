"""Customers by value and by risk, under names that people use, and how they move from one segment to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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
    named = [_named(frame, cuts) for frame in (before, after)]
    (came, earlier), (went, now) = ((pa.array(ids), segments.to_numpy(dtype=object)) for ids, segments in named)
    place = pc.index_in(went, value_set=came).to_numpy(zero_copy_only=False)
    known = ~np.isnan(place.astype(float))
    stayed = place[known].astype(np.int64)
    gone = np.ones(len(earlier), dtype=bool)
    gone[stayed] = False
    fresh = np.full(int((~known).sum()), "new", dtype=object)
    left = np.full(int(gone.sum()), "gone", dtype=object)
    moves = {
        "before": np.concatenate([earlier[stayed], earlier[gone], fresh]),
        "after": np.concatenate([now[known], left, now[~known]]),
    }
    counts = pd.DataFrame(moves, dtype="category").value_counts().sort_index().rename("n").reset_index()
    found: dict[str, dict[str, int]] = {}
    for row in counts[counts["n"] > 0].to_dict("records"):
        found.setdefault(str(row["before"]), {})[str(row["after"])] = int(row["n"])
    return found


def _named(frame: pd.DataFrame, cuts: Cuts) -> tuple[pd.Series, pd.Series]:
    """Return the customers who have a segment, once each, and which."""
    segment = segments_of(frame["clv"], frame["churn_probability"], cuts)
    kept = segment.notna() & ~frame["customer_id"].duplicated()
    return frame["customer_id"][kept].astype(str), segment[kept]
