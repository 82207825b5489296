"""Effects for each customer without a favourite shape: many shapes, weighed by what they predict out of fold.

Outcomes of single customers are far noisier than effects differ, so no learner is right at every size, and no prior
shape for every action. Candidates for what differs between customers are: nothing; the value at risk
(:mod:`.value_at_risk`); and each learner of :mod:`.learners`, whole and halved, for what is learnt from noise is too
wide. Each is judged by its squared distance from doubly robust scores of customers that it did not learn from, and all
are mixed by :mod:`.aggregation`: weights stay at the prior where nothing is proven, and move to the best candidate as
evidence comes. Widths are candidates, not fitted slopes: a raw learner is wider than what holds, so one slope for a mix
chosen by raw loss falls on the flattest learner, whose differences are too small to be proven by any slope.

The average is believed as
far as its error allows. Which rule is followed is then asked of the same held-out scores: the mix, the value at risk
alone, or nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from sklearn.base import BaseEstimator

from ...core.arrays import Floats
from ...core.errors import ModelError
from ...core.one_thread import one_thread
from ..fitting.design import DesignMatrix
from ..fitting.encoding import SharedRows
from .aggregation import aggregated, centred
from .average import AverageEffect
from .crossfit import customer_folds
from .inference import EffectEstimate, clustered_std_error
from .learners import Learners, learner_names, out_of_fold
from .value_at_risk import paths_of

__all__ = ["Rule", "StackedEffect", "believed_average", "judged_rules", "winner"]

COMBINED, VALUE_AT_RISK, NOBODY = "combined", "value at risk", "nobody"

_WIDTHS = (0.5, 1.0)
_PRIOR = (0.1, 0.3)
"""Weights of no differences and of the value at risk before anything is seen; the learners share the rest."""
_RISK_RANGE = (0.1, 4.0)


@dataclass(frozen=True)
class Rule:
    """What a rule would have earned on decisions that it did not learn from, treating whom it gives more than the cost.

    Parameters
    ----------
    name
        ``combined``, ``value at risk`` or ``nobody``.
    value, std_error
        Net value a decision by doubly robust scores, and its error clustered by customer.
    lead, lead_error
        By how much it is worth more than the combined rule, and the error of that.
    """

    name: str
    value: float
    std_error: float
    lead: float
    lead_error: float


class StackedEffect(BaseEstimator):
    """Effect of an action for each customer, mixed from several shapes by what each predicts out of fold.

    Parameters
    ----------
    folds, splits
        Folds by customer, and how often they are drawn anew.
    repeats, level, seed
        As :class:`~.individual.IndividualEffect`.

    Attributes
    ----------
    ate_, ate_std_error_, believed_ : float
        The average effect, its error, and what is believed of it.
    paths_ : tuple of Path
        The parts of the average effect, of which the value at risk is made.
    weights_ : dict of float
        Weight of each candidate; they add up to 1. What stands at ``none`` is believed not to differ.
    rules_ : tuple of Rule
        What the rules earn out of fold; empty where no cost was given.
    rule_ : str
        The rule that predictions follow. The combined one, unless another is worth more by more than its error.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"tenure": rng.uniform(0, 1, 1_500), "at_risk": rng.uniform(5, 50, 1_500)})
    >>> treated = rng.integers(0, 2, 1_500)
    >>> value = 50 + 20 * treated * (X["tenure"] - 0.5) + rng.normal(0, 5, 1_500)
    >>> parts = pd.DataFrame({"at_risk": -X["at_risk"]})
    >>> model = StackedEffect(repeats=1, seed=0).fit(X, treated, value, groups=np.arange(1_500), parts=parts)
    >>> new, old = model.predict(pd.DataFrame({"tenure": [0.1, 0.9], "at_risk": [20.0, 20.0]}))
    >>> bool(new < -4), bool(old > 4), model.weights_["value at risk"] < 0.1
    (True, True, True)
    """

    def __init__(self, *, folds: int = 5, splits: int = 2, repeats: int = 3, level: float = 0.95, seed: int) -> None:
        self.folds = folds
        self.splits = splits
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
        cost: float | None = None,
    ) -> Self:
        """Learn from n units.

        Parameters
        ----------
        X, treated, outcome, groups, parts, propensity, fitted, average
            As :meth:`~.value_at_risk.ValueAtRiskEffect.fit`.
        cost
            Of one offer, in units of the outcome: rules are judged by whom they would treat at it. None: the combined
            rule holds.

        Raises
        ------
        ModelError
            As :meth:`~.value_at_risk.ValueAtRiskEffect.fit`.
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
        self.believed_ = believed_average(average.estimate, average.std_error, cost)
        self.paths_ = paths_of(fitted, average, parts, X, population)
        self.columns_ = tuple(map(str, parts.columns))
        at_risk = self._at_risk(X)
        self.risk_mean_ = float(np.average(at_risk, weights=population)) if self.columns_ else 0.0
        risk = self._risk(X)
        design, score, weight = DesignMatrix.of(X), fitted.scores(), e * (1 - e) * fitted.sample_weight_
        if design.encoder is None:
            raise ModelError("expected features, or a design made from features, got a bare matrix")
        self.encoder_ = design.encoder
        shares = _Shares(learner_names(risk is not None))
        start = self._start(X)
        with one_thread():
            candidates, target = self._held_out(design, score, weight, risk, start, np.asarray(groups), t, shares)
            found = aggregated(candidates, target, weight, shares.prior())
            self.learners_ = Learners.fitted(design, np.flatnonzero(weight > 0), score, weight, risk, self.seed)
        self.mix_, self.weights_ = found, dict(zip(shares.names(), found.tolist(), strict=True))
        raw = shares.candidates(self.learners_.predict(design.matrix, risk), start)
        self.means_ = np.average(raw, axis=0, weights=population)
        self.noise_ = float(np.average(target**2, weights=weight))
        held_out = {COMBINED: self.believed_ + candidates @ found, VALUE_AT_RISK: start}
        self.rules_ = () if cost is None else judged_rules(held_out, score, weight, cost, np.asarray(groups))
        self.rule_, self.cost_ = winner(self.rules_), cost
        return self

    def _held_out(
        self,
        design: DesignMatrix,
        score: Floats,
        weight: Floats,
        risk: Floats | None,
        start: Floats,
        groups: NDArray[np.generic],
        treated: Floats,
        shares: _Shares,
    ) -> tuple[Floats, Floats]:
        """Return candidates (n, k) and scores (n,), centred in every fold, mean over the splits."""
        found, target = [], []
        for split in range(self.splits):
            fold = customer_folds(groups, treated, folds=self.folds, seed=self.seed * 1000 + split)
            raw = out_of_fold(design, score, weight, risk, fold, self.seed + split)
            found.append(centred(shares.candidates(raw, start), weight, fold))
            target.append(centred(score, weight, fold))
        return np.mean(found, axis=0), np.mean(target, axis=0)

    def _at_risk(self, X: pd.DataFrame) -> Floats:
        return np.asarray(X[list(self.columns_)].to_numpy(dtype=float).sum(axis=1))

    def _risk(self, X: pd.DataFrame) -> Floats | None:
        """Return what each customer stands to lose over the mean, cut to a range in which dividing by it is safe."""
        if self.risk_mean_ <= 0:
            return None
        return np.clip(self._at_risk(X) / self.risk_mean_, *_RISK_RANGE)

    def _start(self, X: pd.DataFrame) -> Floats:
        return np.asarray(np.sum([p.shrunken * p.spread(X) for p in self.paths_], axis=0))

    def _candidates(self, X: pd.DataFrame, shared: SharedRows | None) -> Floats:
        """Return what each candidate says beyond the average, (n, k)."""
        risk = self._risk(X)
        shares = _Shares(learner_names(risk is not None))
        design = self.encoder_.transform(X, shared)
        return shares.candidates(self.learners_.predict(design, risk), self._start(X)) - self.means_

    def predict(self, X: pd.DataFrame) -> Floats:
        """Return the effect for each customer, (n,), in units of the outcome, by the rule that won.

        Where nobody is the best rule, no effect is said to be above the cost.
        """
        return self.predict_with_interval(X)[0]

    def predict_interval(self, X: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return the lower and upper ends of the predictions, each (n,), see :meth:`predict_with_interval`."""
        _, low, high = self.predict_with_interval(X)
        return low, high

    def predict_with_interval(self, X: pd.DataFrame, shared: SharedRows | None = None) -> tuple[Floats, Floats, Floats]:
        """Return the effect for each customer with its lower and upper ends, each (n,), features encoded once.

        ``shared`` are the same rows, where other models read them too.

        The error is that of the average, and how far the candidates lie apart under their weights. It covers the mean
        effect of customers with the same prediction, not one customer's own effect, which nobody observes.
        """
        if self.rule_ == VALUE_AT_RISK:
            effect, apart = self._start(X), np.zeros(len(X))
        else:
            candidates = self._candidates(X, shared)
            beyond = candidates @ self.mix_
            apart = np.sqrt(np.maximum(candidates**2 @ self.mix_ - beyond**2, 0.0))
            effect = self.believed_ + beyond
        if self.rule_ == NOBODY and self.cost_ is not None:
            effect = np.minimum(effect, self.cost_)
        half = float(stats.norm.ppf((1 + self.level) / 2)) * np.hypot(self.ate_std_error_, apart)
        return effect, effect - half, effect + half


@dataclass(frozen=True)
class _Shares:
    """The candidates made of the learners: none, the value at risk, and every learner at every width."""

    learners: tuple[str, ...]

    def names(self) -> list[str]:
        """Return the names of the candidates."""
        return ["none", VALUE_AT_RISK, *(f"{share:g} {name}" for name in self.learners for share in _WIDTHS)]

    def candidates(self, learnt: Floats, start: Floats) -> Floats:
        """Return the candidates, (n, k), of what was learnt (n, learners) and of the value at risk (n,)."""
        return np.column_stack([0 * start, start, np.repeat(learnt, len(_WIDTHS), axis=1) * self._widths()])

    def _widths(self) -> Floats:
        return np.tile(_WIDTHS, len(self.learners))

    def prior(self) -> Floats:
        """Return the weights before anything is seen."""
        others = len(self.learners) * len(_WIDTHS)
        return np.array([*_PRIOR, *[(1 - sum(_PRIOR)) / others] * others])


def believed_average(estimate: float, error: float, cost: float | None) -> float:
    """Return what is believed of an average effect.

    Before anything is seen, an average is taken to be as large as an offer costs, up or down, for that is what offers
    are priced by; or as large as the estimate shows beyond its error, if that is more (James & Stein 1961).
    """
    spread = max(estimate**2 - error**2, 0.0 if cost is None else cost**2)
    return 0.0 if spread + error**2 <= 0 else spread / (spread + error**2) * estimate


def judged_rules(
    predicted: Mapping[str, Floats], score: Floats, weight: Floats, cost: float, groups: NDArray[np.generic]
) -> tuple[Rule, ...]:
    """Return what each rule, the combined one first, earns by treating whom it predicts (n,) to be worth the cost."""
    share = weight / weight.sum()
    gains = {name: np.where(effect > cost, score - cost, 0.0) for name, effect in predicted.items()}
    gains[NOBODY] = np.zeros(len(score))
    first = next(iter(gains.values()))

    def measured(gain: Floats) -> tuple[float, float]:
        mean = float(share @ gain)
        return mean, clustered_std_error(share * (gain - mean), [groups])

    return tuple(Rule(name, *measured(gain), *measured(gain - first)) for name, gain in gains.items())


def winner(rules: tuple[Rule, ...]) -> str:
    """Return the rule to follow: the combined one, or the best of those that are ahead of it by more than the error."""
    ahead = [rule for rule in rules if rule.lead > rule.lead_error > 0]
    return max(ahead, key=lambda rule: rule.lead).name if ahead else COMBINED
