"""Drawn landmarks: the chance of loss that they were drawn with, and what a fit makes of them."""

import numpy as np
import pytest
from servicelift.models.subscriptions.draws import draw_landmarks
from servicelift.models.subscriptions.value import ContractualCLV


def test_losses_come_at_the_chance_of_the_method():
    world = draw_landmarks(20_000, np.random.default_rng(3))
    method = world.features["method"].to_numpy()[world.leads["row"]]
    rate = world.leads["cause"].groupby(method).mean()
    assert rate.to_dict() == pytest.approx({"card": 0.15, "iban": 0.03}, abs=0.004)


def test_every_month_seen_is_a_row_and_none_follows_a_loss():
    world = draw_landmarks(500, np.random.default_rng(0))
    by_row = world.leads.groupby("row")
    assert (by_row["lead"].max() == by_row.size()).all()
    assert (by_row.size() == world.money["exposure_months"]).all()
    assert (by_row["cause"].sum() == by_row["cause"].last()).all()
    assert by_row.ngroups == 500


def test_a_fit_values_them_near_the_truth():
    """12 months at 10 a month, margin .4, a constant chance to leave at each renewal, no discount."""
    world = draw_landmarks(3_000, np.random.default_rng(1))
    model = ContractualCLV(margin_rate=0.4, annual_discount_rate=0.0)
    model.fit(world.features, world.contract, world.leads, None, world.money)
    value = model.predict(world.features, world.contract, horizon_months=12)
    for method, loss in (("card", 0.15), ("iban", 0.03)):
        truth = 4.0 * np.sum((1 - loss) ** np.arange(1, 13))
        assert value[world.features["method"] == method].mean() == pytest.approx(truth, rel=0.06)
