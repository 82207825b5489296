"""How good a churn score or a value prediction is: definitions with their sources, one report a model.

``y`` is 1 for churners and 0 for the others, ``p`` a probability or score (n,), larger meaning likelier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from sklearn import metrics as _sk

from ...core.arrays import Floats
from ...core.errors import DataError
from ...core.short_repr import ShortRepr

__all__ = [
    "ChurnMetrics",
    "Decile",
    "GainCurve",
    "ValueMetrics",
    "auc",
    "average_precision",
    "brier",
    "churn_metrics",
    "deciles",
    "expected_calibration_error",
    "gain_curve",
    "lift_at",
    "log_loss",
    "normalised_gini",
    "spearman",
    "top_share",
    "value_metrics",
]


@dataclass(frozen=True)
class ChurnMetrics:
    """Quality of a churn score on n rows with ``positives`` churners; each field as its function says.

    Examples
    --------
    >>> churn_metrics([1, 0, 0, 0], [0.7, 0.1, 0.1, 0.1]).lift_10
    4.0
    """

    auc: float
    average_precision: float
    log_loss: float
    brier: float
    lift_10: float
    ece: float
    n: int
    positives: int


@dataclass(frozen=True)
class ValueMetrics:
    """Quality of a value prediction.

    ``bias`` is the mean of predicted minus actual, ``mae`` and ``rmse`` are the mean absolute and the root
    mean squared error, all in the unit of the value; the others as their functions say.

    Examples
    --------
    >>> value_metrics([0.0, 10.0, 50.0], [5.0, 10.0, 45.0]).n
    3
    """

    bias: float
    mae: float
    rmse: float
    spearman: float
    gini: float
    top20_share: float
    n: int


@dataclass(frozen=True)
class GainCurve(ShortRepr):
    """Share of all churners (``captured``) among the riskiest ``share`` of rows; each (n + 1,), from 0 to 1.

    Examples
    --------
    >>> gain_curve([1, 0], [0.9, 0.1]).captured.tolist()
    [0.0, 1.0, 1.0]
    """

    share: Floats
    captured: Floats


@dataclass(frozen=True)
class Decile:
    """A tenth of the rows by falling prediction: 1 is predicted highest; means of prediction and outcome."""

    decile: int
    customers: int
    predicted: float
    actual: float


def churn_metrics(y: ArrayLike, p: ArrayLike) -> ChurnMetrics:
    """Return every churn metric of probabilities ``p`` for outcomes ``y``.

    Raises
    ------
    DataError
        Lengths differ, nothing to judge, or only one class.

    Examples
    --------
    >>> report = churn_metrics([1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2])
    >>> report.auc, round(report.log_loss, 3), round(report.brier, 2)
    (0.75, 0.57, 0.2)
    """
    truth, score = _outcome(y, p)
    return ChurnMetrics(
        auc=auc(truth, score),
        average_precision=average_precision(truth, score),
        log_loss=log_loss(truth, score),
        brier=brier(truth, score),
        lift_10=lift_at(truth, score, 0.1),
        ece=expected_calibration_error(truth, score),
        n=len(truth),
        positives=int(truth.sum()),
    )


def value_metrics(actual: ArrayLike, predicted: ArrayLike) -> ValueMetrics:
    """Return every value metric of ``predicted`` for ``actual`` values, each (n,).

    Raises
    ------
    DataError
        Lengths differ or nothing to judge.

    Examples
    --------
    >>> report = value_metrics([0.0, 10.0, 50.0], [5.0, 10.0, 45.0])
    >>> round(report.mae, 2), report.spearman
    (3.33, 1.0)
    """
    truth, guess = _pair(actual, predicted)
    error = guess - truth
    return ValueMetrics(
        bias=float(error.mean()),
        mae=float(np.abs(error).mean()),
        rmse=float(np.sqrt((error**2).mean())),
        spearman=spearman(truth, guess),
        gini=normalised_gini(truth, guess),
        top20_share=top_share(truth, guess, 0.2),
        n=len(truth),
    )


def auc(y: ArrayLike, p: ArrayLike) -> float:
    """Return the probability that a churner scores above a non-churner, ties half (Hanley & McNeil 1982)."""
    truth, score = _outcome(y, p)
    return float(_sk.roc_auc_score(truth, score))


def average_precision(y: ArrayLike, p: ArrayLike) -> float:
    """Return the precision averaged over recall steps (no interpolation; scikit-learn's definition)."""
    truth, score = _outcome(y, p)
    return float(_sk.average_precision_score(truth, score))


def log_loss(y: ArrayLike, p: ArrayLike) -> float:
    """Return the mean of -log of the probability given to what happened, p kept 1e-15 away from 0 and 1.

    Raises
    ------
    DataError
        As for :func:`churn_metrics`, or ``p`` leaves [0, 1].
    """
    truth, score = _probabilities(y, p)
    # scikit-learn's own margin differs by type; ours keeps figures comparable.
    return float(_sk.log_loss(truth, np.clip(score, 1e-15, 1 - 1e-15)))


def brier(y: ArrayLike, p: ArrayLike) -> float:
    """Return the mean squared difference of probability and outcome (Brier 1950, two-class form).

    Raises
    ------
    DataError
        As for :func:`churn_metrics`, or ``p`` leaves [0, 1].
    """
    truth, score = _probabilities(y, p)
    return float(_sk.brier_score_loss(truth, score))


def lift_at(y: ArrayLike, p: ArrayLike, share: float) -> float:
    """Return the churn rate among the ``share`` highest scores over the churn rate of all.

    The number of rows is share * n rounded; rows tied at the edge count by their mean, so the order of
    rows does not matter.

    Examples
    --------
    >>> lift_at([1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2], 0.25)
    2.0
    """
    truth, score = _outcome(y, p)
    if not 0 < share <= 1:
        raise DataError(f"expected a share in (0, 1], got {share}")
    k = max(1, round(share * len(truth)))
    return float(_in_order(truth, score)[:k].mean() / truth.mean())


def expected_calibration_error(y: ArrayLike, p: ArrayLike, bins: int = 10) -> float:
    """Return the mean distance of predicted and observed rates over ``bins`` groups of equal size.

    Rows are sorted by p; tied rows count by their mean. Source: Naeini et al. 2015, with equal-mass bins
    (Nixon et al. 2019).
    """
    truth, score = _outcome(y, p)
    observed, predicted = _in_order(truth, score), np.sort(score)[::-1]
    parts = np.array_split(np.arange(len(truth)), min(bins, len(truth)))
    gaps = [len(part) * abs(observed[part].mean() - predicted[part].mean()) for part in parts]
    return float(np.sum(gaps) / len(truth))


def gain_curve(y: ArrayLike, p: ArrayLike) -> GainCurve:
    """Return the cumulative gain curve, n + 1 points; tied rows rise in a straight line.

    Examples
    --------
    >>> curve = gain_curve([1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2])
    >>> curve.share.tolist(), curve.captured.tolist()
    ([0.0, 0.25, 0.5, 0.75, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    truth, score = _outcome(y, p)
    captured = np.concatenate([[0.0], np.cumsum(_in_order(truth, score))]) / truth.sum()
    return GainCurve(np.linspace(0, 1, len(truth) + 1), captured)


def normalised_gini(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the Gini of ``actual`` ordered by ``predicted`` over its Gini in its own order: 1 is perfect.

    0 is no better than chance; ties count by their mean. NaN where all actual values are equal.
    """
    truth, guess = _pair(actual, predicted)
    best = _gini(truth, truth)
    return float(_gini(truth, guess) / best) if abs(best) > 1e-15 else float("nan")


def spearman(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return Spearman's rank correlation, ties by mean ranks; NaN where either side is constant."""
    truth, guess = _pair(actual, predicted)
    if np.ptp(truth) == 0 or np.ptp(guess) == 0:
        return float("nan")
    return float(stats.spearmanr(truth, guess).statistic)


def top_share(actual: ArrayLike, predicted: ArrayLike, share: float) -> float:
    """Return the part of all actual value held by the ``share`` of rows predicted highest.

    NaN where the actual values do not add up to more than 0.
    """
    truth, guess = _pair(actual, predicted)
    total = truth.sum()
    k = max(1, round(share * len(truth)))
    return float(_in_order(truth, guess)[:k].sum() / total) if total > 0 else float("nan")


def deciles(actual: ArrayLike, predicted: ArrayLike) -> list[Decile]:
    """Return ten groups of (nearly) equal size by falling prediction; fewer where there are fewer rows.

    Rows tied in prediction count by their mean, so the order of rows does not matter.
    """
    truth, guess = _pair(actual, predicted)
    actual_in_order, in_order = _in_order(truth, guess), np.sort(guess)[::-1]
    parts = np.array_split(np.arange(len(truth)), min(10, len(truth)))
    return [
        Decile(number, len(part), float(in_order[part].mean()), float(actual_in_order[part].mean()))
        for number, part in enumerate(parts, start=1)
    ]


def _gini(truth: Floats, guess: Floats) -> float:
    """Return the area between the concentration curve and the diagonal, in units of the mean total."""
    ordered = _in_order(truth, guess)
    n = len(truth)
    return float(np.sum(np.cumsum(ordered)) / n - truth.sum() * (n + 1) / (2 * n))


def _in_order(truth: Floats, score: Floats) -> Floats:
    """Return ``truth`` by falling score, tied rows replaced by their mean."""
    _, group = np.unique(-score, return_inverse=True)
    means = np.bincount(group, weights=truth) / np.bincount(group)
    return np.asarray(means[np.sort(group)])


def _outcome(y: ArrayLike, p: ArrayLike) -> tuple[Floats, Floats]:
    truth, score = _pair(y, p)
    if not np.isin(truth, (0, 1)).all():
        raise DataError("expected outcomes 0 and 1; code churners as 1")
    if truth.min() == truth.max():
        raise DataError(
            f"expected churners and others to judge by, got {int(truth.sum())} churners of {len(truth)} rows"
        )
    return truth, score


def _probabilities(y: ArrayLike, p: ArrayLike) -> tuple[Floats, Floats]:
    truth, score = _outcome(y, p)
    if score.min() < 0 or score.max() > 1:
        raise DataError(f"expected probabilities from 0 to 1, got {score.min():g} to {score.max():g}; give no log-odds")
    return truth, score


def _pair(actual: ArrayLike, predicted: ArrayLike) -> tuple[Floats, Floats]:
    truth, guess = np.asarray(actual, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != guess.shape or not len(truth):
        raise DataError(f"expected two filled columns of equal length, got shapes {truth.shape} and {guess.shape}")
    if not (np.isfinite(truth).all() and np.isfinite(guess).all()):
        raise DataError("expected finite numbers to judge, got missing or infinite ones; drop or fill those rows")
    return truth, guess
