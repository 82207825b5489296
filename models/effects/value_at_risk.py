"""Effects for each customer that start from what he stands to lose, shrunk to what is proven.

Outcomes of single customers are far noisier than effects differ, so what an individual effect is before any difference
is proven decides most of it. Here it is not one number for all. The average effect is taken apart by path: what it
saves from voluntary and from involuntary loss, and the rest (spend, cost to serve). An action that lowers a hazard by
the same factor for everybody is worth most to whom that hazard takes most from, so a path's part is spread in
proportion to the value at risk of its cause (:mod:`.mechanisms`, :mod:`.portfolio`):

    tau(x) = sum_k believed_k z_k(x) / mean z_k  +  believed_rest  +  trust * further(x).

What is believed starts from the whole: the average effect as far as its error allows, ``1 - (error / estimate)^2``
where that is positive (James & Stein 1961), for among many actions the largest estimate is the luckiest. It is shared
out by the paths it may take, and each path's own estimate moves its part as far as the difference is beyond its error.
Predictions therefore average to less than the average effect where that is not certain. What else differs between
customers is learnt from doubly robust scores less this start (:mod:`.individual`), and counts once its slope on
held-out folds is more than two errors away from none.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from sklearn.base import BaseEstimator

from ...core.arrays import Floats
from ...core.errors import ModelError
from ...core.renamed import RenamedAttributes
from ...core.short_repr import ShortRepr
from ..fitting.encoding import SharedRows
from .average import AverageEffect
from .crossfit import Nuisances
from .doubt import trust
from .individual import IndividualEffect
from .inference import EffectEstimate

__all__ = ["EffectParts", "Path", "StartedEffect", "Units", "ValueAtRiskEffect", "paths_of", "shrunken_parts"]

_WIDER = 1.4
"""By how much errors of paths are taken wider: influence functions take the CLV model as given."""

_PROVEN = 2.0
"""Errors that the slope of further differences has to measure."""


@dataclass(frozen=True)
class Path(RenamedAttributes):
    """One path of an average effect.

    Parameters
    ----------
    column
        The value at risk in proportion to which it is spread; None: the same for everybody.
    mean
        Mean of that column in the population of the average; 1 without one.
    estimate, std_error
        The path's part of the average effect, in units of the outcome.
    shrunken
        What is believed of it.
    """

    _old_names = {"believed": "shrunken"}

    column: str | None
    mean: float
    estimate: float
    std_error: float
    shrunken: float

    def spread(self, X: pd.DataFrame) -> Floats:
        """Return each customer's part over the average one, (n,)."""
        if self.column is None:
            return np.ones(len(X))
        return np.asarray(X[self.column].to_numpy(dtype=float) / self.mean)


@dataclass(frozen=True)
class EffectParts(ShortRepr):
    """Effects of n customers, each (n,).

    Parameters
    ----------
    effect, low, high
        The effect with the ends of its interval.
    beyond
        How much of the effect was learnt of differences between customers, whatever the average is.
    """

    effect: Floats
    low: Floats
    high: Floats
    beyond: Floats


def shrunken_parts(whole: float, whole_error: float, parts: Floats, errors: Floats) -> Floats:
    """Return what is believed of the parts of an effect, (k,).

    Parameters
    ----------
    whole, whole_error
        The average effect and its error.
    parts, errors
        The parts that it is made of, and their errors, each (k,).

    Notes
    -----
    The whole, as far as it is trusted, is shared in proportion to the mean of each part's likely values on its side of
    0 (a normal variable cut there): a path that is certainly not taken gets nothing. The difference of a part's own
    estimate from its share is then trusted by the same rule.
    """
    side = -1.0 if whole < 0 else 1.0
    z = side * parts / errors
    likely = side * parts * stats.norm.cdf(z) + errors * stats.norm.pdf(z)
    start = trust(whole, whole_error) * whole * likely / likely.sum()
    beyond = parts - start
    return np.asarray(start + [trust(d, e) * d for d, e in zip(beyond, errors, strict=True)])


def paths_of(
    effect: AverageEffect, average: EffectEstimate, parts: pd.DataFrame, X: pd.DataFrame, weight: Floats
) -> tuple[Path, ...]:
    """Return the paths of an effect: one for each column of ``parts``, and the rest.

    The error of a path is far smaller than that of the whole where the action leaves its mark in the state: what is
    expected to be lost changes at once.

    Parameters
    ----------
    effect, average
        Fitted on the n decisions, and its estimate.
    parts
        The part of the outcome that each cause of loss took, (n, causes), as :func:`~.paths.path_values` cuts it, by
        the column of the value at risk.
    X
        Features with the columns of ``parts``: the value at risk at the decision.
    weight
        Weight of each decision in the population of the average, (n,).

    Raises
    ------
    ModelError
        ``parts`` does not have the units of ``effect``.
    """
    if len(parts) != len(effect.treated_):
        raise ModelError(f"expected the {len(effect.treated_)} units of the effect, got {len(parts)}")
    means = {str(name): float(np.average(X[name].to_numpy(dtype=float), weights=weight)) for name in parts.columns}
    kept: list[str | None] = [name for name, mean in means.items() if mean > 0]
    if not kept:
        whole, error = average.estimate, average.std_error
        return (Path(None, 1.0, whole, error, trust(whole, error) * whole),)
    outcomes = [parts[name].to_numpy(dtype=float) for name in kept]
    outcomes.append(effect.outcome_ - np.sum(outcomes, axis=0))
    summaries = [effect.with_outcome(outcome, quick=True).summary() for outcome in outcomes]
    estimates = np.array([part.estimate for part in summaries])
    errors = np.maximum([_WIDER * part.std_error for part in summaries], 1e-12)
    shrunken = shrunken_parts(average.estimate, average.std_error, estimates, errors)
    return tuple(
        Path(name, 1.0 if name is None else means[name], *map(float, figures))
        for name, *figures in zip([*kept, None], estimates, errors, shrunken, strict=True)
    )


@dataclass(frozen=True)
class Units(ShortRepr):
    """What differences are learnt from: n units, and their average effect.

    Parameters
    ----------
    X, treated, outcome, groups
        As given to :meth:`StartedEffect.fit`, the numbers as arrays (n,).
    fitted, average
        The average effect of the units, and its estimate.
    population
        Weights of those whom the average speaks of, (n,).
    """

    X: pd.DataFrame
    treated: Floats
    outcome: Floats
    groups: ArrayLike
    fitted: AverageEffect
    average: EffectEstimate
    population: Floats


class StartedEffect(RenamedAttributes, BaseEstimator):
    """What effects of single customers share that start from the average, taken apart by the value at risk.

    Parameters
    ----------
    folds, repeats, level, seed
        As :class:`~.individual.IndividualEffect`.

    Attributes
    ----------
    paths_ : tuple of Path
        The parts of the average effect.
    ate_, ate_std_error_ : float
        The average effect, and its error.
    shrunken_ : float
        What is believed of it, alone.
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
        parts: pd.DataFrame,
        propensity: ArrayLike | None = None,
        fitted: AverageEffect | None = None,
        average: EffectEstimate | None = None,
    ) -> Self:
        """Learn from n units.

        Parameters
        ----------
        X, treated, outcome, groups, propensity
            As :meth:`~.individual.IndividualEffect.fit`; ``X`` holds the columns of ``parts``, the value at risk at
            the decision.
        parts
            The part of the outcome that each cause of loss took, (n, causes), see :func:`paths_of`; without columns
            everybody starts from the average, as far as it is believed.
        fitted, average
            The average effect of the same units and its estimate, to save fitting them.

        Raises
        ------
        ModelError
            As :meth:`~.individual.IndividualEffect.fit`, or a column of ``parts`` that ``X`` lacks.
        """
        lacking = [name for name in parts.columns if name not in X]
        if lacking:
            raise ModelError(f"features: expected column '{lacking[0]}', the value at risk at the decision; add it")
        if fitted is None or average is None:
            fitted = AverageEffect(folds=self.folds, repeats=self.repeats, level=self.level, seed=self.seed)
            fitted.fit(X, treated, outcome, groups=groups, propensity=propensity)
            average = fitted.summary()
        t, e = np.asarray(treated, dtype=float), np.clip(fitted.propensity_, 0.01, 0.99)
        population = {"treated": t, "everybody": np.ones(len(t)), "overlap": e * (1 - e)}[average.population]
        self.ate_, self.ate_std_error_ = average.estimate, average.std_error
        self.paths_ = paths_of(fitted, average, parts, X, population)
        self.shrunken_ = float(sum(path.shrunken for path in self.paths_))
        self._learn(Units(X, t, np.asarray(outcome, dtype=float), groups, fitted, average, population))
        return self

    @abstractmethod
    def _learn(self, units: Units) -> None:
        """Learn what differs between customers beyond the paths."""

    def _start(self, X: pd.DataFrame) -> Floats:
        return np.asarray(np.sum([p.shrunken * p.spread(X) for p in self.paths_], axis=0))

    def _width(self, X: pd.DataFrame) -> Floats:
        """Return the error of the average for each customer, (n,), spread as those of its paths are."""
        parts = np.array([p.std_error for p in self.paths_])
        spread = np.array([p.spread(X) for p in self.paths_]) * parts[:, None]
        width = np.sqrt((spread**2).sum(axis=0)) / max(float(np.sqrt((parts**2).sum())), 1e-12)
        return np.asarray(self.ate_std_error_ * width)

    def predict(self, X: pd.DataFrame) -> Floats:
        """Return the effect for each customer, (n,), in units of the outcome."""
        return self.predict_with_interval(X)[0]

    def predict_interval(self, X: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return the lower and upper ends of the predictions, each (n,), see :meth:`predict_in_parts`."""
        _, low, high = self.predict_with_interval(X)
        return low, high

    def predict_with_interval(self, X: pd.DataFrame, shared: SharedRows | None = None) -> tuple[Floats, Floats, Floats]:
        """Return the effect for each customer with its ends, each (n,), see :meth:`predict_in_parts`."""
        parts = self.predict_in_parts(X, shared)
        return parts.effect, parts.low, parts.high

    @abstractmethod
    def predict_in_parts(self, X: pd.DataFrame, shared: SharedRows | None = None) -> EffectParts:
        """Return the effect for each customer with its lower and upper ends, features encoded once."""


class ValueAtRiskEffect(StartedEffect):
    """Effect of an action for each customer, started from the value at risk.

    Parameters
    ----------
    folds, repeats, level, seed
        As :class:`~.individual.IndividualEffect`.

    Attributes
    ----------
    paths_ : tuple of Path
        The parts of the average effect.
    ate_, ate_std_error_ : float
        The average effect, and its error.
    further_ : IndividualEffect
        What differs beyond the paths, before trust.
    trust_ : float
        How far that is believed, in [0, 1], by the error of its slope.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"at_risk": rng.uniform(0, 50, 600)})
    >>> treated = rng.integers(0, 2, 600)
    >>> lost = X["at_risk"] * (1 - 0.3 * treated)
    >>> parts, value = pd.DataFrame({"at_risk": -lost}), 100 - lost + rng.normal(size=600)
    >>> model = ValueAtRiskEffect(repeats=1, seed=0).fit(X, treated, value, groups=np.arange(600), parts=parts)
    >>> model.predict(pd.DataFrame({"at_risk": [0.0, 40.0]})).round()
    array([ 0., 12.])
    """

    _old_names = {"trust_": "shrinkage_"}

    def _learn(self, units: Units) -> None:
        start = self._start(units.X)
        self.further_ = IndividualEffect(folds=self.folds, level=self.level, seed=self.seed).fit(
            units.X,
            units.treated,
            units.outcome - units.treated * start,
            groups=units.groups,
            nuisances=_less(units.fitted.nuisances_, start),
            average=replace(units.average, estimate=0.0),
        )
        self.shrinkage_ = trust(max(self.further_.raw_slope_, 0.0), _PROVEN * self.further_.slope_std_error_)

    def predict_in_parts(self, X: pd.DataFrame, shared: SharedRows | None = None) -> EffectParts:
        """Return the effect for each customer with its lower and upper ends, features encoded once.

        ``shared`` are the same rows, where other models read them too.

        The error of the average is spread as those of its paths are, and that of further differences is added; trust
        narrows neither of the first. It covers the mean effect of customers with the same prediction, not one
        customer's own effect, which nobody observes.
        """
        start, beyond = self._start(X), self.further_.raw(X, shared) - self.further_.raw_mean_
        effect = start + self.shrinkage_ * (self.further_.ate_ + self.further_.slope_ * beyond)
        offset = self.shrinkage_ * beyond
        middle = start + self.further_.slope_ * offset
        error = np.hypot(self._width(X), offset * self.further_.slope_std_error_)
        half = float(stats.norm.ppf((1 + self.level) / 2)) * error
        return EffectParts(effect, middle - half, middle + half, np.zeros(len(X)))


def _less(nuisances: Sequence[Nuisances], start: Floats) -> list[Nuisances]:
    """Return the nuisances of the outcome from which the treated's ``start`` (n,) was taken off."""
    return [replace(n, mu1=n.mu1 - start) for n in nuisances]
