"""The NBD against SciPy's negative binomial, and its best fit."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln
from scipy.stats import nbinom
from servicelift.models.purchases.nbd import distinct_counts, fit_nbd, mean_age, nbd_log_likelihood


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(4)
    age = rng.integers(10, 60, 500).astype(float)
    x = rng.poisson(rng.gamma(0.8, 1 / 12.0, 500) * age).astype(float)
    return pd.DataFrame({"frequency": x, "recency": np.where(x > 0, age / 2, 0.0), "T": age})


def test_it_is_the_negative_binomial_of_the_counts(rows):
    """Up to the part that no parameter moves: T^x / x!."""
    x, age = rows["frequency"].to_numpy(), rows["T"].to_numpy()
    r, alpha = 0.7, 9.0
    theirs = nbinom.logpmf(x, r, alpha / (alpha + age)) - x * np.log(age) + gammaln(x + 1)
    ours = nbd_log_likelihood(np.log([r, alpha]), x, age, np.ones(len(x)))
    assert ours == pytest.approx(theirs.sum(), rel=1e-12)


def test_no_point_nearby_beats_the_fit_and_weights_are_repetitions(rows):
    fit, likelihood = fit_nbd(rows, np.ones(len(rows)))
    rng = np.random.default_rng(0)
    assert all(likelihood(fit.theta + rng.normal(0, 0.1, 2)) < fit.log_likelihood for _ in range(20))
    assert np.exp(fit.theta) == pytest.approx([0.8, 12.0], rel=0.35)
    twice, _ = fit_nbd(rows, np.full(len(rows), 2.0))
    assert twice.theta == pytest.approx(fit.theta, abs=1e-6)


def test_distinct_counts_and_mean_age(rows):
    pairs, place = distinct_counts(rows)
    assert pairs.iloc[place].reset_index(drop=True).equals(rows[["frequency", "T"]])
    assert mean_age(rows, np.ones(len(rows))) == pytest.approx(rows["T"].mean())
    assert mean_age(rows.assign(T=0.0), np.ones(len(rows))) == 1e-6
