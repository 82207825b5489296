"""A clock that runs faster where purchases come faster: seasons in the models of purchases.

Source: self-controlled case series (Farrington 1995; Whitaker et al. 2006), and a Poisson process in operational time.
Customers buy at a rate lambda h(t), h the pace of the day, 1 on ordinary days. Two things follow, whatever model the
customers have:

- Given how often a customer bought between his first and his last purchase, and when the last one was, the days of the
  others have the density h. Neither his rate nor his leaving is in it, so h is learnt from each customer's own days,
  by a likelihood that is concave.
- By the clock of h, purchases come at the rate lambda. Age, recency and what lies ahead are told by that clock, and
  BG/NBD and MBG/NBD, whose customers leave at their purchases, hold as they stand. Customers of Pareto/NBD leave by the
  same clock as well, an approximation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.arrays import Floats, Positions
from ...core.errors import DataError
from ...core.seasons import AS_OF_DAY, day_number, in_season, season_of
from ...core.short_repr import ShortRepr

__all__ = ["PurchaseClock"]

_SPREAD = 2.0
"""Of log h before anything is seen: a season without purchases is slow, not without end."""
_STEPS = 50
_HALF = 1.96
_FAR = day_number(dt.date(2199, 12, 31))


class PurchaseClock(ShortRepr):
    """How fast purchases come in seasons, and times by that clock.

    Parameters
    ----------
    seasons
        Spans of days by name, as :mod:`servicelift.core.seasons` reads them.

    Attributes
    ----------
    pace_ : Series
        h of each season, by name: how many times as often as on ordinary days.
    std_error_ : Series
        Standard error of log h, customers taken as independent.
    purchases_ : Series
        Purchases that told it.

    Examples
    --------
    >>> clock = PurchaseClock({"december": ["12-01/12-31"]})
    >>> start, n = day_number(dt.date(2023, 11, 1)), np.ones(200)
    >>> rows = pd.DataFrame({AS_OF_DAY: start + 61, "T": 61.0 * n, "recency": 61.0 * n, "frequency": 31.0 * n})
    >>> clock = clock.fit(rows.assign(**{in_season("december"): 20}), n)
    >>> clock.pace_.round(2).to_dict()
    {'december': 1.87}
    >>> clock.ahead([start], [30.0, 31.0, 32.0]).round(2)
    array([[30.  , 31.87, 33.74]])
    """

    pace_: pd.Series[float]
    std_error_: pd.Series[float]
    purchases_: pd.Series[float]

    def __init__(self, seasons: Mapping[str, Sequence[str]]) -> None:
        self.seasons = dict(seasons)

    def fit(self, rows: pd.DataFrame, weight: Floats) -> Self:
        """Learn the pace of each season from n customers.

        Parameters
        ----------
        rows
            frequency, recency, T, :data:`AS_OF_DAY`, and for each season the column :func:`in_season`.
        weight
            Of each customer, (n,).

        Raises
        ------
        DataError
            A column is missing.
        """
        names = list(self.seasons)
        absent = [c for c in (AS_OF_DAY, *map(in_season, names)) if c not in rows]
        if absent:
            raise DataError(f"expected purchases with the column '{absent[0]}' to learn seasons by, it is missing")
        first = rows[AS_OF_DAY].to_numpy(dtype=np.float64) - rows["T"].to_numpy(dtype=np.float64)
        last = first + rows["recency"].to_numpy(dtype=np.float64)
        between = rows["frequency"].to_numpy(dtype=np.float64) - 1
        told = (between > 0) & (weight > 0)
        came = rows.loc[told, [in_season(name) for name in names]].to_numpy(dtype=np.float64)
        # The others lie on the days after the first and before the last.
        spent = self._days_in(first[told] + 1, last[told])
        log_pace, information = _maximum(came, spent, between[told], weight[told])
        self.pace_ = pd.Series(np.exp(log_pace), index=names)
        self.std_error_ = pd.Series(np.sqrt(np.diag(np.linalg.inv(information))), index=names)
        self.purchases_ = pd.Series(weight[told] @ came, index=names)
        return self

    def lines(self) -> list[str]:
        """Return the pace of each season with its 95% interval, in words."""
        low, high = (np.exp(np.log(self.pace_) + side * _HALF * self.std_error_) for side in (-1, 1))
        told = zip(self.seasons, self.pace_, low, high, self.purchases_, strict=True)
        return [
            f"{name}: {pace:.2f} times as often (95% interval {a:.2f} to {b:.2f}, {n:,.0f} purchases)"
            for name, pace, a, b, n in told
        ]

    def told(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return a summary with recency and T by the clock.

        Raises
        ------
        DataError
            It lacks :data:`AS_OF_DAY`.
        """
        if AS_OF_DAY not in rows:
            raise DataError(f"expected a summary with '{AS_OF_DAY}', the day at which customers are looked at")
        now = rows[AS_OF_DAY].to_numpy(dtype=np.float64)
        first = now - rows["T"].to_numpy(dtype=np.float64)
        last = first + rows["recency"].to_numpy(dtype=np.float64)
        began, ended, told = self._at(np.stack([first, last, now]))
        return rows.assign(recency=ended - began, T=told - began)

    def ahead(self, day: ArrayLike, days: ArrayLike) -> Floats:
        """Return the time by the clock from a day to ``days`` after it.

        Parameters
        ----------
        day
            Days from 1970-01-01, (n,).
        days
            How far, (n, k) or (k,).
        """
        now = np.asarray(day, dtype=np.float64)[:, None]
        then = now + np.asarray(days, dtype=np.float64)
        at = self._at(np.hstack([now, then]))
        return np.asarray(at[:, 1:] - at[:, :1])

    def _at(self, day: Floats) -> Floats:
        """Return what the clock shows at the start of days, counted from 1970-01-01, beyond the earliest of them.

        Within a day it runs evenly.
        """
        if not day.size:
            return np.zeros(day.shape)
        first, last = int(np.floor(day.min())), min(int(np.ceil(day.max())), _FAR)
        pace = np.append(1.0, self.pace_.to_numpy())[self._season_of(first, last)]
        ticks = np.concatenate([[0.0], np.cumsum(pace)])
        return np.asarray(np.interp(day, np.arange(first, first + len(ticks)), ticks))

    def _days_in(self, start: Floats, end: Floats) -> Floats:
        """Return the days [start, end) that are ordinary, and those in each season, (n, 1 + seasons)."""
        if not len(start):
            return np.zeros((0, 1 + len(self.seasons)))
        first, last = int(start.min()), int(end.max())
        place = self._season_of(first, last)
        so_far = np.zeros((len(place) + 1, 1 + len(self.seasons)))
        so_far[np.arange(1, len(place) + 1), place] = 1
        so_far = np.cumsum(so_far, axis=0)
        return np.asarray(so_far[(end - first).astype(int)] - so_far[(start - first).astype(int)])

    def _season_of(self, first: int, last: int) -> Positions:
        epoch = dt.date(1970, 1, 1)
        return season_of(self.seasons, epoch + dt.timedelta(days=first), epoch + dt.timedelta(days=last))


def _maximum(came: Floats, spent: Floats, between: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return log h of each season at the maximum of the conditional likelihood, and the information there.

    Sum over customers of ``came @ log h - between log(spent @ (1, h))``, with a normal prior on log h: concave, so
    Newton's steps, halved where they go too far, end at its maximum.
    """
    gamma = np.zeros(came.shape[1])

    def value(at: Floats) -> float:
        pace = spent @ np.append(1.0, np.exp(at))
        told = came @ at - between * np.log(np.maximum(pace, 1e-300))
        return float(weight @ told - 0.5 * (at @ at) / _SPREAD**2)

    reached = value(gamma)
    for _ in range(_STEPS):
        share = spent[:, 1:] * np.exp(gamma)
        share /= np.maximum(spent[:, :1] + share.sum(axis=1, keepdims=True), 1e-300)
        heavy = weight * between
        slope = weight @ came - heavy @ share - gamma / _SPREAD**2
        information = np.diag(heavy @ share) - (share * heavy[:, None]).T @ share + np.eye(len(gamma)) / _SPREAD**2
        step = np.linalg.solve(information, slope)
        while (moved := value(gamma + step)) < reached and np.abs(step).max() > 1e-12:
            step /= 2
        gamma, reached = gamma + step, moved
        if np.abs(step).max() < 1e-9:
            break
    return gamma, information
