"""Logistic regressions of parts: the optimum, wherever they start."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from servicelift.models.fitting.logistic import chances, start_logistic
from sklearn.linear_model import LogisticRegression


@pytest.fixture(scope="module")
def units():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 40))
    x[:, 20:] = x[:, 20:] > 1
    labels = (rng.random(600) < expit(x[:, 0] - 2 * x[:, 30] - 0.5)).astype(float)
    return x, labels, rng.exponential(size=600)


@pytest.mark.parametrize("strength", [1.0, 0.01, 1_000.0])
def test_a_part_has_the_chances_that_scikit_learn_gives_it(units, strength):
    x, labels, weight = units
    rows = np.arange(0, 600, 2)
    start = start_logistic(x, labels, weight, strength=strength)
    found = chances(start, x, labels, weight, rows, strength=strength)(x)
    model = LogisticRegression(C=strength, tol=1e-12, max_iter=10_000, solver="newton-cholesky")
    model.fit(x[rows], labels[rows], sample_weight=weight[rows])
    np.testing.assert_allclose(found, model.predict_proba(x)[:, 1], atol=2e-4)


def test_where_it_starts_does_not_matter(units):
    """What all rows say reaches no part: other labels outside it change nothing beyond the tolerance."""
    x, labels, weight = units
    rows = np.arange(0, 600, 2)
    other = labels.copy()
    other[1::2] = 1 - other[1::2]
    found = [
        chances(start_logistic(x, known, weight, strength=1.0), x, labels, weight, rows, strength=1.0)(x)
        for known in (labels, other)
    ]
    np.testing.assert_allclose(found[0], found[1], atol=2e-4)


def test_labels_that_a_column_tells_apart_have_an_optimum_all_the_same():
    x = np.concatenate([np.full((50, 1), -4.0), np.full((50, 1), 4.0)])
    labels, weight = (x[:, 0] > 0).astype(float), np.ones(100)
    start = start_logistic(x, labels, weight, strength=1_000.0)
    found = chances(start, x, labels, weight, np.arange(100), strength=1_000.0)(x)
    assert np.all((found > 0.99) == (labels == 1))
