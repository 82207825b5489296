"""Averages over beta and gamma: scipy's Gauss-Jacobi rule, moments, closed forms, and where scipy's formulas fail."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaln, digamma, expit, hyp2f1, roots_jacobi
from servicelift.models.fitting.quadrature import (
    beta_nodes,
    effective_end,
    hyper_one,
    log_gamma_nodes,
    log_odds_nodes,
    log_time_nodes,
    mean_reciprocal,
)


@pytest.mark.parametrize(("a", "b"), [(0.8, 2.4), (0.05, 3.0), (1.0, 1.0), (3.0, 0.2), (0.5, 0.5), (2.0, 500.0)])
def test_equals_gauss_jacobi(a, b):
    nodes, weights = beta_nodes(a, b, 32)
    t, w = roots_jacobi(32, b - 1, a - 1)
    assert nodes == pytest.approx((t + 1) / 2, abs=1e-12)
    assert weights == pytest.approx(w / w.sum(), abs=1e-10)


@pytest.mark.parametrize(("a", "b"), [(0.79, 2.43), (1e-4, 5.0), (1e4, 1e4), (0.79, 5000.0)])
def test_moments_are_exact(a, b):
    nodes, weights = beta_nodes(a, b, 8)
    assert weights.sum() == pytest.approx(1)
    assert weights @ nodes == pytest.approx(a / (a + b))
    assert weights @ nodes**2 == pytest.approx(a * (a + 1) / ((a + b) * (a + b + 1)))
    assert (np.diff(nodes) > 0).all()


@pytest.mark.parametrize("shape", [0.25, 1.24, 7.0, 400.0])
def test_log_gamma_nodes_average_powers_and_logarithms(shape):
    y, weights = log_gamma_nodes(shape)
    assert weights.sum() == pytest.approx(1, rel=1e-12)
    assert weights @ y**2 == pytest.approx(shape * (shape + 1), rel=1e-12)
    assert weights @ np.log(y) == pytest.approx(digamma(shape), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize(("a", "b"), [(0.8, 2.4), (1.0, 1.1296), (0.05, 0.02), (6.6, 194.5), (1.0, 247.7)])
def test_mean_reciprocal_is_the_integral(a, b):
    """Over the log-odds, where scipy's adaptive rule sees no pole; the last three are where hyp2f1 fails."""
    for y in (1e-3, 1.0, 20.0, 1716.4):
        lean = np.log(a / b)

        def density(u, y=y):
            log = -a * np.logaddexp(0, -u) - b * np.logaddexp(0, u) - betaln(a, b)
            return np.exp(log) / (1 + y * expit(u))

        edges = [lean - 60 / a - 10, lean - 12, lean, lean + 12, lean + 60 / b + 12]
        pieces = [quad(density, low, high, limit=400, epsabs=0, epsrel=1e-11)[0] for low, high in pairwise(edges)]
        assert mean_reciprocal(a, b, np.array([y]))[0] == pytest.approx(sum(pieces), rel=1e-8)


def test_hyper_one_is_scipys_function_where_that_is_right():
    rng = np.random.default_rng(0)
    b, apart, z = rng.uniform(0.1, 12, 300), rng.uniform(0.1, 12, 300), rng.uniform(0, 0.88, 300)
    assert hyper_one(b, b + apart, z) == pytest.approx(hyp2f1(1.0, b, b + apart, z), rel=1e-12)


@pytest.mark.parametrize("z", [0.5, 0.949, 0.951, 0.9899, 0.9901, 0.99999])
def test_hyper_one_has_its_elementary_cases(z):
    """2F1(1, 1; 2; z) = -log(1 - z) / z; its neighbour follows by recurrence; scipy fails at the whole difference."""
    assert hyper_one(1.0, 2.0, z) == pytest.approx(-np.log1p(-z) / z, rel=1e-11)
    assert hyper_one(2.0, 3.0, z) == pytest.approx(2 * (-np.log1p(-z) / z - 1) / z, rel=1e-11)
    assert hyper_one(0.5, 1.5, z) == pytest.approx(np.arctanh(np.sqrt(z)) / np.sqrt(z), rel=1e-11)


@pytest.mark.parametrize("power", [0.05, 1.0, 2.5, 6.0, 300.0])
@pytest.mark.parametrize(("start", "end"), [(0.0, 1e-3), (0.0, 1_095.0), (365.0, 1_095.0)])
def test_log_time_nodes_integrate_powers_over_many_units(power, start, end):
    unit = np.array([0.5, 3.0, 900.0])
    found = sum(
        weight * (1 + t / unit) ** -power
        for t, weight in log_time_nodes(start, effective_end(start, end, unit, power), unit)
    )
    low, high = np.log1p(start / unit), np.log1p(end / unit)
    exact = unit * (
        high - low
        if power == 1
        else np.diff(np.expm1([(1 - power) * low, (1 - power) * high]), axis=0)[0] / (1 - power)
    )
    assert found == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize(("a", "b"), [(0.05, 0.1), (0.8, 2.4), (3.0, 60.0), (50.0, 200.0), (0.3, 5_000.0)])
@pytest.mark.parametrize("ratio", [1.0, 1e3, 1e9])
def test_log_odds_nodes_average_whatever_crowds_towards_zero(a, b, ratio):
    p, weights = log_odds_nodes(a, b, 1e-16 / ratio)
    assert weights.sum() == pytest.approx(1, rel=1e-9)
    assert weights @ p == pytest.approx(a / (a + b), rel=1e-9)
    assert weights @ (1 / (1 + ratio * p)) == pytest.approx(mean_reciprocal(a, b, np.array([ratio]))[0], rel=1e-9)
