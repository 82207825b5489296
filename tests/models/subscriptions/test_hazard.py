"""The landmark hazard: laws, known truth, weights, pending cancellations, the tail, privacy of the fit."""

import pickle

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError, ModelError
from servicelift.models.subscriptions.baseline_hazard import Cells, LeadCurve
from servicelift.models.subscriptions.contract import bucket_of, read_contract, term_class
from servicelift.models.subscriptions.hazard import LandmarkHazard
from sklearn.base import clone


@pytest.fixture(scope="module")
def world(subscribers):
    return subscribers(6_000, seed=1)


@pytest.fixture(scope="module")
def fitted(world):
    return LandmarkHazard(threads=1).fit(world.features, world.contract, world.leads)


def repeated(world, counts):
    """Return features, contract and leads with landmark i standing ``counts[i]`` times."""
    place = np.repeat(np.arange(len(counts)), counts)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    times = counts[world.leads["row"]]
    leads = world.leads.loc[world.leads.index.repeat(times)].copy()
    within = np.arange(len(leads)) - np.repeat(np.cumsum(times) - times, times)
    leads["row"] = starts[leads["row"]] + within
    return world.features.iloc[place], world.contract.iloc[place], leads


def test_hazards_are_probabilities_and_survival_falls(world, fitted):
    paths = fitted.hazards(world.features, world.contract, 36)
    assert paths.voluntary.shape == (6_000, 36)
    for hazard in (paths.voluntary, paths.involuntary, paths.total):
        assert hazard.min() >= 0
        assert hazard.max() <= 1
    survival = paths.survival()
    assert survival.shape == (6_000, 37)
    assert (survival[:, 0] == 1).all()
    assert (np.diff(survival, axis=1) <= 0).all()


def test_calibrated_by_lead_on_its_landmarks(fitted):
    table = fitted.calibration_
    assert {"lead", "at_risk", "observed", "predicted", "observed_involuntary"} <= set(table.columns)
    losses = table[["observed", "predicted"]].mul(table["at_risk"], axis=0)
    total = losses.sum()
    assert total["predicted"] == pytest.approx(total["observed"], rel=0.01)
    early = losses[table["lead"] <= 6].sum()
    assert early["predicted"] == pytest.approx(early["observed"], rel=0.02)
    noise = np.sqrt(losses["observed"]) + 1
    assert (np.abs(losses["predicted"] - losses["observed"]) < 4 * noise).all()


def test_survival_of_new_customers_is_the_true_one(subscribers, fitted):
    fresh = subscribers(6_000, seed=2)
    predicted = fitted.hazards(fresh.features, fresh.contract, 18).survival()[:, 1:]
    true = fresh.true_survival(18)
    np.testing.assert_allclose(predicted.mean(axis=0), true.mean(axis=0), atol=0.02)
    assert np.corrcoef(predicted.sum(axis=1), true.sum(axis=1))[0, 1] > 0.9


def test_causes_are_told_apart(world, fitted):
    paths = fitted.hazards(world.features, world.contract, 12)
    card = (world.features["method"] == "card").to_numpy()
    true = world.involuntary[:, :12].sum(axis=1).mean()
    assert paths.involuntary.sum(axis=1).mean() == pytest.approx(true, rel=0.15)
    assert paths.involuntary[card].mean() > 5 * paths.involuntary[~card].mean()


def test_within_the_term_a_yearly_customer_hardly_leaves(world, fitted):
    yearly = (world.contract["term_months"] == 12).to_numpy()
    due = np.ceil(world.contract["months_to_renewal"].to_numpy()[yearly]).astype(int)
    total = fitted.hazards(world.features[yearly], world.contract[yearly], 12).total
    at_renewal = total[np.arange(len(due)), due - 1]
    elsewhere = (total.sum(axis=1) - at_renewal) / 11
    assert elsewhere.mean() < 0.002
    assert at_renewal.mean() > 50 * elsewhere.mean()


def test_weights_are_repeated_rows(world):
    counts = np.random.default_rng(3).integers(0, 4, 6_000)
    features, contract, leads = repeated(world, counts)
    by_rows = LandmarkHazard(threads=1).fit(features, contract, leads)
    by_weight = LandmarkHazard(threads=1).fit(world.features, world.contract, world.leads, sample_weight=counts)
    one, other = (m.hazards(world.features, world.contract, 12).survival()[:, -1] for m in (by_rows, by_weight))
    assert one.mean() == pytest.approx(other.mean(), abs=0.002)
    assert np.corrcoef(one, other)[0, 1] > 0.98


def test_a_refit_is_a_fit_and_leaves_the_workspace_as_it_was(world):
    weight = np.random.default_rng(4).exponential(size=6_000)
    model = LandmarkHazard(threads=1)
    work = model.prepare(world.features, world.contract, world.leads)
    clone(model).refit(work)
    again = clone(model).refit(work, weight)
    direct = clone(model).fit(world.features, world.contract, world.leads, sample_weight=weight)
    for one, other in zip(
        (again.hazards(world.features, world.contract, 24).total,),
        (direct.hazards(world.features, world.contract, 24).total,),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_a_pickled_model_predicts_the_same_and_holds_no_rows(world, fitted):
    stored = pickle.dumps(fitted)
    again = pickle.loads(stored)
    np.testing.assert_array_equal(
        again.hazards(world.features, world.contract, 24).total,
        fitted.hazards(world.features, world.contract, 24).total,
    )
    fewer = world.leads[world.leads["row"] < 3_000]
    half = LandmarkHazard(threads=1).fit(world.features[:3_000], world.contract[:3_000], fewer)
    assert len(stored) < 1.3 * len(pickle.dumps(half))
    assert len(stored) < 400_000


def test_a_pending_cancellation_ends_at_the_next_boundary(subscribers):
    world = subscribers(4_000, seed=5)
    contract, leads = world.contract.copy(), world.leads.copy()
    pending = np.random.default_rng(6).random(len(contract)) < 0.03
    contract["cancel_pending"] = pending
    first = np.ceil(contract["months_to_renewal"].to_numpy()).astype(int)
    row, lead = leads["row"].to_numpy(), leads["lead"].to_numpy()
    touched = pending[row]
    leads.loc[touched, "cause"] = np.where(lead[touched] == first[row[touched]], 1, 0)
    leads = leads[~touched | (lead <= first[row])]
    model = LandmarkHazard(threads=1).fit(world.features, contract, leads)
    survival = model.hazards(world.features, contract, 12).survival()
    at = np.flatnonzero(pending)
    assert survival[at, first[at]].mean() < 0.05
    long_wait = at[first[at] > 6]
    assert len(long_wait) > 5
    assert survival[long_wait, first[long_wait] - 1].mean() > 0.95
    fine = ~pending
    assert survival[fine, 1].mean() > 0.95


def test_beyond_the_last_lead_the_tail_moves_and_the_late_factor_acts(world, fitted):
    last = fitted.last_lead_
    assert 12 <= last <= 18
    base = fitted.hazards(world.features, world.contract, 36).total
    late = fitted.hazards(world.features, world.contract, 36, late_hazard=1.2).total
    np.testing.assert_array_equal(late[:, :last], base[:, :last])
    ratio = late[:, last:] / base[:, last:]
    assert ratio.max() <= 1.2 + 1e-12
    assert np.median(ratio) == pytest.approx(1.2, abs=0.01)
    monthly = (world.contract["term_months"] == 1).to_numpy()
    logits = np.log(base[monthly] / (1 - base[monthly]))
    steps = np.diff(logits[:, last - 1 :], axis=1)
    assert (steps <= 1e-6).all()
    flat = LandmarkHazard(threads=1, tail="flat").fit(world.features, world.contract, world.leads)
    held = flat.hazards(world.features, world.contract, 36).total[monthly]
    np.testing.assert_allclose(held[:, last:], held[:, [last - 1]].repeat(36 - last, axis=1))


def test_the_tail_says_what_it_was_fitted_on(world, fitted):
    shapes = fitted.tail_.shapes_.set_index(["term_class", "cause"])
    renewals = world.leads["renewal"].astype(bool)
    yearly = (world.contract["term_months"] == 12).to_numpy()[world.leads["row"]]
    assert shapes.loc[("yearly", 1), "at_risk"] == (renewals & yearly).sum()
    assert shapes.loc[("yearly", 1), "lost"] == (renewals & yearly & (world.leads["cause"] == 1)).sum()
    assert shapes.loc[("monthly", 1), "shape"] == "sbg"
    weibull = LandmarkHazard(tail="bdw").fit(world.features, world.contract, world.leads)
    one, other = (m.hazards(world.features, world.contract, 36).survival()[:, -1].mean() for m in (fitted, weibull))
    assert one == pytest.approx(other, rel=0.05)


def test_huge_late_factor_stays_a_probability(world, fitted):
    paths = fitted.hazards(world.features, world.contract, 36, late_hazard=1e6)
    assert paths.total.max() <= 1
    assert paths.survival().min() >= 0


def test_a_cause_without_events_has_next_to_no_hazard(subscribers):
    world = subscribers(2_000, seed=8, cards=0.0)
    model = LandmarkHazard(threads=1).fit(world.features, world.contract, world.leads)
    assert model.hazards(world.features, world.contract, 24).involuntary.max() < 1e-4


def test_unseen_words_and_absent_numbers_are_no_obstacle(world, fitted):
    features = world.features.head(50).copy()
    features["method"] = "barter"
    features["noise"] = np.nan
    paths = fitted.hazards(features, world.contract.head(50), 6)
    assert np.isfinite(paths.total).all()


def test_errors_name_what_is_wrong(world, fitted):
    features, contract = world.features.head(20), world.contract.head(20)
    with pytest.raises(DataError, match="'method' is missing"):
        fitted.hazards(features.drop(columns="method"), contract, 3)
    with pytest.raises(DataError, match="'price', it is missing"):
        fitted.hazards(features, contract.drop(columns="price"), 3)
    with pytest.raises(DataError, match="known term_months"):
        fitted.hazards(features, contract.assign(term_months=0.0), 3)
    with pytest.raises(DataError, match="20 rows have ended"):
        fitted.hazards(features, contract.assign(running=False), 3)
    few = world.leads[world.leads["row"] < 20]
    with pytest.raises(ModelError, match="at least 30 lost"):
        LandmarkHazard().fit(features, contract, few)
    with pytest.raises(DataError, match="causes 0, 1 or 2"):
        LandmarkHazard().fit(features, contract, few.assign(cause=3))
    with pytest.raises(DataError, match=r"rows in 0\.\.19"):
        LandmarkHazard().fit(features, contract, world.leads)
    with pytest.raises(DataError, match="finite weights"):
        LandmarkHazard().fit(features, contract, few, sample_weight=np.full(20, -1.0))
    with pytest.raises(ModelError, match="'sbg', 'bdw' or 'flat'"):
        LandmarkHazard(tail="round").fit(world.features, world.contract, world.leads)


def test_boundaries_and_payment_dates():
    contract = pd.DataFrame(
        {
            "running": True,
            "term_months": [1.0, 12.0, 0.25],
            "price": 1.0,
            "months_to_renewal": [1.0, 2.5, 0.25],
            "renewals_done": 0,
            "months_since_start": 0.0,
            "months_since_end": np.nan,
            "cancel_pending": False,
            "ended_involuntary": False,
        }
    )
    state = read_contract(contract, 3)
    passed = state.boundaries(15)
    np.testing.assert_array_equal(passed[0], np.arange(16))
    np.testing.assert_array_equal(np.flatnonzero(np.diff(passed[1])) + 1, [3, 15])
    np.testing.assert_array_equal(passed[2], 4 * np.arange(16))
    due = state.discounted_payments(passed, 0.21)
    assert due[1, 2] == pytest.approx(1.21 ** (-2.5 / 12))
    assert due[1].sum() == pytest.approx(1.21 ** (-2.5 / 12) + 1.21 ** (-14.5 / 12))
    assert due[2, 0] == pytest.approx(sum(1.21 ** (-t / 12) for t in (0.25, 0.5, 0.75, 1.0)), rel=1e-4)


def test_buckets_and_term_classes():
    np.testing.assert_array_equal(
        bucket_of(np.array([1, 3, 4, 6, 7, 12, 13, 24, 25, 99])), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    )
    np.testing.assert_array_equal(term_class(np.array([0.25, 1, 3, 6, 12, 24])), [0, 0, 1, 2, 3, 4])


def test_the_baseline_recovers_a_smooth_hazard_and_survives_extremes():
    lead = np.arange(1, 25)
    rate = 0.05 * lead**-0.3
    zeros = np.zeros(24, dtype=int)
    cells = Cells(
        np.concatenate([zeros, zeros + 3]),
        np.repeat([1, 0], 24),
        np.tile(zeros, 2),
        np.tile(zeros, 2),
        np.tile(lead, 2),
    )
    at_risk = np.full(48, 1e5)
    curve = LeadCurve().fit(cells, at_risk, at_risk * np.concatenate([rate, 0 * rate]))
    fitted = 1 / (1 + np.exp(-curve.logits(cells)))
    np.testing.assert_allclose(fitted[:24], rate, rtol=0.02)
    assert fitted[24:].max() < 1e-4
