"""Beta quadrature: scipy's Gauss-Jacobi rule, moments, and parameters where that rule overflows."""

import numpy as np
import pytest
from scipy.special import roots_jacobi
from servicelift.models.quadrature import beta_nodes


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
