"""One dense design matrix from a mixed frame, shared by the linear and the tree learners of an effect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, TypeVar, cast

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from ...core.arrays import Arrays, Floats, Positions
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr
from .trees import binned, boost_rows

__all__ = ["DesignMatrix", "Encoder"]


T = TypeVar("T")

_CLIP = 5.0
_MOST_KEPT = 200
_CHUNK = 100_000


def _is_number(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)


def _values(numbers: pd.DataFrame) -> Floats:
    """Return numeric columns as (n, numbers) floats, infinite ones as missing."""
    values = numbers.astype("float64").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isinf(values), np.nan, values)


def _column(numbers: pd.Series[Any]) -> Floats:
    """Return a numeric column as (n,) floats, infinite ones as missing."""
    values = numbers.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isinf(values), np.nan, values)


def _column_facts(values: Floats) -> tuple[float, float, float, int]:
    """Return median (0 without any value), mean and spread once gaps are filled by it, and the number of gaps."""
    missing = np.isnan(values)
    median = 0.0 if missing.all() else float(np.nanmedian(values))
    filled = np.where(missing, median, values)
    return median, float(filled.mean()), float(filled.std()), int(missing.sum())


class Encoder(BaseEstimator):
    """Numbers: median for missing values (and a column that says so), scaled, cut at 5 standard deviations.
    Everything else: one column a level seen at least ``min_count`` times; rarer and new levels are all zero.

    Nothing here looks at an outcome or at who was treated, so it may be fitted on all units of a cross-fit.

    Parameters
    ----------
    min_count
        Least number of rows for a level, or for a missing-value column, to get a column.
    """

    def __init__(self, *, min_count: int = 20) -> None:
        self.min_count = min_count

    def fit(self, X: pd.DataFrame) -> Self:
        """Learn medians, scales and levels from ``X`` (n rows).

        Raises
        ------
        ModelError
            ``X`` has no rows, or a column of dates.
        """
        if len(X) == 0:
            raise ModelError("expected at least one row of features, got none")
        dates = [name for name in X.columns if pd.api.types.is_datetime64_any_dtype(X[name])]
        if dates:
            raise ModelError(f"expected numbers or categories, got dates in {dates}; turn them into durations")
        self.feature_names_in_ = list(X.columns)
        self.numbers_ = [name for name in X.columns if _is_number(X[name])]
        learnt = [_column_facts(_column(X[name])) for name in self.numbers_]
        self.medians_, self.means_, scales, counts = np.array(learnt, dtype=float).reshape(-1, 4).T
        self.scales_ = np.where(scales > 1e-12 * (1 + np.abs(self.means_)), scales, 1.0)
        self.flagged_ = np.flatnonzero((counts >= self.min_count) & (len(X) - counts >= self.min_count))
        self.levels_: dict[str, list[Any]] = {}
        for name in X.columns:
            if name not in self.numbers_:
                seen = X[name].astype("object").value_counts()
                self.levels_[name] = sorted(seen.index[seen >= self.min_count], key=str)
        return self

    def transform(self, X: pd.DataFrame) -> Floats:
        """Return the (n, columns) matrix for ``X``, which has the columns of ``fit``.

        Raises
        ------
        ModelError
            A column of ``fit`` is missing.
        """
        absent = [name for name in self.feature_names_in_ if name not in X.columns]
        if absent:
            raise ModelError(f"expected the features this model was fitted on; missing: {absent}")
        matrix = np.empty((len(X), len(self.numbers_) + len(self.flagged_) + sum(map(len, self.levels_.values()))))
        for start in range(0, len(X), _CHUNK):
            self._fill(matrix[start : start + _CHUNK], X.iloc[start : start + _CHUNK])
        return matrix

    def _fill(self, block: Floats, X: pd.DataFrame) -> None:
        """Write the rows of ``X`` into ``block``: chunks, because a wide frame is copied several times on its way."""
        values, k = _values(X[self.numbers_]), len(self.numbers_)
        missing = np.isnan(values)
        scaled = (np.where(missing, self.medians_, values) - self.means_) / self.scales_
        block[:, :k] = np.clip(scaled, -_CLIP, _CLIP)
        block[:, k : k + len(self.flagged_)] = missing[:, self.flagged_]
        at = k + len(self.flagged_)
        for name, levels in self.levels_.items():
            column = X[name].astype("object")
            for level in levels:
                block[:, at] = (column == level).fillna(False).to_numpy(dtype=float)
                at += 1

    def names(self) -> list[str]:
        """Return a name for each column of the matrix."""
        flagged = [f"{self.numbers_[i]} is missing" for i in self.flagged_]
        levels = [f"{name} = {level}" for name, kept in self.levels_.items() for level in kept]
        return [*map(str, self.numbers_), *flagged, *levels]

    def owners(self) -> list[str]:
        """Return the feature that each column of the matrix comes from."""
        levels = [str(name) for name, kept in self.levels_.items() for _ in kept]
        return [*map(str, self.numbers_), *(str(self.numbers_[i]) for i in self.flagged_), *levels]


@dataclass(frozen=True)
class DesignMatrix(ShortRepr):
    """Units ready for learners: ``matrix`` (n, p) and, made once on demand, its histogram bins.

    A cross-fit fits dozens of small tree models on subsets of the same rows; binning once halves their cost.

    Parameters
    ----------
    matrix
        Encoded features, (n, p).
    encoder
        What encoded them, if that is to be done again for other rows.
    """

    matrix: Floats
    encoder: Encoder | None = None

    @classmethod
    def of(cls, X: pd.DataFrame | DesignMatrix) -> DesignMatrix:
        """Return ``X`` encoded, or as it is when it already is a design."""
        if isinstance(X, DesignMatrix):
            return X
        encoder = Encoder().fit(X)
        return cls(encoder.transform(X), encoder)

    def __len__(self) -> int:
        """Return n."""
        return len(self.matrix)

    @cached_property
    def _kept(self) -> dict[bytes, Any]:
        return {}

    def once(self, key: Sequence[Arrays], make: Callable[[], T]) -> T:
        """Return what ``make`` makes of the matrix and the arrays of ``key``, made when first asked for.

        What does not depend on the outcome is the same for every outcome of the same units.
        """
        digest = hashlib.blake2b(digest_size=16)
        for array in key:
            digest.update(repr((array.dtype, array.shape)).encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        if digest.digest() not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[digest.digest()] = make()
        return cast(T, self._kept[digest.digest()])

    @cached_property
    def _bins(self) -> lgb.Dataset:
        return binned(self.matrix)

    def boost(
        self, rows: Positions, target: ArrayLike, weight: ArrayLike, rounds: int, params: dict[str, Any]
    ) -> lgb.Booster:
        """Return trees fitted to ``target`` (len(rows),) on the ascending positions ``rows``."""
        return boost_rows(self._bins, rows, target, weight, rounds, params)
