"""What BG/NBD has for itself: more published numbers, its limit, its integrals and its entrance."""

import pickle
import warnings

import lifetimes
import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln, expit, hyp2f1
from scipy.stats import beta
from servicelift.core.errors import DataError, ServiceliftError
from servicelift.models.fitting.likelihood import quiet_lifetimes
from servicelift.models.purchases.bgnbd import BetaGeoNBD
from servicelift.models.purchases.nbd import nbd_log_likelihood
from sklearn.base import clone


@pytest.fixture(scope="module")
def fitted(cdnow):
    return BetaGeoNBD(days_per_unit=7).fit(*cdnow.rfm)


def bgnbd_log_likelihood(theta, x, t_x, T, weight):
    return BetaGeoNBD.likelihood(pd.DataFrame({"frequency": x, "recency": t_x, "T": T}), weight)(theta)


def simulated(rng, n=3000, r=0.6, alpha=20.0, a=1.0, b=3.0):
    """Draw histories of n customers from the model; a = 0 means nobody leaves."""
    T = rng.integers(100, 400, n).astype(float)
    rate, leaves = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n) if a else np.zeros(n)
    x, t_x = np.zeros(n), np.zeros(n)
    for i in range(n):
        t = 0.0
        while True:
            t += rng.exponential(1 / rate[i])
            if t > T[i]:
                break
            x[i], t_x[i] = x[i] + 1, t
            if rng.random() < leaves[i]:
                break
    return x, t_x, T


class TestPublished:
    """Fader, Hardie & Lee 2005; REFERENCE numbers on the CDNOW sample."""

    def test_conditional_expectation(self, fitted):
        assert fitted.expected_purchases(39, 2, 30.43, 38.86)[0] == pytest.approx(1.226, abs=5e-4)

    def test_expectation_of_a_new_customer(self, fitted):
        assert fitted.expected_purchases_new([1, 32]) == pytest.approx([0.0532, 1.0437], abs=6e-5)

    def test_at_78_weeks_the_published_number_is_the_series_cut_after_150_terms(self, fitted):
        r, alpha, a, b = fitted.params_
        k = np.arange(150)
        ratios = (r + k) * (b + k) / (a + b - 1 + k) / (1 + k) * 78 / (alpha + 78)
        series = 1 + np.cumprod(ratios).sum()
        cut = (a + b - 1) / (a - 1) * (1 - series * (alpha / (alpha + 78)) ** r)
        assert cut == pytest.approx(1.8576, abs=6e-5)
        assert fitted.expected_purchases_new(78)[0] == pytest.approx(1.8580, abs=6e-5)

    def test_holdout_of_39_weeks_at_the_naive_rate(self, cdnow):
        x, _, T = cdnow.rfm
        naive = x / T * 39
        assert np.abs(naive - cdnow.holdout).mean() == pytest.approx(1.024, abs=5e-4)
        assert np.corrcoef(naive, cdnow.holdout)[0, 1] == pytest.approx(0.584, abs=5e-4)

    def test_all_customers_of_cdnow(self):
        raw = pd.read_csv(
            f"{lifetimes.__path__[0]}/datasets/CDNOW_master.txt",
            sep=r"\s+",
            header=None,
            skiprows=1,
            names=["customer", "day", "discs", "amount"],
        )
        raw["day"] = pd.to_datetime(raw["day"].astype(str))
        days = raw.drop_duplicates(["customer", "day"])
        end = pd.Timestamp("1997-09-30")
        known = days[days["day"] <= end].groupby("customer")["day"].agg(["min", "max", "count"])
        model = BetaGeoNBD(days_per_unit=7).fit(
            known["count"] - 1, (known["max"] - known["min"]).dt.days / 7, (end - known["min"]).dt.days / 7
        )
        assert len(known) == 23570
        assert model.params_.tolist() == pytest.approx([0.2516, 4.7889, 0.7234, 2.1611], abs=6e-5)
        assert model.log_likelihood_ == pytest.approx(-95368.44, abs=5e-3)


class TestOnlineRetail:
    def test_the_maximum_at_the_boundary_is_the_named_nbd_limit(self, online_retail):
        assert len(online_retail.summary) == 3317
        model = BetaGeoNBD(days_per_unit=7).fit(*online_retail.rfm)
        assert model.limit_ == "nbd"
        assert "NBD limit" in model.message_
        assert model.log_likelihood_ == pytest.approx(-21755.35, abs=5e-3)
        assert model.params_["a"] == 0
        assert (model.probability_alive(*online_retail.rfm) == 1).all()
        x, _, T = online_retail.rfm
        weeks = 100 / 7
        predicted = model.expected_purchases(weeks, *online_retail.rfm)
        naive = np.divide(x, T, out=np.zeros_like(x), where=T > 0) * weeks
        assert np.abs(predicted - online_retail.holdout).mean() == pytest.approx(0.997, abs=5e-4)
        assert np.abs(naive - online_retail.holdout).mean() == pytest.approx(0.967, abs=5e-4)

    def test_lifetimes_alone_names_no_limit_there(self, online_retail):
        """By the rounding of the machine it does not converge, or ends at a dropout that is nearly none."""
        fitter = lifetimes.BetaGeoFitter()
        try:
            with quiet_lifetimes():
                fitter.fit(*online_retail.rfm)
        except lifetimes.utils.ConvergenceError:
            return
        a, b = fitter.params_["a"], fitter.params_["b"]
        assert 0 < a / (a + b) < 1e-4


class TestAgainstLifetimes:
    def test_covariance_is_their_exact_hessian_put_right(self, cdnow):
        """Theirs multiplies rows of the inverse by params ** 2 instead of both sides by params."""
        fitter = lifetimes.BetaGeoFitter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitter.fit(*cdnow.rfm)
        right = np.diag(fitter.params_) @ np.linalg.inv(fitter._hessian_ * 2357) @ np.diag(fitter.params_)
        ours = BetaGeoNBD().fit(*cdnow.rfm).covariance_.to_numpy()
        assert (ours == ours.T).all()
        assert ours == pytest.approx(right, rel=2e-3)
        assert not np.allclose(fitter.variance_matrix_, right, rtol=0.1)

    def test_warning_filters_and_stdout_are_left_alone(self, cdnow, capsys):
        before = list(warnings.filters)
        BetaGeoNBD().fit(*cdnow.rfm)
        assert warnings.filters == before
        assert capsys.readouterr().out == ""


class TestLaws:
    def test_likelihood_tends_to_the_nbd(self, cdnow):
        x, t_x, T = cdnow.rfm
        limit = nbd_log_likelihood(np.log([0.4, 8.0]), x, T, np.ones_like(x))
        near = bgnbd_log_likelihood(np.log([0.4, 8.0, 1e-30, 1.0]), x, t_x, T, np.ones_like(x))
        assert near == pytest.approx(limit, abs=1e-3)

    def test_no_fitted_point_beats_the_maximum(self, cdnow, fitted):
        rng = np.random.default_rng(0)
        x, t_x, T = cdnow.rfm
        for _ in range(20):
            theta = np.log(fitted.params_.to_numpy()) + rng.normal(0, 0.05, 4)
            assert bgnbd_log_likelihood(theta, x, t_x, T, np.ones_like(x)) < fitted.log_likelihood_

    def test_simulated_parameters_come_back(self):
        model = BetaGeoNBD().fit(*simulated(np.random.default_rng(3)))
        error = model.params_ - pd.Series({"r": 0.6, "alpha": 20.0, "a": 1.0, "b": 3.0})
        z = error / np.sqrt(np.diag(model.covariance_))
        assert (z.abs() < 3).all()
        assert np.sqrt(model.covariance_.loc["r", "r"]) < 0.06

    def test_nobody_leaving_is_recognised_in_simulation(self):
        x, t_x, T = simulated(np.random.default_rng(5), n=1500, a=0)
        model = BetaGeoNBD().fit(x, t_x, T)
        r, alpha = model.params_["r"], model.params_["alpha"]
        assert model.limit_ == "nbd"
        assert model.expected_purchases(50.0, x, t_x, T) == pytest.approx((r + x) / (alpha + T) * 50)

    @pytest.mark.parametrize("a", [0.5, 1.0, 1.0 + 1e-9, 3.0])
    def test_expectation_is_the_integral_for_any_a(self, fitted, a):
        """At a = 1 the hypergeometric form divides by zero; a fine trapezoid over p does not."""
        model = clone(fitted)
        model.params_, model.limit_ = pd.Series({"r": 0.4, "alpha": 5.0, "a": a, "b": 2.0}), None
        u = (np.arange(200_000) + 0.5) / 200_000
        p = beta(a, 2.0 + 3).ppf(u)
        inner = (1 - (1 + p * 30 / 25.0) ** -3.4) / p
        alive = model.probability_alive(3, 10.0, 20.0)[0]
        assert model.expected_purchases(30.0, 3, 10.0, 20.0)[0] == pytest.approx(alive * inner.mean(), rel=1e-5)

    def test_a_fit_continued_from_the_limit_may_leave_it(self, cdnow, fitted):
        limit = clone(fitted)
        limit.params_ = pd.Series({"r": 0.4, "alpha": 8.0, "a": 0.0, "b": np.nan})
        limit.limit_ = "nbd"
        continued = BetaGeoNBD(days_per_unit=7).fit(*cdnow.rfm, start=limit)
        assert continued.limit_ is None
        assert continued.log_likelihood_ == pytest.approx(fitted.log_likelihood_, abs=1e-5)

    def test_unit_of_time_changes_alpha_only(self, cdnow, fitted):
        x, t_x, T = cdnow.rfm
        days = BetaGeoNBD().fit(x, t_x * 7, T * 7)
        assert days.params_.to_numpy() / [1, 7, 1, 1] == pytest.approx(fitted.params_.to_numpy(), rel=1e-5)
        settings = {"horizon_days": 400, "annual_discount_rate": 0.1, "skip_days": 30}
        one, other = (
            days.discounted_expected_purchases(x, t_x * 7, T * 7, **settings),
            fitted.discounted_expected_purchases(x, t_x, T, **settings),
        )
        assert one == pytest.approx(other, rel=1e-5)

    def test_counts_to_come_have_the_moments_of_a_simulation(self, fitted):
        rng, draws = np.random.default_rng(0), 200_000
        r, alpha, a, b = fitted.params_
        x, t_x, T, start, end = 4, 30.0, 36.0, 20.0, 120.0
        rate, leaves = rng.gamma(r + x, 1 / (alpha + T), draws), rng.beta(a, b + x, draws)
        alive = rng.random(draws) < fitted.probability_alive(x, t_x, T)[0]
        before = rng.poisson(rate * start)
        total = before + rng.poisson(rate * (end - start))
        last = rng.geometric(leaves)
        n = (np.minimum(total, last) - np.minimum(before, last)) * alive
        moments = fitted.count_moments(x, t_x, T, start_days=start * 7, end_days=end * 7)
        assert moments.some[0] == pytest.approx((n > 0).mean(), abs=0.005)
        assert moments.mean[0] == pytest.approx(n.mean(), rel=0.01)
        assert moments.pairs[0] == pytest.approx((n * (n - 1.0)).mean(), rel=0.03)


class TestEntrance:
    def test_pickle_and_clone(self, cdnow, fitted):
        again = pickle.loads(pickle.dumps(fitted))
        assert (again.expected_purchases(9, *cdnow.rfm) == fitted.expected_purchases(9, *cdnow.rfm)).all()
        assert clone(fitted).days_per_unit == 7

    @pytest.mark.parametrize(
        ("history", "rule"),
        [
            (([1, 2.5], [1, 2], [5, 5]), "whole number"),
            (([1, 2], [1, 6], [5, 5]), "recency <= T"),
            (([1, 0], [1, 2], [5, 5]), "exactly where frequency is 0"),
            (([1, 0], [1, np.nan], [5, 5]), "missing"),
            (([0, 0], [0, 0], [5, 5]), "no repeat purchase"),
            (([1, 2, 3], [1, 2], [5, 5]), "values, got shape"),
        ],
    )
    def test_impossible_histories_are_named(self, history, rule):
        with pytest.raises(DataError, match=rule):
            BetaGeoNBD().fit(*history)

    def test_unfitted(self):
        with pytest.raises(Exception, match="not fitted"):
            BetaGeoNBD().probability_alive(1, 1, 2)

    def test_errors_are_of_the_package(self):
        assert issubclass(DataError, ServiceliftError)


PARAMS = [(1.0, 1.0, 1.0, 1.0), (0.3, 3.0, 0.3, 0.5), (0.6, 60.0, 0.8, 4.0), (0.5, 1e-3, 0.8, 2.0)]


@pytest.mark.parametrize("params", PARAMS)
@pytest.mark.parametrize("age", [2.0, 30.0, 300.0])
def test_the_quadrature_is_exact_for_few_and_for_many_purchases(params, age):
    model = BetaGeoNBD()
    model.params_, model.limit_ = pd.Series(params, index=model.names), False
    x = np.array([0.0, 3.0, 10.0, 30.0, 60.0, 200.0])
    history = (x, np.where(x > 0, age / 2, 0.0), np.full(6, age))
    moments, alive = model.count_moments(*history, start_days=0, end_days=1_095), model.probability_alive(*history)
    r, alpha, a, b = params
    reach = 1_095.0 / (alpha + age)
    for k, count in enumerate(x):
        u = np.linspace(-200.0, 200.0, 40_001)
        p, rest = expit(u), b + count
        weights = (u[1] - u[0]) * np.exp(-a * np.logaddexp(0, -u) - rest * np.logaddexp(0, u) - betaln(a, rest))
        shape, left = r + count, np.log1p(p * reach)
        mean = weights @ (-np.expm1(-shape * left) / p)
        # int_0^reach u (1 + p u)^-(shape + 2) du, by parts, and by its first terms where p is next to nothing.
        gone = -np.expm1(-shape * left) / shape - reach * p * np.exp(-(shape + 1) * left)
        few = (shape + 2) * reach * p < 1e-5
        gone = np.where(few, (shape + 1) * (reach * p) ** 2 / 2 * (1 - (shape + 2) * reach * p * 2 / 3), gone)
        pairs = weights @ (2 * (1 - p) * shape * gone / p**2)
        assert moments.mean[k] == pytest.approx(alive[k] * mean, rel=1e-10)
        assert moments.pairs[k] == pytest.approx(alive[k] * pairs, rel=1e-7)


@pytest.mark.parametrize("alpha", [1.0, 0.03, 1e-2, 1e-3, 1e-5])
def test_newcomers_far_from_their_scale_get_what_the_hypergeometric_function_says(alpha):
    """FHL equation (9); the first purchase is nearly sure, and the chance to leave after each decides."""
    r, a, b, t = 0.5, 0.8, 2.0, 1_095.0
    model = BetaGeoNBD()
    model.params_, model.limit_ = pd.Series((r, alpha, a, b), index=model.names), False
    growth = (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, t / (alpha + t))
    assert model.expected_purchases_new(t)[0] == pytest.approx((a + b - 1) / (a - 1) * (1 - growth), rel=1e-7)
