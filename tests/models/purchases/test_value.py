"""Non-contractual CLV: the product of its parts, its interval, its benchmark and its entrance."""

import pickle

import lifetimes
import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.models.purchases.value import PURCHASE_MODELS, NonContractualCLV
from sklearn.base import clone

YEAR = {"horizon_months": 12, "annual_discount_rate": 0.1}


@pytest.fixture(scope="module")
def summary(cdnow):
    days = cdnow.summary.copy()
    days[["recency", "T"]] = (days[["recency", "T"]] * 7).round()
    return days.reset_index(drop=True)


@pytest.fixture(scope="module")
def fitted(summary):
    return NonContractualCLV().fit(summary)


def test_value_equals_the_lifetimes_loop_up_to_the_moment_of_payment(summary, fitted):
    """Theirs discounts whole months of 30 days from their end; ours of 365.25 / 12 days from the middle."""
    purchases, spend = lifetimes.BetaGeoFitter(), lifetimes.GammaGammaFitter()
    purchases.params_, spend.params_ = fitted.purchases_.params_, fitted.spend_.params_
    purchases.predict = purchases.conditional_expected_number_of_purchases_up_to_time
    columns = [summary[name] for name in ("frequency", "recency", "T", "monetary_value")]
    theirs = spend.customer_lifetime_value(purchases, *columns, time=12, discount_rate=0.0, freq="D")
    ours = fitted.predict(summary, horizon_months=360 / (365.25 / 12), annual_discount_rate=0.0)
    assert ours == pytest.approx(theirs.to_numpy(), rel=1e-8)


def test_horizons_add_up(summary, fitted):
    late = fitted.predict(summary, horizon_months=36, annual_discount_rate=0.1, skip_months=12)
    whole = fitted.predict(summary, horizon_months=36, annual_discount_rate=0.1)
    assert fitted.predict(summary, **YEAR) + late == pytest.approx(whole)


def test_discounting_by_month_equals_discounting_by_day(summary, fitted):
    rows = summary.iloc[:50]
    arguments = (rows["frequency"], rows["recency"], rows["T"])
    settings = {"horizon_days": 365.25, "annual_discount_rate": 0.1}
    monthly = fitted.purchases_.discounted_expected_purchases(*arguments, **settings)
    daily = fitted.purchases_.discounted_expected_purchases(*arguments, **settings, step_days=1)
    assert monthly == pytest.approx(daily, rel=1e-4)


def test_a_customer_who_never_bought_is_worth_nothing_and_keeps_his_row(summary, fitted):
    rows = summary.iloc[[0, 1, 2]].astype(float).copy()
    rows.index = [7, 7, 3]
    rows.iloc[1] = [0, 0, np.nan, 0]
    value = fitted.predict(rows, **YEAR)
    assert value[1] == 0
    assert value[[0, 2]] == pytest.approx(fitted.predict(summary.iloc[[0, 2]], **YEAR))
    low, high = fitted.predict_interval(rows, **YEAR)
    assert (low[1], high[1]) == (0, 0)
    assert fitted.predict(rows.iloc[[1]], **YEAR).tolist() == [0]
    assert NonContractualCLV.naive(rows, horizon_days=100)[1] == 0


def test_rows_who_never_bought_teach_nothing(summary, fitted):
    more = pd.concat([summary, summary.iloc[:5].assign(T=np.nan)])
    again = NonContractualCLV().fit(more)
    assert again.purchases_.params_.equals(fitted.purchases_.params_)


def test_naive_goes_on_as_before():
    rows = pd.DataFrame(
        {"frequency": [2, 0, 1], "recency": [10, 0, 0], "T": [20, 5, 0], "monetary_value": [7.0, 0.0, 4.0]}
    )
    assert NonContractualCLV.naive(rows, horizon_days=30) == pytest.approx([2 / 20 * 30 * 7.0, 0, 0])


@pytest.mark.parametrize("history", [(0, 0, 272, 0.0), (2, 213, 272, 22.35), (10, 260, 270, 40.0), (4, 200, 260, 30.0)])
def test_interval_covers_simulated_revenue(fitted, history):
    """At least 95% inside, and not far more: the gamma shape errs on the wide side."""
    x, t_x, T, m = history
    rng, draws = np.random.default_rng(4), 40_000
    r, alpha, a, b = fitted.purchases_.params_
    p, q, v = fitted.spend_.params_
    rate, leaves = rng.gamma(r + x, 1 / (alpha + T), draws), rng.beta(a, b + x, draws)
    alive = rng.random(draws) < fitted.purchases_.probability_alive(x, t_x, T)[0]
    n = np.minimum(rng.poisson(rate * 3 * 365.25), rng.geometric(leaves)) * alive
    nu = rng.gamma(q + p * x, 1 / (v + x * m), draws)
    revenue = np.where(n > 0, rng.gamma(np.maximum(p * n, 1e-9)) / nu, 0.0)
    row = pd.DataFrame({"frequency": [x], "recency": [t_x], "T": [T], "monetary_value": [m]})
    settings = {"horizon_months": 36, "annual_discount_rate": 0.0}
    low, high = fitted.predict_interval(row, **settings)
    value = fitted.predict(row, **settings)[0]
    assert value == pytest.approx(revenue.mean(), rel=0.05)
    assert low[0] <= value <= high[0]
    assert 0.95 <= ((revenue >= low) & (revenue <= high)).mean() <= 0.99
    assert high[0] < 1.35 * np.quantile(revenue, 0.975)


def test_interval_holds_its_law(summary, fitted):
    rows = summary.iloc[:300]
    low, high = fitted.predict_interval(rows, **YEAR)
    narrow_low, narrow_high = fitted.predict_interval(rows, **YEAR, level=0.5)
    assert (low >= 0).all()
    assert (low <= narrow_low).all()
    assert (narrow_high <= high).all()
    alone = fitted.predict_interval(rows.iloc[[17]], **YEAR)
    assert (alone[0][0], alone[1][0]) == pytest.approx((low[17], high[17]))


def test_weight_zero_is_absence(summary):
    weight = (np.arange(len(summary)) % 2).astype(float)
    weighted = NonContractualCLV().fit(summary, sample_weight=weight)
    halved = NonContractualCLV().fit(summary[weight > 0])
    assert weighted.predict(summary, **YEAR) == pytest.approx(halved.predict(summary, **YEAR), rel=1e-5)


def test_a_fit_continued_from_another_is_the_same_fit(summary, fitted):
    weight = np.random.default_rng(2).exponential(size=len(summary))
    anew = NonContractualCLV().fit(summary, weight).predict(summary, **YEAR)
    continued = NonContractualCLV().fit(summary, weight, start=fitted).predict(summary, **YEAR)
    assert continued == pytest.approx(anew, rel=1e-3)


def test_pickle_clone_and_privacy(summary, fitted):
    stored = pickle.dumps(fitted)
    assert len(stored) < 10_000
    assert (pickle.loads(stored).predict(summary, **YEAR) == fitted.predict(summary, **YEAR)).all()
    assert isinstance(clone(fitted), NonContractualCLV)


def test_missing_columns_and_empty_lines_are_named(summary):
    with pytest.raises(DataError, match="monetary_value missing"):
        NonContractualCLV().fit(summary.drop(columns="monetary_value"))
    with pytest.raises(DataError, match="no purchase to learn from"):
        NonContractualCLV().fit(summary.iloc[:5].assign(T=np.nan))


@pytest.mark.parametrize("name", list(PURCHASE_MODELS))
def test_any_purchase_model_gives_the_product_of_its_parts(summary, name):
    model = NonContractualCLV(name).fit(summary)
    assert type(model.purchases_) is PURCHASE_MODELS[name]
    columns = [summary[column] for column in ("frequency", "recency", "T")]
    settings = {"horizon_days": 365.25, "annual_discount_rate": 0.1}
    purchases = model.purchases_.discounted_expected_purchases(*columns, **settings)
    spend = model.spend_.expected_spend(summary["frequency"], summary["monetary_value"])
    assert model.predict(summary, **YEAR) == pytest.approx(purchases * spend)
    low, high = model.predict_interval(summary, **YEAR)
    assert ((low >= 0) & (low <= high)).all()
    assert model.notes[0].startswith("purchases: ")
    assert model.notes[0].endswith("best of 3 starts")
    assert clone(model).purchase_model == name


def test_an_infinite_horizon_has_a_value_and_no_interval(summary, fitted):
    forever = {"horizon_months": np.inf, "annual_discount_rate": 0.1}
    value = fitted.predict(summary, **forever)
    assert value == pytest.approx(fitted.predict(summary, horizon_months=12 * 200, annual_discount_rate=0.1), rel=1e-4)
    with pytest.raises(DataError, match="expected a finite horizon"):
        fitted.predict_interval(summary, **forever)


def test_uncertain_parameters_widen_an_interval(summary):
    """Learnt from a hundred customers, the same parameters are worth less than from a thousand."""
    few = NonContractualCLV().fit(summary.iloc[:150])
    sure = NonContractualCLV().fit(summary.iloc[:150])
    for part in (sure.purchases_, sure.spend_):
        part.covariance_ = part.covariance_ / 1e6
    wide, narrow = (model.predict_interval(summary.iloc[:80], **YEAR)[1] for model in (few, sure))
    assert (wide >= narrow - 1e-9).all()
    assert (wide > narrow * 1.005).any()


def test_an_unknown_purchase_model_is_named(summary):
    with pytest.raises(DataError, match="expected a purchase model of bgnbd, mbgnbd, paretonbd, got 'nbd'"):
        NonContractualCLV("nbd").fit(summary)
