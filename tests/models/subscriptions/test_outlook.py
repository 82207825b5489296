"""One pass over the months tells what three passes tell, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.records import ClvInputs
from servicelift.models.portfolio import PortfolioCLV, at_risk
from servicelift.models.subscriptions.hazard import LandmarkHazard
from servicelift.models.subscriptions.loss_by_cause import value_by_cause
from servicelift.models.subscriptions.outlook import outlook
from servicelift.models.subscriptions.value import ContractualCLV

MONTHS = 24


@pytest.fixture(scope="module")
def world(subscribers):
    return subscribers(2_000, seed=6, cards=0.03)


@pytest.fixture(scope="module")
def contract(world):
    """The world's contracts, every seventh ended, every eleventh never begun."""
    ended = world.contract.copy()
    ended.loc[ended.index[::7], ["running", "months_since_end"]] = [False, 3.0]
    ended.loc[ended.index[::11], ["running", "months_since_end"]] = [False, np.nan]
    return ended


@pytest.fixture(scope="module")
def fitted(world):
    return ContractualCLV(margin_rate=0.4).fit(world.features, world.contract, world.leads, None, world.money)


def test_one_pass_is_three_passes_to_the_bit(world, contract, fitted):
    one = outlook(fitted, world.features, contract, horizon_months=MONTHS, level=0.9)
    known = {"features": world.features, "contract": contract, "horizon_months": MONTHS}
    np.testing.assert_array_equal(one.value, fitted.predict(**known))
    low, high = fitted.predict_interval(**known, level=0.9)
    np.testing.assert_array_equal(one.low, low)
    np.testing.assert_array_equal(one.high, high)
    causes = value_by_cause(fitted, world.features, contract, horizon_months=MONTHS)
    taken = causes[["lost_voluntary", "lost_involuntary"]].fillna(0.0).to_numpy()
    np.testing.assert_array_equal(one.taken, taken)
    assert (one.taken[contract["running"].to_numpy()] != 0).any()


def test_scores_need_the_hazard_once(world, contract, fitted, monkeypatch):
    """Value, interval and value at risk of the same customers: one walk through their months."""
    walks = []
    paths = LandmarkHazard.paths
    monkeypatch.setattr(LandmarkHazard, "paths", lambda *a, **k: walks.append(1) or paths(*a, **k))
    model, inputs = PortfolioCLV(fitted, {}, 0.4, 0.1), ClvInputs(world.features, contract, {})
    valued = model.valuation(inputs, horizon_months=MONTHS)
    assert walks == [1]
    np.testing.assert_array_equal(valued.value, model.predict(inputs, horizon_months=MONTHS))
    np.testing.assert_array_equal(valued.at_risk, at_risk(model, inputs, horizon_months=MONTHS))
    assert walks == [1, 1, 1]
