"""An effect and its error: the estimate as a value, clustered standard errors, the plain difference in means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.arrays import Arrays, Floats, Positions
from ...core.errors import ModelError
from ...core.refusals import refusal
from .crossfit import check_units

__all__ = ["EffectEstimate", "Population", "clustered_std_error", "difference_in_means", "effective_size"]

Population = Literal["treated", "everybody", "overlap"]


@dataclass(frozen=True)
class EffectEstimate:
    """An average effect with its interval, in units of the outcome.

    Parameters
    ----------
    estimate, std_error, low, high
        Effect a unit and its interval (Student's t with clusters - 1 degrees of freedom).
    population
        Whose average it is: the treated, everybody, or units weighted by e(1 - e) ("overlap").
    n_treated, n_control
        Units of each arm that entered.
    effective_treated, effective_controls
        Kish's effective sizes, (sum w)^2 / sum w^2, after weighting.
    trimmed_share
        Share of the treated left out because hardly anybody like them was left alone.
    naive, naive_std_error
        Difference in means over all units, which is no effect where assignment was chosen.
    dof
        Degrees of freedom of Student's t.

    Examples
    --------
    >>> effect = EffectEstimate(2.0, 0.5, 1.0, 3.0, "treated", 400, 800, 400.0, 512.3, 0.0, 3.1, 0.4)
    >>> effect.shown
    True
    """

    estimate: float
    std_error: float
    low: float
    high: float
    population: Population
    n_treated: int
    n_control: int
    effective_treated: float
    effective_controls: float
    trimmed_share: float
    naive: float
    naive_std_error: float
    dof: float = np.inf

    @property
    def shown(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0


def clustered_std_error(influence: Floats, groups: list[Arrays]) -> float:
    """Return the standard error of a sum of influence values (n,) clustered by each of ``groups``.

    With two groupings V = V_a + V_b - V_ab (Cameron, Gelbach & Miller 2011), and never below the larger of the
    two; each V carries G / (G - 1).
    """

    def variance(codes: Positions) -> float:
        sums = np.bincount(codes, weights=influence)
        active = np.bincount(codes, weights=np.abs(influence)) > 0
        g = int(active.sum())
        return float(np.sum(sums**2)) * g / max(g - 1, 1)

    codes = [pd.factorize(g)[0] for g in groups]
    if len(codes) == 1:
        return float(np.sqrt(variance(codes[0])))
    a, b = codes
    crossed = pd.factorize(a.astype(np.int64) * (int(b.max()) + 1) + b)[0]
    va, vb = variance(a), variance(b)
    return float(np.sqrt(max(va + vb - variance(crossed), va, vb)))


def difference_in_means(
    treated: ArrayLike,
    outcome: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
) -> tuple[float, float]:
    """Return the difference in mean outcome, treated minus control, and its standard error.

    Without ``groups`` and weights the error is Neyman's, s1^2/n1 + s0^2/n0 with n - 1 in each arm's variance;
    with ``groups`` it is clustered.

    Raises
    ------
    ModelError
        An arm has fewer than two units.

    Examples
    --------
    >>> effect, error = difference_in_means([1, 1, 1, 0, 0, 0], [5.0, 6.0, 7.0, 3.0, 4.0, 5.0])
    >>> effect, round(error, 2)
    (2.0, 0.82)
    """
    t, y, w = check_units(np.asarray(outcome).size, treated, outcome, sample_weight)
    arms = [(t == arm) & (w > 0) for arm in (0, 1)]
    if min(arm.sum() for arm in arms) < 2:
        raise refusal(ModelError, "few_units")
    means = [float(np.average(y[arm], weights=w[arm])) for arm in arms]
    if groups is None and sample_weight is None:
        variance = sum(float(y[arm].var(ddof=1)) / int(arm.sum()) for arm in arms)
        return means[1] - means[0], float(np.sqrt(variance))
    influence = np.zeros(len(y))
    for arm, mean, sign in zip(arms, means, (-1.0, 1.0), strict=True):
        influence[arm] = sign * w[arm] * (y[arm] - mean) / w[arm].sum()
    ids = np.arange(len(y)) if groups is None else np.asarray(groups)
    return means[1] - means[0], clustered_std_error(influence, [ids])


def effective_size(weight: Floats) -> float:
    """Return Kish's effective sample size, (sum w)^2 / sum w^2, of weights (n,); 0 without weight."""
    total = float(np.sum(weight))
    return total**2 / float(np.sum(weight**2)) if total > 0 else 0.0
