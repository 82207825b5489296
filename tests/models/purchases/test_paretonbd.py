"""Moments of the Pareto/NBD against adaptive integration, for ordinary customers and for extremes."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from servicelift.models.purchases.paretonbd import ParetoNBD


def integral(f, start, end):
    """Integrate over log(1 + t), to what adaptive quadrature reaches."""
    return quad(
        lambda u: f(np.expm1(u)) * np.exp(u), np.log1p(start), np.log1p(end), epsabs=0, epsrel=1e-11, limit=500
    )[0]


@pytest.mark.parametrize("s", [0.05, 0.6, 1.0, 3.0, 300.0])
@pytest.mark.parametrize(("age", "beta"), [(0.0, 1.0), (30.0, 1.0), (30.0, 300.0), (900.0, 60.0), (0.0, 3_000.0)])
@pytest.mark.parametrize(("start", "end"), [(0.0, 30.0), (0.0, 1_095.0), (365.0, 1_095.0)])
def test_moments_are_exact_whatever_the_scales(s, age, beta, start, end):
    r, alpha = 0.4, 2.0
    model = ParetoNBD()
    model.params_, model.limit_ = pd.Series([r, alpha, s, beta], index=model.names), False
    x = np.array([0.0] if age == 0 else [0.0, 3.0, 40.0, 200.0])
    history = (x, np.where(x > 0, age / 2, 0.0), np.full(len(x), age))
    moments, alive = model.count_moments(*history, start_days=start, end_days=end), model.probability_alive(*history)
    for k, count in enumerate(x):
        shape, rate, life = r + count, alpha + age, beta + age

        def stays(t, life=life):
            return (1 + t / life) ** -s

        def first(w, shape=shape, rate=rate):
            return shape / rate * (1 + w / rate) ** -(shape + 1)

        some = integral(lambda w, first=first, stays=stays: first(w) * stays(start + w), 0.0, end - start)
        mean = shape / rate * integral(stays, start, end)
        pairs = 2 * shape * (shape + 1) / rate**2 * integral(lambda t, stays=stays: (t - start) * stays(t), start, end)
        found = np.array([moments.some[k], moments.mean[k], moments.pairs[k]])
        assert found == pytest.approx(alive[k] * np.array([some, mean, pairs]), rel=1e-8)
