"""Value over lines: horizons in one pass, interpolated, adding up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.contract_state import ContractState
from servicelift.core.records import ClvInputs
from servicelift.models.portfolio import ClvModel, PortfolioCLV, at_risk, parameter_error
from servicelift.models.purchases.bgnbd import BetaGeoNBD
from servicelift.models.purchases.value import NonContractualCLV
from servicelift.models.subscriptions.value import ContractualCLV


@pytest.fixture(scope="module")
def summary():
    rng = np.random.default_rng(0)
    n = 600
    age = rng.integers(100, 700, n).astype(float)
    frequency = rng.poisson(age / 150).astype(float)
    recency = np.where(frequency > 0, np.ceil(age * rng.uniform(0.2, 1, n)), 0.0)
    spend = np.where(frequency > 0, rng.gamma(4, 5, n), 0.0)
    return pd.DataFrame({"frequency": frequency, "recency": recency, "T": age, "monetary_value": spend})


@pytest.fixture(scope="module")
def line(summary):
    return NonContractualCLV().fit(summary)


def test_several_horizons_in_one_pass_equal_one_at_a_time(summary, line):
    together = line.predict_months(summary, months=(0, 3, 24), annual_discount_rate=0.1)
    assert (together[:, 0] == 0).all()
    for place, months in ((1, 3), (2, 24)):
        alone = line.predict(summary, horizon_months=months, annual_discount_rate=0.1)
        np.testing.assert_allclose(together[:, place], alone, rtol=1e-10)


def test_purchases_by_month_add_up(summary, line):
    model: BetaGeoNBD = line.purchases_
    columns = [summary[name] for name in ("frequency", "recency", "T")]
    by_month = model.discounted_by_months(*columns, months=(1, 2, 12), annual_discount_rate=0.0)
    assert (np.diff(by_month, axis=1) > 0).all()
    expected = model.expected_purchases(12 * 365.25 / 12, *columns)
    np.testing.assert_allclose(by_month[:, 2], expected, rtol=1e-9)


def test_a_fit_continued_from_another_reaches_the_same_maximum(summary, line):
    again = NonContractualCLV().fit(summary, start=line)
    assert again.purchases_.log_likelihood_ == pytest.approx(line.purchases_.log_likelihood_, rel=1e-7)
    assert again.spend_.log_likelihood_ == pytest.approx(line.spend_.log_likelihood_, rel=1e-7)


def test_horizons_between_months_are_interpolated_and_lines_add(summary, line):
    one = PortfolioCLV(None, {"shop": line}, 0.5, 0.1)
    two = PortfolioCLV(None, {"shop": line, "fair": line}, 0.5, 0.1)
    inputs = ClvInputs(pd.DataFrame(index=summary.index), None, {"shop": summary, "fair": summary})
    five, half, six = one.predict_horizons(inputs, months=(5, 5.5, 6)).T
    np.testing.assert_allclose(half, (five + six) / 2)
    np.testing.assert_allclose(two.predict(inputs, horizon_months=6), 2 * six)
    low, high = one.predict_interval(inputs, horizon_months=6)
    assert ((low <= six + 1e-9) & (six <= high + 1e-9)).all()


def test_parameters_that_are_unsure_widen_the_interval(subscribers):
    world = subscribers(1_500, seed=2)
    work = ContractualCLV(margin_rate=0.4).prepare(world.features, world.contract, world.leads, None, world.money)
    final = ContractualCLV(margin_rate=0.4).refit(work)
    inputs = ClvInputs(world.features, world.contract, {})
    rng = np.random.default_rng(1)
    twins = [ContractualCLV(margin_rate=0.4).refit(work, rng.exponential(size=1_500)) for _ in range(3)]
    assert parameter_error(final, [final, final], inputs, horizon_months=24) == 0
    assert parameter_error(final, twins[:1], inputs, horizon_months=24) == 0
    share = parameter_error(final, twins, inputs, horizon_months=24)
    assert 0.01 < share < 0.3
    whole = PortfolioCLV(final, {}, 0.4, 0.1)
    mean = whole.predict(inputs, horizon_months=24)
    low, high = whole.predict_interval(inputs, horizon_months=24)
    wide_low, wide_high = whole.predict_interval(inputs, horizon_months=24, parameter_error=share)
    np.testing.assert_allclose((mean - wide_low) ** 2 - (mean - low) ** 2, (1.959964 * share * mean) ** 2, rtol=1e-5)
    assert (wide_high > high).all()


def test_the_contract_state_is_checked_once_at_the_door(subscribers, monkeypatch):
    """However many models predict, and however often: the frame is read where it comes in."""
    checks = []
    read = ContractState.of.__func__
    monkeypatch.setattr(
        ContractState, "of", classmethod(lambda cls, *given: checks.append(len(given[0])) or read(cls, *given))
    )
    world = subscribers(1_500, seed=2)
    work = ContractualCLV(margin_rate=0.4).prepare(world.features, world.contract, world.leads, None, world.money)
    assert checks == [1_500]
    rng = np.random.default_rng(1)
    weights = [None, *rng.exponential(size=(3, 1_500))]
    parts = [PortfolioCLV(ContractualCLV(margin_rate=0.4).refit(work, w), {}, 0.4, 0.1) for w in weights]
    model = ClvModel(parts[0], tuple(parts[1:]), parts[0], 24, 0)
    checks.clear()
    inputs = ClvInputs(world.features, world.contract, {})
    assert checks == [1_500]
    checks.clear()
    values = [one.predict(inputs, horizon_months=24) for one in (model.final, *model.bootstrap, model.evaluation)]
    model.final.predict_interval(inputs, horizon_months=24)
    model.final.predict_horizons(inputs.take(np.arange(10)), months=(6, 12.5))
    at_risk(model.final, inputs, horizon_months=24)
    assert checks == []
    frame = model.predict_frame(inputs.to_frame())
    assert checks == [1_500]
    np.testing.assert_array_equal(frame["clv"], values[0])
    checks.clear()
    direct = model.final.contractual.predict(world.features, world.contract, horizon_months=24)
    assert checks == [1_500]
    np.testing.assert_array_equal(direct, values[0])


def test_what_is_bought_without_a_contract_is_never_worth_less_than_nothing(summary, line):
    inputs = ClvInputs(pd.DataFrame(index=summary.index), None, {"shop": summary})
    valued = PortfolioCLV(None, {"shop": line}, 0.35, 0.1).valuation(inputs, horizon_months=24)
    quiet = line.predict_interval(summary, horizon_months=24, annual_discount_rate=0.1)[0] == 0
    assert quiet.sum() > 50
    assert (valued.low[quiet] == 0).all()
    assert (valued.low >= 0).all()
