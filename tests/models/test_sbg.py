"""sBG and BdW against the published tables, the residual-lifetime numbers, laws and delayed entry."""

import pickle

import numpy as np
import pytest
from servicelift.core.errors import DataError, ModelError
from servicelift.models.sbg import BetaDiscreteWeibull, RiskTable, ShiftedBetaGeometric, risk_table
from sklearn.base import clone

# Fader & Hardie 2007, table 1: survivors of 1,000 customers after 0, 1, ..., 12 renewals.
SURVIVORS = {
    "regular": [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173],
    "high_end": [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394],
}


def table(segment, renewals):
    alive = np.array(SURVIVORS[segment], dtype=float)
    return RiskTable(np.arange(1, renewals + 1), alive[:renewals], -np.diff(alive[: renewals + 1]))


def fit(model, rows):
    return model.fit(rows.period, rows.at_risk, rows.lost)


@pytest.mark.parametrize(
    ("segment", "renewals", "alpha", "beta", "log_likelihood", "year_12"),
    [
        ("regular", 7, 0.704, 1.182, -1680.3, 17.0),
        ("high_end", 7, 0.668, 3.806, -1611.2, 37.8),
        ("regular", 4, 0.7637, 1.2958, -1401.56, 16.0),
        ("high_end", 4, 1.281, 7.790, -1225.13, 30.7),
    ],
)
def test_published_sbg(segment, renewals, alpha, beta, log_likelihood, year_12):
    model = fit(ShiftedBetaGeometric(), table(segment, renewals))
    assert model.params_.tolist() == pytest.approx([alpha, beta], abs=6e-4)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=0.05)
    assert 100 * model.survival(12) == pytest.approx(year_12, abs=0.05)
    assert model.limit_ is None


@pytest.mark.parametrize(
    ("segment", "renewals", "alpha", "beta", "c", "log_likelihood", "year_12"),
    [
        ("regular", 7, 0.4556, 0.7793, 1.2835, -1679.60, 17.7),
        ("high_end", 7, 0.2143, 1.4266, 1.7236, -1605.31, 40.4),
        ("regular", 4, 0.5231, 0.8944, 1.1963, -1401.38, 17.1),
        ("high_end", 4, 0.2593, 1.7225, 1.5844, -1222.75, 38.9),
    ],
)
def test_published_bdw(segment, renewals, alpha, beta, c, log_likelihood, year_12):
    model = fit(BetaDiscreteWeibull(), table(segment, renewals))
    assert model.params_.tolist() == pytest.approx([alpha, beta, c], abs=2e-4)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=6e-3)
    assert 100 * model.survival(12) == pytest.approx(year_12, abs=0.06)


@pytest.fixture(scope="module")
def perils():
    """The customers of Fader & Hardie 2010: alpha 3.80, beta 15.20."""
    n = np.arange(1, 9)
    alive = 1e9 * np.append(1.0, np.cumprod((15.2 + n - 1) / (19.0 + n - 1)))
    return ShiftedBetaGeometric().fit(n, alive[:-1], -np.diff(alive))


def test_published_residual_lifetimes(perils):
    assert perils.params_.tolist() == pytest.approx([3.80, 15.20], rel=1e-5)
    derl = perils.discounted_residual_lifetime([5, 4, 3, 2, 1], discount_rate=0.1)
    assert derl == pytest.approx([3.84, 3.72, 3.59, 3.45, 3.31], abs=5e-3)


def test_published_value_of_the_base_and_of_one_aggregate_rate(perils):
    active = np.array([4391, 7961, 11340, 15200, 20500])
    derl = perils.discounted_residual_lifetime([5, 4, 3, 2, 1], discount_rate=0.1)
    assert active @ derl == pytest.approx(207_438, abs=1)
    year_before = active[:-1] / perils.retention([4, 3, 2, 1])
    rate = active[:-1].sum() / year_before.sum()
    alike = ShiftedBetaGeometric().fit([1, 2, 3], 1e6 * rate ** np.arange(3), 1e6 * rate ** np.arange(3) * (1 - rate))
    assert alike.limit_ == "geometric"
    value = active.sum() * alike.discounted_residual_lifetime(1, discount_rate=0.1)
    assert value == pytest.approx(182_292, rel=1e-4)


def test_closed_form_of_the_residual_lifetime_equals_the_sum(perils):
    n = np.array([1, 4, 20])
    summed = super(ShiftedBetaGeometric, perils).discounted_residual_lifetime(n, discount_rate=0.07)
    assert perils.discounted_residual_lifetime(n, discount_rate=0.07) == pytest.approx(summed, rel=1e-10)


@pytest.mark.parametrize("model", [ShiftedBetaGeometric(), BetaDiscreteWeibull()])
def test_survival_is_the_product_of_retention_and_falls(model):
    fitted = fit(clone(model), table("high_end", 12))
    t = np.arange(1, 40)
    assert fitted.survival(t) == pytest.approx(np.cumprod(fitted.retention(t)))
    assert fitted.survival(0) == 1
    assert (np.diff(fitted.survival(t)) < 0).all()
    assert fitted.hazard(t) == pytest.approx(1 - fitted.retention(t))


def test_bdw_with_c_1_is_sbg():
    model = fit(BetaDiscreteWeibull(), table("regular", 7))
    model.theta_ = np.log([0.7, 1.2, 1.0])
    sbg = fit(ShiftedBetaGeometric(), table("regular", 7))
    sbg.theta_ = np.log([0.7, 1.2])
    t = np.arange(1, 30)
    assert model.hazard(t) == pytest.approx(sbg.hazard(t))
    assert sbg.hazard(t) == pytest.approx(0.7 / (1.9 + t - 1))


def test_cohorts_seen_late_give_the_same_curve():
    """A cohort seen from its sixth renewal on, beside one seen from the start: both conditional on survival."""
    rng = np.random.default_rng(8)
    chance = rng.beta(1.5, 6.0, 60_000)
    life = rng.geometric(chance)
    entry = np.where(np.arange(60_000) % 2, 6, 0)
    seen = life > entry
    entry, life = entry[seen], life[seen]
    last = np.minimum(life, entry + 6)
    late = fit(ShiftedBetaGeometric(), risk_table(entry, last, life <= entry + 6))
    error = late.params_.to_numpy() - [1.5, 6.0]
    assert (np.abs(error) < 3 * np.sqrt(np.diag(late.covariance_))).all()
    assert late.survival(12) == pytest.approx((rng.geometric(chance) > 12).mean(), abs=0.01)
    ignored = fit(ShiftedBetaGeometric(), risk_table(np.zeros_like(entry), last - entry, life <= entry + 6))
    assert np.abs(ignored.params_.to_numpy() - [1.5, 6.0]).max() > 3 * np.abs(error).max()


def test_risk_table_by_hand():
    rows = risk_table(
        entry=[0, 0, 2, 1], last=[3, 1, 4, 1], lost=[True, True, False, False], sample_weight=[1, 1, 1, 9]
    )
    assert rows.period.tolist() == [1, 2, 3, 4]
    assert rows.at_risk.tolist() == [2, 1, 2, 1]
    assert rows.lost.tolist() == [1, 0, 1, 0]


def test_rows_of_one_period_add_up():
    whole = fit(ShiftedBetaGeometric(), table("regular", 7))
    split = ShiftedBetaGeometric().fit(
        np.tile(np.arange(1, 8), 2),
        np.tile(table("regular", 7).at_risk / 2, 2),
        np.tile(table("regular", 7).lost / 2, 2),
    )
    assert split.params_.to_numpy() == pytest.approx(whole.params_.to_numpy(), rel=1e-5)


def test_covariance_is_symmetric_and_covers_the_truth():
    rng = np.random.default_rng(3)
    chance = rng.beta(2.0, 8.0, 20_000)
    life = rng.geometric(chance)
    model = fit(ShiftedBetaGeometric(), risk_table(np.zeros(20_000), np.minimum(life, 10), life <= 10))
    matrix = model.covariance_.to_numpy()
    assert (matrix == matrix.T).all()
    assert (np.abs(model.params_.to_numpy() - [2.0, 8.0]) < 3 * np.sqrt(np.diag(matrix))).all()


def test_customers_who_do_not_differ_are_a_named_limit():
    alive = 1000 * 0.9 ** np.arange(6)
    geometric = ShiftedBetaGeometric().fit(np.arange(1, 7), alive, alive * 0.1)
    assert geometric.limit_ == "geometric"
    assert "do not differ" in geometric.message_
    assert geometric.hazard(np.arange(1, 50)) == pytest.approx(0.1)
    weibull = BetaDiscreteWeibull().fit(np.arange(1, 7), alive, alive * 0.1)
    assert weibull.limit_ == "discrete_weibull"
    assert weibull.params_["c"] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        (([1, 2], [10, 9], [0, 0]), "lost and customers kept"),
        (([1], [10], [10]), "lost and customers kept"),
        (([1, 2], [10, 9], [11, 0]), "lost <= at_risk"),
        (([0, 1], [10, 9], [1, 1]), "whole periods"),
        (([1, 2], [10], [1, 1]), "equal length"),
    ],
)
def test_impossible_counts_are_named(rows, rule):
    with pytest.raises(DataError, match=rule):
        ShiftedBetaGeometric().fit(*rows)


def test_impossible_questions_are_named(perils):
    with pytest.raises(DataError, match="at least 1"):
        perils.hazard(0)
    with pytest.raises(ModelError, match="positive discount rate"):
        perils.discounted_residual_lifetime(1, discount_rate=0)
    with pytest.raises(DataError, match="entry < last"):
        risk_table([2], [2], [True])


@pytest.mark.parametrize("model", [ShiftedBetaGeometric(), BetaDiscreteWeibull()])
def test_pickle(model):
    fitted = fit(clone(model), table("regular", 7))
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.survival(np.arange(20)) == fitted.survival(np.arange(20))).all()
