"""Static covariates: drawn coefficients come back, laws of the models hold, and what was never seen counts average."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.models.purchases.simulate import draw_customers, leaves_at_any_time, leaves_by_purchase
from servicelift.models.purchases.value import NonContractualCLV

GAMMA, DELTA = 0.7, 0.6


def drawn(model: str, seed: int, n: int = 1_500, horizon: float = 0.0) -> pd.DataFrame:
    """Half of the customers came by the web: they buy exp(GAMMA) times as often and leave exp(DELTA) times sooner."""
    rng = np.random.default_rng(seed)
    parts = []
    for channel, z in (("post", 0.0), ("web", 1.0)):
        if model == "paretonbd":
            leaves = leaves_at_any_time(n, 0.9, 300.0 * np.exp(-DELTA * z), rng)
        else:
            leaves = leaves_by_purchase(n, 0.9 * np.exp(DELTA * z), 4.0, rng, at_first=model == "mbgnbd")
        age = rng.uniform(200, 700, n)
        rows = draw_customers(
            age, horizon, leaves, r=0.8, alpha=60.0 * np.exp(-GAMMA * z), rng=rng, spend=(5.0, 4.5, 25.0)
        )
        parts.append(rows.assign(channel=channel))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module", params=["bgnbd", "mbgnbd", pytest.param("paretonbd", marks=pytest.mark.slow)], ids=str)
def world(request):
    rows = drawn(request.param, 1, horizon=200.0)
    return request.param, rows, NonContractualCLV(request.param, ("channel",)).fit(rows)


def test_drawn_coefficients_come_back(world):
    _, _, model = world
    (rate,) = model.covariates_.rate_
    (dropout,) = model.covariates_.dropout_
    sign = 1 if model.covariates_.rate_.index[0] == "channel=web" else -1
    assert sign * rate == pytest.approx(GAMMA, abs=0.2)
    assert sign * dropout == pytest.approx(DELTA, abs=0.4)
    assert model.covariates_.log_likelihood_ > model.purchases_.log_likelihood_ + 20


def test_forecasts_of_each_channel_are_its_own(world):
    """Purchases of the next 200 days by channel: those that come, where the plain model mixes the channels."""
    name, rows, model = world
    plain = NonContractualCLV(name).fit(rows)
    months = 200 / (365.25 / 12)
    web = (rows["channel"] == "web").to_numpy()
    off = {}
    for label, each in (("with", model), ("plain", plain)):
        value = each.predict(rows, horizon_months=months, annual_discount_rate=0.0)
        off[label] = max(abs(value[part].sum() / rows["revenue"][part].sum() - 1) for part in (web, ~web))
    assert off["with"] < 0.15, off
    assert off["with"] < off["plain"], off


def test_months_and_interval_agree_with_the_value(world):
    _, rows, model = world
    few = rows.iloc[::60]
    settings = {"annual_discount_rate": 0.1}
    months = model.predict_months(few, months=(12, 24), **settings)
    value = model.predict(few, horizon_months=24, **settings)
    np.testing.assert_allclose(months[:, 1], value, rtol=1e-6)
    low, high = model.predict_interval(few, horizon_months=24, **settings)
    assert (low <= np.minimum(value, high)).all()
    assert high.mean() > value.mean()
    back = model.predict(few[::-1], horizon_months=24, **settings)[::-1]
    np.testing.assert_array_equal(back, value)


def test_what_was_never_seen_counts_like_the_average_and_what_is_missing_is_said(world):
    _, rows, model = world
    one = rows.iloc[[0, 0, 0, 0]].assign(channel=["post", "web", "radio", None])
    post, web, radio, none = model.predict(one, horizon_months=24, annual_discount_rate=0.1)
    assert radio == none
    assert 0.95 * min(post, web) <= radio <= 1.05 * max(post, web)
    with pytest.raises(DataError, match="covariate 'channel', it is missing"):
        model.predict(rows.drop(columns="channel"), horizon_months=24, annual_discount_rate=0.1)


def test_a_constant_covariate_changes_nothing():
    rows = drawn("bgnbd", 2, 400).assign(channel="post")
    with_it = NonContractualCLV("bgnbd", ("channel",)).fit(rows)
    without = NonContractualCLV("bgnbd").fit(rows)
    settings = {"horizon_months": 12, "annual_discount_rate": 0.1}
    np.testing.assert_allclose(with_it.predict(rows, **settings), without.predict(rows, **settings), rtol=1e-3)


def test_numbers_of_too_many_values_are_refused():
    rows = drawn("bgnbd", 3, 300)
    rows["height"] = np.arange(len(rows)) / 7
    with pytest.raises(DataError, match="expected at most 200 different combinations of the covariates height, got"):
        NonContractualCLV("bgnbd", ("height",)).fit(rows)
