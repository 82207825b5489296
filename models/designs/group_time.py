"""One cohort of a rollout, one period: its change against that of units not yet reached, doubly robust.

With D for the cohort, dY the change of the outcome since the period before it started, m(X) a line fitted to dY of the
controls and p(X) a logistic propensity, the effect on the treated is

    mean(w1 (dY - m)) / mean(w1) - mean(w0 (dY - m)) / mean(w0),   w1 = D,  w0 = (1 - D) p / (1 - p)

(Sant'Anna & Zhao 2020). It is right if either m or p is. Without covariates it is the difference of two mean changes.
What every unit adds to its error includes that m and p were fitted.
"""

from __future__ import annotations

import numpy as np

from ...core.arrays import Bools, Floats, Positions

__all__ = ["effect_on_treated"]

_STEPS = 50
_LARGEST = 0.999


def effect_on_treated(
    change: Floats, treated: Bools, covariates: Floats, clusters: Positions
) -> tuple[float, Floats] | None:
    """Return the effect and what every unit adds to it, a sum of which over units is its error.

    Parameters
    ----------
    change
        Of the outcome since before the start, (n,).
    treated
        Whether a unit is of the cohort, (n,); the others are controls.
    covariates
        (n, k) of numbers, k may be 0.
    clusters
        Codes, (n,).

    None is returned where treated or controls are fewer than two clusters, or where some of the treated are like no
    control: their chance of being in the cohort is above .999.
    """
    sizes = [len(np.unique(clusters[arm])) for arm in (treated, ~treated)]
    if min(sizes) < 2:
        return None
    n = len(change)
    spread = covariates.std(axis=0)
    standard = (covariates - covariates.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    x = np.column_stack([np.ones(n), standard])
    d = treated.astype(float)
    propensity = _propensity(x, d)
    if propensity[treated].max() > _LARGEST:
        return None
    outside = x[~treated]
    gram = np.linalg.pinv(outside.T @ outside)
    rest = change - x @ (gram @ (outside.T @ change[~treated]))
    w1, w0 = d, (1 - d) * propensity / (1 - propensity)
    mean1, mean0 = float(w1 @ rest / w1.sum()), float(w0 @ rest / w0.sum())
    line = ((1 - d) * rest)[:, None] * x @ gram
    curve = _score_of_propensity(x, d, propensity)
    reached = (w1 * (rest - mean1) - line @ (w1 @ x)) / w1.sum()
    left = (w0 * (rest - mean0) + curve @ ((w0 * (rest - mean0)) @ x) - line @ (w0 @ x)) / w0.sum()
    scale = np.where(treated, *(np.sqrt(size / (size - 1)) for size in sizes))
    return mean1 - mean0, np.asarray((reached - left) * scale)


def _score_of_propensity(x: Floats, d: Floats, p: Floats) -> Floats:
    """Return what every unit adds to the coefficients of the propensity, (n, k)."""
    hessian = (x * (p * (1 - p))[:, None]).T @ x
    return np.asarray((d - p)[:, None] * x @ np.linalg.pinv(hessian))


def _propensity(x: Floats, d: Floats) -> Floats:
    """Return the chances of a logistic regression, fitted by Newton's steps."""
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(d.mean() / (1 - d.mean()))
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        step = np.linalg.pinv((x * (p * (1 - p))[:, None]).T @ x) @ (x.T @ (d - p))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(1 / (1 + np.exp(-np.clip(x @ beta, -30, 30))))
