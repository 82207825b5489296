"""Left or not: LightGBM, stopped and calibrated on what came last, with exact contributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ...core.arrays import Arrays, Bools, Floats, Ints
from ...core.errors import DataError, did_you_mean
from ..fitting.calibration import Calibrator, Identity, Isotonic, Sigmoid, choose_calibrator
from ..fitting.early_stopping_split import hold_out, in_turn
from ..fitting.encoding import FrameEncoding, InputRows, read_input
from ..fitting.target import Target, binary_target
from ..fitting.trees import Bins, boost

__all__ = ["BASE", "ChurnClassifier"]


BASE = "base"
"""Name of the column of a contributions frame that holds the average log-odds."""

SMALL_DATA_ROUNDS = 200
"""Trees where nothing can be held out to find their number."""

_TREE_SETTINGS = (
    "learning_rate",
    "num_leaves",
    "min_child_samples",
    "lambda_l2",
    "feature_fraction",
    "max_cat_to_onehot",
    "num_threads",
)


class ChurnClassifier(ClassifierMixin, BaseEstimator):
    """Calibrated gradient-boosted trees for a yes-or-no outcome; the second class is churn.

    The last part of the data in time (``order`` of :meth:`fit`), or random ones in turn without times, is held out:
    it ends the boosting and calibrates the log-odds. Where the held-out part has fewer than
    ``min_validation_events`` rows of a class, a fixed number of rounds is used uncalibrated and ``notes_`` says so.

    Parameters
    ----------
    learning_rate, num_leaves, min_child_samples, lambda_l2, feature_fraction, max_cat_to_onehot
        As in LightGBM. ``min_child_samples`` is lowered to one in twenty rows on small data,
        but not below 20: fewer than 40 rows give everybody the average.
    max_rounds, early_stopping_rounds
        Most trees, and how long the validation log loss may stand still.
    validation_share
        Share of the rows held out, where one part is.
    folds
        Without times: parts of the rows that are held out in turn, so that each row is learnt from. Each leaves trees
        of its own, whose log-odds are averaged: better than one set, at the cost of as many fits and predictions. 1
        holds out one random part.
    embargo
        Rows less than this before the first held-out one (days if ``order`` is datetime, else its unit) are
        left out while rounds and calibration are found: the labels' horizon, so that none is seen twice.
    min_validation_events
        Fewest held-out rows of each class.
    calibration
        ``auto`` is isotonic where that has the lower log loss across folds of the held-out part, else sigmoid.
    monotone
        Feature name -> +1 (churn never falls as the feature rises) or -1 (never rises), all else equal; numbers
        only. None: no constraint.
    refit
        Whether to refit on all rows with the number of rounds found. The newest rows are then learnt from, but
        the calibration stays that of the first trees: with a long embargo the refitted ones are surer of
        themselves than it allows for.
    num_threads
        Threads of LightGBM; the result does not depend on it. More than the idle cores make it many times slower.
    random_state
        Seed of the column sampling and of the random hold-out.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
    n_features_in_, feature_names_in_
        As in scikit-learn; names only if fitted on a DataFrame.
    boosters_ : tuple of lightgbm.Booster
        One, or one a fold; their log-odds are averaged.
    calibrator_ : Calibrator
    rounds_ : int
        Trees used, mean over the folds.
    holdout_ : str
        How the validation part was chosen: ``time``, ``random`` or ``none``.
    notes_ : tuple of str
        What the data did not allow.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"tenure": rng.exponential(12, 400), "method": rng.choice(["iban", "card"], 400)})
    >>> risk = 0.6 * np.exp(-X["tenure"] / 12) + 0.2 * (X["method"] == "card")
    >>> left = (rng.random(400) < risk).astype(int)
    >>> model = ChurnClassifier(max_rounds=50).fit(X, left)
    >>> new = pd.DataFrame({"tenure": [1.0, 48.0], "method": ["card", "iban"]})
    >>> model.predict_proba(new)[:, 1].round(1)
    array([0.7, 0.1])
    >>> model.contributions(new).round(1)
       tenure  method  base
    0     0.7     0.1  -0.6
    1    -0.5    -0.2  -0.6
    """

    def __init__(
        self,
        *,
        learning_rate: float = 0.03,
        num_leaves: int = 15,
        min_child_samples: int = 40,
        lambda_l2: float = 5.0,
        feature_fraction: float = 0.6,
        max_cat_to_onehot: int = 8,
        max_rounds: int = 2000,
        early_stopping_rounds: int = 100,
        validation_share: float = 0.15,
        folds: int = 5,
        embargo: float = 0.0,
        min_validation_events: int = 20,
        calibration: Literal["auto", "isotonic", "sigmoid", "none"] = "auto",
        monotone: Mapping[str, int] | None = None,
        refit: bool = False,
        num_threads: int = 1,
        random_state: int = 0,
    ) -> None:
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.lambda_l2 = lambda_l2
        self.feature_fraction = feature_fraction
        self.max_cat_to_onehot = max_cat_to_onehot
        self.max_rounds = max_rounds
        self.early_stopping_rounds = early_stopping_rounds
        self.validation_share = validation_share
        self.folds = folds
        self.embargo = embargo
        self.min_validation_events = min_validation_events
        self.calibration = calibration
        self.monotone = monotone
        self.refit = refit
        self.num_threads = num_threads
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        order: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Learn from n rows; rows of weight 0 count as absent.

        Parameters
        ----------
        X
            Features, DataFrame or array (n, features).
        y
            Two classes (n,); the larger one is churn.
        sample_weight
            Weights (n,), at least 0.
        order
            Time of each row (n,), the ``as_of``; with it the last part in time is held out.
        groups
            Customer of each row (n,): without ``order``, no customer is both learnt from and held out.

        Raises
        ------
        DataError
            Not exactly two classes, ill-formed input, no churner to learn from, or a monotone constraint on a column
            that is not there or holds categories.
        """
        return self.fit_sharing(X, y, sample_weight, order=order, groups=groups, bins=Bins())

    def fit_sharing(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        *,
        order: ArrayLike | None,
        groups: ArrayLike | None,
        bins: Bins,
    ) -> Self:
        """Learn as :meth:`fit` does, and share the binned rows with other classifiers fitted to the same ``X``."""
        if self.calibration not in ("auto", "isotonic", "sigmoid", "none"):
            raise DataError(f"calibration: expected auto, isotonic, sigmoid or none, got {self.calibration!r}")
        given = read_input(self, X, reset=True, dtype="float32")
        target = binary_target(y, sample_weight, len(given))
        self.classes_ = target.classes
        held = hold_out(
            target,
            order=order,
            groups=groups,
            share=self.validation_share,
            embargo=self.embargo,
            min_events=self.min_validation_events,
            seed=self._seed(),
        )
        self.holdout_, self.notes_ = held.kind, held.notes
        if not held.used:
            self._learn_uncalibrated(given, target, bins)
            return self
        parts: tuple[Bools, ...] = ()
        if held.kind == "random" and self.folds > 1:
            parts = in_turn(target, groups, folds=self.folds, min_events=self.min_validation_events, seed=self._seed())
        pairs = [(np.asarray((target.weight > 0) & ~part), part) for part in parts]
        self._learn(given, target, pairs or [(held.train, held.validation)], groups, bins)
        return self

    def _learn_uncalibrated(self, given: InputRows, target: Target, bins: Bins) -> None:
        self.rounds_ = min(SMALL_DATA_ROUNDS, self.max_rounds)
        self.boosters_ = (self._boost(given, target, target.weight > 0, self.rounds_, bins),)
        self.calibrator_: Calibrator = Identity()

    def _learn(
        self, given: InputRows, target: Target, pairs: list[tuple[Bools, Bools]], groups: ArrayLike | None, bins: Bins
    ) -> None:
        """Learn one set of trees for each pair of rows learnt from and held out, and one calibration for all."""
        z = np.zeros(len(given))
        held = np.zeros(len(given), dtype=bool)
        boosters = []
        for train, validation in pairs:
            booster = self._boost(given, target, train, self.max_rounds, bins, validation)
            z[validation] = booster.predict(bins.stop, raw_score=True, num_threads=self.num_threads)
            held |= validation
            boosters.append(booster)
        owners = None if groups is None else np.asarray(groups)[held]
        self.calibrator_ = self._calibrate(z[held], target.codes[held], target.weight[held], owners)
        self.rounds_ = max(1, round(float(np.mean([booster.best_iteration for booster in boosters]))))
        if self.refit:
            boosters = [self._boost(given, target, target.weight > 0, self.rounds_, bins)]
        self.boosters_ = tuple(boosters)

    def _boost(
        self, given: InputRows, target: Target, rows: Bools, rounds: int, bins: Bins, stop: Bools | None = None
    ) -> lgb.Booster:
        return boost(
            given,
            target,
            rows,
            rounds=rounds,
            settings=self._settings(),
            bins=bins,
            stop=stop,
            patience=self.early_stopping_rounds,
        )

    def _settings(self) -> dict[str, Any]:
        """Return LightGBM's parameters."""
        chosen = {name: getattr(self, name) for name in _TREE_SETTINGS}
        directions = _directions(self.monotone, self.encoding_) if self.monotone else None
        return {**chosen, "seed": self._seed(), **({"monotone_constraints": directions} if directions else {})}

    def _calibrate(self, z: Floats, y: Ints, weight: Floats, owners: Arrays | None) -> Calibrator:
        if self.calibration == "none":
            return Identity()
        if self.calibration == "auto":
            return choose_calibrator(z, y, weight, groups=owners, seed=self._seed())
        return Isotonic.fit(z, y, weight) if self.calibration == "isotonic" else Sigmoid.fit(z, y, weight)

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def log_odds(self, X: Any) -> Floats:
        """Return the trees' own log-odds of churn (n,), before calibration."""
        check_is_fitted(self)
        given = read_input(self, X, reset=False)
        return np.concatenate([self._mean(part, raw_score=True) for part in given.parts()])

    def probability_of(self, matrix: Arrays) -> Floats:
        """Return the calibrated probability of churn (n,) of rows that :attr:`encoding_` has made floats of."""
        return self.calibrator_(self._mean(matrix, raw_score=True))

    def _mean(self, matrix: Arrays, **kind: bool) -> Floats:
        """Return the mean over the boosters of what they say of each row."""
        each = [booster.predict(matrix, num_threads=self.num_threads, **kind) for booster in self.boosters_]
        return np.asarray(sum(each[1:], start=each[0]) / len(each))

    def predict_proba(self, X: Any) -> Floats:
        """Return calibrated probabilities (n, 2), columns as ``classes_``."""
        check_is_fitted(self)
        churn = self.calibrator_(self.log_odds(X))
        return np.column_stack([1 - churn, churn])

    def predict(self, X: Any) -> Arrays:
        """Return the more probable class (n,)."""
        check_is_fitted(self)
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])

    def contributions(self, X: Any) -> pd.DataFrame:
        """Return what each feature adds to the log-odds of churn: exact Shapley values of the trees.

        One column a feature and ``base`` (the average); a row sums to :meth:`log_odds`. Costs about 2 ms a
        row: explain those somebody will look at. Source: Lundberg et al. 2020, "From local explanations to
        global understanding with explainable AI for trees".
        """
        check_is_fitted(self)
        values = self._mean(read_input(self, X, reset=False).matrix(), pred_contrib=True)
        index = X.index if isinstance(X, pd.DataFrame) else None
        return pd.DataFrame(values, columns=[*self.encoding_.columns, BASE], index=index)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up a saved model; the first saved ones held one set of trees, as ``booster_``."""
        state = dict(state)
        if "booster_" in state:
            state["boosters_"] = (state.pop("booster_"),)
        super().__setstate__(state)

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags: two classes, NaN allowed."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags


def _directions(monotone: Mapping[str, int], encoding: FrameEncoding) -> list[int]:
    """Return +1, -1 or 0 for each column.

    Raises
    ------
    DataError
        A name is no column, a column holds categories, or a direction is neither +1 nor -1.
    """
    names = [str(name) for name in encoding.columns]
    for name, direction in monotone.items():
        if name not in names:
            raise DataError(f"monotone: there is no feature '{name}'{did_you_mean(name, names)}")
        if names.index(name) in encoding.categorical:
            raise DataError(f"monotone: '{name}' holds categories, which have no order; leave it out")
        if direction not in (1, -1):
            raise DataError(f"monotone: expected 1 or -1 for '{name}', got {direction!r}")
    return [monotone.get(name, 0) for name in names]
