"""sBG and BdW against the published tables, the residual-lifetime numbers, laws and delayed entry."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import hyp2f1
from servicelift.core.errors import DataError, ModelError
from servicelift.models.subscriptions.sbg import BetaDiscreteWeibull, RiskTable, ShiftedBetaGeometric, risk_table
from sklearn.base import clone

PUBLISHED = {  # segment, renewals used: sBG and its log-likelihood, BdW and its log-likelihood, both S(12) in %
    ("Regular", 7): ((0.704, 1.182), -1680.3, (0.4556, 0.7793, 1.2835), -1679.60, (17.0, 17.7)),
    ("High-end", 7): ((0.668, 3.806), -1611.2, (0.2143, 1.4266, 1.7236), -1605.31, (37.8, 40.4)),
    ("Regular", 4): ((0.7637, 1.2958), -1401.56, (0.5231, 0.8944, 1.1963), -1401.38, (16.0, 17.1)),
    ("High-end", 4): ((1.281, 7.790), -1225.13, (0.2593, 1.7225, 1.5844), -1222.75, (30.7, 38.9)),
}
ACTUAL = {"Regular": 17.3, "High-end": 39.4}


@pytest.fixture(scope="module")
def survivors(data_dir):
    """Survivors of 1,000 customers after 0, 1, ..., 12 renewals: Fader & Hardie 2007, table 1."""
    return pd.read_csv(data_dir / "clv" / "sbg_regular_highend_retention.csv", encoding="utf-8-sig")


def counted(alive):
    """Return the risk table of a cohort from those alive after 0, 1, ... renewals."""
    return RiskTable(np.arange(1, len(alive)), np.asarray(alive[:-1], dtype=float), -np.diff(alive).astype(float))


def table(segment, renewals):
    """Return what 1,000 customers with the published sBG curve are expected to show."""
    alpha_beta = PUBLISHED[segment, 7][0]
    return counted(1000 * ShiftedBetaGeometric.of(*alpha_beta).survival(np.arange(renewals + 1)))


def fit(model, rows):
    return model.fit(rows.period, rows.at_risk, rows.lost)


@pytest.mark.parametrize(("segment", "renewals"), PUBLISHED)
def test_published_fits(survivors, segment, renewals):
    sbg, sbg_likelihood, bdw, bdw_likelihood, year_12 = PUBLISHED[segment, renewals]
    alive = survivors[segment].to_numpy()
    assert 100 * alive[12] / alive[0] == pytest.approx(ACTUAL[segment])
    one = fit(ShiftedBetaGeometric(), counted(alive[: renewals + 1]))
    two = fit(BetaDiscreteWeibull(), counted(alive[: renewals + 1]))
    assert one.params_.tolist() == pytest.approx(sbg, abs=6e-4)
    assert two.params_.tolist() == pytest.approx(bdw, abs=2e-4)
    assert one.log_likelihood_ == pytest.approx(sbg_likelihood, abs=0.05)
    assert two.log_likelihood_ == pytest.approx(bdw_likelihood, abs=6e-3)
    assert (100 * one.survival(12), 100 * two.survival(12)) == pytest.approx(year_12, abs=0.06)
    assert one.limit_ is None


@pytest.mark.parametrize("family", [ShiftedBetaGeometric._mixed, ShiftedBetaGeometric._alike])
def test_the_formula_of_the_gradient_is_what_differences_of_the_survival_curve_give(family):
    rows = table("High-end", 7)
    likelihood, gradient = family.likelihood(rows.period.astype(float), rows.at_risk, rows.lost)
    for theta in np.random.default_rng(0).normal(0, 1, (5, len(family.parameters))):
        value, slope = gradient(theta)
        steps = 1e-5 * np.eye(len(theta))
        differences = [(likelihood(theta + step) - likelihood(theta - step)) / 2e-5 for step in steps]
        assert value == pytest.approx(likelihood(theta), rel=1e-12)
        assert slope.tolist() == pytest.approx(differences, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("segment", "renewals"), PUBLISHED)
def test_published_parameters_give_the_published_survival(segment, renewals):
    """The same without the data: the curves alone, and a cohort that follows one gives its parameters back."""
    sbg, _, bdw, _, year_12 = PUBLISHED[segment, renewals]
    curves = ShiftedBetaGeometric.of(*sbg), BetaDiscreteWeibull.of(*bdw)
    assert [100 * curve.survival(12) for curve in curves] == pytest.approx(year_12, abs=0.08)
    for curve in curves:
        again = fit(clone(curve), counted(1000 * curve.survival(np.arange(renewals + 1))))
        assert again.params_.to_numpy() == pytest.approx(curve.params_.to_numpy(), rel=2e-3)


@pytest.fixture(scope="module")
def perils():
    """The customers of Fader & Hardie 2010: alpha 3.80, beta 15.20."""
    return ShiftedBetaGeometric.of(3.80, 15.20)


def test_published_residual_lifetimes(perils):
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


@pytest.mark.parametrize(
    "parameters", [(3.8, 15.2), (0.05, 0.4), (0.7, 1.2), (20.0, 140.0), (5.0, 400.0), (900.0, 90.0)]
)
@pytest.mark.parametrize("discount_rate", [0.1, 0.008, 0.001])
def test_closed_form_sum_and_recursion_of_the_residual_lifetime_agree(parameters, discount_rate):
    """To 1e-10, for small monthly rates and long tenures too, where scipy's hypergeometric function is NaN."""
    model, (alpha, beta) = ShiftedBetaGeometric.of(*parameters), parameters
    n = np.array([1, 4, 20, 300])
    derl = model.discounted_residual_lifetime(n, discount_rate=discount_rate)
    summed = super(ShiftedBetaGeometric, model).discounted_residual_lifetime(n, discount_rate=discount_rate)
    ahead = np.arange(40_000)
    for one, which, base in zip(n, derl, summed, strict=True):
        retained = np.cumprod((beta + one - 1 + ahead) / (alpha + beta + one - 1 + ahead))
        by_hand = retained @ (1 + discount_rate) ** -ahead.astype(float)
        assert which == pytest.approx(by_hand, rel=1e-10)
        assert base == pytest.approx(by_hand, rel=1e-10)


@pytest.mark.parametrize("curve", [ShiftedBetaGeometric.of(3.8, 15.2), BetaDiscreteWeibull.of(0.5, 2.0, 1.3)])
def test_discounted_lifetime_is_the_sum_of_discounted_survival(curve):
    t = np.arange(4_000)
    by_hand = curve.survival(t) @ 1.1 ** -t.astype(float)
    assert curve.discounted_lifetime(discount_rate=0.1) == pytest.approx(by_hand, rel=1e-12)


def test_discounted_lifetime_of_the_sbg_in_closed_form(perils):
    closed = hyp2f1(1, 15.2, 19.0, 1 / 1.1)
    assert perils.discounted_lifetime(discount_rate=0.1) == pytest.approx(closed, rel=1e-12)


@pytest.mark.parametrize("curve", [ShiftedBetaGeometric.of(0.7, 1.2), BetaDiscreteWeibull.of(0.5, 0.9, 1.2)])
def test_conditional_survival(curve):
    t, survived = np.arange(20), np.array([[0], [3], [11]])
    ratio = curve.survival(survived + t) / curve.survival(survived)
    np.testing.assert_allclose(curve.conditional_survival(t, survived=survived), ratio)
    assert (np.diff(curve.conditional_survival(5, survived=np.arange(50))) > 0).all(), "the loyal remain"
    chain = curve.conditional_survival(4, survived=3) * curve.conditional_survival(6, survived=7)
    assert curve.conditional_survival(10, survived=3) == pytest.approx(chain)


def test_parameters_that_are_no_parameters_are_named():
    with pytest.raises(ModelError, match="positive numbers for alpha, beta"):
        ShiftedBetaGeometric.of(1.0)
    with pytest.raises(ModelError, match="positive numbers for alpha, beta, c"):
        BetaDiscreteWeibull.of(1.0, -2.0, 1.0)


@pytest.mark.parametrize("model", [ShiftedBetaGeometric(), BetaDiscreteWeibull()])
def test_survival_is_the_product_of_retention_and_falls(model):
    fitted = fit(clone(model), table("High-end", 12))
    t = np.arange(1, 40)
    assert fitted.survival(t) == pytest.approx(np.cumprod(fitted.retention(t)))
    assert fitted.survival(0) == 1
    assert (np.diff(fitted.survival(t)) < 0).all()
    assert fitted.hazard(t) == pytest.approx(1 - fitted.retention(t))


def test_bdw_with_c_1_is_sbg():
    model = fit(BetaDiscreteWeibull(), table("Regular", 7))
    model.theta_ = np.log([0.7, 1.2, 1.0])
    sbg = fit(ShiftedBetaGeometric(), table("Regular", 7))
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
    whole = fit(ShiftedBetaGeometric(), table("Regular", 7))
    split = ShiftedBetaGeometric().fit(
        np.tile(np.arange(1, 8), 2),
        np.tile(table("Regular", 7).at_risk / 2, 2),
        np.tile(table("Regular", 7).lost / 2, 2),
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
    fitted = fit(clone(model), table("Regular", 7))
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.survival(np.arange(20)) == fitted.survival(np.arange(20))).all()
