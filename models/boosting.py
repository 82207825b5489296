"""Boosted trees for a two-class target: LightGBM, the same result on every run and every number of threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from .targets import Target

__all__ = ["boost"]

Mask = NDArray[np.bool_]

SMALLEST_LEAF = 20
"""No setting for small data goes below this many rows in a leaf."""


def boost(
    matrix: NDArray[np.float64],
    target: Target,
    rows: Mask,
    *,
    rounds: int,
    settings: Mapping[str, Any],
    categorical: Sequence[int],
    stop: Mask | None = None,
    patience: int = 100,
) -> lgb.Booster:
    """Return trees fitted to ``rows``, at most ``rounds`` of them.

    Parameters
    ----------
    matrix
        Features (n, features), NaN where missing; category codes in the ``categorical`` columns.
    target
        Two classes, coded 0 and 1, and weights.
    settings
        LightGBM parameters; ``min_child_samples`` is lowered to one in twenty rows, not below 20.
    stop, patience
        Rows whose log loss ends the boosting once it stands still for ``patience`` rounds.
    """
    full = {**_FIXED, **settings, **_for_size(int(rows.sum()), int(settings["min_child_samples"]))}
    names = [f"f{place}" for place in range(matrix.shape[1])]

    def dataset(chosen: Mask, reference: lgb.Dataset | None = None) -> lgb.Dataset:
        return lgb.Dataset(
            matrix[chosen],
            target.codes[chosen],
            weight=target.weight[chosen],
            reference=reference,
            feature_name=names,
            categorical_feature=list(categorical),
            params=full,
        )

    learn = dataset(rows)
    if stop is None:
        return lgb.train(full, learn, num_boost_round=rounds)
    return lgb.train(
        full,
        learn,
        num_boost_round=rounds,
        valid_sets=[dataset(stop, learn)],
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
