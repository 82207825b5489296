"""Boosted trees by LightGBM, the same on every run and every number of threads. Nobody else fits with it.

Rows are put into bins once and learnt from many times; only labels and weights change. :func:`boost` learns one model
of a two-class target and is stopped by other rows, :func:`boost_rows` learns a fixed number of trees from some of the
rows, :func:`boost_parts` learns them from many overlapping parts at once, and :func:`grow` on top of an offset.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import lightgbm as lgb
import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from ...core.arrays import Arrays, Bools, Floats, Positions

__all__ = ["Bins", "binned", "boost", "boost_parts", "boost_rows", "chosen", "grow", "tree_params", "without_rows"]

from .encoding import InputRows
from .target import Target

SMALLEST_LEAF = 20
"""No setting for small data goes below this many rows in a leaf."""


def tree_params(*, seed: int, threads: int, ridge: float, **others: Any) -> dict[str, Any]:
    """Return LightGBM parameters: deterministic, quiet, 63 bins, L2 penalty ``ridge`` on leaves.

    Leaves are bounded by their curvature (``min_sum_hessian_in_leaf``), not by counting rows: a row of weight
    two must act as two rows.
    """
    return {
        "min_data_in_leaf": 1,
        "lambda_l2": ridge,
        "cat_l2": ridge,
        "cat_smooth": 20.0,
        "max_bin": 63,
        "feature_pre_filter": False,
        "boost_from_average": False,
        "deterministic": True,
        "force_col_wise": True,
        "metric": "None",
        "num_threads": threads,
        "seed": seed,
        "verbosity": -1,
        **others,
    }


_SUBSETS = {"max_bin": 63, "feature_pre_filter": False, "verbose": -1, "num_threads": 1, "seed": 0}


def binned(matrix: Floats) -> lgb.Dataset:
    """Return the rows of a matrix (n, p) in bins, without labels."""
    return lgb.Dataset(matrix, np.zeros(len(matrix)), params=_SUBSETS, free_raw_data=True).construct()


def chosen(bins: lgb.Dataset, rows: Positions) -> lgb.Dataset:
    """Return the rows at ascending positions (m,) of :func:`binned` ones, without labels; all of them as they are."""
    return bins if len(rows) == bins.num_data() else bins.subset(rows.tolist()).construct()


def boost_parts(
    bins: lgb.Dataset,
    target: ArrayLike,
    weight: Floats,
    *,
    loss: Literal["l2", "binary"],
    rounds: int,
    params: dict[str, Any],
    matrix: Floats,
) -> Floats:
    """Return what trees fitted to each of k parts of the same rows predict for ``matrix``, (n, k).

    Trees of all parts grow round by round in one model: LightGBM sets up once, where a model a part takes as long to
    set up as to learn. ``min_data_in_leaf`` counts the rows of a part, as far as their curvature tells.

    Parameters
    ----------
    bins
        The rows, m of them.
    target
        Of each row, (m,): numbers for ``loss`` "l2", 0 and 1 for "binary", whose predictions are chances.
    weight
        Of each row in each part, (m, k), k of 2 or more; 0 where the part does not learn from it.
    rounds, params
        Number of trees of a part, and LightGBM parameters.
    matrix
        Rows to predict for, (n, p).
    """
    y, parts = np.asarray(target, dtype=float)[:, None], weight.shape[1]
    start = (weight * y).sum(axis=0) / weight.sum(axis=0)
    if not any(bins.feature_num_bin(place) > 1 for place in range(bins.num_feature())):
        return np.tile(start, (len(matrix), 1))  # no column tells rows apart
    start = logit(np.clip(start, 1e-9, 1 - 1e-9)) if loss == "binary" else start

    def slopes(values: Floats, _: lgb.Dataset) -> tuple[Floats, Floats]:
        if loss == "l2":
            return weight * (values + start - y), weight
        e = expit(values + start)
        return weight * (e - y), weight * e * (1 - e)

    rows_in_leaf = int(params["min_data_in_leaf"] * len(y) * parts / np.count_nonzero(weight))
    own = {"objective": "none", "num_class": parts, "min_data_in_leaf": rows_in_leaf}
    booster = lgb.Booster({**_SUBSETS, "deterministic": True, "force_col_wise": True, **params, **own}, bins)
    for _ in range(rounds):
        if booster.update(fobj=slopes):
            break
    found = np.asarray(booster.predict(matrix, raw_score=True, num_threads=1)) + start
    return np.asarray(expit(found)) if loss == "binary" else found


def boost_rows(
    bins: lgb.Dataset, rows: Positions, target: ArrayLike, weight: ArrayLike, rounds: int, params: dict[str, Any]
) -> lgb.Booster:
    """Return ``rounds`` trees fitted to some rows of :func:`binned` ones; they still hold the rows.

    Parameters
    ----------
    bins
        Of all rows.
    rows
        Ascending positions of those learnt from, (m,).
    target, weight
        Of those, (m,).
    rounds, params
        Number of trees, and LightGBM parameters.
    """
    part = bins.subset(rows.tolist()).construct()
    part.set_label(np.asarray(target, dtype=float))
    part.set_weight(np.asarray(weight, dtype=float))
    booster = lgb.Booster({**_SUBSETS, "deterministic": True, "force_col_wise": True, **params}, part)
    for _ in range(rounds):
        if booster.update():
            break
    return booster


def without_rows(booster: lgb.Booster) -> lgb.Booster:
    """Return a copy read from text, which holds the trees only, no rows: what a model keeps."""
    return lgb.Booster(model_str=booster.model_to_string())


def grow(
    params: dict[str, Any], rounds: int, dataset: lgb.Dataset, label: ArrayLike, weight: Floats, offset: Floats
) -> tuple[lgb.Booster, Floats]:
    """Return trees learnt on top of ``offset`` (raw scale), and the fitted values on the outcome's scale.

    Parameters
    ----------
    params, rounds
        LightGBM parameters and number of trees.
    dataset
        Binned rows; its label, weight and offset are overwritten.
    label, weight, offset
        Shape (rows of ``dataset``,).
    """
    dataset.set_label(np.asarray(label, dtype=float))
    dataset.set_weight(weight)
    dataset.set_init_score(offset)
    booster = lgb.Booster(params, dataset)
    for _ in range(rounds):
        if booster.update():
            break
    fitted: list[Floats] = []

    def keep(values: Floats, _: lgb.Dataset) -> tuple[str, float, bool]:
        fitted.append(values.copy())
        return "kept", 0.0, True

    # The trainer knows its rows' values already; predicting them again would double the cost.
    booster.eval_train(keep)
    return without_rows(booster), fitted[0]


class Bins:
    """Rows that LightGBM has put into bins, kept for the next target that learns from the same rows and is stopped by
    the same ones: only labels and weights change.
    """

    def __init__(self) -> None:
        self._given: Any = None
        self._key: tuple[Any, ...] = ()
        self._sets: tuple[lgb.Dataset, lgb.Dataset | None] | None = None
        self.stop: Arrays = np.empty((0, 0))

    def binned(
        self, given: InputRows, target: Target, rows: Bools, stop: Bools | None, settings: Mapping[str, Any]
    ) -> tuple[lgb.Dataset, lgb.Dataset | None]:
        """Return the rows learnt from and those that stop, labelled; the matrix of the latter stays in ``stop``."""
        key = (rows.tobytes(), b"" if stop is None else stop.tobytes(), repr(settings))
        if self._sets is None or given.given is not self._given or key != self._key:
            self._sets = None  # what is kept goes before the next is made: memory holds one
            self._given, self._key = given.given, key
            self._sets = self._made(given, rows, stop, settings)
        for dataset, chosen in zip(self._sets, (rows, stop), strict=True):
            if dataset is not None:
                dataset.set_label(target.codes[chosen]).set_weight(target.weight[chosen])
        return self._sets

    def _made(
        self, given: InputRows, rows: Bools, stop: Bools | None, settings: Mapping[str, Any]
    ) -> tuple[lgb.Dataset, lgb.Dataset | None]:
        names = [f"f{place}" for place in range(len(given.encoding.columns))]
        categorical = given.encoding.categorical

        def dataset(matrix: Arrays, reference: lgb.Dataset | None = None) -> lgb.Dataset:
            return lgb.Dataset(
                matrix,
                np.zeros(len(matrix)),
                reference=reference,
                feature_name=names,
                categorical_feature=categorical,
                params=dict(settings),
            ).construct()

        learn = dataset(given.matrix(rows))
        if stop is None:
            return learn, None
        self.stop = given.matrix(stop)
        return learn, dataset(self.stop, learn)


def boost(
    given: InputRows,
    target: Target,
    rows: Bools,
    *,
    rounds: int,
    settings: Mapping[str, Any],
    bins: Bins,
    stop: Bools | None = None,
    patience: int = 100,
) -> lgb.Booster:
    """Return trees fitted to ``rows``, at most ``rounds`` of them.

    Parameters
    ----------
    given
        Features of n rows, NaN where missing.
    target
        Two classes, coded 0 and 1, and weights.
    settings
        LightGBM parameters; ``min_child_samples`` is lowered to one in twenty rows, not below 20.
    bins
        Where binned rows are kept.
    stop, patience
        Rows whose log loss ends the boosting once it stands still for ``patience`` rounds.
    """
    full = {**_FIXED, **settings, **_for_size(int(rows.sum()), int(settings["min_child_samples"]))}
    learn, judge = bins.binned(given, target, rows, stop, full)
    if judge is None:
        return lgb.train(full, learn, num_boost_round=rounds)
    return lgb.train(
        full,
        learn,
        num_boost_round=rounds,
        valid_sets=[judge],
        callbacks=[lgb.early_stopping(patience, verbose=False)],
    )


_FIXED = {
    "objective": "binary",
    "feature_pre_filter": False,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


def _for_size(n: int, min_child_samples: int) -> dict[str, int]:
    """Return the leaf sizes for ``n`` rows."""
    small = max(SMALLEST_LEAF, n // 20)
    return {"min_child_samples": min(min_child_samples, small), "min_data_per_group": min(100, small)}
