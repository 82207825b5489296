"""Purchases to come with seasons: a plain model where nothing differs, and the future drawn where it does."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.core.seasons import AS_OF_DAY, day_number, in_season
from servicelift.models.purchases.simulate import draw_customers, leaves_by_purchase
from servicelift.models.purchases.value import PURCHASE_MODELS, NonContractualCLV

from tests.models.purchases.test_clock import SEASONS, bought

CHRISTMAS = {"christmas": ["11-20/12-24"]}
ASKED = {"horizon_months": 24, "annual_discount_rate": 0.1}


def plain_rows(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    age = rng.integers(100, 900, n).astype(float)
    rows = draw_customers(age, 0, leaves_by_purchase(n, 0.8, 4.0, rng), r=0.8, alpha=50.0, rng=rng, spend=(5, 4.5, 25))
    rows["recency"] = np.where(rows["frequency"] > 0, np.clip(np.ceil(rows["recency"]), 1, age), 0)
    return rows.assign(**{AS_OF_DAY: float(day_number(dt.date(2024, 3, 1)))})


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_a_season_that_never_comes_changes_nothing(name: str) -> None:
    rows = plain_rows().assign(**{in_season("never"): 0.0})
    plain = NonContractualCLV(name).fit(rows)
    seasonal = NonContractualCLV(name, seasons={"never": ["1991-01-01"]}).fit(rows)
    assert seasonal.purchases_.params_.to_numpy() == pytest.approx(plain.purchases_.params_.to_numpy(), rel=1e-4)
    seasonal.purchases_ = plain.purchases_  # an equal fit ends at the last digits elsewhere
    assert seasonal.predict(rows, **ASKED) == pytest.approx(plain.predict(rows, **ASKED), rel=2e-5)
    assert seasonal.predict(rows, **ASKED, skip_months=5.5) == pytest.approx(
        plain.predict(rows, **ASKED, skip_months=5.5), rel=2e-5
    )
    months = {"months": [3, 0, 24], "annual_discount_rate": 0.1}
    assert seasonal.predict_months(rows, **months) == pytest.approx(plain.predict_months(rows, **months), rel=2e-5)
    ours, theirs = (model.predict_interval(rows, **ASKED) for model in (seasonal, plain))
    assert ours[1] == pytest.approx(theirs[1], rel=2e-5)


def test_the_forecast_of_a_season_is_right_where_a_plain_one_is_not() -> None:
    """Customers are looked at before Christmas; what they buy in the 60 days after it begins is counted."""
    now = day_number(dt.date(2023, 11, 20))
    whole = bought(4_000, 11)
    model = NonContractualCLV("bgnbd", seasons=SEASONS).fit(whole)
    plain = NonContractualCLV("bgnbd").fit(whole)
    # The same customers in expectation, looked at a hundred days earlier: their whole future is known to the model.
    months = {"months": [1, 12], "annual_discount_rate": 0.0}
    early = whole[whole["T"] > 500].assign(**{AS_OF_DAY: float(now)})
    first, year = model.predict_months(early, **months).sum(axis=0)
    flat_first, flat_year = plain.predict_months(early, **months).sum(axis=0)
    # 30 days at three times the pace, of a year that is as long as 398 ordinary days: 2.75 times as large a share.
    assert 2.5 < (first / year) / (flat_first / flat_year) < 3.0
    ordinary = early.assign(**{AS_OF_DAY: float(day_number(dt.date(2024, 2, 1)))})
    spring, _ = model.predict_months(ordinary, **months).sum(axis=0)
    assert 0.28 < spring / first < 0.42


def test_expectations_are_the_mean_of_futures_that_are_drawn() -> None:
    rng = np.random.default_rng(5)
    rows = bought(1_200, 12)
    model = NonContractualCLV("bgnbd", seasons=CHRISTMAS).fit(rows)
    one = rows.iloc[[int(np.argmax(rows["frequency"].to_numpy()))]].assign(
        **{AS_OF_DAY: float(day_number(dt.date(2023, 11, 1)))}
    )
    clock, fit = model.clock_, model.purchases_
    told = clock.told(one)
    x, t_x, age = (float(told[name].iloc[0]) for name in ("frequency", "recency", "T"))
    n, (r, alpha, a, b) = 40_000, fit.params_
    rate = rng.gamma(r + x, 1 / (alpha + age), n)
    leaves = rng.beta(a, b + x, n)
    alive = rng.random(n) < fit.probability_alive([x], [t_x], [age])[0]
    steps = clock.ahead(one[AS_OF_DAY], [0.0, *np.arange(1, 4) * 365.25 / 12])[0]
    count = np.zeros((n, 3))
    at, here = np.zeros(n), alive.copy()
    while here.any():
        at = at + np.where(here, rng.exponential(1 / rate), 0.0)
        here &= at < steps[-1]
        month = np.searchsorted(steps, at, side="right") - 1
        count[np.flatnonzero(here), month[here]] += 1
        here &= rng.random(n) >= leaves
    expected = model.predict_months(one, months=[1, 2, 3], annual_discount_rate=0.0)[0]
    spend = float(model.spend_.expected_spend(one["frequency"], one["monetary_value"])[0])
    drawn = np.cumsum(count.mean(axis=0)) * spend
    error = np.cumsum(count, axis=1).std(axis=0) / np.sqrt(n) * spend
    assert (np.abs(drawn - expected) < 4 * error).all(), (drawn, expected, error)
    assert expected[1] - expected[0] > 1.5 * (expected[2] - expected[1]), "December is more than January"


def test_covariates_and_seasons_go_together() -> None:
    rows = bought(600, 13).assign(channel=np.where(np.arange(600) % 2, "web", "post"))
    model = NonContractualCLV("bgnbd", ["channel"], SEASONS).fit(rows)
    alone = NonContractualCLV("bgnbd", seasons=SEASONS).fit(rows)
    assert model.predict(rows, **ASKED) == pytest.approx(alone.predict(rows, **ASKED), rel=0.25, abs=1.0)
    low, high = model.predict_interval(rows, **ASKED)
    assert (low <= high).all()
    assert model.clock_.pace_.equals(alone.clock_.pace_)
    assert any("seasons, against ordinary days: christmas: " in line for line in model.notes)


def test_an_infinite_horizon_is_refused() -> None:
    rows = bought(200, 14)
    model = NonContractualCLV("bgnbd", seasons=SEASONS).fit(rows)
    with pytest.raises(DataError, match=r"finite horizon for a line with seasons"):
        model.predict(rows, horizon_months=float("inf"), annual_discount_rate=0.1)
