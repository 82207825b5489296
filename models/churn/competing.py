"""Who is about to leave, and for which cause: probabilities that add up.

:class:`ChurnClassifier` answers one question (left or not), :class:`CompetingChurn` tells causes apart. Both follow
scikit-learn's conventions and take a DataFrame (text and category columns are categories, NaN is a value of its own)
or a numeric array.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from ...core.arrays import Arrays, Bools, Floats
from ...core.errors import DataError
from ..fitting.encoding import read_input
from ..fitting.target import read_target
from ..fitting.trees import Bins
from .classifier import BASE, ChurnClassifier

__all__ = ["BASE", "ChurnClassifier", "CompetingChurn", "ConstantRate", "probability_of_causes"]


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

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"tenure": rng.exponential(12, 600), "method": rng.choice(["iban", "card"], 600)})
    >>> voluntary = 0.5 * np.exp(-X["tenure"] / 12)
    >>> involuntary = 0.3 * (X["method"] == "card")
    >>> u = rng.random(600)
    >>> cause = np.where(u < voluntary, 1, np.where(u < voluntary + involuntary, 2, 0))
    >>> model = CompetingChurn(classifier=ChurnClassifier(max_rounds=50)).fit(X, cause)
    >>> new = pd.DataFrame({"tenure": [1.0, 48.0], "method": ["iban", "card"]})
    >>> probability = model.predict_causes(new)
    >>> probability.shape, probability.sum(axis=1).round(12).tolist()
    ((2, 3), [1.0, 1.0])
    >>> bool(probability[0, 1] > probability[1, 1])
    True
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
        given = read_input(self, X, reset=True, dtype="float32")
        target = read_target(y, sample_weight, len(given))
        self.classes_ = target.classes
        self.models_: dict[Any, ChurnClassifier | ConstantRate] = {}
        notes: list[str] = []
        bins = Bins()
        for code, cause in enumerate(target.classes[1:].tolist(), start=1):
            struck = target.codes == code
            model, reasons = self._fit_cause(X, struck, target.weight, order, groups, bins)
            self.models_[cause] = model
            notes += [f"cause {cause}: {note}" for note in reasons]
        self.notes_ = tuple(notes)
        return self

    def _fit_cause(
        self,
        X: Any,
        struck: Bools,
        weight: Floats,
        order: ArrayLike | None,
        groups: ArrayLike | None,
        bins: Bins,
    ) -> tuple[ChurnClassifier | ConstantRate, tuple[str, ...]]:
        events, rows = int((struck & (weight > 0)).sum()), int((weight > 0).sum())
        if events < self.min_events or events == rows:
            note = f"{events} of {rows} rows, fewer than {self.min_events}: the constant rate is used"
            return ConstantRate(float(weight[struck].sum() / weight.sum())), (note,)
        template = self.classifier if self.classifier is not None else ChurnClassifier()
        model = ChurnClassifier(**{**template.get_params(), "random_state": self.random_state})
        model.fit_sharing(X, struck.astype(int), weight, order=order, groups=groups, bins=bins)
        return model, model.notes_

    def predict_proba(self, X: Any) -> Floats:
        """Return probabilities (n, classes), columns as ``classes_``, in [0, 1] and summing to 1."""
        check_is_fitted(self)
        given = read_input(self, X, reset=False)
        causes = np.concatenate([self._causes(part) for part in given.parts()])
        out = np.column_stack([np.clip(1 - causes.sum(axis=1), 0, None), causes])
        return np.asarray(out / out.sum(axis=1, keepdims=True))

    def _causes(self, matrix: Arrays) -> Floats:
        """Return the probability (n, causes) of each cause alone."""
        each = [
            np.full(len(matrix), model.rate) if isinstance(model, ConstantRate) else model.probability_of(matrix)
            for model in self.models_.values()
        ]
        return np.column_stack(each)

    def predict_causes(self, X: Any) -> Floats:
        """Return probabilities (n, 3) of staying (0), leaving voluntarily (1) and involuntarily (2).

        A cause that never struck in training has probability 0.

        Raises
        ------
        DataError
            The model was fitted to other labels than 0, 1 and 2.
        """
        check_is_fitted(self)
        return probability_of_causes(self.classes_, self.predict_proba(X))

    def predict(self, X: Any) -> Arrays:
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


def probability_of_causes(classes: Arrays, probability: Floats) -> Floats:
    """Return probabilities (n, 3) of the causes 0, 1 and 2 from those of the classes seen; 0 for causes never seen.

    Raises
    ------
    DataError
        There are other classes than 0, 1 and 2.
    """
    if not set(classes.tolist()) <= {0, 1, 2}:
        raise DataError(f"expected labels 0, 1, 2 in training, got {classes.tolist()}; use predict_proba")
    out = np.zeros((len(probability), 3))
    out[:, classes.astype(int)] = probability
    return out
