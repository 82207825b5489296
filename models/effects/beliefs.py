"""What is believed of several effects together: among many actions the largest estimate is the luckiest.

Each estimate alone, shrunk by its own error, still promises too much where the best of several is picked: those that
chance raised are taken, those that it lowered are left. Effects of one business's actions are like each other, though,
and how far they lie apart is seen. So they are drawn, before anything is known of each, from

    theta_i ~ sum_k w_k N(m, (lambda_k tau)^2),

a distribution about a common mean m with tails that are heavier than normal, so that one action that is far better than
the others is believed once it is seen well. Each is believed at its mean given all estimates, m and tau averaged over
what the estimates leave open: m about 0 with deviation tau, tau even. Given that prior, the mean of what is believed
equals the mean of what is true in any selection made by the estimates (Efron 2011, "Tweedie's formula and selection
bias"; Morris 1983, "Parametric empirical Bayes inference").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...core.arrays import Floats

__all__ = ["believed_together"]

_SHARES = (0.3, 0.5, 0.2)
_SCALES = (0.3, 1.0, 3.0)
"""Mixture of the prior: its shares, and its deviations over tau."""

_TAUS, _MEANS = 30, 25


def believed_together(estimates: ArrayLike, errors: ArrayLike) -> Floats:
    """Return what is believed of each of k effects given all of them, (k,).

    Parameters
    ----------
    estimates, errors
        Effects in one unit and their standard errors above 0, each (k,), k of 2 or more.

    Examples
    --------
    One of three is not believed as it stands, less so the less certain it is:

    >>> believed_together([9.0, 2.0, 1.0], [4.0, 4.0, 4.0]).round(1)
    array([5.1, 1.8, 1.4])
    >>> believed_together([9.0, 2.0, 1.0], [1.0, 1.0, 1.0]).round(1)
    array([8.8, 2. , 1.1])
    """
    value, variance = np.asarray(estimates, dtype=float), np.asarray(errors, dtype=float) ** 2
    largest = max(float(np.abs(value).max()), float(np.sqrt(variance.max())))
    tau = np.linspace(largest / _TAUS, 2 * largest, _TAUS)[:, None, None]
    mean = np.linspace(-largest, largest, _MEANS)[None, :, None]
    density, weighted = np.zeros((_TAUS, _MEANS, len(value))), np.zeros((_TAUS, _MEANS, len(value)))
    for share, scale in zip(_SHARES, _SCALES, strict=True):
        spread = (scale * tau) ** 2
        total = spread + variance
        part = share * np.exp(-((value - mean) ** 2) / (2 * total)) / np.sqrt(total)
        density += part
        weighted += part * (mean + spread / total * (value - mean))
    prior = -((mean / tau) ** 2) / 2 - np.log(tau)
    log_weight = np.log(np.maximum(density, 1e-300)).sum(axis=2, keepdims=True) + prior
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray((weight * weighted / np.maximum(density, 1e-300)).sum(axis=(0, 1)) / weight.sum())
