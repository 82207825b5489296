"""From a feature frame to the float matrix an estimator learns from, with the training categories kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types
from sklearn.utils.validation import validate_data

from ...core.arrays import Arrays, Bools, Floats, Objects, Positions
from ...core.errors import DataError
from ...core.short_repr import ShortRepr

__all__ = ["FrameEncoding", "InputRows", "SharedRows", "encodings_of", "input_matrix", "learn_encoding", "read_input"]


_CHUNK = 8_192
"""Rows that are turned at once: the columns of a frame and the rows of a matrix lie across each other, and what does
not fit the processor's cache is slow."""

_NUMERIC_OBJECTS = {"boolean", "integer", "floating", "mixed-integer-float", "decimal", "empty"}


@dataclass(frozen=True)
class FrameEncoding(ShortRepr):
    """How each column becomes a float: numbers as they are, categories by their place in training.

    Parameters
    ----------
    columns
        Column names in training order.
    categories
        Per categorical column its levels seen in training, sorted; any other value is missing (NaN).
    dtype
        ``float64``, or ``float32`` for models that cut numbers at thresholds: half the memory, for training and
        scoring alike.
    infinite_is_missing
        Infinite values are missing ones; otherwise they are an error.
    """

    columns: tuple[Any, ...]
    categories: Mapping[Any, pd.Index[Any]]
    dtype: str = "float64"
    infinite_is_missing: bool = False

    @property
    def categorical(self) -> list[int]:
        """Positions of the categorical columns."""
        return [place for place, name in enumerate(self.columns) if name in self.categories]

    @property
    def numbers(self) -> list[Any]:
        """Columns that held numbers in training."""
        return [name for name in self.columns if name not in self.categories]

    def reads_as(self, other: FrameEncoding) -> bool:
        """Return whether both turn every frame into the same floats."""
        if (self.columns, self.dtype, self.infinite_is_missing) != (
            other.columns,
            other.dtype,
            other.infinite_is_missing,
        ):
            return False
        same = self.categories.keys() == other.categories.keys()
        return same and all(levels.equals(other.categories[name]) for name, levels in self.categories.items())

    def unknown(self, frame: pd.DataFrame) -> dict[Any, Bools]:
        """Return for each categorical column of ``frame`` the rows whose level training never saw, where there are any.

        A missing value is none of them, whether or not training saw missing ones.
        """
        masks = {
            name: np.isnan(_codes(frame[name], levels)) & frame[name].notna().to_numpy()
            for name, levels in self.categories.items()
            if name in frame
        }
        return {name: mask for name, mask in masks.items() if mask.any()}

    def matrix(self, frame: pd.DataFrame, rows: Bools | None = None) -> Arrays:
        """Return ``frame``, or the ``rows`` of it, as floats (rows, columns); missing and unknown values are NaN.

        Raises
        ------
        DataError
            A column that held numbers in training holds text now, or holds infinite values.
        """
        places = None if rows is None else np.flatnonzero(rows)
        n = len(frame) if places is None else len(places)
        out = np.empty((n, len(self.columns)), dtype=self.dtype)
        kinds = frame.dtypes
        plain = [p for p, name in enumerate(self.columns) if name not in self.categories and _is_plain(kinds[name])]
        for start in range(0, n, _CHUNK):
            stop = min(start + _CHUNK, n)
            part = frame.iloc[start:stop] if places is None else frame.iloc[places[start:stop]]
            self._fill(part, plain, out[start:stop])
        for place in sorted(set(range(len(self.columns))) - set(plain)):
            name = self.columns[place]
            column = frame[name] if places is None else frame[name].iloc[places]
            out[:, place] = _codes(column, self.categories[name]) if name in self.categories else _numbers(column)
            self._check_finite(out[:, place : place + 1], [place])
        return out

    def _fill(self, part: pd.DataFrame, plain: list[int], out: Arrays) -> None:
        """Write the plain columns of some rows to their places."""
        if not plain:
            return
        names = [self.columns[place] for place in plain]
        same = len(names) == part.shape[1] and list(part.columns) == names
        values = (part if same else part[names]).to_numpy(dtype=self.dtype)
        for run in np.split(np.arange(len(plain)), np.flatnonzero(np.diff(plain) != 1) + 1):
            written = out[:, plain[run[0]] : plain[run[-1]] + 1]
            written[...] = values[:, run[0] : run[-1] + 1]
            self._check_finite(written, plain[run[0] : run[-1] + 1])

    def _check_finite(self, values: Arrays, places: list[int]) -> None:
        """Refuse infinite values of the columns at ``places``, or make them missing in their place."""
        infinite = np.isinf(values)
        if infinite.any():
            if self.infinite_is_missing:
                values[infinite] = np.nan
                return
            name = self.columns[places[int(np.argmax(infinite.any(axis=0)))]]
            raise DataError(f"column '{name}' holds infinite values; give NaN where a number is unknown")


@dataclass(frozen=True)
class InputRows(ShortRepr):
    """What an estimator was given, checked; it becomes floats only as far as it is read.

    Parameters
    ----------
    given
        A frame, or an array of floats (n, features).
    encoding
        How it becomes floats.
    """

    given: pd.DataFrame | Floats
    encoding: FrameEncoding

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.given)

    def matrix(self, rows: Bools | None = None) -> Arrays:
        """Return all rows, or some, as floats (rows, features).

        Raises
        ------
        DataError
            As for :meth:`FrameEncoding.matrix`.
        """
        if isinstance(self.given, pd.DataFrame):
            return self.encoding.matrix(self.given, rows)
        return self.given if rows is None else self.given[rows]

    def parts(self, most: int = 100_000) -> Iterator[Arrays]:
        """Yield the matrix, at most so many rows at once, so that memory is bounded."""
        for start in range(0, len(self), most):
            given = self.given
            part = given.iloc[start : start + most] if isinstance(given, pd.DataFrame) else given[start : start + most]
            yield InputRows(part, self.encoding).matrix()


class SharedRows:
    """Rows of a frame for several models: equal encodings read them once.

    Parameters
    ----------
    frame
        The rows.

    Examples
    --------
    >>> frame = pd.DataFrame({"payments": [1.0, 3.0], "method": ["iban", "card"]})
    >>> first, second = learn_encoding(frame), learn_encoding(frame)
    >>> rows = SharedRows(frame)
    >>> rows.encoded(first) is rows.encoded(second)
    True
    >>> rows.of(np.array([False, True])).encoded(first)
    array([[3., 0.]])
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._whole: tuple[SharedRows, Bools] | None = None
        self._read: list[tuple[FrameEncoding, str, Arrays]] = []

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.frame)

    def of(self, rows: Bools) -> SharedRows:
        """Return some of the rows; they are read with the others."""
        if rows.all():
            return self
        some = SharedRows(self.frame[rows])
        some._whole = (self, rows)
        return some

    def encoded(self, encoding: FrameEncoding, dtype: str | None = None) -> Arrays:
        """Return the rows as floats (n, columns), of ``dtype`` instead of the encoding's own where one is given.

        Raises
        ------
        DataError
            As :meth:`FrameEncoding.matrix`.
        """
        if self._whole is not None:
            whole, rows = self._whole
            return whole.encoded(encoding, dtype)[rows]
        wanted = dtype or encoding.dtype
        for known, kind, matrix in self._read:
            if kind == wanted and known.reads_as(encoding):
                return matrix
        self._read.append((encoding, wanted, encoding.matrix(self.frame).astype(wanted, copy=False)))
        return self._read[-1][2]


def encodings_of(model: Any) -> list[FrameEncoding]:
    """Return every encoding that a fitted model holds, in its parts and theirs, each once.

    A model of effects keeps frequent levels alone and knows all that training saw; of one saved before it did, only the
    columns of numbers are told.
    """
    encodings: list[FrameEncoding] = []
    seen: set[int] = set()
    waiting = [model]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, FrameEncoding):
            encodings.append(part)
        elif hasattr(part, "numbers_") and hasattr(part, "frequent_only_"):
            encodings.append(FrameEncoding(tuple(part.numbers_), {}))
        elif isinstance(part, Mapping):
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)
        elif type(part).__module__.startswith(__name__.partition(".")[0] + "."):
            waiting.extend(vars(part).values() if hasattr(part, "__dict__") else ())
    return encodings


def learn_encoding(frame: pd.DataFrame, dtype: str = "float64", *, infinite_is_missing: bool = False) -> FrameEncoding:
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
            categories[name] = pd.Index(sorted(_places(column)[1].tolist(), key=str), dtype=object)
    return FrameEncoding(tuple(frame.columns), categories, dtype, infinite_is_missing)


def input_matrix(estimator: Any, X: Any, *, reset: bool) -> Floats:
    """Check ``X`` by scikit-learn's rules and return it as floats; see :func:`read_input`."""
    return read_input(estimator, X, reset=reset).matrix()


def read_input(estimator: Any, X: Any, *, reset: bool, dtype: str = "float64") -> InputRows:
    """Check ``X`` by scikit-learn's rules; NaN allowed.

    With ``reset`` the names, width and categories are learnt and kept on ``estimator`` as ``encoding_``; a frame then
    becomes floats of ``dtype``.

    Raises
    ------
    DataError
        ``X`` has other columns than in training, no rows, or values that are no numbers.
    TypeError
        ``X`` is sparse.
    """
    try:
        if not isinstance(X, pd.DataFrame):
            matrix = _array(estimator, X, reset=reset)
            return InputRows(matrix, estimator.encoding_)
        validate_data(estimator, X, reset=reset, skip_check_array=True)
    except ValueError as error:
        raise DataError(str(error)) from error
    if not X.shape[0] or not X.shape[1]:
        raise DataError(
            f"Found array with {X.shape[0]} sample(s) and {X.shape[1]} feature(s) while a minimum of 1 is required."
        )
    if reset:
        estimator.encoding_ = learn_encoding(X, dtype)
    return InputRows(X, estimator.encoding_)


def _array(estimator: Any, X: Any, *, reset: bool) -> Floats:
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


def _codes(column: pd.Series[Any], levels: pd.Index[Any]) -> Floats:
    """Return the place of each value among ``levels``, NaN where it is missing or not among them."""
    places, values = _places(column)
    known = np.append(levels.get_indexer(pd.Index(values, dtype=object)), -1)[places]
    return np.where(known < 0, np.nan, known)


def _places(column: pd.Series[Any]) -> tuple[Positions, Objects]:
    """Return for each row the place of its value among the distinct ones, -1 where it is missing, and those values."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy().astype(np.intp)
        used, places = np.unique(codes[codes >= 0], return_inverse=True)
        codes[codes >= 0] = places
        return codes, np.asarray(column.cat.categories.astype(object))[used]
    values = column
    if not isinstance(column.dtype, pd.StringDtype):
        values = column.astype(object)
        values = values.where(values.notna(), None)
    codes, distinct = pd.factorize(values)
    return codes, np.asarray(distinct, dtype=object)


def _numbers(column: pd.Series[Any]) -> Floats:
    if column.isna().all():
        return np.full(len(column), np.nan)
    if not _is_numeric(column):
        raise DataError(f"column '{column.name}' held numbers in training and holds {column.dtype} now")
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _is_plain(kind: Any) -> bool:
    """Return whether a column is a plain array of numbers or truth values, missing ones NaN."""
    return isinstance(kind, np.dtype) and kind.kind in "fiub"
