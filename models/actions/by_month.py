"""The effect month by month: one linear adjustment for all months, closed at the effect itself."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...core.arrays import Floats
from ..effects.average import AverageEffect
from ..fitting.ridge import ridge_of_last, spectrum_of

__all__ = ["effect_by_month", "payback_month"]


def effect_by_month(effect: AverageEffect, cumulated: Floats) -> Floats:
    """Return the effect on a treated unit's cumulated value at the end of month 0, 1, ..., H, (H + 1,).

    AIPW on the treated with one cross-fit and ridge regressions of the controls' value, whose penalty is that of the
    last month: the estimate is linear in the outcome, and a month costs next to nothing. The last month is the effect
    itself; what the estimates of it differ by is spread evenly over the months.

    Parameters
    ----------
    effect
        Fitted on n decisions.
    cumulated
        Value of each decision from s to the end of month 1..H, (n, H); the last column is the outcome of ``effect``.
    """
    middle = effect.at_median()
    kept = middle.nuisances_[0]
    months = cumulated.shape[1]
    expected = np.empty_like(cumulated)
    x, control = middle.design_.linear, middle.treated_ == 0
    for k in np.unique(kept.fold):
        train = control & (kept.fold != k) & (middle.sample_weight_ > 0)
        weight = middle.sample_weight_[train]
        x_mean, y_mean = (np.average(a[train], axis=0, weights=weight) for a in (x, cumulated))
        centred = x[train] - x_mean
        known = middle.design_.once([np.flatnonzero(train), weight], partial(spectrum_of, centred, weight))
        slopes = ridge_of_last(centred, cumulated[train] - y_mean, weight, known=known)
        expected[kept.fold == k] = y_mean + (x[kept.fold == k] - x_mean) @ slopes
    weight = middle.sample_weight_ * middle.kept()
    e = np.clip(kept.propensity, 1e-3, 1 - 1e-3)
    rest = cumulated - expected
    difference = np.average(rest, axis=0, weights=weight * ~control) - np.average(
        rest, axis=0, weights=weight * control * e / (1 - e)
    )
    missed = middle.estimate() - difference[-1]
    return np.concatenate([[0.0], difference + missed * np.arange(1, months + 1) / months])


def payback_month(by_month: Floats, unit_cost: float) -> int | None:
    """Return the first month from whose end on the cumulated effect covers the cost; None: not within the horizon.

    A curve that covers the cost and falls below it again has not paid back yet.

    Parameters
    ----------
    by_month
        Cumulated effect at the end of month 0, 1, ..., H.
    unit_cost
        Cost of a treated unit.
    """
    short = np.flatnonzero(by_month < unit_cost)
    if not len(short):
        return 0
    return int(short[-1]) + 1 if short[-1] + 1 < len(by_month) else None
