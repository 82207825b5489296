"""Several actions in one report: one of them looks good by chance, so evidence is adjusted for their number.

The false-discovery rate is controlled (Benjamini & Hochberg 1995, "Controlling the false discovery rate"; under
positive dependence, which actions valued by one CLV model have: Benjamini & Yekutieli 2001): of the actions called
`pays`, a share of at most 5% is expected not to. With one action the adjusted value is the value itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from ...core.arrays import Floats
from ...core.errors import ModelError
from ..effects.inference import EffectEstimate

__all__ = ["FALSE_DISCOVERIES", "adjusted", "chance_above", "chance_below", "holm"]

FALSE_DISCOVERIES = 0.05
"""Share of the actions called `pays` (or `loses`) that may be expected not to: no adjusted value may be above it."""


def chance_above(effect: EffectEstimate, cost: float) -> float:
    """Return the one-sided p-value of "the effect is at most ``cost``": small where it pays."""
    return _tail(effect.estimate - cost, effect)


def chance_below(effect: EffectEstimate, cost: float) -> float:
    """Return the one-sided p-value of "the effect is at least ``cost``": small where it loses."""
    return _tail(cost - effect.estimate, effect)


def _tail(distance: float, effect: EffectEstimate) -> float:
    if effect.std_error <= 0:
        return 0.0 if distance > 0 else 1.0
    return float(stats.t.sf(distance / effect.std_error, effect.dof))


def adjusted(p_values: Sequence[float]) -> Floats:
    """Return Benjamini and Hochberg's adjusted p-values, (m,), in the order given.

    ``min over k >= rank of m p_(k) / k``, at most 1: compare with the level that one p-value would be compared with.

    Raises
    ------
    ModelError
        A value is outside [0, 1] or missing.
    """
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ModelError("p_values: expected numbers from 0 to 1")
    return np.asarray(stats.false_discovery_control(p, method="bh"))


def holm(p_values: Sequence[float]) -> Floats:
    """Return Holm's adjusted p-values, (m,), in the order given (1979, "A simple sequentially rejective ...").

    The chance that any comparison without an effect gets 5% or less is at most 5%, however they hang together.

    Raises
    ------
    ModelError
        A value is outside [0, 1] or missing.
    """
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ModelError("p_values: expected numbers from 0 to 1")
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    out = np.empty(len(p))
    out[order] = np.minimum(steps, 1.0)
    return out
