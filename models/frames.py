"""From a feature frame to the float matrix an estimator learns from, with the training categories kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types
from sklearn.utils.validation import validate_data

from ..core.errors import DataError

__all__ = ["FrameEncoding", "input_matrix", "learn_encoding"]

_NUMERIC_OBJECTS = {"boolean", "integer", "floating", "mixed-integer-float", "decimal", "empty"}


@dataclass(frozen=True)
class FrameEncoding:
    """How each column becomes a float: numbers as they are, categories by their place in training.

    Parameters
    ----------
    columns
        Column names in training order.
    categories
        Per categorical column its levels seen in training, sorted; any other value is missing (NaN).
    """

    columns: tuple[Any, ...]
    categories: Mapping[Any, pd.Index[Any]]

    @property
    def categorical(self) -> list[int]:
        """Positions of the categorical columns."""
        return [place for place, name in enumerate(self.columns) if name in self.categories]

    def matrix(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Return ``frame`` as floats (rows, columns); missing and unknown values are NaN.

        Raises
        ------
        DataError
            A column that held numbers in training holds text now, or holds infinite values.
        """
        out = np.empty((len(frame), len(self.columns)))
        kinds = frame.dtypes
        plain = [p for p, n in enumerate(self.columns) if n not in self.categories and _is_plain(kinds[n])]
        # All at once: column by column pandas takes longer than the trees that read the matrix.
        out[:, plain] = frame[[self.columns[place] for place in plain]].to_numpy(dtype=np.float64)
        for place in sorted(set(range(len(self.columns))) - set(plain)):
            name = self.columns[place]
            if name in self.categories:
                codes = self.categories[name].get_indexer(pd.Index(_levels(frame[name])))
                out[:, place] = np.where(codes < 0, np.nan, codes)
            else:
                out[:, place] = _numbers(frame[name])
        infinite = np.isinf(out).any(axis=0)
        if infinite.any():
            name = self.columns[int(np.argmax(infinite))]
            raise DataError(f"column '{name}' holds infinite values; give NaN where a number is unknown")
        return out


def learn_encoding(frame: pd.DataFrame) -> FrameEncoding:
    """Return the encoding of ``frame``: text, object and category columns are categories.

    Raises
    ------
    DataError
        Two columns share a name, or a column holds dates or durations: those must become days first.
    """
    if not frame.columns.is_unique:
        twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
        raise DataError(f"expected columns named once, got {', '.join(twice)} more than once; rename them")
    categories: dict[Any, pd.Index[Any]] = {}
    for name in frame.columns:
        column = frame[name]
        if types.is_datetime64_any_dtype(column.dtype) or types.is_timedelta64_dtype(column.dtype):
            raise DataError(f"column '{name}' holds {column.dtype}; give days as a number instead")
        if not _is_numeric(column):
            levels = pd.Series(_levels(column)).dropna().unique().tolist()
            categories[name] = pd.Index(sorted(levels, key=str), dtype=object)
    return FrameEncoding(tuple(frame.columns), categories)


def input_matrix(estimator: Any, X: Any, *, reset: bool) -> NDArray[np.float64]:
    """Check ``X`` by scikit-learn's rules and return it as floats; NaN allowed.

    With ``reset`` the names, width and categories are learnt and kept on ``estimator`` as ``encoding_``.

    Raises
    ------
    DataError
        ``X`` has other columns than in training, no rows, or values that are no numbers.
    TypeError
        ``X`` is sparse.
    """
    try:
        if not isinstance(X, pd.DataFrame):
            return _array(estimator, X, reset=reset)
        validate_data(estimator, X, reset=reset, skip_check_array=True)
    except ValueError as error:
        raise DataError(str(error)) from error
    if not X.shape[0] or not X.shape[1]:
        raise DataError(
            f"Found array with {X.shape[0]} sample(s) and {X.shape[1]} feature(s) while a minimum of 1 is required."
        )
    if reset:
        estimator.encoding_ = learn_encoding(X)
    return np.asarray(estimator.encoding_.matrix(X))


def _array(estimator: Any, X: Any, *, reset: bool) -> NDArray[np.float64]:
    if not reset and estimator.encoding_.categories:
        raise DataError("the model was fitted on a frame with categories; give a DataFrame with its columns")
    matrix = validate_data(estimator, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
    if reset:
        names = tuple(f"x{place}" for place in range(matrix.shape[1]))
        estimator.encoding_ = FrameEncoding(names, {})
    return np.asarray(matrix)


def _is_numeric(column: pd.Series[Any]) -> bool:
    if types.is_numeric_dtype(column.dtype):
        return True
    return types.is_object_dtype(column.dtype) and types.infer_dtype(column, skipna=True) in _NUMERIC_OBJECTS


def _levels(column: pd.Series[Any]) -> NDArray[np.object_]:
    """Return the values as objects, None where missing."""
    values = column.astype(object)
    return values.where(values.notna(), None).to_numpy(dtype=object)


def _numbers(column: pd.Series[Any]) -> NDArray[np.float64]:
    if not _is_numeric(column):
        raise DataError(f"column '{column.name}' held numbers in training and holds {column.dtype} now")
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _is_plain(kind: Any) -> bool:
    """Return whether a column is a plain array of numbers or truth values, missing ones NaN."""
    return isinstance(kind, np.dtype) and kind.kind in "fiub"
