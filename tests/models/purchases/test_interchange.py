"""Models carried to ``lifetimes`` and back: equal predictions, exact curvature, and refusals."""

import pickle
import warnings

import lifetimes
import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.fitting.likelihood import quiet_lifetimes
from servicelift.models.purchases.bgnbd import BetaGeoNBD, ModifiedBetaGeoNBD
from servicelift.models.purchases.gammagamma import GammaGamma
from servicelift.models.purchases.paretonbd import ParetoNBD
from servicelift.models.purchases.simulate import draw_customers, never_leaves

MODELS = [BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD]


@pytest.fixture(scope="module", params=MODELS, ids=lambda model: model.__name__)
def fitted(request, cdnow):
    return request.param(days_per_unit=7).fit(*cdnow.rfm)


@pytest.fixture(scope="module")
def spend(cdnow):
    return GammaGamma().fit(cdnow.summary["frequency"], cdnow.summary["monetary_value"])


def equal_predictions(model, fitter, rfm):
    for t in (1.0, 39.0, 120.0):
        theirs = np.asarray(fitter.predict(t, *rfm))
        assert model.expected_purchases(t, *rfm) == pytest.approx(theirs, rel=1e-9, abs=1e-12)
    alive = np.asarray(fitter.conditional_probability_alive(*rfm))
    assert model.probability_alive(*rfm) == pytest.approx(alive, rel=1e-9)


def test_a_model_predicts_alike_on_either_side(cdnow, fitted):
    fitter = fitted.to_lifetimes()
    equal_predictions(fitted, fitter, cdnow.rfm)
    assert not hasattr(fitter, "data")
    assert fitter.standard_errors_.to_numpy() == pytest.approx(np.sqrt(np.diag(fitted.covariance_)), rel=1e-12)
    again = type(fitted).from_lifetimes(fitter, days_per_unit=7)
    assert again.params_.to_numpy() == pytest.approx(fitted.params_.to_numpy(), rel=1e-14)
    assert again.get_params() == fitted.get_params()
    settings = {"horizon_days": 365.25, "annual_discount_rate": 0.1}
    values = [model.discounted_expected_purchases(*cdnow.rfm, **settings) for model in (fitted, again)]
    assert values[0] == pytest.approx(values[1], rel=1e-9)
    assert np.isnan(again.log_likelihood_)
    assert again.covariance_.isna().all(axis=None)


def test_a_fit_of_theirs_becomes_a_model_with_the_exact_curvature(cdnow, fitted):
    with quiet_lifetimes():
        fitter = getattr(lifetimes, fitted.fitter)().fit(*cdnow.rfm)
    model = type(fitted).from_lifetimes(fitter, days_per_unit=7)
    equal_predictions(model, fitter, cdnow.rfm)
    assert model.log_likelihood_ == pytest.approx(fitted.log_likelihood_, rel=1e-6)
    assert model.covariance_.to_numpy() == pytest.approx(fitted.covariance_.to_numpy(), rel=0.05)
    assert len(pickle.dumps(model)) < 5_000  # no customer


def test_spend_goes_both_ways(cdnow, spend):
    x, m = cdnow.summary["frequency"], cdnow.summary["monetary_value"]
    fitter = spend.to_lifetimes()
    theirs = fitter.conditional_expected_average_profit(x, m).to_numpy()
    assert spend.expected_spend(x, m) == pytest.approx(theirs, rel=1e-9)
    again = GammaGamma.from_lifetimes(fitter)
    assert again.expected_spend(x, m) == pytest.approx(theirs, rel=1e-9)
    assert "not known" in again.independence
    bought = x > 0
    with quiet_lifetimes():
        fitter = lifetimes.GammaGammaFitter().fit(x[bought], m[bought])
    model = GammaGamma.from_lifetimes(fitter)
    assert model.log_likelihood_ == pytest.approx(-4055.9177, abs=1e-3)
    assert model.correlation_ == pytest.approx(spend.correlation_)
    assert model.covariance_.to_numpy() == pytest.approx(spend.covariance_.to_numpy(), rel=0.05)


def test_expected_spend_is_the_published_formula(cdnow, spend):
    """Fader & Hardie's equation (5): a customer's own mean and the population's, weighted by what is known."""
    x, m = cdnow.summary["frequency"].to_numpy(), cdnow.summary["monetary_value"].to_numpy()
    p, q, v = spend.params_
    by_hand = np.where(x > 0, p * (v + x * m) / (p * x + q - 1), p * v / (q - 1))
    assert spend.expected_spend(x, m) == pytest.approx(by_hand, rel=1e-12)


def test_a_penalised_fit_tells_no_curvature(cdnow):
    with quiet_lifetimes():
        fitter = lifetimes.BetaGeoFitter(penalizer_coef=0.1).fit(*cdnow.rfm)
    model = BetaGeoNBD.from_lifetimes(fitter, days_per_unit=7)
    equal_predictions(model, fitter, cdnow.rfm)
    assert model.covariance_.isna().all(axis=None)


def test_what_lifetimes_cannot_hold_is_refused():
    rng = np.random.default_rng(5)
    rows = draw_customers(rng.uniform(100, 400, 1500), 0.0, never_leaves(1500), r=0.6, alpha=20.0, rng=rng)
    staying = BetaGeoNBD().fit(rows["frequency"], rows["recency"], rows["T"])
    assert staying.limit_ == "nbd"
    with pytest.raises(ModelError, match="NBD limit"):
        staying.to_lifetimes()
    nu, x = rng.gamma(0.6, 1.0, 2000), rng.integers(1, 6, 2000)
    heavy = GammaGamma().fit(x, rng.gamma(3.0 * x) / nu / x)
    with pytest.raises(ModelError, match="infinite"):
        heavy.to_lifetimes()


def test_other_fitters_are_refused(cdnow):
    with pytest.raises(ModelError, match="expected a BetaGeoFitter of lifetimes, got ParetoNBDFitter"):
        BetaGeoNBD.from_lifetimes(lifetimes.ParetoNBDFitter(), days_per_unit=1)
    with pytest.raises(ModelError, match="call its fit first"):
        BetaGeoNBD.from_lifetimes(lifetimes.BetaGeoFitter(), days_per_unit=1)
    broken = lifetimes.GammaGammaFitter()
    broken.params_ = pd.Series({"p": 1.0, "q": 0.9, "v": 3.0})
    with pytest.raises(ModelError, match="its data are gone"):
        GammaGamma.from_lifetimes(broken)
    broken.params_["v"] = np.nan
    with pytest.raises(ModelError, match="positive parameters"):
        GammaGamma.from_lifetimes(broken)


def test_carrying_and_predicting_leave_warnings_alone(cdnow, fitted):
    before = list(warnings.filters)
    fitted.to_lifetimes()
    fitted.probability_alive(*cdnow.rfm)
    assert warnings.filters == before
