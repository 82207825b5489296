"""Who is about to leave: LightGBM, stopped and calibrated on what came last, with exact contributions.

:class:`ChurnClassifier` answers one question (left or not), :class:`CompetingChurn` tells causes apart so that
they add up. Both follow scikit-learn's conventions and take a DataFrame (text and category columns are
categories, NaN is a value of its own) or a numeric array.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..core.errors import DataError
from .boosting import boost
from .calibration import Calibrator, Identity, Isotonic, Sigmoid
from .frames import input_matrix
from .holdout import Holdout, hold_out
from .targets import Target, binary_target, read_target

__all__ = ["BASE", "ChurnClassifier", "CompetingChurn", "ConstantRate"]

Floats = NDArray[np.float64]

ISOTONIC_POSITIVES = 1000
"""Churners in the validation part from which on a free step function beats two parameters."""

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

    The last part of the data in time (``order`` of :meth:`fit`), or a random one without times, is held out:
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
        Share of the rows held out.
    embargo
        Rows less than this before the first held-out one (days if ``order`` is datetime, else its unit) are
        left out while rounds and calibration are found: the labels' horizon, so that none is seen twice.
    min_validation_events
        Fewest held-out rows of each class.
    calibration
        ``auto`` is isotonic from 1,000 held-out churners on, else sigmoid.
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
    booster_ : lightgbm.Booster
    calibrator_ : Calibrator
    rounds_ : int
        Trees used.
    holdout_ : str
        How the validation part was chosen: ``time``, ``random`` or ``none``.
    notes_ : tuple of str
        What the data did not allow.
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
        embargo: float = 0.0,
        min_validation_events: int = 20,
        calibration: Literal["auto", "isotonic", "sigmoid", "none"] = "auto",
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
        self.embargo = embargo
        self.min_validation_events = min_validation_events
        self.calibration = calibration
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
            Not exactly two classes, ill-formed input, or no churner to learn from.
        """
        if self.calibration not in ("auto", "isotonic", "sigmoid", "none"):
            raise DataError(f"calibration: expected auto, isotonic, sigmoid or none, got {self.calibration!r}")
        matrix = input_matrix(self, X, reset=True)
        target = binary_target(y, sample_weight, len(matrix))
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
        self._learn(matrix, target, held)
        return self

    def _learn(self, matrix: Floats, target: Target, held: Holdout) -> None:
        rows = target.weight > 0
        if not held.used:
            self.rounds_ = min(SMALL_DATA_ROUNDS, self.max_rounds)
            self.booster_ = self._boost(matrix, target, rows, self.rounds_)
            self.calibrator_: Calibrator = Identity()
            return
        first = self._boost(matrix, target, held.train, self.max_rounds, held.validation)
        self.rounds_ = max(1, first.best_iteration)
        z = np.asarray(first.predict(matrix[held.validation], raw_score=True, num_iteration=self.rounds_))
        self.calibrator_ = self._calibrate(z, target.codes[held.validation], target.weight[held.validation])
        self.booster_ = self._boost(matrix, target, rows, self.rounds_) if self.refit else first

    def _boost(
        self,
        matrix: Floats,
        target: Target,
        rows: NDArray[np.bool_],
        rounds: int,
        stop: NDArray[np.bool_] | None = None,
    ) -> lgb.Booster:
        return boost(
            matrix,
            target,
            rows,
            rounds=rounds,
            settings={**{name: getattr(self, name) for name in _TREE_SETTINGS}, "seed": self._seed()},
            categorical=self.encoding_.categorical,
            stop=stop,
            patience=self.early_stopping_rounds,
        )

    def _calibrate(self, z: Floats, y: NDArray[np.int_], weight: Floats) -> Calibrator:
        if self.calibration == "none":
            return Identity()
        enough = int(np.sum(y)) >= ISOTONIC_POSITIVES
        if self.calibration == "isotonic" or (self.calibration == "auto" and enough):
            return Isotonic.fit(z, y, weight)
        return Sigmoid.fit(z, y, weight)

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def log_odds(self, X: Any) -> Floats:
        """Return the trees' own log-odds of churn (n,), before calibration."""
        check_is_fitted(self)
        matrix = input_matrix(self, X, reset=False)
        return np.asarray(self.booster_.predict(matrix, raw_score=True, num_threads=self.num_threads))

    def predict_proba(self, X: Any) -> Floats:
        """Return calibrated probabilities (n, 2), columns as ``classes_``."""
        check_is_fitted(self)
        churn = self.calibrator_(self.log_odds(X))
        return np.column_stack([1 - churn, churn])

    def predict(self, X: Any) -> NDArray[Any]:
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
        values = self.booster_.predict(
            input_matrix(self, X, reset=False), pred_contrib=True, num_threads=self.num_threads
        )
        index = X.index if isinstance(X, pd.DataFrame) else None
        return pd.DataFrame(np.asarray(values), columns=[*self.encoding_.columns, BASE], index=index)

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags: two classes, NaN allowed."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags


@dataclass(frozen=True)
class ConstantRate:
    """The model of a cause too rare to learn from: everybody's rate is the average."""

    rate: float


class CompetingChurn(ClassifierMixin, BaseEstimator):
    """Leaving for one of several causes: probabilities of staying and of each cause, adding up to 1.

    One :class:`ChurnClassifier` a cause against all other rows; staying takes what is left, and where causes
    add up to more than 1 they are scaled to 1. A cause with fewer than ``min_events`` rows gets the constant
    rate, and ``notes_`` says so. The smallest label is staying; in this package 0 stays, 1 voluntary,
    2 involuntary.

    Parameters
    ----------
    min_events
        Fewest rows of a cause that a classifier is fitted to.
    classifier
        Unfitted :class:`ChurnClassifier` whose settings every cause takes; None for the defaults.
    random_state
        Seed handed to the classifiers.

    Attributes
    ----------
    classes_ : ndarray
        Labels seen, staying first.
    models_ : dict
        Per cause its :class:`ChurnClassifier` or :class:`ConstantRate`.
    notes_ : tuple of str
        What the data did not allow, cause by cause.
    """

    def __init__(
        self, *, min_events: int = 50, classifier: ChurnClassifier | None = None, random_state: int = 0
    ) -> None:
        self.min_events = min_events
        self.classifier = classifier
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
        """Learn from n rows; arguments as in :meth:`ChurnClassifier.fit`, ``y`` the cause of each row.

        Raises
        ------
        DataError
            Everybody stays (no churner to learn from), or ill-formed input.
        """
        matrix = input_matrix(self, X, reset=True)
        target = read_target(y, sample_weight, len(matrix))
        self.classes_ = target.classes
        self.models_: dict[Any, ChurnClassifier | ConstantRate] = {}
        notes: list[str] = []
        for code, cause in enumerate(target.classes[1:].tolist(), start=1):
            struck = target.codes == code
            model, said = self._fit_cause(X, struck, target.weight, order, groups)
            self.models_[cause] = model
            notes += [f"cause {cause}: {note}" for note in said]
        self.notes_ = tuple(notes)
        return self

    def _fit_cause(
        self, X: Any, struck: NDArray[np.bool_], weight: Floats, order: ArrayLike | None, groups: ArrayLike | None
    ) -> tuple[ChurnClassifier | ConstantRate, tuple[str, ...]]:
        events, rows = int((struck & (weight > 0)).sum()), int((weight > 0).sum())
        if events < self.min_events or events == rows:
            note = f"{events} of {rows} rows, fewer than {self.min_events}: the constant rate is used"
            return ConstantRate(float(weight[struck].sum() / weight.sum())), (note,)
        template = self.classifier if self.classifier is not None else ChurnClassifier()
        model = ChurnClassifier(**{**template.get_params(), "random_state": self.random_state})
        model.fit(X, struck.astype(int), weight, order=order, groups=groups)
        return model, model.notes_

    def predict_proba(self, X: Any) -> Floats:
        """Return probabilities (n, classes), columns as ``classes_``, in [0, 1] and summing to 1."""
        check_is_fitted(self)
        n = len(input_matrix(self, X, reset=False))
        causes = np.column_stack([self._churn(model, X, n) for model in self.models_.values()])
        out = np.column_stack([np.clip(1 - causes.sum(axis=1), 0, None), causes])
        return np.asarray(out / out.sum(axis=1, keepdims=True))

    @staticmethod
    def _churn(model: ChurnClassifier | ConstantRate, X: Any, n: int) -> Floats:
        return np.full(n, model.rate) if isinstance(model, ConstantRate) else model.predict_proba(X)[:, 1]

    def predict_causes(self, X: Any) -> Floats:
        """Return probabilities (n, 3) of staying (0), leaving voluntarily (1) and involuntarily (2).

        A cause that never struck in training has probability 0.

        Raises
        ------
        DataError
            The model was fitted to other labels than 0, 1 and 2.
        """
        check_is_fitted(self)
        if not set(self.classes_.tolist()) <= {0, 1, 2}:
            raise DataError(f"expected labels 0, 1, 2 in training, got {self.classes_.tolist()}; use predict_proba")
        known = self.predict_proba(X)
        out = np.zeros((len(known), 3))
        out[:, self.classes_.astype(int)] = known
        return out

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label (n,)."""
        check_is_fitted(self)
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])

    def contributions(self, X: Any) -> pd.DataFrame:
        """Return what each feature adds to the risk of leaving, on the log-odds scale.

        The causes' exact contributions, weighted by each cause's share of the row's risk (causes at a constant
        rate contribute nothing): to first order, the change of the log of the total risk.
        """
        risks = self.predict_proba(X)[:, 1:]
        shares = risks / np.maximum(risks.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        index = X.index if isinstance(X, pd.DataFrame) else None
        columns = [*self.encoding_.columns, BASE]
        total = pd.DataFrame(0.0, columns=columns, index=index if index is not None else range(len(risks)))
        for place, model in enumerate(self.models_.values()):
            if isinstance(model, ChurnClassifier):
                total += model.contributions(X).to_numpy() * shares[:, [place]]
        return total

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags: NaN allowed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
