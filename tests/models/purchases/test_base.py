"""BG/NBD, MBG/NBD and Pareto/NBD alike: published numbers, lifetimes, simulation, finite differences and laws."""

import pickle
import subprocess
import sys
import warnings

import lifetimes
import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.models.fitting.likelihood import delta_variance, maximise, quiet_lifetimes
from servicelift.models.purchases.bgnbd import BetaGeoNBD, ModifiedBetaGeoNBD
from servicelift.models.purchases.nbd import nbd_log_likelihood
from servicelift.models.purchases.paretonbd import ParetoNBD
from servicelift.models.purchases.simulate import draw_customers, leaves_at_any_time, leaves_by_purchase, never_leaves
from sklearn.base import clone

MODELS = [BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD]
PEERS = {
    BetaGeoNBD: lifetimes.BetaGeoFitter,
    ModifiedBetaGeoNBD: lifetimes.ModifiedBetaGeoFitter,
    ParetoNBD: lifetimes.ParetoNBDFitter,
}
PUBLISHED = {
    BetaGeoNBD: ((0.2426, 4.4136, 0.7929, 2.4259), -9582.4292, 0.786, 0.6256),
    ModifiedBetaGeoNBD: ((0.5248, 6.1830, 0.8914, 1.6140), -9582.1357, 0.765, 0.6273),
    ParetoNBD: ((0.5533, 10.578, 0.6062, 11.669), -9594.976, 0.755, 0.6302),
}


@pytest.fixture(scope="module", params=MODELS, ids=lambda model: model.__name__)
def fitted(request, cdnow):
    return request.param(days_per_unit=7).fit(*cdnow.rfm)


@pytest.fixture
def peer(fitted):
    """The fitter of lifetimes with our parameters."""
    fitter = PEERS[type(fitted)]()
    fitter.params_ = fitted.params_
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    return fitter


def likelihood_of(model, cdnow):
    x, t_x, T = cdnow.rfm
    return model.likelihood(pd.DataFrame({"frequency": x, "recency": t_x, "T": T}), np.ones_like(x))


def newcomers(model, n, rng, age, horizon):
    """Draw customers of a fitted model, of equal age."""
    r, alpha, *dropout = model.params_
    if isinstance(model, ParetoNBD):
        leaves = leaves_at_any_time(n, *dropout, rng)
    else:
        leaves = leaves_by_purchase(n, *dropout, rng, at_first=isinstance(model, ModifiedBetaGeoNBD))
    return draw_customers(np.full(n, age), horizon, leaves, r=r, alpha=alpha, rng=rng)


def test_published_parameters_likelihood_and_holdout(cdnow, fitted):
    params, total, error, correlation = PUBLISHED[type(fitted)]
    assert fitted.params_.to_numpy() == pytest.approx(params, rel=1e-4, abs=6e-5)
    assert fitted.log_likelihood_ == pytest.approx(total, abs=3e-4)
    through = "" if isinstance(fitted, ParetoNBD) else "fitted through lifetimes from the "
    assert (fitted.limit_, fitted.message_) == (None, f"{through}best of 3 starts")
    predicted = fitted.expected_purchases(39, *cdnow.rfm)
    assert np.abs(predicted - cdnow.holdout).mean() == pytest.approx(error, abs=6e-4)
    assert np.corrcoef(predicted, cdnow.holdout)[0, 1] == pytest.approx(correlation, abs=6e-5)


class TestAgainstLifetimes:
    def test_likelihood_of_any_parameters(self, cdnow, fitted, peer):
        ours = likelihood_of(fitted, cdnow)
        rng = np.random.default_rng(0)
        for _ in range(10):
            theta = np.log(fitted.params_.to_numpy()) + rng.normal(0, 0.7, 4)
            given = np.exp(theta) if isinstance(fitted, ParetoNBD) else theta
            with quiet_lifetimes():
                theirs = -peer._negative_log_likelihood(given, *cdnow.rfm, np.ones(2357), 0.0)
            assert ours(theta) == pytest.approx(theirs * (1 if isinstance(fitted, ParetoNBD) else 2357), rel=1e-11)

    @pytest.mark.parametrize("t", [1.0, 39.0, 150.0])
    def test_expected_purchases(self, cdnow, fitted, peer, t):
        theirs = peer.predict(t, *cdnow.rfm)
        assert fitted.expected_purchases(t, *cdnow.rfm) == pytest.approx(np.asarray(theirs), rel=1e-9, abs=1e-11)

    def test_probability_alive(self, cdnow, fitted, peer):
        x, t_x, T = cdnow.rfm
        theirs = np.asarray(peer.conditional_probability_alive(x, t_x, T))
        assert fitted.probability_alive(x, t_x, T) == pytest.approx(theirs, rel=1e-10)

    def test_new_customers(self, fitted, peer):
        times = np.array([1.0, 32.0, 78.0])
        theirs = peer.expected_number_of_purchases_up_to_time(times)
        assert fitted.expected_purchases_new(times) == pytest.approx(np.asarray(theirs), rel=1e-9)

    def test_the_loop_over_months(self, cdnow, fitted, peer):
        x, t_x, T = (pd.Series(column * 7) for column in cdnow.rfm)
        days = fitted.__class__()
        days.params_ = fitted.params_ * np.where(fitted.in_time, 7, 1)
        days.limit_, peer.params_ = None, days.params_
        loop = lifetimes.utils._customer_lifetime_value
        theirs = loop(peer, x, t_x, T, pd.Series(1.0, index=x.index), time=36, discount_rate=0.01, freq="D")
        rate = 1.01 ** (365.25 / 30) - 1
        ours = days.discounted_expected_purchases(
            x, t_x, T, horizon_days=36 * 30, annual_discount_rate=rate, step_days=30, discount_at="end"
        )
        assert ours == pytest.approx(theirs.to_numpy(), rel=1e-9)

    def test_their_fit_is_not_better(self, cdnow, fitted):
        fitter = PEERS[type(fitted)]()
        with quiet_lifetimes():
            fitter.fit(*cdnow.rfm)
        theirs = likelihood_of(fitted, cdnow)(np.log(fitter.params_.to_numpy()))
        assert theirs <= fitted.log_likelihood_ + 1e-9
        assert theirs == pytest.approx(fitted.log_likelihood_, rel=1e-6)

    def test_chance_of_a_purchase_of_pareto(self, cdnow):
        model = ParetoNBD(days_per_unit=7).fit(*cdnow.rfm)
        peer = lifetimes.ParetoNBDFitter()
        peer.params_ = model.params_
        few = [column[:60] for column in cdnow.rfm]
        theirs = 1 - peer.conditional_probability_of_n_purchases_up_to_time(0, 26.0, *few)
        moments = model.count_moments(*few, start_days=0, end_days=26 * 7)
        assert moments.some == pytest.approx(np.asarray(theirs), rel=1e-7)


class TestFit:
    def test_covariance_is_the_inverse_of_the_hessian_in_the_parameters_themselves(self, cdnow, fitted):
        """Second differences of the plain likelihood in r, alpha, ..., extrapolated (Richardson), then inverted."""
        total = likelihood_of(fitted, cdnow)
        at = fitted.params_.to_numpy()

        def hessian(size):
            steps = np.diag(at * size)
            return np.array(
                [
                    [
                        sum(s * t * total(np.log(at + s * e + t * f)) for s in (1, -1) for t in (1, -1))
                        / (4 * e.sum() * f.sum())
                        for f in steps
                    ]
                    for e in steps
                ]
            )

        exact = (4 * hessian(2e-3) - hessian(4e-3)) / 3
        ours = fitted.covariance_.to_numpy()
        assert (ours == ours.T).all()
        assert ours == pytest.approx(np.linalg.inv(-exact), rel=2e-3)

    def test_gradient_is_that_of_the_likelihood(self, cdnow, fitted):
        total = likelihood_of(fitted, cdnow)
        if not hasattr(total, "with_gradient"):
            pytest.skip("Pareto/NBD has no gradient in closed form")
        theta = np.log(fitted.params_.to_numpy()) + np.array([0.3, -0.2, 0.4, -0.5])
        value, slope = total.with_gradient(theta)
        differences = [(total(theta + e) - total(theta - e)) / 2e-5 for e in 1e-5 * np.eye(4)]
        assert value == pytest.approx(total(theta), rel=1e-14)
        assert slope == pytest.approx(differences, rel=1e-6)

    def test_every_start_ends_at_the_same_maximum(self, cdnow, fitted):
        total = likelihood_of(fitted, cdnow)
        centre = np.log(cdnow.summary["T"].mean()) * np.array(fitted.in_time)
        low, high = (np.log(edge) + centre for edge in fitted.box)
        for start in fitted.starts:
            best = maximise(total, [np.array(start) + centre], low, high)
            assert best.log_likelihood == pytest.approx(fitted.log_likelihood_, abs=1e-4)

    def test_simulated_parameters_come_back(self, fitted):
        rows = newcomers(fitted, 6000, np.random.default_rng(8), 60.0, 0.0)
        again = fitted.__class__(days_per_unit=7).fit(rows["frequency"], rows["recency"], rows["T"])
        z = (again.params_ - fitted.params_) / np.sqrt(np.diag(again.covariance_))
        assert (z.abs() < 3.5).all()

    @pytest.mark.parametrize("model", MODELS)
    def test_nobody_leaving_is_the_named_nbd_limit(self, model):
        rng = np.random.default_rng(5)
        age = rng.uniform(100, 400, 1500)
        rows = draw_customers(age, 0.0, never_leaves(1500), r=0.6, alpha=20.0, rng=rng)
        x, t_x, T = (rows[name].to_numpy() for name in ("frequency", "recency", "T"))
        fit = model().fit(x, t_x, T)
        assert fit.limit_ == "nbd"
        assert "nobody leaves, the NBD limit is used" in fit.message_
        assert fit.params_.iloc[2] == 0
        assert list(fit.covariance_) == ["r", "alpha"]
        assert fit.log_likelihood_ == pytest.approx(
            nbd_log_likelihood(np.log(fit.params_.to_numpy()[:2]), x, T, np.ones_like(x))
        )
        assert fit.expected_purchases(50.0, x, t_x, T) == pytest.approx(
            (fit.params_["r"] + x) / (fit.params_["alpha"] + T) * 50
        )
        assert model().fit(x, t_x, T, start=fit).limit_ == "nbd"

    @pytest.mark.parametrize("model", MODELS)
    def test_online_retail_is_the_limit_in_every_model(self, online_retail, model):
        fit = model(days_per_unit=7).fit(*online_retail.rfm)
        assert fit.limit_ == "nbd"
        assert fit.log_likelihood_ == pytest.approx(-21755.35, abs=5e-3)

    def test_weights_are_repetitions(self, cdnow, fitted):
        few = cdnow.summary.iloc[:400]
        weight = np.random.default_rng(1).integers(0, 4, len(few))
        again = few.loc[few.index.repeat(weight)]
        weighted = clone(fitted).fit(few["frequency"], few["recency"], few["T"], weight)
        repeated = clone(fitted).fit(again["frequency"], again["recency"], again["T"])
        assert weighted.params_.to_numpy() == pytest.approx(repeated.params_.to_numpy(), rel=1e-5)
        assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-9)

    def test_a_fit_continued_from_another_is_the_same_fit(self, cdnow, fitted):
        weight = np.random.default_rng(2).exponential(size=len(cdnow.summary))
        anew = clone(fitted).fit(*cdnow.rfm, weight)
        continued = clone(fitted).fit(*cdnow.rfm, weight, start=fitted)
        assert continued.params_.to_numpy() == pytest.approx(anew.params_.to_numpy(), rel=1e-3)

    def test_pickle_keeps_the_fit_and_no_customer(self, cdnow, fitted):
        stored = pickle.dumps(fitted)
        assert len(stored) < 5_000
        again = pickle.loads(stored)
        assert (again.expected_purchases(9, *cdnow.rfm) == fitted.expected_purchases(9, *cdnow.rfm)).all()


class TestExpectations:
    def test_counts_to_come_of_new_customers_have_the_moments_of_a_simulation(self, fitted):
        n, start, end = 300_000, 10.0, 60.0
        later = newcomers(fitted, n, np.random.default_rng(1), start, end - start)["later"]
        moments = fitted.count_moments(0, 0.0, 0.0, start_days=start * 7, end_days=end * 7)
        pairs = later * (later - 1)
        for exact, drawn in ((moments.some, later > 0), (moments.mean, later), (moments.pairs, pairs)):
            assert exact[0] == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(n))

    def test_those_like_a_customer_go_on_as_he_is_expected_to(self, fitted):
        """Of many drawn customers, those with x = 2 in a band of recency, against their expectation."""
        rows = newcomers(fitted, 400_000, np.random.default_rng(3), 40.0, 30.0)
        alike = rows[(rows["frequency"] == 2) & rows["recency"].between(20, 30)]
        assert len(alike) > 3000
        expected = fitted.expected_purchases(30.0, alike["frequency"], alike["recency"], alike["T"])
        assert expected.mean() == pytest.approx(alike["later"].mean(), abs=4 * alike["later"].std() / len(alike) ** 0.5)

    def test_an_infinite_horizon_is_the_limit_of_long_ones(self, fitted):
        few = (np.array([0, 1, 4, 29]), np.array([0.0, 12.0, 30.0, 38.0]), np.array([38.0, 20.0, 36.0, 38.9]))
        forever = fitted.discounted_expected_purchases(*few, horizon_days=np.inf, annual_discount_rate=0.1)
        years = {"horizon_days": 300 * 365.25, "annual_discount_rate": 0.1, "step_days": 7.0}
        assert forever == pytest.approx(fitted.discounted_expected_purchases(*few, **years), rel=2e-6)
        skipped = fitted.discounted_expected_purchases(
            *few, horizon_days=np.inf, annual_discount_rate=0.1, skip_days=70.0, step_days=7.0
        )
        first = fitted.discounted_expected_purchases(*few, horizon_days=70.0, annual_discount_rate=0.1, step_days=7.0)
        assert skipped + first == pytest.approx(forever)

    def test_without_discount_infinity_converges_only_where_the_dropout_is_strong(self, fitted):
        settings = {"horizon_days": np.inf, "annual_discount_rate": 0.0}
        with pytest.raises(DataError, match="discount rate above 0"):
            fitted.discounted_expected_purchases(1, 5.0, 9.0, **settings)
        strong = fitted.with_params(np.log([0.6, 8.0, 4.0, 30.0 if isinstance(fitted, ParetoNBD) else 3.0]))
        forever = strong.discounted_expected_purchases(1, 5.0, 9.0, **settings)
        assert forever == pytest.approx(strong.expected_purchases(1e7, 1, 5.0, 9.0), rel=1e-6)
        tiny = strong.discounted_expected_purchases(1, 5.0, 9.0, horizon_days=np.inf, annual_discount_rate=1e-9)
        assert forever == pytest.approx(tiny, rel=1e-5)

    def test_horizons_add_up_and_no_rate_means_no_discount(self, cdnow, fitted):
        def value(skip, horizon, rate):
            return fitted.discounted_expected_purchases(
                *cdnow.rfm, skip_days=skip, horizon_days=horizon, annual_discount_rate=rate, step_days=10
            )

        assert value(0, 100, 0.1) + value(100, 250, 0.1) == pytest.approx(value(0, 250, 0.1))
        assert value(0, 70, 0.0) == pytest.approx(fitted.expected_purchases(10, *cdnow.rfm))
        assert (value(50, 50, 0.1) == 0).all()

    def test_very_many_purchases_stay_finite(self, fitted):
        """The hypergeometric form of lifetimes overflows there."""
        x, t_x, T = np.array([900, 2000]), np.array([300.0, 364.0]), np.array([310.0, 364.0])
        assert (fitted.probability_alive(x, t_x, T) >= 0).all()
        assert fitted.probability_alive(x, t_x, T)[1] > 0.5
        assert np.isfinite(fitted.expected_purchases(52.0, x, t_x, T)).all()

    def test_the_variance_from_parameters_is_that_of_drawn_ones(self, cdnow, fitted):
        few = [column[:20] for column in cdnow.rfm]
        theta = np.log(fitted.params_.to_numpy())

        def predict(at):
            return fitted.with_params(at).expected_purchases(39.0, *few)

        exact = delta_variance(predict, theta, fitted.covariance_.to_numpy())
        spread = fitted.covariance_.to_numpy() / np.outer(fitted.params_, fitted.params_)
        draws = np.random.default_rng(0).multivariate_normal(theta, spread, 150)
        drawn = np.var([predict(draw) for draw in draws], axis=0)
        assert np.sqrt(exact) == pytest.approx(np.sqrt(drawn), rel=0.3)


def test_warning_filters_are_left_as_they_were_even_at_the_first_import():
    script = (
        "import warnings, numpy as np; before = list(warnings.filters)\n"
        "from servicelift.models.purchases.value import NonContractualCLV\n"
        "import pandas as pd\n"
        "x = np.array([0., 1, 2, 3, 1, 0, 5, 2] * 9); T = np.linspace(50, 99, len(x)); t = np.where(x > 0, T * .7, 0)\n"
        "m = np.where(x > 0, 3 + np.arange(len(x)) % 5, 0.)\n"
        "after_import = list(warnings.filters)\n"
        "rows = pd.DataFrame({'frequency': x, 'recency': t, 'T': T, 'monetary_value': m})\n"
        "for name in ('bgnbd', 'mbgnbd', 'paretonbd'): NonContractualCLV(name).fit(rows)\n"
        "assert 'lifetimes' in __import__('sys').modules\n"
        "assert warnings.filters == after_import, warnings.filters\n"
        "assert not [f for f in after_import if f not in before and f[2] is FutureWarning]\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_lifetimes_itself_does_change_the_filters(cdnow):
    """What the door keeps out is there: without it, a filter stays behind."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        lifetimes.BetaGeoFitter._negative_log_likelihood(np.zeros(4), *cdnow.rfm, np.ones(2357), 0.0)
        assert warnings.filters != []
