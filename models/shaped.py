"""Effects for each customer that start from what he stands to lose.

Outcomes of single customers are far noisier than effects differ, so what an individual effect is before any difference
is proven decides most of it. Here it is not one number for all: an action that lowers a hazard by the same factor for
everybody is worth most to whom that hazard takes most from. The average effect is therefore spread over customers in
proportion to the value at risk, by the paths the action is seen to take:

    tau(x) = tau_average * sum_k share_k z_k(x) / mean z_k  +  trust * rest(x),

with z_k the value that cause k (voluntary, involuntary) is expected to take (:mod:`.at_risk`). ``share_k`` is the part
of the average effect that goes by path k, estimated on the value lost to that cause. What else differs between
customers is learnt from doubly robust scores less this start (:mod:`.individual`), and believed as far as held-out
folds support it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from sklearn.base import BaseEstimator

from ..core.errors import ModelError
from .aipw import AverageEffect
from .crossfit import Nuisances
from .design import Floats
from .individual import IndividualEffect
from .inference import EffectEstimate

__all__ = ["RiskShape", "ShapedEffect", "path_shares"]

_WIDER = 1.4
"""By how much the slope's own error is to be taken wider: folds share training rows (:mod:`.individual`)."""


def path_shares(effect: AverageEffect, lost: pd.DataFrame) -> dict[str, float]:
    """Return by which path an effect goes: a share for each column of ``lost``, together 1.

    The share is in proportion to the mean of the positive part of the effect on the value lost less, given its error
    (a normal variable cut at 0): a path that is certainly not taken gets nothing, and where nothing is certain the
    shares follow how much each path could hold. The errors of value are far smaller here than on the outcome: what an
    action leaves in the state changes what is expected to be lost.

    Parameters
    ----------
    effect
        Fitted on the n decisions.
    lost
        Value lost to each cause from the decision on, (n, causes), from :func:`~.at_risk.value_lost`.

    Raises
    ------
    ModelError
        ``lost`` does not have the units of ``effect``.
    """
    if len(lost) != len(effect.treated_):
        raise ModelError(f"expected the {len(effect.treated_)} units of the effect, got {len(lost)}")
    parts = {}
    for name in lost.columns:
        found = effect.with_outcome(-lost[name].to_numpy(dtype=float), quick=True).summary()
        error = max(found.std_error, 1e-12)
        z = found.estimate / error
        parts[str(name)] = float(found.estimate * stats.norm.cdf(z) + error * stats.norm.pdf(z))
    total = sum(parts.values())
    return {name: part / total for name, part in parts.items()} if total > 0 else {}


@dataclass(frozen=True)
class RiskShape:
    """How an average effect is spread over customers.

    Parameters
    ----------
    shares
        Part of the effect by column of value at risk, together 1; empty: everybody gets the average.
    means
        Mean of each of these columns in the population of the average.
    """

    shares: Mapping[str, float]
    means: Mapping[str, float]

    @classmethod
    def of(cls, shares: Mapping[str, float], X: pd.DataFrame, weight: Floats) -> RiskShape:
        """Return the shape of ``shares`` whose mean is 1 over ``X`` (n rows) weighted by ``weight`` (n,)."""
        means = {name: float(np.average(X[name].to_numpy(dtype=float), weights=weight)) for name in shares}
        kept = {name: share for name, share in shares.items() if means[name] > 0}
        total = sum(kept.values())
        return cls({name: share / total for name, share in kept.items()} if total > 0 else {}, means)

    def spread(self, X: pd.DataFrame) -> Floats:
        """Return each customer's effect over the average one, (n,)."""
        if not self.shares:
            return np.ones(len(X))
        parts = [share * X[name].to_numpy(dtype=float) / self.means[name] for name, share in self.shares.items()]
        return np.asarray(np.sum(parts, axis=0))


class ShapedEffect(BaseEstimator):
    """Effect of an action for each customer, started from the value at risk.

    Parameters
    ----------
    folds, repeats, level, seed
        As :class:`~.individual.IndividualEffect`.

    Attributes
    ----------
    shape_ : RiskShape
        How the average is spread.
    ate_, ate_std_error_ : float
        The average it is anchored to, and its error.
    rest_ : IndividualEffect
        What differs beyond the shape, before trust.
    trust_ : float
        How far the rest is believed, in [0, 1]: ``1 - (error of the slope / slope)^2`` where that is positive (James &
        Stein 1961), the error taken as 1.4 times its own estimate.
    """

    def __init__(self, *, folds: int = 5, repeats: int = 3, level: float = 0.95, seed: int) -> None:
        self.folds = folds
        self.repeats = repeats
        self.level = level
        self.seed = seed

    def fit(
        self,
        X: pd.DataFrame,
        treated: ArrayLike,
        outcome: ArrayLike,
        *,
        groups: ArrayLike,
        lost: pd.DataFrame,
        propensity: ArrayLike | None = None,
        fitted: AverageEffect | None = None,
        average: EffectEstimate | None = None,
    ) -> Self:
        """Learn from n units.

        Parameters
        ----------
        X, treated, outcome, groups, propensity
            As :meth:`~.individual.IndividualEffect.fit`; ``X`` holds the columns of ``lost``, as known at the decision.
        lost
            Value lost to each cause from the decision on, (n, causes); without columns everybody starts from the
            average.
        fitted, average
            The average effect of the same units and its estimate, to save fitting them.

        Raises
        ------
        ModelError
            As :meth:`~.individual.IndividualEffect.fit`, or a column of ``lost`` that ``X`` lacks.
        """
        lacking = [name for name in lost.columns if name not in X]
        if lacking:
            raise ModelError(f"features: expected column '{lacking[0]}', the value at risk at the decision; add it")
        if fitted is None or average is None:
            fitted = AverageEffect(folds=self.folds, repeats=self.repeats, level=self.level, seed=self.seed)
            fitted.fit(X, treated, outcome, groups=groups, propensity=propensity)
            average = fitted.summary()
        t, y = np.asarray(treated, dtype=float), np.asarray(outcome, dtype=float)
        e = np.clip(fitted.propensity_, 0.01, 0.99)
        population = {"treated": t, "everybody": np.ones(len(t)), "overlap": e * (1 - e)}[average.population]
        self.shape_ = RiskShape.of(path_shares(fitted, lost) if len(lost.columns) else {}, X, population)
        self.ate_, self.ate_std_error_ = average.estimate, average.std_error
        start = self.ate_ * self.shape_.spread(X)
        self.rest_ = IndividualEffect(folds=self.folds, level=self.level, seed=self.seed).fit(
            X,
            treated,
            y - t * start,
            groups=groups,
            nuisances=_less(fitted.nuisances_, start),
            average=replace(average, estimate=0.0),
        )
        self.trust_ = _trust(self.rest_)
        return self

    def predict(self, X: pd.DataFrame) -> Floats:
        """Return the effect for each customer, (n,), in units of the outcome."""
        return self.ate_ * self.shape_.spread(X) + self.trust_ * self.rest_.predict(X)

    def predict_interval(self, X: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return the lower and upper ends of the predictions, each (n,).

        ``var = (spread * ate_std_error)^2 + (trust * offset * slope_std_error)^2``: the uncertainty of the average and
        of how far further differences hold, the shape taken as given. It covers the mean effect of customers with the
        same prediction, not one customer's own effect, which nobody observes.
        """
        spread = self.shape_.spread(X)
        offset = self.trust_ * (self.rest_.raw(X) - self.rest_.raw_mean_)
        middle = self.ate_ * spread + self.rest_.slope_ * offset
        error = np.hypot(self.ate_std_error_ * spread, offset * self.rest_.slope_std_error_)
        half = float(stats.norm.ppf((1 + self.level) / 2)) * error
        return middle - half, middle + half


def _less(nuisances: Sequence[Nuisances], start: Floats) -> list[Nuisances]:
    """Return the nuisances of the outcome from which the treated's ``start`` (n,) was taken off."""
    return [replace(n, mu1=n.mu1 - start) for n in nuisances]


def _trust(rest: IndividualEffect) -> float:
    if rest.raw_slope_ <= 0:
        return 0.0
    return float(max(0.0, 1 - (_WIDER * rest.slope_std_error_ / rest.raw_slope_) ** 2))
