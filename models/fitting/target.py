"""Outcome and weights of a classifier, checked once."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import DataConversionWarning
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from ...core.arrays import Arrays, Floats, Ints
from ...core.errors import DataError
from ...core.short_repr import ShortRepr

__all__ = ["Target", "binary_target", "read_target"]


@dataclass(frozen=True)
class Target(ShortRepr):
    """Labels as codes 0, 1, ... into ``classes``, and weights; each (n,)."""

    classes: Arrays
    codes: Ints
    weight: Floats


def read_target(y: ArrayLike | None, sample_weight: ArrayLike | None, n: int) -> Target:
    """Return the checked target of ``n`` rows; a class counts only if it carries weight.

    Raises
    ------
    DataError
        ``y`` is missing, of another length, no set of classes, or one class only; or weights are unusable.
    """
    if y is None:
        raise DataError("requires y to be passed, but the target y is None")
    labels = _labels(y)
    if len(labels) != n:
        raise DataError(f"expected as many labels as rows, got {len(labels)} labels for {n} rows")
    weight = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,):
        raise DataError(f"expected sample weights of shape ({n},), got {weight.shape}")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise DataError("expected finite sample weights of at least 0; drop or correct the others")
    if not weight.any():
        raise DataError(f"expected a positive sample weight, got weight zero on all {n} rows")
    classes, codes = np.unique(labels, return_inverse=True)
    present = np.unique(codes[weight > 0])
    if len(present) < 2:
        raise DataError(_one_class(classes[present].tolist()[0], n))
    if len(present) < len(classes):
        recode = np.full(len(classes), 0)
        recode[present] = np.arange(len(present))
        classes, codes = classes[present], recode[codes]
    return Target(classes, codes.astype(int), weight)


def _one_class(only: object, n: int) -> str:
    """Return who is missing where all ``n`` rows are of one class: 0 and false stay."""
    if only in (0, False):
        missing, remedy = "no churner", "widen the churn horizon or add snapshots"
    elif isinstance(only, bool | int | float):
        missing, remedy = "no stayer", "shorten the churn horizon, or bring the customers who stay as well"
    else:
        missing, remedy = "no second class", "bring rows of it"
    return f"{missing} to learn from: all {n} rows are of one class, {only}; expected two classes, so {remedy}"


def binary_target(y: ArrayLike | None, sample_weight: ArrayLike | None, n: int) -> Target:
    """Return the checked target of ``n`` rows that has two classes.

    Raises
    ------
    DataError
        As :func:`read_target`, or more than two classes.
    """
    if y is not None:
        kind = type_of_target(_labels(y), input_name="y")
        if kind == "multiclass":
            raise DataError(f"Only binary classification is supported. The type of the target is {kind}.")
    return read_target(y, sample_weight, n)


def _labels(y: ArrayLike) -> Arrays:
    raw = np.asarray(y)
    if raw.ndim == 2 and raw.shape[1] == 1:
        warnings.warn("A column-vector y was passed when a 1d array was expected", DataConversionWarning, stacklevel=4)
    try:
        labels = column_or_1d(y)
        check_classification_targets(labels)
    except ValueError as error:
        raise DataError(str(error)) from error
    return np.asarray(labels)
