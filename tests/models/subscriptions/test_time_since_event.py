"""What events leave behind: a known profile is found, losses after an event come out as observed, routes agree."""

import pickle

import numpy as np
import pytest
from scipy.special import expit
from servicelift.core.errors import DataError
from servicelift.models.subscriptions.hazard import LandmarkHazard
from servicelift.models.subscriptions.time_since_event import Exposure, MoneySinceEvent, TimeSinceEvent, months_in_steps
from servicelift.models.subscriptions.value import ContractualCLV

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
    fitted = TimeSinceEvent().fit(exposure, np.ones(len(row)), event, np.full(len(row), -2.5))
    np.testing.assert_allclose(fitted.coef_[0], TRUE, atol=0.15)
    np.testing.assert_allclose(fitted.coef_[1], 0.0, atol=0.15)


def test_with_much_evidence_losses_in_each_step_come_out_as_observed(months):
    since, row, lead, event = months
    exposure = Exposure.of(since[:, :1], row, lead)
    weight = 10 * np.random.default_rng(1).exponential(size=len(row))
    fitted = TimeSinceEvent().fit(exposure, weight, event, np.full(len(row), -2.2))
    expected = expit(-2.2 + fitted.added(exposure, len(row)))[exposure.rows]
    for column in exposure.design[exposure.kind].T.toarray():
        after = column * weight[exposure.rows]
        assert after @ expected == pytest.approx(after @ event[exposure.rows], rel=0.1)


def test_with_little_evidence_a_step_leans_on_its_neighbours(months):
    since, row, lead, event = months
    exposure = Exposure.of(since[:, :1], row, lead)
    turns = [
        np.abs(
            np.diff(TimeSinceEvent().fit(exposure, np.full(len(row), share), event, np.full(len(row), -2.5)).coef_)
        ).max()
        for share in (0.03, 0.3, 3.0)
    ]
    assert turns[0] < 0.5 * turns[1] < 0.5 * turns[2]
    # The true turn from the second to the third step is of 0.9; with the evidence of three such worlds it is all there.
    assert turns[2] == pytest.approx(0.9, abs=0.2)


def test_months_ahead_and_person_months_are_one_profile(months):
    since, row, lead, event = months
    exposure = Exposure.of(since, row, lead)
    fitted = TimeSinceEvent().fit(exposure, np.ones(len(row)), event, np.full(len(row), -2.5))
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

    assert ratio(LandmarkHazard(threads=1, event_ages=("days_since_call",))) == pytest.approx(1.0, abs=0.08)
    assert ratio(LandmarkHazard(threads=1)) > 1.1


def test_a_clock_must_be_a_feature(subscribers):
    world = subscribers(300, seed=5)
    with pytest.raises(DataError, match="clocks: expected features that count days, 'nowhere'"):
        LandmarkHazard(threads=1, event_ages=("nowhere",)).fit(world.features, world.contract, world.leads)


RATES = np.array([-0.6, 0.3, 0.5, 0.1, 0.1])


@pytest.fixture(scope="module")
def exposures():
    """20,000 rows, an event behind one in three of the first clock: since, months of exposure, money by RATES."""
    rng = np.random.default_rng(4)
    since = np.where(rng.random((20_000, 2)) < 0.35, rng.uniform(0, 30, (20_000, 2)), np.nan)
    exposure = rng.uniform(0.1, 9.0, len(since))
    money = _slow_months(since, exposure)[:, :5] @ RATES + rng.normal(size=len(since)) * np.sqrt(exposure)
    return since, exposure, money


def _slow_months(since, exposure):
    """Months in each step by walking through them in thousandths."""
    walk = (np.arange(1_000) + 0.5) / 1_000
    found = np.zeros((len(since), 10))
    for event_age in range(2):
        rows = np.flatnonzero(np.isfinite(since[:, event_age]))
        at = since[rows, event_age, None] + walk * exposure[rows, None]
        step = np.searchsorted([3.0, 6.0, 12.0, 18.0], at, side="right")
        for number in range(5):
            found[rows, 5 * event_age + number] = (step == number).mean(axis=1) * exposure[rows]
    return found


def test_months_in_steps_are_those_that_a_walk_finds(exposures):
    since, exposure, _ = exposures
    spent = months_in_steps(since[:500], exposure[:500]).toarray()
    np.testing.assert_allclose(spent, _slow_months(since[:500], exposure[:500]), atol=0.02)
    both = np.isfinite(since[:500]).sum(axis=1)
    np.testing.assert_allclose(spent.sum(axis=1), both * exposure[:500])


def test_a_known_rate_is_found_and_an_idle_clock_costs_nothing(exposures):
    since, exposure, money = exposures
    spent = months_in_steps(since, exposure)
    little, much = (MoneySinceEvent().fit(spent, exposure, money, np.full(len(money), w)).coef_ for w in (0.01, 20.0))
    np.testing.assert_allclose(much[0], RATES, atol=0.1)
    np.testing.assert_allclose(much[1], 0.0, atol=0.1)
    assert np.abs(little).max() < 0.1  # what two hundred rows say is mostly chance


def test_a_row_of_weight_two_is_two_rows_for_the_rate(exposures):
    since, exposure, money = exposures
    spent, weight = months_in_steps(since, exposure), np.ones(len(money))
    weight[:3_000] = 2.0
    twice = np.concatenate([np.arange(3_000), np.arange(len(money))])
    weighted = MoneySinceEvent().fit(spent, exposure, money, weight)
    repeated = MoneySinceEvent().fit(spent[twice], exposure[twice], money[twice], np.ones(len(twice)))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-9)


def test_money_over_an_exposure_is_the_rate_ahead_added_up(exposures):
    since, exposure, money = exposures
    fitted = MoneySinceEvent().fit(months_in_steps(since, exposure), exposure, money, np.ones(len(money)))
    whole = np.floor(since)  # months since then cross no step in their middle
    over = fitted.over(months_in_steps(whole, np.full(len(whole), 24.0)))
    np.testing.assert_allclose(fitted.ahead(whole, 24).sum(axis=1), over, atol=1e-9)


@pytest.mark.parametrize(("kind", "part", "sign"), [("contact_cost", "costs", -1), ("ancillary", "ancillary", 1)])
def test_money_that_follows_an_event_is_foreseen_for_those_months_only(subscribers, kind, part, sign):
    world = subscribers(6_000, seed=5)
    rng = np.random.default_rng(8)
    since = np.where(rng.random(len(world.features)) < 0.15, rng.uniform(0, 9, len(world.features)), np.nan)
    features = world.features.assign(days_since_call=since * 365.25 / 12)
    seen = world.money["exposure_months"].to_numpy()
    # In the first half year after a call a month costs, or brings in, 1.0 more.
    early = np.clip(np.minimum(since + seen, 6.0) - since, 0.0, None)
    money = world.money.assign(**{kind: world.money[kind] + np.nan_to_num(early)})
    called = np.isfinite(since) & (since < 3.0)

    def monthly(event_ages, until):
        model = ContractualCLV(threads=1, hazard=LandmarkHazard(threads=1, event_ages=event_ages, hidden=event_ages))
        weight = np.full(len(features), 20.0)
        fitted = model.fit(features, world.contract, world.leads, None, money, sample_weight=weight)
        paths = {k: fitted.predict_components(features, world.contract, horizon_months=k)[part] for k in until}
        alive = fitted.survival(features, world.contract, max(until))
        more = sign * (paths[until[1]] - paths[until[0]]).to_numpy()
        return (more / alive[:, until[0] : until[1]].sum(axis=1))[called].mean()

    columns = ["ancillary", "refunds"] if part == "ancillary" else ["contact_cost", "action_cost"]
    usual = world.money[columns].to_numpy().sum() / seen.sum()
    assert monthly(("days_since_call",), (1, 3)) == pytest.approx(usual + 1.0, abs=0.15)
    assert monthly(("days_since_call",), (9, 15)) == pytest.approx(usual, abs=0.1)
    assert monthly((), (9, 15)) > usual + 0.2


def test_a_rate_saved_before_there_were_clocks_still_predicts(subscribers):
    world = subscribers(2_000, seed=5)
    fitted = ContractualCLV(threads=1).fit(world.features, world.contract, world.leads, None, world.money)
    expected = fitted.predict(world.features, world.contract, horizon_months=12)
    del fitted.costs_.__dict__["after_"], fitted.ancillary_.__dict__["after_"]
    older = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(older.predict(world.features, world.contract, horizon_months=12), expected)
