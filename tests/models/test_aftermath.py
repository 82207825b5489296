"""What events leave behind: a known profile is found, losses after an event come out as observed, routes agree."""

import numpy as np
import pytest
from scipy.special import expit
from servicelift.core.errors import DataError
from servicelift.models.aftermath import Aftermath, Exposure
from servicelift.models.hazard import LandmarkHazard

TRUE = np.array([-1.0, -0.5, 0.4, 0.0, 0.0])


@pytest.fixture(scope="module")
def months():
    """Person-months of 40,000 landmarks, an event behind one in five: since, row, lead and events of a known hazard."""
    rng = np.random.default_rng(3)
    since = np.where(rng.random((40_000, 2)) < 0.2, rng.uniform(0, 12, (40_000, 2)), np.nan)
    row = np.repeat(np.arange(len(since)), 6)
    lead = np.tile(np.arange(1, 7), len(since))
    at = since[row, 0] + lead - 0.5
    step = np.searchsorted([3.0, 6.0, 12.0], np.nan_to_num(at), side="right")
    eta = -2.5 + np.where(np.isnan(at), 0.0, TRUE[step])
    return since, row, lead, (rng.random(len(row)) < expit(eta)).astype(float)


def test_a_known_profile_is_found_and_an_idle_clock_says_nothing(months):
    since, row, lead, event = months
    exposure = Exposure.of(since, row, lead)
    fitted = Aftermath().fit(exposure, np.ones(len(row)), event, np.full(len(row), -2.5))
    np.testing.assert_allclose(fitted.coef_[0], TRUE, atol=0.15)
    np.testing.assert_allclose(fitted.coef_[1], 0.0, atol=0.15)


def test_with_much_evidence_losses_in_each_step_come_out_as_observed(months):
    since, row, lead, event = months
    exposure = Exposure.of(since[:, :1], row, lead)
    weight = 10 * np.random.default_rng(1).exponential(size=len(row))
    fitted = Aftermath().fit(exposure, weight, event, np.full(len(row), -2.2))
    expected = expit(-2.2 + fitted.added(exposure, len(row)))[exposure.rows]
    for column in exposure.design.T.toarray():
        after = column * weight[exposure.rows]
        assert after @ expected == pytest.approx(after @ event[exposure.rows], rel=0.1)


def test_with_little_evidence_a_step_leans_on_its_neighbours(months):
    since, row, lead, event = months
    exposure = Exposure.of(since[:, :1], row, lead)
    turns = [
        np.abs(np.diff(Aftermath().fit(exposure, np.full(len(row), share), event, np.full(len(row), -2.5)).coef_)).max()
        for share in (0.03, 0.3, 3.0)
    ]
    assert turns[0] < 0.5 * turns[1] < 0.5 * turns[2]
    # The true turn from the second to the third step is of 0.9; with the evidence of three such worlds it is all there.
    assert turns[2] == pytest.approx(0.9, abs=0.2)


def test_months_ahead_and_person_months_are_one_profile(months):
    since, row, lead, event = months
    exposure = Exposure.of(since, row, lead)
    fitted = Aftermath().fit(exposure, np.ones(len(row)), event, np.full(len(row), -2.5))
    np.testing.assert_allclose(fitted.ahead(since, 6).ravel(), fitted.added(exposure, len(row)), atol=1e-12)
    assert (fitted.ahead(np.full((3, 2), np.nan), 6) == 0).all()


def test_a_rare_event_that_trees_shrink_away_is_kept(subscribers):
    world = subscribers(6_000, seed=5)
    rng = np.random.default_rng(8)
    treated = rng.random(len(world.features)) < 0.15
    features = world.features.assign(days_since_call=np.where(treated, rng.uniform(0, 60, len(treated)), np.nan))
    # A call halves the losses of its first months: every second loss is turned into a stay.
    leads = world.leads
    lost = leads["cause"].to_numpy() > 0
    undone = lost & treated[leads["row"]] & (rng.random(len(leads)) < 0.5)
    leads = leads.assign(cause=np.where(undone, 0, leads["cause"]))

    def ratio(model):
        hazard = model.fit(features, world.contract, leads).hazards(features, world.contract, 12).total
        row, month = leads["row"].to_numpy(), leads["lead"].to_numpy()
        here = treated[row] & (month <= 12)
        return hazard[row[here], month[here] - 1].sum() / (leads["cause"].to_numpy()[here] > 0).sum()

    assert ratio(LandmarkHazard(threads=1, clocks=("days_since_call",))) == pytest.approx(1.0, abs=0.08)
    assert ratio(LandmarkHazard(threads=1)) > 1.1


def test_a_clock_must_be_a_feature(subscribers):
    world = subscribers(300, seed=5)
    with pytest.raises(DataError, match="clocks: expected features that count days, 'nowhere'"):
        LandmarkHazard(threads=1, clocks=("nowhere",)).fit(world.features, world.contract, world.leads)
