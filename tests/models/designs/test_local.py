"""Polynomials close to a cut: exact on polynomials, and what the next power is taken for."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.designs.local import local_fit, plug_in


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_polynomial_is_found_again(order):
    u = np.random.default_rng(order).uniform(-1, 1, 400)
    true = np.arange(1.0, order + 2)
    y = np.polynomial.polynomial.polyval(u, true)
    fit = local_fit(u, u >= 0, order, 0.7)
    assert fit.smoother @ y[fit.inside] == pytest.approx(true)
    assert fit.residuals(y) == pytest.approx(np.zeros(fit.inside.sum()), abs=1e-10)


def test_the_remainder_is_the_bias_of_the_next_power():
    u = np.random.default_rng(0).uniform(-1, 1, 400)
    fit = local_fit(u, u < 0, 1, 0.6)
    assert fit.remainder == pytest.approx(fit.smoother @ u[fit.inside] ** 2)


def test_the_bandwidth_shrinks_as_curvature_grows():
    u = np.random.default_rng(0).uniform(-1, 1, 2_000)
    bend = np.where(u >= 0, 1.0, -1.0) * u**2

    def variance(fits, weights):
        return float(sum(w @ w for w in weights))

    found = [plug_in(u, c * bend, 1, 0, (0.4, 1.0), variance, regularised=False) for c in (1.0, 32.0)]
    assert found[0] / found[1] == pytest.approx(32 ** (2 / 5), rel=1e-6)  # h goes with bias^(-2/5)
