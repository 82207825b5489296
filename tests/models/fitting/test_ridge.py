"""Ridge regression from one decomposition: fewer rows than columns take the smaller one."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.fitting.ridge import ridge_of_last, spectrum_of


@pytest.mark.parametrize(("rows", "columns"), [(30, 80), (79, 80), (80, 80), (200, 80)])
def test_coefficients_solve_the_penalised_equations(rows, columns):
    rng = np.random.default_rng(0)
    x, y, weight = rng.normal(size=(rows, columns)), rng.normal(size=(rows, 2)), rng.exponential(size=rows)
    x -= np.average(x, axis=0, weights=weight)
    y -= np.average(y, axis=0, weights=weight)
    found = ridge_of_last(x, y, weight, alphas=np.array([3.0]))
    w = weight / weight.mean()
    expected = np.linalg.solve(x.T @ (w[:, None] * x) + 3.0 * np.eye(columns), x.T @ (w[:, None] * y))
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_the_penalty_of_few_rows_is_the_one_that_all_eigenvalues_choose():
    rng = np.random.default_rng(1)
    x, weight = rng.normal(size=(40, 90)), np.ones(40)
    x -= x.mean(axis=0)
    y = x[:, :3].sum(axis=1, keepdims=True) + rng.normal(size=(40, 1))
    few = ridge_of_last(x, y - y.mean(), weight)
    root = np.linalg.eigh(x.T @ x)
    whole = type(spectrum_of(x, weight))(np.maximum(root[0], 0), root[1])
    np.testing.assert_allclose(few, ridge_of_last(x, y - y.mean(), weight, known=whole), atol=1e-9)
