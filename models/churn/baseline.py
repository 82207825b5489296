"""The logistic regression that every churn classifier has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from ...core.arrays import Arrays, Floats, Ints
from ...core.one_thread import one_thread
from ..evaluation.metrics import log_loss
from ..fitting.design_columns import DesignColumns, Scaling, learn_columns, learn_scaling
from ..fitting.encoding import read_input
from ..fitting.target import read_target

__all__ = ["LogisticBaseline", "best_penalty"]


class LogisticBaseline(ClassifierMixin, BaseEstimator):
    """Ridge-penalised logistic regression on the same frame as :class:`~.churn.ChurnClassifier`.

    Numbers: missing values become the median and get an indicator column, then mean 0 and deviation 1.
    Categories: one column for each of the ``max_levels`` most frequent levels; others, unknown and missing
    ones are all zero.

    Parameters
    ----------
    C
        Inverse of the penalty, as in scikit-learn.
    max_levels
        Most levels of a category that get a column.
    max_iter
        Most iterations of the solver.

    Attributes
    ----------
    classes_ : ndarray
    n_features_in_, feature_names_in_
        As in scikit-learn.
    model_ : LogisticRegression

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"tenure": [1, 2, 30, None], "method": ["card", "iban", "iban", "card"]})
    >>> model = LogisticBaseline().fit(X, [1, 0, 0, 1])
    >>> model.predict_proba(X)[:, 1].round(2)
    array([0.79, 0.21, 0.12, 0.88])
    """

    def __init__(self, *, C: float = 1.0, max_levels: int = 50, max_iter: int = 1000) -> None:
        self.C = C
        self.max_levels = max_levels
        self.max_iter = max_iter

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn from X (n, features) and labels y (n,).

        Raises
        ------
        DataError
            One class only, or ill-formed input.
        """
        design, codes, weight = self._design(X, y, sample_weight)
        self.model_ = LogisticRegression(C=self.C, max_iter=self.max_iter)
        # Each product takes well under a millisecond: threads wait for each other longer than they multiply.
        with one_thread():
            self.model_.fit(design, codes, sample_weight=weight)
        self.n_iter_ = self.model_.n_iter_
        return self

    def _design(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None) -> tuple[Arrays, Ints, Floats]:
        """Learn the columns; return the design, the codes of the classes and the weights of the rows that count."""
        given = read_input(self, X, reset=True, dtype="float32")
        target = read_target(y, sample_weight, len(given))
        rows = target.weight > 0
        matrix, weight = given.matrix(None if rows.all() else rows), target.weight[rows]
        self.classes_ = target.classes
        self.columns_ = learn_columns(matrix, self.encoding_.categorical, max_levels=self.max_levels)
        design = self.columns_.expand(matrix)
        self.scaling_ = learn_scaling(design, weight)
        return self.scaling_.apply(design), target.codes[rows], weight

    def _encoded(self, matrix: Arrays) -> Arrays:
        """Return the scaled design (n, columns) of a matrix (n, features)."""
        return self.scaling_.apply(self.columns_.expand(matrix))

    def predict_proba(self, X: Any) -> Floats:
        """Return probabilities (n, classes), columns as ``classes_``."""
        check_is_fitted(self)
        given = read_input(self, X, reset=False)
        with one_thread():
            parts = [self.model_.predict_proba(self._encoded(part)) for part in given.parts()]
        return np.concatenate(parts).astype(np.float64)

    def predict(self, X: Any) -> Arrays:
        """Return the most probable class (n,)."""
        check_is_fitted(self)
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up a pickled state, also one that holds medians, scales and levels one by one."""
        super().__setstate__(state if "levels_" not in state else _from_single_arrays(state))

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags: NaN allowed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _from_single_arrays(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state of a fitted regression from that of version 0.1."""
    places = {name: np.array(list(state[name]), dtype=np.intp) for name in ("medians_", "with_missing_")}
    medians = np.array(list(state["medians_"].values()), dtype=float)
    today = {
        "columns_": DesignColumns(places["medians_"], medians, places["with_missing_"], state["levels_"]),
        "scaling_": Scaling(state["mean_"], state["scale_"]),
    }
    former = {"medians_", "with_missing_", "levels_", "mean_", "scale_"}
    return {name: value for name, value in state.items() if name not in former} | today


def best_penalty(learn: tuple[pd.DataFrame, Ints], judge: tuple[pd.DataFrame, Ints], tried: Sequence[float]) -> float:
    """Return which of the inverse penalties ``tried`` gives the least log loss on other rows.

    The design is made once, and each fit, from the strongest penalty on, begins where the one before ended; once a
    weaker penalty is worse, those weaker still are not tried.

    Parameters
    ----------
    learn, judge
        Features (n, columns) and labels 0 or 1 (n,): learnt from, and judged on.
    """
    (features, y), (others, truth) = learn, judge
    baseline = LogisticBaseline()
    design, codes, weight = baseline._design(features, y, None)
    held = baseline._encoded(read_input(baseline, others, reset=False).matrix())
    model = LogisticRegression(max_iter=baseline.max_iter, warm_start=True)
    best, least = tried[0], np.inf
    for C in sorted(tried):
        with one_thread():
            model.set_params(C=C).fit(design, codes, sample_weight=weight)
            loss = log_loss(truth, model.predict_proba(held)[:, 1])
        if loss > least:
            break
        best, least = C, loss
    return best
