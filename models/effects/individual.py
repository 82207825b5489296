"""Effects for each customer: doubly robust scores weighted by e(1 - e), shrunk to the average.

Regressing doubly robust scores with weights e(1 - e) is R-learning (Nie & Wager 2021) in another notation (Fisher 2024,
"The connection between R-learning and inverse-variance weighting for estimation of heterogeneous treatment
effects"). Differences between customers are small against the noise, so the raw prediction is believed only as far
as it predicts on held-out folds: the calibration slope of Chernozhukov, Demirer, Duflo & Fernandez-Val (2018,
"Generic machine learning inference"), kept in [0, 1].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from sklearn.base import BaseEstimator

from ...core.arrays import Floats, Positions
from ...core.errors import ModelError
from ...core.one_thread import one_thread
from ...core.short_repr import ShortRepr
from ..fitting.design import DesignMatrix
from ..fitting.encoding import SharedRows
from ..fitting.ridge import ridge
from ..fitting.trees import without_rows
from .average import AverageEffect
from .crossfit import Nuisances, check_units, convex_weights, customer_folds, thinned
from .inference import EffectEstimate, clustered_std_error

__all__ = ["IndividualEffect"]

_ROUNDS = 60
_BOOST = {"learning_rate": 0.05, "num_leaves": 4, "lambda_l2": 20.0, "feature_fraction": 0.5, "objective": "l2"}
_ALPHAS = np.logspace(1, 7, 25)
_MOST = 200_000


class IndividualEffect(BaseEstimator):
    """Effect of an action for each customer: ``ate + slope * (raw - mean raw)``.

    Parameters
    ----------
    folds, seed
        Folds by customer for the calibration, and the seed of folds and trees.
    repeats
        Cross-fits of the nuisances where none are passed in.
    level
        Coverage of intervals.

    Attributes
    ----------
    ate_, ate_std_error_ : float
        The average it is anchored to, and its error, as passed in.
    slope_, slope_std_error_ : float
        How much of the raw differences holds on held-out folds, in [0, 1], and its error. The error takes the
        predictions as given; folds share training rows, so it is some 40% short where there are no differences.
        Evidence for differences is for :mod:`.rank_weighted` on customers not learnt from.
    raw_slope_ : float
        The slope before it was kept in [0, 1].
    raw_mean_ : float
        Mean raw prediction over the population of the average.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"tenure": rng.uniform(0, 1, 1_000)})
    >>> treated = rng.integers(0, 2, 1_000)
    >>> value = 4 * treated * X["tenure"] + rng.normal(size=1_000)
    >>> model = IndividualEffect(repeats=1, seed=0).fit(X, treated, value, groups=np.arange(1_000))
    >>> new, old = model.predict(pd.DataFrame({"tenure": [0.1, 0.9]}))
    >>> bool(new < old), 0 <= model.slope_ <= 1
    (True, True)
    """

    def __init__(self, *, folds: int = 5, repeats: int = 3, level: float = 0.95, seed: int) -> None:
        self.folds = folds
        self.repeats = repeats
        self.level = level
        self.seed = seed

    def fit(
        self,
        X: pd.DataFrame | DesignMatrix,
        treated: ArrayLike,
        outcome: ArrayLike,
        *,
        groups: ArrayLike,
        propensity: ArrayLike | None = None,
        nuisances: Sequence[Nuisances] | None = None,
        average: EffectEstimate | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Learn from n units.

        Parameters
        ----------
        X, treated, outcome, groups
            Features (n, columns), or a design made from them (:meth:`DesignMatrix.of`) to encode them only once;
            arm, outcome and customer of each unit.
        propensity
            Recorded chance of treatment where the action was randomised, (n,).
        nuisances
            Out-of-fold nuisances of the same units, to save fitting them; scores are averaged over them.
        average
            The average effect to anchor to: predictions average to it over its population. By default the
            effect on the treated of these units.
        sample_weight
            Weight of each unit, (n,).

        Raises
        ------
        ModelError
            Shapes differ, values are missing, an arm is too small in a fold, or a design does not know its encoder.
        """
        t, y, w = check_units(len(X), treated, outcome, sample_weight)
        design = DesignMatrix.of(X)
        if design.encoder is None:
            raise ModelError("expected features, or a design made from features, got a bare matrix")
        self.encoder_ = design.encoder
        if nuisances is None or average is None:
            own = AverageEffect(folds=self.folds, repeats=self.repeats, level=self.level, seed=self.seed)
            own.fit(design, t, y, groups=groups, propensity=propensity, sample_weight=w)
            nuisances = nuisances or own.nuisances_
            average = average or own.summary()
        if any(len(n.mu0) != len(X) for n in nuisances):
            raise ModelError(f"nuisances: expected those of the same {len(X)} units")
        score = np.asarray(np.mean([n.scores(t, y) for n in nuisances], axis=0))
        e = np.clip(np.median([n.propensity for n in nuisances], axis=0), 0.01, 0.99)
        weight = w * e * (1 - e)
        fold = customer_folds(groups, t, folds=self.folds, seed=self.seed)
        with one_thread():
            held_out, target = self._held_out(design, score, weight, fold)
            self.mix_ = convex_weights(held_out, target, weight)
            self._calibrate(held_out @ self.mix_, target, weight, np.asarray(groups))
            self.learners_ = _Learners.fitted(design, np.flatnonzero(weight > 0), score, weight, self.seed)
        population = {"treated": t.astype(float), "everybody": np.ones(len(X)), "overlap": e * (1 - e)}
        raw = self.learners_.predict(design.matrix) @ self.mix_
        self.raw_mean_ = float(np.average(raw, weights=w * population[average.population]))
        self.ate_, self.ate_std_error_ = average.estimate, average.std_error
        return self

    def raw(self, X: pd.DataFrame, shared: SharedRows | None = None) -> Floats:
        """Return uncalibrated predictions, (n,): fit for ranking, not for euros.

        ``shared`` are the same rows, where other models read them too.
        """
        return np.asarray(self.learners_.predict(self.encoder_.transform(X, shared)) @ self.mix_)

    def predict(self, X: pd.DataFrame) -> Floats:
        """Return the effect for each customer, (n,), in units of the outcome."""
        return self.ate_ + self.slope_ * (self.raw(X) - self.raw_mean_)

    def predict_interval(self, X: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return the lower and upper ends of the predictions, each (n,), by the delta method.

        ``var = ate_std_error^2 + (raw - mean raw)^2 slope_std_error^2``: the uncertainty of the average and of
        how far differences hold. It covers the mean effect of customers with the same prediction, not one
        customer's own effect, which nobody observes.
        """
        offset = self.raw(X) - self.raw_mean_
        middle = self.ate_ + self.slope_ * offset
        error = np.hypot(self.ate_std_error_, offset * self.slope_std_error_)
        half = float(stats.norm.ppf((1 + self.level) / 2)) * error
        return middle - half, middle + half

    def _held_out(self, design: DesignMatrix, score: Floats, weight: Floats, fold: Positions) -> tuple[Floats, Floats]:
        """Return predictions from the other folds, (n, learners), and scores, (n,), both centred in every fold.

        A fold left out pulls the mean of the others away from its own: uncentred, that alone would push the
        slope down. Beyond 200,000 rows each fold's learners see a random part, which can only make the slope
        smaller; the learners that stay see all rows.
        """
        held_out, target = np.empty((len(design), 2)), np.empty(len(design))
        for k in np.unique(fold):
            train, test = np.flatnonzero((fold != k) & (weight > 0)), np.flatnonzero(fold == k)
            learners = _Learners.fitted(design, thinned(train, self.seed, most=_MOST), score, weight, self.seed)
            predictions = learners.predict(design.matrix[test])
            held_out[test] = predictions - np.average(predictions, axis=0, weights=weight[test])
            target[test] = score[test] - np.average(score[test], weights=weight[test])
        return held_out, target

    def _calibrate(self, raw: Floats, score: Floats, weight: Floats, groups: NDArray[np.generic]) -> None:
        """Regress centred scores on centred held-out predictions."""
        spread = float(weight @ raw**2)
        if spread <= 1e-12 * float(weight @ score**2):
            self.raw_slope_, self.slope_, self.slope_std_error_ = 0.0, 0.0, 0.0
            return
        self.raw_slope_ = float(weight @ (raw * score)) / spread
        self.slope_ = float(np.clip(self.raw_slope_, 0.0, 1.0))
        influence = weight * raw * (score - self.raw_slope_ * raw) / spread
        self.slope_std_error_ = clustered_std_error(influence, [groups])


@dataclass(frozen=True)
class _Learners(ShortRepr):
    """A ridge regression and small trees on doubly robust scores, both heavily penalised."""

    coefficients: Floats
    intercept: float
    trees: lgb.Booster

    @classmethod
    def fitted(cls, design: DesignMatrix, rows: Positions, score: Floats, weight: Floats, seed: int) -> _Learners:
        whole = len(rows) == len(design)
        x, y, w = design.matrix if whole else design.matrix[rows], score[rows], weight[rows]
        x_mean, y_mean = np.average(x, axis=0, weights=w), float(np.average(y, weights=w))
        slope = ridge(x, y - y_mean, w, alphas=_ALPHAS, centre=x_mean)
        params = {**_BOOST, "min_data_in_leaf": max(40, len(rows) // 50), "seed": seed}
        trees = without_rows(design.boost(rows, y, w / w.mean(), _ROUNDS, params))
        return cls(slope, y_mean - float(x_mean @ slope), trees)

    def predict(self, matrix: Floats) -> Floats:
        """Return both predictions, (n, 2)."""
        return np.column_stack([self.intercept + matrix @ self.coefficients, self.trees.predict(matrix)])
