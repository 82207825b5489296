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

from ...core.arrays import Arrays, Floats, Ints, Positions
from ..evaluation.metrics import log_loss
from ..fitting.encoding import read_input
from ..fitting.target import read_target

__all__ = ["LogisticBaseline", "best_penalty"]


_CHUNK = 8_192
"""Rows that are expanded at once."""


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
        self._learn_columns(matrix)
        design = self._expand(matrix)
        self._learn_scale(design, weight)
        self._rescale(design)
        return design, target.codes[rows], weight

    def _learn_columns(self, matrix: Floats) -> None:
        categorical = set(self.encoding_.categorical)
        self.medians_: dict[int, float] = {}
        self.with_missing_: list[int] = []
        self.levels_: dict[int, Floats] = {}
        for place in range(matrix.shape[1]):
            known = matrix[~np.isnan(matrix[:, place]), place]
            if place in categorical:
                codes, counts = np.unique(known, return_counts=True)
                self.levels_[place] = codes[np.argsort(-counts, kind="stable")[: self.max_levels]]
                continue
            self.medians_[place] = float(np.median(known)) if len(known) else 0.0
            if len(known) < len(matrix):
                self.with_missing_.append(place)

    def _expand(self, matrix: Arrays) -> Arrays:
        """Return the design (n, columns): numbers, missing indicators, one column a level."""
        numbers, medians = list(self.medians_), np.array(list(self.medians_.values()), dtype=matrix.dtype)
        levels = sum(len(known) for known in self.levels_.values())
        out = np.empty((len(matrix), len(numbers) + len(self.with_missing_) + levels), dtype=matrix.dtype)
        for start in range(0, len(matrix), _CHUNK):
            part, made = matrix[start : start + _CHUNK], out[start : start + _CHUNK]
            filled = part[:, numbers]
            made[:, : len(numbers)] = np.where(np.isnan(filled), medians, filled)
            place = len(numbers) + len(self.with_missing_)
            made[:, len(numbers) : place] = np.isnan(part[:, self.with_missing_])
            for column, known in self.levels_.items():
                made[:, place : place + len(known)] = part[:, [column]] == known[None, :]
                place += len(known)
        return out

    def _owners(self) -> Positions:
        """Return the place of the feature that each column of the design comes from."""
        levels = [column for column, known in self.levels_.items() for _ in known]
        return np.array([*self.medians_, *self.with_missing_, *levels], dtype=np.intp)

    def _learn_scale(self, design: Arrays, weight: Floats) -> None:
        """Learn mean and deviation of each column; a column that does not vary keeps its unit."""
        total = weight.sum()
        parts = [slice(start, start + _CHUNK) for start in range(0, len(design), _CHUNK)]
        self.mean_ = sum(weight[part] @ design[part].astype(np.float64) for part in parts) / total
        spread = np.sqrt(sum(weight[part] @ (design[part] - self.mean_) ** 2 for part in parts) / total)
        self.scale_ = np.where(spread > 1e-9 * np.maximum(1.0, np.abs(self.mean_)), spread, 1.0)

    def _rescale(self, design: Arrays) -> Arrays:
        """Bring the columns of a design to mean 0 and deviation 1, in its place, and return it."""
        design -= self.mean_.astype(design.dtype)
        design /= self.scale_.astype(design.dtype)
        return design

    def predict_proba(self, X: Any) -> Floats:
        """Return probabilities (n, classes), columns as ``classes_``."""
        check_is_fitted(self)
        given = read_input(self, X, reset=False)
        parts = (self._rescale(self._expand(part)) for part in given.parts())
        return np.concatenate([self.model_.predict_proba(part) for part in parts]).astype(np.float64)

    def predict(self, X: Any) -> Arrays:
        """Return the most probable class (n,)."""
        check_is_fitted(self)
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags: NaN allowed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


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
    held = baseline._rescale(baseline._expand(read_input(baseline, others, reset=False).matrix()))
    model = LogisticRegression(max_iter=baseline.max_iter, warm_start=True)
    best, least = tried[0], np.inf
    for C in sorted(tried):
        model.set_params(C=C).fit(design, codes, sample_weight=weight)
        loss = log_loss(truth, model.predict_proba(held)[:, 1])
        if loss > least:
            break
        best, least = C, loss
    return best
