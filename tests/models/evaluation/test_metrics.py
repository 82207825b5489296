"""Metrics: hand-made cases, laws, and published numbers."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicelift.core.errors import DataError
from servicelift.models.evaluation import metrics


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(0)
    p = rng.beta(1, 4, 5000)
    return (rng.random(5000) < p).astype(int), p


def test_published_lift(data_dir):
    """The 221 rows of the EMPC reference; larger is riskier."""
    reference = json.loads((data_dir / "churn" / "empc_reference.json").read_text())
    y, score = reference["y_true"], reference["y_score"]
    assert len(y) == 221
    assert metrics.lift_at(y, score, 0.1) == pytest.approx(2.7149877, abs=5e-8)
    for case in reference["lift_expected"]:
        assert metrics.lift_at(y, score, case["fraction"]) == pytest.approx(case["lift"])


def test_by_hand():
    y, p = [1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2]
    assert metrics.auc(y, p) == 0.75
    assert metrics.brier(y, p) == pytest.approx((0.04 + 0.36 + 0.36 + 0.04) / 4)
    assert metrics.log_loss(y, p) == pytest.approx(-(2 * np.log(0.8) + 2 * np.log(0.4)) / 4)
    assert metrics.average_precision(y, p) == pytest.approx((1 + 2 / 3) / 2)
    assert metrics.lift_at(y, p, 0.5) == 1
    assert metrics.expected_calibration_error(y, p, bins=2) == pytest.approx((0.2 + 0.2) / 2)
    curve = metrics.gain_curve(y, p)
    assert curve.share.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert curve.captured.tolist() == [0, 0.5, 0.5, 1, 1]


def test_log_loss_and_brier_by_their_formulas(scored):
    """Means over rows; probabilities stay 1e-15 away from 0 and 1, so a wrong certain row costs 34.5, not infinity."""
    y, p = scored
    for score in (p, np.where(p > 0.3, 1.0, 0.0), np.full(len(p), 1e-17), p**30):
        kept = np.clip(score, 1e-15, 1 - 1e-15)
        expected = -np.mean(np.where(y == 1, np.log(kept), np.log1p(-kept)))
        assert metrics.log_loss(y, score) == pytest.approx(expected, rel=1e-12, abs=1e-12)
        assert metrics.brier(y, score) == pytest.approx(np.mean((score - y) ** 2), rel=1e-12, abs=1e-12)


def test_auc_and_average_precision_by_brute_force(scored):
    """Every pair of a churner and another; precision at each distinct score, by the recall that it adds."""
    y, p = scored[0][:400], np.round(scored[1][:400], 2)
    pairs = np.subtract.outer(p[y == 1], p[y == 0])
    assert metrics.auc(y, p) == pytest.approx(np.mean((pairs > 0) + 0.5 * (pairs == 0)), abs=1e-12)
    precision = [y[p >= cut].mean() * ((p == cut) & (y == 1)).sum() / y.sum() for cut in np.unique(p)]
    assert metrics.average_precision(y, p) == pytest.approx(sum(precision), abs=1e-12)


@pytest.mark.parametrize("score", [[-0.1, 0.5], [0.2, 1.5]])
def test_log_loss_and_brier_take_probabilities_alone(score):
    for measure in (metrics.log_loss, metrics.brier):
        with pytest.raises(DataError, match="probabilities from 0 to 1"):
            measure([0, 1], score)
    assert metrics.auc([0, 1], score) == 1  # a score of any scale ranks


def test_a_constant_score_is_chance():
    y = np.arange(100) % 4 == 0
    report = metrics.churn_metrics(y, np.full(100, 0.25))
    assert (report.auc, report.lift_10) == pytest.approx((0.5, 1.0))
    assert report.ece == pytest.approx(0, abs=1e-12)
    assert (report.n, report.positives) == (100, 25)
    curve = metrics.gain_curve(y, np.zeros(100))
    assert curve.captured == pytest.approx(curve.share)


def test_the_truth_is_calibrated_and_a_distortion_is_not(scored):
    y, p = scored
    assert metrics.expected_calibration_error(y, p) < 0.02
    assert metrics.expected_calibration_error(y, p / 2) == pytest.approx(p.mean() / 2, abs=0.02)


@given(seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_order_of_rows_does_not_matter_even_with_ties(seed):
    rng = np.random.default_rng(seed)
    p, y = rng.integers(0, 4, 60) / 4, np.append([0, 1], rng.integers(0, 2, 58))
    turned = rng.permutation(60)
    one, other = metrics.churn_metrics(y, p), metrics.churn_metrics(y[turned], p[turned])
    for name in vars(one):
        assert getattr(one, name) == pytest.approx(getattr(other, name))


def test_value_by_hand():
    report = metrics.value_metrics([0, 10, 20, 70], [5, 5, 30, 40])
    assert report.bias == -5
    assert report.mae == (5 + 5 + 10 + 30) / 4
    assert report.rmse == pytest.approx(np.sqrt((25 + 25 + 100 + 900) / 4))
    assert report.top20_share == 0.7
    assert report.n == 4


def test_gini_and_rank_of_right_wrong_and_constant_orders():
    actual = np.array([1.0, 2.0, 3.0, 10.0])
    assert metrics.normalised_gini(actual, actual**2) == pytest.approx(1)
    assert metrics.normalised_gini(actual, -actual) == pytest.approx(-1)
    assert metrics.normalised_gini(actual, np.ones(4)) == pytest.approx(0, abs=1e-12)
    assert metrics.spearman(actual, actual**3) == pytest.approx(1)
    assert np.isnan(metrics.spearman(actual, np.ones(4)))
    assert np.isnan(metrics.normalised_gini(np.ones(4), actual))


def test_gini_of_a_yes_or_no_outcome_is_twice_auc_less_one(scored):
    y, p = scored
    assert metrics.normalised_gini(y, p) == pytest.approx(2 * metrics.auc(y, p) - 1)


def test_top_share_of_ties_counts_by_their_mean():
    assert metrics.top_share([4, 0, 0, 0, 0], np.ones(5), 0.2) == pytest.approx(0.2)
    assert np.isnan(metrics.top_share([-1, -2], [1, 2], 0.5))


@pytest.mark.parametrize(
    ("y", "p", "rule"),
    [
        ([0, 0], [0.1, 0.2], "0 churners of 2"),
        ([0, 2], [0.1, 0.2], "outcomes 0 and 1"),
        ([0, 1], [0.1], "equal length"),
        ([0, 1], [0.1, np.nan], "finite"),
        ([], [], "filled"),
    ],
)
def test_nothing_to_judge_is_named(y, p, rule):
    with pytest.raises(DataError, match=rule):
        metrics.churn_metrics(y, p)


def test_share_must_be_a_share(scored):
    with pytest.raises(DataError, match="share"):
        metrics.lift_at(*scored, 0)


def test_deciles_are_tenths_by_falling_prediction_with_the_means_of_both_sides():
    predicted = np.arange(25.0)
    tenths = metrics.deciles(predicted * 2, predicted)
    assert [tenth.customers for tenth in tenths] == [3] * 5 + [2] * 5
    assert [tenth.decile for tenth in tenths] == list(range(1, 11))
    assert (tenths[0].predicted, tenths[0].actual) == (23.0, 46.0)
    assert (tenths[-1].predicted, tenths[-1].actual) == (0.5, 1.0)


def test_deciles_of_a_constant_do_not_depend_on_the_order_of_rows():
    came = np.random.default_rng(0).random(40)
    assert metrics.deciles(came, np.ones(40))[0].actual == pytest.approx(came.mean())
    assert len(metrics.deciles(came[:4], came[:4])) == 4
