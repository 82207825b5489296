"""Average effects by cross-fitted AIPW: on the treated, on everybody, or where both arms overlap.

One formula serves the three populations (Li, Morgan & Zaslavsky 2018, "Balancing covariates via propensity score
weighting"): a population tilts the units by h(e), its treated carry weight h/e and its controls h/(1 - e). With
weights normalised within each arm and the plug-in weight g,

    tau = mean_g(mu1 - mu0) + mean_{t h/e}(y - mu1) - mean_{(1-t) h/(1-e)}(y - mu0).

On the treated h = e and g = t, so mu1 drops out and controls carry e/(1 - e).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from sklearn.base import BaseEstimator

from ...core.arrays import Bools, Floats, Positions
from ...core.errors import ModelError
from ...core.refusals import refusal
from ...core.short_repr import ShortRepr
from ..fitting.design import DesignMatrix
from .crossfit import Nuisances, check_units, cross_fit
from .inference import EffectEstimate, Population, clustered_std_error, difference_in_means, effective_size

__all__ = ["AverageEffect", "EffectEstimate", "Population"]

_FEWEST = 3
"""Cross-fits before their spread is believed."""


@dataclass(frozen=True)
class _Tilt(ShortRepr):
    """Weights of one population at propensity e: plug-in g, treated and controls."""

    plug_in: Floats
    treated: Floats
    control: Floats


def _tilt(population: Population, t: Floats, e: Floats) -> _Tilt:
    tilts: Mapping[str, _Tilt] = {
        "treated": _Tilt(t, t, (1 - t) * e / (1 - e)),
        "everybody": _Tilt(np.ones_like(e), t / e, (1 - t) / (1 - e)),
        "overlap": _Tilt(e * (1 - e), t * (1 - e), (1 - t) * e),
    }
    if population not in tilts:
        raise ModelError(f"population: expected one of {', '.join(tilts)}, got {population!r}")
    return tilts[population]


class AverageEffect(BaseEstimator):
    """Average effect of an action from cross-fitted nuisances, median over several cross-fits.

    Parameters
    ----------
    folds, repeats
        Folds by customer, and how many times at most the folds are drawn anew. A single draw moves the estimate by
        chance; the median over draws does not (Chernozhukov et al. 2018, definition 3.3).
    enough
        Folds are drawn anew until the error that they leave in the effect on the treated is under this share of its
        standard error, from the third time on; 0: always ``repeats`` times.
    trim
        Treated (and controls) whose chance of treatment is above this are left out and counted. "Everybody"
        leaves out units below 1 - ``trim`` too.
    level
        Coverage of intervals.
    seed
        Seed of folds and learners.

    Attributes
    ----------
    nuisances_ : tuple of Nuisances
        One a repeat.
    propensity_ : ndarray (n,)
        Median over repeats; decides trimming.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=600)
    >>> treated = (rng.random(600) < 1 / (1 + np.exp(-x))).astype(int)
    >>> value = 10 + 3 * x + 2 * treated + rng.normal(size=600)
    >>> effect = AverageEffect(repeats=1, seed=0).fit(pd.DataFrame({"x": x}), treated, value, groups=np.arange(600))
    >>> estimate = effect.summary()
    >>> estimate.low < 2 < estimate.high, estimate.naive > estimate.high
    (True, True)
    """

    def __init__(
        self,
        *,
        folds: int = 5,
        repeats: int = 5,
        enough: float = 0.0,
        trim: float = 0.95,
        level: float = 0.95,
        seed: int,
    ) -> None:
        self.folds = folds
        self.repeats = repeats
        self.enough = enough
        self.trim = trim
        self.level = level
        self.seed = seed

    def fit(
        self,
        X: pd.DataFrame | DesignMatrix,
        treated: ArrayLike,
        outcome: ArrayLike,
        *,
        groups: ArrayLike,
        clusters: ArrayLike | None = None,
        propensity: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Cross-fit the nuisances of n units.

        Parameters
        ----------
        X, treated, outcome, groups, propensity, sample_weight
            As :func:`cross_fit`. ``propensity`` (recorded) belongs to randomised designs only.
        clusters
            What was assigned where it was not the customer, such as the agent, (n,); missing (None or NaN)
            units stand for themselves. Adds to the customers in standard errors.

        Raises
        ------
        ModelError
            As :func:`cross_fit`.
        """
        self.design_ = DesignMatrix.of(X)
        t, y, w = check_units(len(self.design_), treated, outcome, sample_weight)
        self.groups_ = np.asarray(groups)
        self.clusters_ = None if clusters is None else _own_cluster_if_missing(clusters, len(t))
        self.treated_, self.outcome_, self.sample_weight_ = t, y, w
        self.recorded_ = propensity is not None
        self.nuisances_: tuple[Nuisances, ...] = ()
        while len(self.nuisances_) < self.repeats and not self._settled():
            once_more = cross_fit(
                self.design_,
                t,
                y,
                groups=self.groups_,
                folds=self.folds,
                seed=self.seed * 1000 + len(self.nuisances_),
                propensity=propensity,
                sample_weight=w,
            )
            self.nuisances_ = (*self.nuisances_, once_more)
            self.propensity_ = np.median([n.propensity for n in self.nuisances_], axis=0)
        return self

    def _settled(self) -> bool:
        """Whether another cross-fit would tell nothing more."""
        if self.enough <= 0 or len(self.nuisances_) < _FEWEST:
            return False
        _, errors = self._each("treated")
        return self.cross_fit_error() < self.enough * float(np.median(errors))

    def cross_fit_error(self) -> float:
        """Return the standard error that the draw of the folds leaves in the effect on the treated; NaN of one draw.

        Of a median it is sqrt(pi / 2) times that of a mean, once draws are many; of two it is that of their mean.
        """
        values = self.by_cross_fit()
        if len(values) < 2:
            return np.nan
        wider = np.sqrt(np.pi / 2) if len(values) > 2 else 1.0
        return float(wider * values.std(ddof=1) / np.sqrt(len(values)))

    def _each(self, population: Population) -> tuple[Floats, Floats]:
        """Return the estimate and the clustered standard error of each cross-fit, both (repeats,)."""
        ids = [self.groups_] if self.clusters_ is None else [self.groups_, self.clusters_]
        values, influences = zip(
            *(self._evaluate(n, self.outcome_, self.sample_weight_, population) for n in self.nuisances_), strict=True
        )
        return np.array(values), np.array([clustered_std_error(i, ids) for i in influences])

    def with_outcome(
        self,
        outcome: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        quick: bool = False,
        linear: bool = False,
    ) -> AverageEffect:
        """Return this effect on another outcome: outcome models fitted anew, folds and propensities kept.

        For paths (retention, spend, cost to serve), placebos and the surrogate check. ``sample_weight`` (n,)
        replaces the weights; 0 leaves units out. ``linear`` leaves the trees out of the outcome models; ``quick`` does,
        and takes one repeat only.
        """
        weight = self.sample_weight_ if sample_weight is None else sample_weight
        other = self._on(outcome, weight)
        t, y, w = other.treated_, other.outcome_, other.sample_weight_
        other.nuisances_ = tuple(
            cross_fit(
                self.design_,
                t,
                y,
                groups=self.groups_,
                seed=self.seed * 1000 + repeat,
                propensity=kept.propensity,
                sample_weight=w,
                fold=kept.fold,
                linear=quick or linear,
            )
            for repeat, kept in enumerate(self.nuisances_[: 1 if quick else None])
        )
        return other

    def at_median(self) -> AverageEffect:
        """Return this effect on the cross-fits that its median is made of: one, or two if their number is even.

        Its estimate is the same, and one without a median: estimates of outcomes that add up then add up too.
        """
        values = [self._evaluate(n, self.outcome_, self.sample_weight_, "treated")[0] for n in self.nuisances_]
        order = np.argsort(values, kind="stable")
        middle = order[(len(order) - 1) // 2 : len(order) // 2 + 1]
        return self.with_nuisances(self.outcome_, tuple(self.nuisances_[k] for k in middle))

    def with_nuisances(self, outcome: ArrayLike, nuisances: tuple[Nuisances, ...]) -> AverageEffect:
        """Return this effect on another outcome (n,), with nuisances that somebody else made; weights are kept."""
        other = self._on(outcome, self.sample_weight_)
        other.nuisances_ = nuisances
        return other

    def _on(self, outcome: ArrayLike, sample_weight: ArrayLike) -> AverageEffect:
        """Return the same units with another outcome and weights, still without outcome models."""
        other = AverageEffect(**self.get_params())
        t, y, w = check_units(len(self.design_), self.treated_, outcome, sample_weight)
        other.design_, other.groups_, other.clusters_ = self.design_, self.groups_, self.clusters_
        other.treated_, other.outcome_, other.sample_weight_ = t, y, w
        other.recorded_, other.propensity_ = self.recorded_, self.propensity_
        return other

    def estimate(
        self,
        outcome: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        population: Population = "treated",
    ) -> float:
        """Return the effect, quickly, for another outcome or other weights, nuisances kept.

        For the bootstrap: the score is Neyman-orthogonal, so nuisances of the full data serve every draw.
        """
        y = self.outcome_ if outcome is None else np.asarray(outcome, dtype=float)
        w = self.sample_weight_ if sample_weight is None else np.asarray(sample_weight, dtype=float)
        return float(np.median([self._evaluate(n, y, w, population)[0] for n in self.nuisances_]))

    def by_cross_fit(self, *, population: Population = "treated") -> Floats:
        """Return the estimate of each cross-fit alone, (repeats,)."""
        y, w = self.outcome_, self.sample_weight_
        return np.array([self._evaluate(n, y, w, population)[0] for n in self.nuisances_])

    def summary(
        self, *, population: Population = "treated", std_error: float | None = None, dof: float | None = None
    ) -> EffectEstimate:
        """Return the effect with its interval.

        Parameters
        ----------
        population
            Whose average.
        std_error, dof
            Standard error (and its degrees of freedom) from a bootstrap that also refits what lies behind the
            outcome; by default the influence function's, which takes the outcome as given.
        """
        w = self.sample_weight_
        values, errors = self._each(population)
        middle = float(np.median(values))
        # Chernozhukov et al. 2018, definition 3.3: the spread between cross-fits is part of the error.
        spread = float(np.sqrt(np.median(errors**2 + (values - middle) ** 2)))
        se = spread if std_error is None else std_error
        kept = self.kept(population)
        free = self.dof(population) if dof is None else dof
        half = float(stats.t.ppf((1 + self.level) / 2, free)) * se
        t = self.treated_.astype(float)
        tilt = _tilt(population, t, self._safe(self.propensity_))
        inside = kept & (w > 0)
        naive, naive_se = difference_in_means(t, self.outcome_, groups=self.groups_, sample_weight=w)
        n_treated = int(self.treated_[inside].sum())
        return EffectEstimate(
            estimate=middle,
            std_error=se,
            low=middle - half,
            high=middle + half,
            population=population,
            n_treated=n_treated,
            n_control=int(inside.sum()) - n_treated,
            effective_treated=effective_size((w * tilt.treated)[inside]),
            effective_controls=effective_size((w * tilt.control)[inside]),
            trimmed_share=float(1 - np.sum((w * t)[kept]) / np.sum(w * t)),
            naive=naive,
            naive_std_error=naive_se,
            dof=free,
        )

    def dof(self, population: Population = "treated") -> float:
        """Return the degrees of freedom: the fewer of customers and clusters that entered, minus 1."""
        inside = self.kept(population) & (self.sample_weight_ > 0)
        ids = [self.groups_] if self.clusters_ is None else [self.groups_, self.clusters_]
        return float(max(min(len(pd.unique(i[inside])) for i in ids) - 1, 1))

    def everybody(self, *, least_effective: float = 200.0, least_share: float = 0.2) -> EffectEstimate:
        """Return the effect on everybody where the effective sample allows, else the overlap-weighted one.

        It allows when, after weighting, both arms keep ``least_effective`` units and ``least_share`` of
        their number. Which of the two it is stands in ``population``.
        """
        whole = self.summary(population="everybody")
        enough = all(
            effective >= max(least_effective, least_share * n)
            for effective, n in (
                (whole.effective_treated, whole.n_treated),
                (whole.effective_controls, whole.n_control),
            )
        )
        return whole if enough else self.summary(population="overlap")

    def scores(self) -> Floats:
        """Return doubly robust scores of each unit's effect, (n,), mean over the repeats."""
        return np.asarray(
            np.mean([n.scores(self.treated_, self.outcome_) for n in self.nuisances_], axis=0), dtype=float
        )

    def kept(self, population: Population = "treated") -> Bools:
        """Return which units are not trimmed, (n,). Overlap weights need no trimming."""
        if population == "overlap":
            return np.ones(len(self.propensity_), dtype=bool)
        inside = self.propensity_ <= self.trim
        return inside & (self.propensity_ >= 1 - self.trim) if population == "everybody" else inside

    def _safe(self, e: Floats) -> Floats:
        return np.clip(e, 1e-3, 1 - 1e-3)

    def _evaluate(self, n: Nuisances, y: Floats, w: Floats, population: Population) -> tuple[float, Floats]:
        """Return the estimate of one cross-fit and its influence values, (n,), which sum to 0."""
        t = self.treated_.astype(float)
        inside = w * self.kept(population)
        tilt = _tilt(population, t, self._safe(n.propensity))
        total, influence = 0.0, np.zeros(len(y))
        for sign, weight, value in (
            (1.0, inside * tilt.plug_in, n.mu1 - n.mu0),
            (1.0, inside * tilt.treated, y - n.mu1),
            (-1.0, inside * tilt.control, y - n.mu0),
        ):
            size = float(weight.sum())
            if size <= 0:
                raise refusal(ModelError, "nothing_shared", population=population)
            mean = float(weight @ value) / size
            total += sign * mean
            influence += sign * weight * (value - mean) / size
        return total, influence


def _own_cluster_if_missing(clusters: ArrayLike, n: int) -> Positions:
    codes, unique = pd.factorize(np.asarray(clusters, dtype=object))
    if codes.shape != (n,):
        raise ModelError(f"clusters: expected {n} values, one a unit, got shape {codes.shape}")
    return np.where(codes < 0, len(unique) + np.arange(n), codes)
