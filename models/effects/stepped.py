"""Effects for each customer without a favourite shape: the value at risk, and steps by which they differ from it.

Outcomes of single customers are far noisier than effects differ, so what is taken for likely before anything is seen
decides most of it. Two things are: an action that lowers a hazard by the same factor for everybody is worth most to
whom that hazard takes most from (:mod:`.value_at_risk`), and effects that are otherwise differ by few things, mostly by
one: tenure, a contact, the method of payment. So

    tau(x) = believed + share (start(x) - mean start) + sum of few steps(x),

with the start of :class:`~.value_at_risk.ValueAtRiskEffect`, of which a ``share`` of .7 is expected, and the steps of
:mod:`.terms`, each as it is and times what the customer stands to lose. All are learnt from doubly robust scores with
weights e(1 - e) by :mod:`.single_terms`, whose mean over all that may be true ranks customers and promises no more than
is to be expected. No rows are held out, so few decisions are enough to see a large difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ...core.arrays import Floats, Objects, Positions
from ...core.one_thread import one_thread
from ...core.short_repr import ShortRepr
from ..fitting.design import Encoder
from ..fitting.encoding import SharedRows
from .crossfit import thinned
from .inference import clustered_std_error
from .single_terms import SingleTerms, single_terms
from .terms import Terms
from .value_at_risk import EffectParts, StartedEffect, Units

__all__ = ["SteppedEffect"]

_MOST_ROWS, _MOST_TERMS = 50_000, 300
_NONE = (0.4, 0.9, 0.9, 0.9)
"""Chance that there is no first, second, third and fourth difference beyond the start."""
_BY_RISK = 0.5
"""Chance that a difference goes with what a customer stands to lose; else it is the same for everybody."""
_WIDTHS = (0.1, 0.2, 0.4)
"""How far effects may differ by one term, over the deviation of outcomes."""
_SHARE = (0.7, 0.3)
"""Share of the start's differences before anything is seen, and its deviation. Below 1: where a hazard is high, much of
what it takes is lost soon after whatever is done, and what a customer stands to lose is an estimate itself."""
_RISK_RANGE = (0.25, 3.0)
_GROUPS = 5


class SteppedEffect(StartedEffect):
    """Effect of an action for each customer: from the value at risk, and by few steps beyond it.

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
    share_ : float
        How much of the differences by the value at risk is believed.
    chances_ : dict of float
        Chance that effects differ by a feature beyond that, the likeliest ten.
    spread_ : float
        Standard deviation of the differences beyond the value at risk, in units of the outcome.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"tenure": rng.uniform(0, 1, 1_500), "at_risk": rng.uniform(5, 50, 1_500)})
    >>> treated = rng.integers(0, 2, 1_500)
    >>> value = 50 + 16 * treated * (X["tenure"] > 0.5) - 8 * treated + rng.normal(0, 5, 1_500)
    >>> parts = pd.DataFrame({"at_risk": -X["at_risk"]})
    >>> model = SteppedEffect(repeats=1, seed=0).fit(X, treated, value, groups=np.arange(1_500), parts=parts)
    >>> new, old = model.predict(pd.DataFrame({"tenure": [0.1, 0.9], "at_risk": [20.0, 20.0]}))
    >>> bool(new < -6), bool(old > 6), model.chances_["tenure"] > 0.9
    (True, True, True)
    """

    def _learn(self, units: Units) -> None:
        self.at_risk_ = tuple(p.column for p in self.paths_ if p.column is not None)
        self.risk_mean_ = float(sum(p.mean for p in self.paths_ if p.column is not None))
        e = np.clip(units.fitted.propensity_, 0.01, 0.99)
        with one_thread():
            self._learn_steps(units, e * (1 - e) * units.fitted.sample_weight_)

    def _learn_steps(self, units: Units, weight: Floats) -> None:
        """Learn the steps by doubly robust scores of weights (n,)."""
        X, fitted = units.X, units.fitted
        encoder = Encoder().fit(X)
        whole, risk, start = encoder.transform(X), self._risk(X), self._start(X)
        rows = thinned(np.flatnonzero(weight > 0), self.seed, most=_MOST_ROWS)
        noise = _Noise.seen(fitted.scores()[rows], weight[rows], risk[rows], fitted.groups_[rows])
        matrix, w = whole[rows], noise.weight
        spread = start[rows] - np.average(start[rows], weights=w)
        terms = Terms.learnt(matrix, encoder, w)
        ones = np.ones((len(rows), 1))
        factors, likely = (
            (np.column_stack([ones, risk[rows]]), [1 - _BY_RISK, _BY_RISK]) if self.at_risk_ else (ones, [1])
        )
        rest = noise.score - _SHARE[0] * spread
        kept, columns, deviations = _strongest(terms, matrix, factors, rest, w)
        columns = np.column_stack([columns, spread])
        weighted = columns * (w / noise.variance)[:, None]
        found = single_terms(
            weighted.T @ columns,
            weighted.T @ noise.score,
            np.outer(likely, terms.prior).ravel()[kept],
            none=_NONE,
            widths=tuple(width * noise.unit for width in _WIDTHS),
            known=_SHARE,
            wider=_wider(columns[:, :-1], w, rest, noise.variance),
        )
        every = np.zeros(factors.shape[1] * len(terms))
        every[kept] = found.coefficients / deviations
        coefficients = every.reshape(factors.shape[1], len(terms)).T
        counts = (coefficients != 0).any(axis=1)
        self.terms_, used = terms.only(counts)
        self.encoder_, self.coefficients_, self.share_ = encoder.only(used), coefficients[counts], found.known
        self.chances_ = _by_feature(np.array(terms.features)[kept % max(len(terms), 1)], found)
        self.steps_mean_ = 0.0
        beyond = self._beyond(whole[:, used], risk)
        self.steps_mean_ = float(np.average(beyond, weights=units.population))
        self.spread_ = float(np.sqrt(np.average((beyond - np.average(beyond, weights=weight)) ** 2, weights=weight)))
        self.difference_std_error_ = float(np.sqrt(noise.variance / w.sum()))

    def _risk(self, X: pd.DataFrame) -> Floats:
        """Return what each customer stands to lose over the mean, its far ends cut off; 1 where nobody knows it."""
        if not self.at_risk_:
            return np.ones(len(X))
        at_risk = X[list(self.at_risk_)].to_numpy(dtype=float).sum(axis=1)
        return np.asarray(np.clip(at_risk / self.risk_mean_, *_RISK_RANGE))

    def _beyond(self, matrix: Floats, risk: Floats) -> Floats:
        """Return what the steps add, (n,)."""
        sums = self.terms_.summed(matrix, self.coefficients_)
        return np.asarray(sums[:, 0] + (risk * sums[:, 1] if sums.shape[1] > 1 else 0.0) - self.steps_mean_)

    def predict_in_parts(self, X: pd.DataFrame, shared: SharedRows | None = None) -> EffectParts:
        """Return the effect for each customer with its lower and upper ends, features encoded once.

        ``shared`` are the same rows, where other models read them too.

        The error of the average is spread as those of its paths are. To it comes that of the steps: as far as a
        customer lies from the mean in what they add, over how far customers lie apart, times the error of any one
        difference. It covers the mean effect of customers with the same prediction, not one customer's own effect,
        which nobody observes.
        """
        beyond = self._beyond(self.encoder_.transform(X, shared), self._risk(X))
        effect = self.shrunken_ + self.share_ * (self._start(X) - self.shrunken_) + beyond
        apart = beyond / self.spread_ if self.spread_ > 0 else np.zeros(len(X))
        error = np.hypot(self._width(X), self.difference_std_error_ * apart)
        half = float(stats.norm.ppf((1 + self.level) / 2)) * error
        return EffectParts(effect, effect - half, effect + half, beyond)


@dataclass(frozen=True)
class _Noise(ShortRepr):
    """Scores, and how noisy they are: the variance of each is ``variance`` over its weight.

    Parameters
    ----------
    score
        Doubly robust scores less their mean, (n,).
    weight
        Their weights, mean 1, (n,): smaller where much can be lost, for there outcomes lie far apart.
    variance
        Of a score of weight 1; larger where customers come again.
    unit
        Standard deviation of the outcomes, as the scores show it.
    """

    score: Floats
    weight: Floats
    variance: float
    unit: float

    @classmethod
    def seen(cls, score: Floats, weight: Floats, risk: Floats, groups: NDArray[np.generic]) -> _Noise:
        """Return it of scores with weights e(1 - e), what each customer stands to lose, and who it is, (n,) each."""
        centred = score - np.average(score, weights=weight)
        w = weight / _by_risk(weight * centred**2, risk)
        w = w / w.mean()
        share = w / w.sum()
        centred = score - share @ score
        influence = share * centred
        alone = max(float(np.sum(influence**2)), 1e-24)
        again = max(clustered_std_error(influence, [groups]) ** 2 / alone, 1.0)
        unit = float(np.sqrt(np.average(centred**2, weights=weight) * weight.mean()))
        return cls(centred, w, alone * float(w.sum()) * again, max(unit, 1e-12))


def _by_risk(squares: Floats, risk: Floats) -> Floats:
    """Return the variance that squared noise (n,) shows as a power of the risk, between 0 and 2, up to a factor."""
    cuts = np.quantile(risk, np.arange(1, _GROUPS) / _GROUPS)
    group = np.searchsorted(cuts, risk)
    size = np.bincount(group, minlength=_GROUPS)
    filled = size > 0
    at, seen = (
        np.log(np.maximum(np.bincount(group, v, _GROUPS)[filled] / size[filled], 1e-300)) for v in (risk, squares)
    )
    if filled.sum() < 2 or np.ptp(at) <= 0:
        return np.ones(len(risk))
    return np.asarray(risk ** np.clip(np.polyfit(at, seen, 1)[0], 0.0, 2.0))


def _wider(columns: Floats, weight: Floats, score: Floats, variance: float) -> Floats:
    """Return by how much each column's estimate varies more than even noise makes it, 1 or more, (k,).

    A term that is large for few customers with noisy outcomes is not as sure as their number says.
    """
    squares = (columns * weight[:, None]) ** 2
    return np.asarray(np.maximum(score**2 @ squares / (variance * (weight @ columns**2)), 1.0))


def _strongest(
    terms: Terms, matrix: Floats, factors: Floats, score: Floats, weight: Floats
) -> tuple[Positions, Floats, Floats]:
    """Return the terms that speak loudest alone: places among all (terms times factors), values, and deviations.

    Values (n, kept) have mean 0 and deviation 1 under ``weight`` (n,).
    """
    share = weight / weight.sum()

    def scaled(place: int) -> tuple[Floats, float]:
        factor, term = divmod(place, len(terms))
        values = terms.values(matrix, term) * factors[:, factor]
        values = values - share @ values
        deviation = float(np.sqrt(share @ values**2))
        return values / max(deviation, 1e-12), deviation

    count = len(terms) * factors.shape[1]
    loud = np.array([abs(share @ (scaled(place)[0] * score)) for place in range(count)])
    kept = np.sort(np.argsort(-loud, kind="stable")[:_MOST_TERMS])
    pairs = [scaled(place) for place in kept.tolist()]
    values = np.column_stack([v for v, _ in pairs]) if pairs else np.zeros((len(matrix), 0))
    return kept, values, np.array([max(d, 1e-12) for _, d in pairs])


def _by_feature(features: Objects, found: SingleTerms) -> dict[str, float]:
    """Return the chance that effects differ by each feature, the likeliest ten."""
    chances = {
        str(name): float(1 - np.prod(1 - found.chances[:, features == name].sum(axis=1))) for name in set(features)
    }
    return dict(sorted(chances.items(), key=lambda named: (-named[1], named[0]))[:10])
