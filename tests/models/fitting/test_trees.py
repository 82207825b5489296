"""Trees of many parts at once are those of each part alone."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from scipy.special import logit
from servicelift.models.fitting.trees import binned, boost_parts, chosen

SETTINGS = {"learning_rate": 0.3, "num_leaves": 4, "min_data_in_leaf": 1, "lambda_l2": 5.0, "seed": 3}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 4))
    y = 3 * (x[:, 0] > 0) + x[:, 1] + rng.normal(size=600)
    part = rng.integers(0, 3, 600)
    return x, y, (part[:, None] != np.arange(3)).astype(float)


def alone(x, y, weight, objective):
    """Return what LightGBM's own objective predicts from one part, whose other rows weigh nothing."""
    start = np.average(y, weights=weight)
    start = logit(start) if objective == "binary" else start
    data = lgb.Dataset(x, y, weight=weight, init_score=np.full(len(y), start), params={"max_bin": 63, "verbose": -1})
    fixed = {**SETTINGS, "objective": objective, "boost_from_average": False, "deterministic": True, "verbose": -1}
    raw = lgb.train({**fixed, "force_col_wise": True, "num_threads": 1}, data, 10).predict(x, raw_score=True) + start
    return 1 / (1 + np.exp(-raw)) if objective == "binary" else raw


@pytest.mark.parametrize("loss", ["l2", "binary"])
def test_parts_grown_together_are_the_parts_grown_alone(rows, loss):
    x, y, weight = rows
    target = y if loss == "l2" else (y > 1).astype(float)
    found = boost_parts(binned(x), target, weight, loss=loss, rounds=10, params=SETTINGS, matrix=x)
    for k in range(3):
        np.testing.assert_allclose(found[:, k], alone(x, target, weight[:, k], loss), atol=1e-5)


def test_a_row_that_weighs_nothing_is_not_learnt_from(rows):
    x, y, weight = rows
    wild = np.where(weight[:, 0] == 0, 1e6, y)
    params = {**SETTINGS, "min_data_in_leaf": 20}
    mild, loud = (
        boost_parts(binned(x), target, weight, loss="l2", rounds=5, params=params, matrix=x) for target in (y, wild)
    )
    np.testing.assert_array_equal(mild[:, 0], loud[:, 0])
    assert np.abs(loud[:, 1] - mild[:, 1]).max() > 1000


def test_leaves_hold_as_many_rows_of_the_part_as_asked_for(rows):
    x, _, weight = rows
    few = (x[:, 0] > np.sort(x[:, 0])[-30]).astype(float) * 100
    params = {**SETTINGS, "num_leaves": 2, "min_data_in_leaf": 60}
    found = boost_parts(binned(x), few, weight, loss="l2", rounds=1, params=params, matrix=x)
    for k in range(3):
        smallest = min(np.unique(found[weight[:, k] > 0, k], return_counts=True)[1])
        assert smallest >= 50


def test_chosen_rows_are_those_rows(rows):
    x, y, weight = rows
    some = np.flatnonzero(x[:, 2] > 0)
    bins = binned(x)
    assert chosen(bins, np.arange(600)) is bins
    part = chosen(bins, some)
    found = boost_parts(part, y[some], weight[some], loss="l2", rounds=5, params=SETTINGS, matrix=x)
    kept = weight * (x[:, 2] > 0)[:, None]
    whole = boost_parts(bins, y, kept, loss="l2", rounds=5, params=SETTINGS, matrix=x)
    np.testing.assert_allclose(found, whole, atol=1e-6)


@pytest.mark.parametrize("loss", ["l2", "binary"])
def test_rows_that_no_column_tells_apart_get_the_mean_of_the_part(rows, loss):
    _, y, weight = rows
    target = (y > 1).astype(float)
    params = {**SETTINGS, "min_data_in_leaf": 40}
    for same in (np.ones((600, 2)), np.eye(600)[:, :2]):
        found = boost_parts(binned(same), target, weight, loss=loss, rounds=5, params=params, matrix=same)
        expected = [np.average(target, weights=weight[:, k]) for k in range(3)]
        np.testing.assert_allclose(found, np.tile(expected, (600, 1)), rtol=1e-6)
