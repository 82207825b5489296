"""Gamma-Gamma against the published CDNOW numbers, lifetimes' own formula and its limits."""

import pickle
import warnings

import lifetimes
import numpy as np
import pytest
from servicelift.core.errors import DataError
from servicelift.models.purchases.gammagamma import GammaGamma, gamma_gamma_log_likelihood
from sklearn.base import clone


@pytest.fixture(scope="module")
def fitted(cdnow):
    return GammaGamma().fit(cdnow.summary["frequency"], cdnow.summary["monetary_value"])


def test_published_parameters_and_likelihood(cdnow, fitted):
    assert (cdnow.summary["frequency"] > 0).sum() == 946
    assert fitted.params_.to_dict() == pytest.approx({"p": 6.2496, "q": 3.7442, "v": 15.4435}, abs=6e-5)
    assert fitted.log_likelihood_ == pytest.approx(-4055.9177, abs=6e-5)
    assert fitted.limit_ is None


def test_published_mean_and_correlation(fitted):
    """Fader & Hardie: E(M) = 35.17, correlation of frequency and mean spend .11."""
    assert fitted.population_mean == pytest.approx(35.17, abs=5e-3)
    assert fitted.correlation_ == pytest.approx(0.114, abs=5e-4)


def test_covariance_is_symmetric_and_the_exact_one(cdnow, fitted):
    bought = cdnow.summary[cdnow.summary["frequency"] > 0]
    fitter = lifetimes.GammaGammaFitter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter.fit(bought["frequency"], bought["monetary_value"])
    right = np.diag(fitter.params_) @ np.linalg.inv(fitter._hessian_ * 946) @ np.diag(fitter.params_)
    ours = fitted.covariance_.to_numpy()
    assert (ours == ours.T).all()
    assert ours == pytest.approx(right, rel=2e-3)


def test_expected_spend_lies_between_own_and_population(cdnow, fitted):
    x, m = cdnow.summary["frequency"].to_numpy(), cdnow.summary["monetary_value"].to_numpy()
    spend, mean = fitted.expected_spend(x, m), fitted.population_mean
    repeat = x > 0
    assert spend[~repeat] == pytest.approx(mean)
    assert (spend[repeat] >= np.minimum(m[repeat], mean) - 1e-9).all()
    assert (spend[repeat] <= np.maximum(m[repeat], mean) + 1e-9).all()


def test_simulated_parameters_and_moments_come_back():
    rng, n, (p, q, v) = np.random.default_rng(2), 4000, (4.0, 5.0, 20.0)
    nu = rng.gamma(q, 1 / v, n)
    x = rng.integers(1, 8, n)
    m = rng.gamma(p * x) / nu / x
    model = GammaGamma().fit(x, m)
    z = (model.params_.to_numpy() - [p, q, v]) / np.sqrt(np.diag(model.covariance_))
    assert (np.abs(z) < 3).all()
    moments = model.spend_moments(3, 6.0)
    p, q, v = model.params_
    again = rng.gamma(q + 3 * p, 1 / (v + 18.0), 400_000)
    first, second = rng.gamma(p, size=400_000) / again, rng.gamma(p, size=400_000) / again
    assert moments.mean[0] == pytest.approx(first.mean(), rel=0.01)
    assert moments.square[0] == pytest.approx((first**2).mean(), rel=0.02)
    assert moments.product[0] == pytest.approx((first * second).mean(), rel=0.02)


def test_unit_of_money_changes_v_only(cdnow, fitted):
    cents = GammaGamma().fit(cdnow.summary["frequency"], cdnow.summary["monetary_value"] * 100)
    assert cents.params_.to_numpy() / [1, 1, 100] == pytest.approx(fitted.params_.to_numpy(), rel=1e-5)


def test_weights_are_repetitions(cdnow, fitted):
    x, m = cdnow.summary["frequency"], cdnow.summary["monetary_value"]
    doubled = GammaGamma().fit(x, m, np.full(len(x), 2.0))
    assert doubled.params_.to_numpy() == pytest.approx(fitted.params_.to_numpy(), rel=1e-5)
    assert doubled.log_likelihood_ == pytest.approx(2 * fitted.log_likelihood_)


def test_no_nearby_point_beats_the_maximum(cdnow, fitted):
    bought = cdnow.summary[cdnow.summary["frequency"] > 0]
    x, m = bought["frequency"].to_numpy(), bought["monetary_value"].to_numpy()
    rng = np.random.default_rng(0)
    for _ in range(20):
        theta = np.log(fitted.params_.to_numpy()) + rng.normal(0, 0.05, 3)
        assert gamma_gamma_log_likelihood(theta, x, m, np.ones_like(x)) < fitted.log_likelihood_


def test_one_price_for_all_is_a_named_limit():
    x = np.random.default_rng(0).poisson(2, 300)
    model = GammaGamma().fit(x, np.full(300, 5.0))
    assert model.limit_ == "constant_spend"
    assert "do not vary" in model.message_
    assert model.expected_spend([0, 1, 9], [0, 5.0, 5.0]) == pytest.approx(5.0, rel=1e-3)
    assert model.covariance_.isna().all(axis=None)


def test_infinite_population_mean_is_a_named_limit():
    rng = np.random.default_rng(1)
    nu = rng.gamma(0.6, 1.0, 2000)
    x = rng.integers(1, 6, 2000)
    m = rng.gamma(3.0 * x) / nu / x
    model = GammaGamma().fit(x, m)
    assert model.limit_ == "heavy_tail"
    assert model.population_mean == pytest.approx(np.average(m, weights=x))
    assert np.isfinite(model.expected_spend(x, m)).all()


def test_customers_without_positive_spend_are_left_out_and_counted(cdnow):
    x = np.append(cdnow.summary["frequency"], [3.0, 2.0])
    m = np.append(cdnow.summary["monetary_value"], [0.0, -4.0])
    model = GammaGamma().fit(x, m)
    assert model.left_out_ == 2
    assert model.expected_spend(3, -4.0)[0] == pytest.approx(model.population_mean)


def test_pickle_keeps_no_customer(fitted):
    stored = pickle.dumps(fitted)
    assert len(stored) < 5_000
    assert pickle.loads(stored).expected_spend(2, 30.0) == fitted.expected_spend(2, 30.0)
    assert isinstance(clone(fitted), GammaGamma)


@pytest.mark.parametrize(
    ("x", "m", "rule"),
    [
        ([0, 0, 1], [0, 0, 5.0], "at least 2 distinct"),
        ([1, -1], [2.0, 2.0], "frequencies of at least 0"),
        ([1, 2], [2.0, np.nan], "monetary_value is missing"),
    ],
)
def test_unusable_spend_is_named(x, m, rule):
    with pytest.raises(DataError, match=rule):
        GammaGamma().fit(x, m)


def test_independence_of_spend_and_frequency_is_said(cdnow, fitted):
    assert fitted.independence == "spend and frequency: correlation 0.114, within 0.2"
    x = cdnow.summary["frequency"].to_numpy()
    leaning = GammaGamma().fit(x, cdnow.summary["monetary_value"] * (1 + x))
    assert "above 0.2: the model's assumption does not hold" in leaning.independence
    assert "nothing to check" in GammaGamma().fit(np.full(99, 2.0), np.linspace(1, 9, 99)).independence


def test_an_infinite_population_mean_is_said_in_the_message():
    rng = np.random.default_rng(1)
    nu = rng.gamma(0.6, 1.0, 2000)
    x = rng.integers(1, 6, 2000)
    model = GammaGamma().fit(x, rng.gamma(3.0 * x) / nu / x)
    assert model.params_["q"] <= 1
    assert "the population mean is infinite, the observed mean takes its place" in model.message_
