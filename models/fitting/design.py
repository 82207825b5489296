"""One dense design matrix from a mixed frame, shared by the linear and the tree learners of an effect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, Self, TypeVar, cast

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone

from ...core.arrays import Arrays, Floats, Positions
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr
from .design_columns import DesignColumns, Scaling, learn_columns, learn_scaling
from .encoding import FrameEncoding, InputRows, SharedRows, learn_encoding
from .ridge import spectrum_of
from .trees import binned, boost_parts, boost_rows, chosen

__all__ = ["DesignMatrix", "Encoder"]


T = TypeVar("T")

_CLIP = 5.0
_FLAT = 1e-10
_MOST_KEPT = 200
_CHUNK = 100_000


class Encoder(BaseEstimator):
    """Numbers: median for missing values (and a column that says so), scaled, cut at 5 standard deviations.
    Everything else: one column a level seen at least ``min_count`` times; rarer and new levels are all zero.

    Nothing here looks at an outcome or at who was treated, so it may be fitted on all units of a cross-fit.

    Parameters
    ----------
    min_count
        Least number of rows for a level, or for a missing-value column, to get a column.

    Attributes
    ----------
    encoding_ : FrameEncoding
        How a frame is read; infinite values are missing ones.
    columns_ : DesignColumns
        Which columns the design has.
    scaling_ : Scaling
        Of the numbers.
    """

    def __init__(self, *, min_count: int = 20) -> None:
        self.min_count = min_count

    def fit(self, X: pd.DataFrame) -> Self:
        """Learn medians, scales and levels from ``X`` (n rows).

        Raises
        ------
        DataError
            Two columns share a name, or one holds durations.
        ModelError
            ``X`` has no rows, or a column of dates.
        """
        if len(X) == 0:
            raise ModelError("expected at least one row of features, got none")
        dates = [name for name in X.columns if pd.api.types.is_datetime64_any_dtype(X[name])]
        if dates:
            raise ModelError(f"expected numbers or categories, got dates in {dates}; turn them into durations")
        self.encoding_ = learn_encoding(X, infinite_is_missing=True)
        matrix = self.encoding_.matrix(X)
        self.columns_ = learn_columns(matrix, self.encoding_.categorical, min_count=self.min_count)
        self.scaling_ = learn_scaling(self.columns_.filled(matrix), furthest=_CLIP)
        return self

    @property
    def numbers_(self) -> list[Any]:
        """Columns that held numbers in training."""
        return self.encoding_.numbers

    def transform(self, X: pd.DataFrame, shared: SharedRows | None = None) -> Floats:
        """Return the (n, columns) matrix for ``X``, which has the columns of ``fit``.

        Parameters
        ----------
        X
            Features, n rows.
        shared
            The same rows, where other models read them too.

        Raises
        ------
        DataError
            A column that held numbers in training holds text now.
        ModelError
            A column of ``fit`` is missing.
        """
        absent = [name for name in self.encoding_.columns if name not in X.columns]
        if absent:
            raise ModelError(f"expected the features this model was fitted on; missing: {absent}")
        if shared is not None:
            return self.scaling_.apply(self.columns_.expand(shared.encoded(self.encoding_)))
        design = np.empty((len(X), self.columns_.width))
        start = 0
        for part in InputRows(X, self.encoding_).parts(_CHUNK):
            design[start : start + len(part)] = self.scaling_.apply(self.columns_.expand(part))
            start += len(part)
        return design

    def only(self, kept: Positions) -> Encoder:
        """Return an encoder of the same features into those columns that stand at ascending places ``kept``."""
        narrow: Encoder = clone(self)
        scaled = kept[kept < len(self.columns_.numbers)]
        narrow.encoding_, narrow.columns_ = self.encoding_, self.columns_.only(kept)
        narrow.scaling_ = replace(self.scaling_, mean=self.scaling_.mean[scaled], spread=self.scaling_.spread[scaled])
        return narrow

    def names(self) -> list[str]:
        """Return a name for each column of the matrix."""
        named, columns = self.encoding_.columns, self.columns_
        flagged = [f"{named[place]} is missing" for place in columns.flagged]
        levels = [
            f"{named[place]} = {self.encoding_.categories[named[place]][int(code)]}"
            for place, codes in columns.levels.items()
            for code in codes
        ]
        return [*(str(named[place]) for place in columns.numbers), *flagged, *levels]

    def owners(self) -> list[str]:
        """Return the feature that each column of the matrix comes from."""
        return [str(self.encoding_.columns[place]) for place in self.columns_.owners()]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up a pickled state, also one that holds medians, scales and levels one by one."""
        super().__setstate__(state if "levels_" not in state else _from_single_arrays(state))


def _from_single_arrays(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state of an encoder from that of version 0.1, whose categories are the levels it kept.

    ``frequent_only_`` says so: rare levels that it saw cannot be told from new ones.
    """
    names, numbers = state["feature_names_in_"], state["numbers_"]
    categories = {name: pd.Index(levels, dtype=object) for name, levels in state["levels_"].items()}
    places = np.array([names.index(name) for name in numbers], dtype=np.intp)
    levels = {names.index(name): np.arange(len(known), dtype=float) for name, known in categories.items()}
    others = {name: state[name] for name in ("min_count", "_sklearn_version") if name in state}
    return others | {
        "frequent_only_": True,
        "encoding_": FrameEncoding(tuple(names), categories, infinite_is_missing=True),
        "columns_": DesignColumns(places, state["medians_"], places[state["flagged_"]], levels),
        "scaling_": Scaling(state["means_"], state["scales_"], _CLIP),
    }


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

    def names(self) -> list[str]:
        """Return a name for each column of the matrix: its place, where nobody encoded it."""
        return [str(place) for place in range(self.matrix.shape[1])] if self.encoder is None else self.encoder.names()

    def owners(self) -> list[str]:
        """Return the feature that each column of the matrix comes from."""
        return self.names() if self.encoder is None else self.encoder.owners()

    def __getstate__(self) -> dict[str, Any]:
        """Return the matrix and what encoded it: what is kept beside them is made again where it is asked for."""
        return {"matrix": self.matrix, "encoder": self.encoder}

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
    def linear(self) -> Floats:
        """The rows in as few orthogonal columns as hold them, (n, rank), each of mean 0.

        Columns of a design repeat each other: levels, windows of one count, what is constant. A learner with a free
        intercept and a penalty on the length of its slope learns the same from any rotation of its columns, and needs
        the cube of their number.
        """
        mean = self.matrix.mean(axis=0)
        found = spectrum_of(self.matrix, np.ones(len(self)), mean)
        turned = found.v[:, found.d > _FLAT * max(float(found.d.max(initial=0.0)), np.finfo(float).tiny)]
        return np.asarray(self.matrix @ turned - mean @ turned)

    @cached_property
    def _bins(self) -> lgb.Dataset:
        return binned(self.matrix)

    def boost(
        self, rows: Positions, target: ArrayLike, weight: ArrayLike, rounds: int, params: dict[str, Any]
    ) -> lgb.Booster:
        """Return trees fitted to ``target`` (len(rows),) on the ascending positions ``rows``."""
        return boost_rows(self._bins, rows, target, weight, rounds, params)

    def boost_parts(
        self,
        rows: Positions,
        target: ArrayLike,
        weight: Floats,
        *,
        loss: Literal["l2", "binary"],
        rounds: int,
        params: dict[str, Any],
    ) -> Floats:
        """Return what trees of each of k parts of ``rows`` predict for all units, (n, k), as :func:`boost_parts`.

        ``rows`` are ascending positions (m,); target (m,) and weight (m, k) are theirs.
        """
        bins = self.once([rows], lambda: chosen(self._bins, rows))
        return boost_parts(bins, target, weight, loss=loss, rounds=rounds, params=params, matrix=self.matrix)
