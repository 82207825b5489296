"""Small boosted trees that are refitted often: bins are kept, labels and weights change."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["grow", "tree_params"]

Array = NDArray[np.float64]


def tree_params(*, seed: int, threads: int, ridge: float, **more: Any) -> dict[str, Any]:
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
        **more,
    }


def grow(
    params: dict[str, Any], rounds: int, dataset: lgb.Dataset, label: ArrayLike, weight: Array, offset: Array
) -> tuple[lgb.Booster, Array]:
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
    fitted: list[Array] = []

    def keep(values: Array, _: lgb.Dataset) -> tuple[str, float, bool]:
        fitted.append(values.copy())
        return "kept", 0.0, True

    # The trainer knows its rows' values already; predicting them again would double the cost.
    booster.eval_train(keep)
    # A copy read from text holds the trees only, no rows.
    return lgb.Booster(model_str=booster.model_to_string()), fitted[0]
