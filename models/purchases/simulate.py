"""Customers drawn from the models of purchases and spend: for coverage of intervals, and for benchmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.arrays import Floats, Positions
from ...core.short_repr import ShortRepr

__all__ = ["Dropout", "draw_customers", "leaves_at_any_time", "leaves_by_purchase", "never_leaves"]


@dataclass(frozen=True)
class Dropout(ShortRepr):
    """How n drawn customers leave.

    Parameters
    ----------
    until
        Time at which each leaves whatever he buys, (n,); infinite for never.
    after_purchase
        Chance of each to leave after a purchase, (n,).
    """

    until: Floats
    after_purchase: Floats


def never_leaves(n: int) -> Dropout:
    """Return n customers who stay: the NBD."""
    return Dropout(np.full(n, np.inf), np.zeros(n))


def leaves_by_purchase(n: int, a: float, b: float, rng: np.random.Generator, *, at_first: bool = False) -> Dropout:
    """Return n customers of BG/NBD; ``at_first``: who may leave right after the first purchase too, MBG/NBD."""
    p = rng.beta(a, b, n)
    gone = rng.random(n) < p if at_first else np.zeros(n, dtype=bool)
    return Dropout(np.where(gone, 0.0, np.inf), p)


def leaves_at_any_time(n: int, s: float, beta: float, rng: np.random.Generator) -> Dropout:
    """Return n customers of Pareto/NBD."""
    return Dropout(rng.exponential(1 / rng.gamma(s, 1 / beta, n)), np.zeros(n))


def draw_customers(
    T: Floats,
    horizon: float,
    dropout: Dropout,
    *,
    r: float,
    alpha: float,
    rng: np.random.Generator,
    spend: tuple[float, float, float] | None = None,
    whole: bool = False,
) -> pd.DataFrame:
    """Return the histories of n customers at their age T, (n,), and what they bought in (T, T + horizon].

    Parameters
    ----------
    T, horizon, r, alpha
        In one unit of time.
    dropout
        How they leave.
    rng
        The source of randomness.
    spend
        p, q, v of Gamma-Gamma; without it a purchase is worth 1.
    whole
        Times are observed as whole units, the later purchases of a unit left out: as daily data are.

    Returns
    -------
    pandas.DataFrame
        frequency, recency, T, monetary_value, and of the horizon: later (purchases), revenue.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> leaves = leaves_by_purchase(1_000, 0.8, 4.0, rng)
    >>> rows = draw_customers(np.full(1_000, 365.0), 365.0, leaves, r=0.6, alpha=60.0, rng=rng)
    >>> list(rows.columns)
    ['frequency', 'recency', 'T', 'monetary_value', 'later', 'revenue']
    >>> bool((rows["recency"] <= rows["T"]).all())
    True
    """
    n = len(T)
    rate = rng.gamma(r, 1 / alpha, n)
    scale = np.full(n, np.inf) if spend is None else rng.gamma(spend[1], 1 / spend[2], n)

    def price(who: Positions) -> Floats:
        return np.ones(len(who)) if spend is None else rng.gamma(spend[0], size=len(who)) / scale[who]

    out = {name: np.zeros(n) for name in ("frequency", "recency", "spent", "later", "revenue")}
    time, seen, who = np.zeros(n), np.zeros(n), np.arange(n)
    while len(who):
        time[who] += rng.exponential(1 / rate[who])
        who = who[time[who] <= np.minimum(T[who] + horizon, dropout.until[who])]
        at = np.ceil(time[who]) if whole else time[who]
        counts, worth = at > seen[who], price(who)
        known = counts & (at <= T[who])
        later = counts & (at > T[who]) & (at <= T[who] + horizon)
        seen[who] = at
        for rows, number, money in ((known, "frequency", "spent"), (later, "later", "revenue")):
            out[number][who[rows]] += 1
            out[money][who[rows]] += worth[rows]
        out["recency"][who[known]] = at[known]
        who = who[rng.random(len(who)) >= dropout.after_purchase[who]]
    mean = np.divide(out["spent"], out["frequency"], out=np.zeros(n), where=out["frequency"] > 0)
    columns = {"frequency": out["frequency"], "recency": out["recency"], "T": T, "monetary_value": mean}
    return pd.DataFrame({**columns, "later": out["later"], "revenue": out["revenue"]})
