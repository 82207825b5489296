"""Contractual value: laws, the true value of a known world, payments, restarts, intervals, weights."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr
from servicelift.core.errors import DataError, ModelError
from servicelift.models.fitting.encoding import FrameEncoding, SharedRows
from servicelift.models.subscriptions.cash_flow import Outcomes
from servicelift.models.subscriptions.reactivation import (
    NewCustomer,
    ReactivationCurve,
    ReactivationValue,
    month_discount,
)
from servicelift.models.subscriptions.value import ContractualCLV

MARGIN, RATE = 0.4, 0.10


def model(**more):
    return ContractualCLV(margin_rate=MARGIN, annual_discount_rate=RATE, threads=1, **more)


@pytest.fixture(scope="module")
def world(subscribers):
    return subscribers(6_000, seed=1)


@pytest.fixture(scope="module")
def fitted(world):
    return model().fit(world.features, world.contract, world.leads, None, world.money)


def ended(contract, months, involuntary=False):
    return contract.assign(running=False, months_since_end=months, ended_involuntary=involuntary)


def lapsed_world(world, monthly_rate, seed=11):
    """Put 2,000 ended landmarks, coming back at ``monthly_rate``, behind the running ones."""
    rng = np.random.default_rng(seed)
    n = len(world.features)
    back = rng.geometric(monthly_rate, 2_000)
    seen = np.minimum(back, 12)
    rows = np.repeat(np.arange(2_000), seen)
    lead = np.concatenate([np.arange(1, s + 1) for s in seen])
    reactivations = pd.DataFrame({"row": n + rows, "lead": lead, "restarted": (lead == back[rows]).astype(int)})
    gone = ended(world.contract.head(2_000), rng.uniform(0, 12, 2_000)).assign(
        term_months=np.nan, price=np.nan, months_to_renewal=np.nan, renewals_done=np.nan
    )
    features = pd.concat([world.features, world.features.head(2_000)], ignore_index=True)
    contract = pd.concat([world.contract, gone], ignore_index=True)
    money = pd.concat([world.money, world.money.head(2_000) * 0], ignore_index=True)
    return features, contract, reactivations, money


@pytest.fixture(scope="module")
def returning(world):
    features, contract, reactivations, money = lapsed_world(world, 0.05)
    return model().fit(features, contract, world.leads, reactivations, money), features, contract


def test_value_is_the_true_one(world, fitted):
    value = fitted.predict(world.features, world.contract, horizon_months=36)
    true = world.true_value(36)
    assert value.mean() == pytest.approx(true.mean(), rel=0.04)
    assert pd.Series(value).corr(pd.Series(true), method="spearman") > 0.85
    for term in (1, 12):
        part = (world.contract["term_months"] == term).to_numpy()
        assert value[part].mean() == pytest.approx(true[part].mean(), rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("frailty", [0.0, 1.0])
def test_no_bias_over_seeds_where_half_the_horizon_is_extrapolated(subscribers, frailty):
    bias = []
    for seed in range(5):
        world = subscribers(8_000, seed=seed, frailty=frailty, leads=18)
        value = model().fit(world.features, world.contract, world.leads, None, world.money)
        predicted = value.predict(world.features, world.contract, horizon_months=36)
        bias.append(predicted.mean() / world.true_value(36).mean() - 1)
    assert abs(np.mean(bias)) < 0.02
    assert np.abs(bias).max() < 0.05


def test_value_adds_up_over_the_horizon_and_over_its_parts(world, returning):
    fitted, features, contract = returning
    whole = fitted.predict(features, contract, horizon_months=36)
    first = fitted.predict(features, contract, horizon_months=10)
    rest = fitted.predict(features, contract, horizon_months=36, skip_months=10)
    np.testing.assert_allclose(first + rest, whole, atol=1e-9)
    several = fitted.predict_cumulative(features, contract, months=(0, 10, 36))
    np.testing.assert_allclose(several, np.column_stack([0 * whole, first, whole]), atol=1e-9)
    parts = fitted.predict_components(features, contract, horizon_months=36)
    np.testing.assert_allclose(parts.sum(axis=1), whole, atol=1e-9)
    assert (parts["costs"] <= 0).all()
    assert (parts["restarts"] > 0).all()


def test_a_yearly_customer_pays_at_renewals_only(world, fitted):
    due = world.contract["months_to_renewal"].to_numpy()
    waits = ((world.contract["term_months"] == 12) & (due > 6)).to_numpy()
    features, contract = world.features[waits], world.contract[waits]
    before = fitted.predict_components(features, contract, horizon_months=6)["subscription"]
    assert (before == 0).all()
    year = fitted.predict_components(features, contract, horizon_months=12)["subscription"].to_numpy()
    alive = fitted.survival(features, contract, 12)
    at = np.ceil(due[waits]).astype(int) - 1
    paid = MARGIN * 110.0 * alive[np.arange(len(at)), at] * (1 + RATE) ** (-due[waits] / 12)
    np.testing.assert_allclose(year, paid, rtol=1e-9)


def test_a_certain_monthly_customer_is_worth_the_annuity(world, fitted):
    monthly = world.contract[world.contract["term_months"] == 1].head(1)
    features = world.features.loc[monthly.index]
    alive = fitted.survival(features, monthly, 12)[0]
    due = monthly["months_to_renewal"].iloc[0] + np.arange(12)
    expected = MARGIN * 10 * alive @ (1 + RATE) ** (-due / 12)
    part = fitted.predict_components(features, monthly, horizon_months=12)["subscription"].iloc[0]
    assert part == pytest.approx(expected)


def test_costs_and_extras_follow_the_observed_rates(world):
    card = (world.features["method"] == "card").to_numpy()
    money = world.money.assign(
        ancillary=world.money["exposure_months"] * np.where(card, 2.0, 0.5),
        refunds=-0.1 * world.money["exposure_months"],
    )
    fitted = model().fit(world.features, world.contract, world.leads, None, money)
    parts = fitted.predict_components(world.features, world.contract, horizon_months=3)
    alive = fitted.survival(world.features, world.contract, 3)
    months = ((np.hstack([np.ones((len(alive), 1)), alive[:, :-1]]) + alive) / 2).sum(axis=1)
    assert (parts["ancillary"][card] / months[card]).mean() == pytest.approx(1.9, rel=0.1)
    assert (parts["ancillary"][~card] / months[~card]).mean() == pytest.approx(0.4, rel=0.2)
    cost = money["contact_cost"].sum() / money["exposure_months"].sum()
    assert -parts["costs"].sum() / months.sum() == pytest.approx(cost, rel=0.05)


def test_payments_scale_with_what_really_comes_in(world):
    due = world.contract["term_months"] == 1
    alive = world.money["exposure_months"].to_numpy()
    received = np.where(due, 0.9 * MARGIN * 10 * np.floor(alive), 0.0)
    money = world.money.assign(subscription=received)
    scaled = model().fit(world.features, world.contract, world.leads, None, money)
    plain = model().fit(world.features, world.contract, world.leads, None, world.money)
    one, other = (
        m.predict_components(world.features[due], world.contract[due], horizon_months=12)["subscription"].sum()
        for m in (scaled, plain)
    )
    assert one / other == pytest.approx(0.9, abs=0.01)


def test_who_never_subscribed_is_worth_nothing(world, fitted):
    never = ended(world.contract.head(5), np.nan)
    assert (fitted.predict(world.features.head(5), never, horizon_months=36) == 0).all()
    assert (fitted.survival(world.features.head(5), never, 6) == 0).all()


def test_without_restarts_an_ended_customer_is_worth_nothing(world, fitted):
    gone = ended(world.contract.head(5), 2.0)
    assert (fitted.predict(world.features.head(5), gone, horizon_months=36) == 0).all()


def test_ended_customers_are_worth_their_restarts(world, returning):
    fitted, features, contract = returning
    np.testing.assert_allclose(fitted.reactivation_curve_.hazard_[0, :12], 0.05, atol=0.012)
    gone = ended(contract.head(400), 3.0)
    value = fitted.predict(features.head(400), gone, horizon_months=36)
    assert np.ptp(value) < 1e-9
    new = world.contract["months_since_start"] <= 3
    stays = MARGIN * world.contract.loc[new, "price"].mean()
    new_value = fitted.predict(world.features[new], world.contract[new], horizon_months=24).mean()
    back = 1 - 0.95**36
    assert 0.3 * back * (stays + new_value) < value[0] < 1.2 * back * (stays + new_value)
    assert value[0] > fitted.predict(features.head(1), gone.head(1), horizon_months=12)[0] > 0


def test_reactivation_value_is_the_brute_force_recursion():
    rng = np.random.default_rng(0)
    months, annual = 8, 0.1
    curve = ReactivationCurve()
    curve.hazard_ = np.zeros((2, 600))
    curve.hazard_[:, :30] = rng.uniform(0.02, 0.2, (2, 30))
    new = NewCustomer(3.0, rng.uniform(1, 2, months), rng.uniform(0.01, 0.05, (2, months)))
    value = ReactivationValue(curve, new, grace_months=1.0, annual_rate=annual)

    def gone(kind, since, left, first):
        worth, waits = 0.0, 1.0
        for i in range(1, left + 1):
            r = 0.0 if first and since + i <= 1 else curve.hazard_[kind, since + i - 1]
            begun = (started(left - i) + started(left - i + 1)) / 2
            worth += waits * r * float(month_discount(i - 0.5, annual)) * begun
            waits *= 1 - r
        return worth

    def started(left):
        worth = new.first_payment + new.flow[:left].sum()
        for k in range(1, left + 1):
            for kind in (0, 1):
                again = gone(kind, 0, left - k, True)
                worth += new.lost[kind, k - 1] * float(month_discount(k, annual)) * again
        return worth

    np.testing.assert_allclose(value.after_loss(5).mean[1, 0], float(month_discount(1, annual)) * gone(1, 0, 4, True))
    np.testing.assert_allclose(value.started_[6], started(6))


def test_spread_after_a_loss_is_that_of_drawn_lives():
    rng = np.random.default_rng(5)
    months, annual, draws = 8, 0.1, 20_000
    curve = ReactivationCurve()
    curve.hazard_ = np.full((2, 600), 0.15)
    new = NewCustomer(3.0, np.linspace(2, 1, months), np.full((2, months), 0.04))
    value = ReactivationValue(curve, new, grace_months=1.0, annual_rate=annual)
    runs = np.append(1.0, 1 - np.cumsum(new.lost.sum(axis=0)))
    discount = (1 + annual) ** (-np.arange(0, months + 0.5, 0.5) / 12)

    def started(left):
        worth = new.first_payment
        for k in range(1, left + 1):
            if rng.random() < new.lost[:, k - 1].sum() / runs[k - 1]:
                return worth + discount[2 * k] * gone(left - k)[1]
            worth += new.flow[k - 1] / runs[k]
        return worth

    def gone(left):
        for i in range(2, left + 1):
            if rng.random() < 0.15:
                return 1, discount[2 * i - 1] * started(left - i + rng.integers(2))
        return 0, 0.0

    drawn = np.array([gone(7) for _ in range(draws)])
    after = value.after_loss(8)
    moments = after.chance[0, 0], after.mean[0, 0] / discount[2], after.square[0, 0] / discount[2] ** 2
    for sample, exact in zip((drawn[:, 0], drawn[:, 1], drawn[:, 1] ** 2), moments, strict=True):
        assert abs(sample.mean() - exact) < 4 * sample.std() / np.sqrt(draws)


def test_the_mean_of_the_distribution_is_the_expected_value(returning, world):
    fitted, features, contract = returning
    after = fitted.reactivation_value_.after_loss(24)
    spread = np.linspace(0, 5, 25)
    mean = fitted.predict(features, contract, horizon_months=24)
    for rows, paths in fitted.running_paths(features, contract, 24):
        parts = paths.outcomes(after, spread)
        np.testing.assert_allclose(parts.chance.sum(axis=1), 1)
        np.testing.assert_allclose((parts.chance * parts.value).sum(axis=1), mean[rows])


def test_models_read_the_same_customers_once(world, fitted, monkeypatch):
    both = (fitted, pickle.loads(pickle.dumps(fitted)))
    plain = [m.predict(world.features, world.contract, horizon_months=12) for m in both]
    reads, matrix = [], FrameEncoding.matrix
    monkeypatch.setattr(FrameEncoding, "matrix", lambda self, frame: reads.append(len(frame)) or matrix(self, frame))
    shared = SharedRows(world.features)
    found = [m.predict(shared, world.contract, horizon_months=12) for m in both]
    np.testing.assert_array_equal(found, plain)
    assert reads == [len(world.features)]


def test_quantiles_of_a_mixture():
    rng = np.random.default_rng(3)
    chance = np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
    value = np.array([[0.0, 4.0, 9.0], [2.0, 5.0, 7.0], [1.0, 3.0, 8.0]])
    deviation = np.array([[0.5, 1.0, 2.0], [3.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    found = Outcomes(chance, value, deviation).quantiles((0.025, 0.5, 0.975))
    assert found[:, 1] == pytest.approx(2 + 3 * np.array([-1.959964, 0, 1.959964]), abs=1e-4)
    assert found[:, 2] == pytest.approx([1, 1, 3], abs=1e-4)
    part = rng.choice(3, 400_000, p=chance[0])
    drawn = rng.normal(value[0, part], deviation[0, part])
    assert found[:, 0] == pytest.approx(np.quantile(drawn, (0.025, 0.5, 0.975)), abs=0.03)


@pytest.mark.parametrize("kind", ["spread", "points", "plateaus"])
def test_quantiles_are_those_of_halving_the_range(kind):
    """The short way ends where 21 halvings end, bit by bit."""
    rng = np.random.default_rng(11)
    n, q = 300, 19
    chance = rng.dirichlet(np.full(q, 0.4), n)
    value = np.sort(rng.normal(0, 100, (n, q)), axis=1)
    deviation = {"spread": rng.uniform(0.1, 60, (n, q)), "points": np.zeros((n, q)), "plateaus": np.full((n, q), 0.01)}[
        kind
    ]
    deviation[:, -1] = 0.0
    if kind == "plateaus":  # the chance stands still at the very share that is asked for
        chance[:, :5], chance[:, 5:] = 0.025 / 5, 0.975 / (q - 5)
    shares = (0.025, 0.5, 0.975)
    low = (value - 6 * deviation).min(axis=1)
    width = (value + 6 * deviation).max(axis=1) - low
    scale = np.maximum(deviation, 1e-10 * width[:, None])
    for share, found in zip(shares, Outcomes(chance, value, deviation).quantiles(shares), strict=True):
        a, b = low, low + width
        for _ in range(21):
            middle = (a + b) / 2
            below = (chance * ndtr((middle[:, None] - value) / scale)).sum(axis=1) < share - 1e-12
            a, b = np.where(below, middle, a), np.where(below, b, middle)
        np.testing.assert_array_equal(found, b)


def test_interval_holds_the_mean_and_covers_the_path(world, fitted):
    low, high = fitted.predict_interval(world.features, world.contract, horizon_months=24)
    mean = fitted.predict(world.features, world.contract, horizon_months=24)
    assert (low <= mean + 1e-9).all()
    assert (high >= mean - 1e-9).all()
    narrow = fitted.predict_interval(world.features, world.contract, horizon_months=24, level=0.5)
    assert (narrow[0] >= low).all()
    assert (narrow[1] <= high).all()
    rng = np.random.default_rng(2)
    u = rng.random((len(mean), 24))
    total = world.voluntary[:, :24] + world.involuntary[:, :24]
    alive = np.hstack([np.ones((len(mean), 1)), np.cumprod(u >= total, axis=1)])
    paths = realised_value(world, alive, 24, rng)
    for part in (world.contract["term_months"] == 1, world.contract["term_months"] == 12):
        assert 0.93 < ((paths >= low) & (paths <= high))[part].mean() <= 1


def realised_value(world, alive, months, rng):
    """Return the realised value of simulated lives with contacts at random."""
    due, term = world.contract["months_to_renewal"].to_numpy(), world.contract["term_months"].to_numpy()
    value = np.zeros(len(due))
    for k in range(1, months + 1):
        when = due + np.ceil((k - 1 - due) / term + 1e-9).clip(min=0) * term
        pays = (when > k - 1 + 1e-9) & (when <= k + 1e-9)
        value += pays * MARGIN * world.contract["price"] * alive[:, k] * (1 + RATE) ** (-when / 12)
    return value - 4 * rng.poisson(0.125 * alive[:, :-1].sum(axis=1))


def test_interval_of_ended_customers(returning):
    fitted, features, contract = returning
    gone = ended(contract.head(3), 1.0)
    low, high = fitted.predict_interval(features.head(3), gone, horizon_months=24)
    mean = fitted.predict(features.head(3), gone, horizon_months=24)
    assert low == pytest.approx(0, abs=1e-3)
    assert (high > mean).all()


def test_late_hazard_moves_the_value_the_other_way(world, fitted):
    low, base, high = (
        fitted.predict(world.features, world.contract, horizon_months=36, late_hazard=factor).mean()
        for factor in (1.2, 1.0, 0.8)
    )
    assert low < base < high
    early = fitted.predict(world.features, world.contract, horizon_months=12, late_hazard=1.2).mean()
    assert early == fitted.predict(world.features, world.contract, horizon_months=12).mean()


def test_deterministic_and_picklable(world, returning):
    fitted, features, contract = returning
    again = pickle.loads(pickle.dumps(fitted))
    one, other = (m.predict(features, contract, horizon_months=24) for m in (fitted, again))
    np.testing.assert_array_equal(one, other)
    assert len(pickle.dumps(fitted)) < 600_000
    same = model().fit(*[getattr(world, n) for n in ("features", "contract", "leads")], None, world.money)
    twice = model().fit(*[getattr(world, n) for n in ("features", "contract", "leads")], None, world.money)
    np.testing.assert_array_equal(
        same.predict(world.features, world.contract, horizon_months=24),
        twice.predict(world.features, world.contract, horizon_months=24),
    )


def test_a_refit_takes_weights(world):
    half = np.arange(6_000) < 3_000
    work = model().prepare(world.features, world.contract, world.leads, None, world.money)
    weighted = model().refit(work, half.astype(float))
    leads = world.leads[world.leads["row"] < 3_000]
    alone = model().fit(world.features[half], world.contract[half], leads, None, world.money[half])
    one, other = (m.predict(world.features, world.contract, horizon_months=24).mean() for m in (weighted, alone))
    assert one == pytest.approx(other, rel=0.01)
    full = model().refit(work).predict(world.features, world.contract, horizon_months=24).mean()
    assert abs(full / one - 1) > 1e-6


def test_index_and_order_do_not_matter(world, fitted):
    order = np.random.default_rng(1).permutation(500)
    straight = fitted.predict(world.features.head(500), world.contract.head(500), horizon_months=12)
    mixed = fitted.predict(world.features.iloc[order], world.contract.iloc[order], horizon_months=12)
    np.testing.assert_allclose(mixed, straight[order], rtol=1e-12)


def test_errors(world, fitted):
    features, contract = world.features.head(5), world.contract.head(5)
    for wrong in ({"horizon_months": 0}, {"horizon_months": 6, "skip_months": 7}, {"horizon_months": 121}):
        with pytest.raises(ModelError, match="expected whole months"):
            fitted.predict(features, contract, **wrong)
    with pytest.raises(ModelError, match="level"):
        fitted.predict_interval(features, contract, horizon_months=6, level=95)
    with pytest.raises(DataError, match="'refunds', it is missing"):
        model().fit(world.features, world.contract, world.leads, None, world.money.drop(columns="refunds"))
    with pytest.raises(DataError, match="5 rows as in features"):
        fitted.predict(features, world.contract.head(4), horizon_months=6)
    running = pd.DataFrame({"row": [0], "lead": [1], "restarted": [0]})
    with pytest.raises(DataError, match="expected ended landmarks"):
        model().fit(world.features, world.contract, world.leads, running, world.money)
