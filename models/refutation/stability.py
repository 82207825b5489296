"""Whether an effect stands still: over the seeds of its cross-fits, and when a fold of customers is left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from ..effects.average import AverageEffect
from ..effects.inference import EffectEstimate

__all__ = ["Stability", "detectable_effect", "stability"]


@dataclass(frozen=True)
class Stability:
    """How far an estimate moves, in units of the outcome.

    Parameters
    ----------
    low, high
        Smallest and largest estimate over the cross-fits, each with its own seed; equal where there is one.
    spread
        Standard deviation of one cross-fit around their median.
    fold_low, fold_high
        Smallest and largest estimate when one fold of the customers is left out.

    Examples
    --------
    >>> from servicelift.models.effects.inference import EffectEstimate
    >>> effect = EffectEstimate(2.0, 0.5, 1.0, 3.0, "treated", 400, 800, 400.0, 512.3, 0.0, 3.1, 0.4)
    >>> Stability(low=1.9, high=2.1, spread=0.1, fold_low=1.8, fold_high=2.3).holds(effect)
    True
    """

    low: float
    high: float
    spread: float
    fold_low: float
    fold_high: float

    def holds(self, estimate: EffectEstimate) -> bool:
        """Whether seeds move the estimate by less than half its standard error, and no fold carries it.

        A fold left out moves it by half a standard error or so; four times that is no chance.
        """
        furthest = max(estimate.estimate - self.fold_low, self.fold_high - estimate.estimate)
        return self.spread <= 0.5 * estimate.std_error and furthest <= 2.0 * estimate.std_error


def stability(effect: AverageEffect) -> Stability:
    """Return how far a fitted effect on the treated moves over seeds and folds.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X, treated = pd.DataFrame({"x": rng.normal(size=400)}), rng.integers(0, 2, 400)
    >>> value = X["x"] + treated + rng.normal(size=400)
    >>> effect = AverageEffect(repeats=2, seed=0).fit(X, treated, value, groups=np.arange(400))
    >>> stability(effect).holds(effect.summary())
    True
    """
    values = effect.by_cross_fit()
    fold = effect.nuisances_[0].fold
    without = [effect.estimate(None, effect.sample_weight_ * (fold != k)) for k in np.unique(fold)]
    spread = float(np.sqrt(np.mean((values - np.median(values)) ** 2)))
    return Stability(float(values.min()), float(values.max()), spread, min(without), max(without))


def detectable_effect(effect: EffectEstimate, *, level: float = 0.95, power: float = 0.8) -> float:
    """Return the smallest true effect that data of this size find with chance ``power``, in units of the outcome.

    (t + z) standard errors: 2.8 at 95% and 80% (Bloom 1995, "Minimum detectable effects"). What is smaller may
    well exist unseen.
    """
    return float(stats.t.ppf((1 + level) / 2, effect.dof) + stats.norm.ppf(power)) * effect.std_error
