"""Binned rows that travelled make the same trees, to the byte, and say nothing on the way."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from servicelift.models.fitting.binned_rows import BinnedRows
from servicelift.models.fitting.trees import grow, tree_params


@pytest.mark.parametrize("objective", ["binary", "regression"])
def test_rows_that_travelled_make_the_same_trees(objective, capfd):
    rng = np.random.default_rng(0)
    n = 3_000
    rows = rng.normal(size=(n, 20)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    rows[:, 5] = rng.integers(0, 8, n)
    rows[:, 6:12] *= rng.random((n, 6)) < 0.05  # sparse columns are bundled
    params = tree_params(seed=7, threads=1, ridge=5.0, objective=objective, num_leaves=8, feature_fraction=0.6)
    here = BinnedRows(rows, np.zeros(n), params=params, categorical_feature=[5]).construct()
    there = pickle.loads(pickle.dumps(here))
    given = (rng.random(n) < 0.3, rng.exponential(size=n), rng.normal(size=n) * 0.1)
    trees, fitted = grow(params, 20, here, *given)
    others, values = grow(params, 20, there, *given)
    assert trees.model_to_string() == others.model_to_string()
    np.testing.assert_array_equal(fitted, values)
    assert "".join(capfd.readouterr()) == ""
