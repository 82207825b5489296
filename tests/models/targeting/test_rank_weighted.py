"""RATE: the published definitions, ties, a constant, intervals by half-sampling customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.effects.crossfit import cross_fit
from servicelift.models.effects.individual import IndividualEffect
from servicelift.models.targeting.rank_weighted import (
    RankWeightedEffect,
    median_rank_weighted_effect,
    rank_weighted_difference,
    rank_weighted_effect,
    targeting_curve,
)


def rate(ranking, scores, target="autoc", **more):
    groups = more.pop("groups", np.arange(len(np.asarray(scores))))
    return rank_weighted_effect(ranking, scores, target=target, groups=groups, seed=0, **more)


def test_normal_effects_ranked_perfectly():
    effects = np.random.default_rng(0).normal(size=200_000)
    assert rate(effects, effects, draws=2).estimate == pytest.approx(0.90, abs=0.01)
    assert rate(effects, effects, "qini", draws=2).estimate == pytest.approx(1 / (2 * np.sqrt(np.pi)), abs=0.003)


def test_by_hand():
    curve = targeting_curve([3, 2, 1], [6.0, 3.0, 0.0])
    np.testing.assert_allclose(curve, [3.0, 1.5, 0.0])
    assert rate([3, 2, 1, 0], [6.0, 3.0, 0.0, 3.0], draws=2).estimate == pytest.approx((3 + 1.5 + 0 + 0) / 4)
    assert rate([3, 2, 1, 0], [6.0, 3.0, 0.0, 3.0], "qini", draws=2).estimate == pytest.approx((3 / 4 + 1.5 / 2) / 4)


def test_a_constant_ranking_is_exactly_zero_with_no_width():
    scores = np.random.default_rng(1).normal(size=1001) / 3
    found = rate(np.ones(1001), scores)
    assert (found.estimate, found.std_error) == (0.0, 0.0)
    assert not found.shown


def test_order_inside_ties_does_not_matter():
    rng = np.random.default_rng(2)
    ranking, scores = rng.integers(0, 4, 300), rng.normal(size=300)
    shuffled = rng.permutation(300)
    np.testing.assert_allclose(targeting_curve(ranking, scores), targeting_curve(ranking[shuffled], scores[shuffled]))
    tied = [scores[ranking == level].mean() for level in ranking]
    np.testing.assert_allclose(targeting_curve(ranking, scores), targeting_curve(ranking, tied))


def test_reversing_a_perfect_ranking_harms():
    effects = np.random.default_rng(3).normal(size=500)
    assert rate(effects, effects, "qini").low > 0
    assert rate(-effects, effects, "qini").high < 0
    assert rate(-effects, effects, "qini").estimate == pytest.approx(-rate(effects, effects, "qini").estimate, abs=0.01)


def test_noise_is_no_evidence_and_the_interval_covers():
    rng = np.random.default_rng(4)
    found = [rate(rng.normal(size=400), rng.normal(size=400), draws=100) for _ in range(60)]
    errors = np.array([f.std_error for f in found])
    spread = np.std([f.estimate for f in found])
    assert np.mean([f.shown for f in found]) <= 0.13
    assert errors.mean() == pytest.approx(spread, rel=0.25)


def test_customers_with_several_units_widen_the_interval():
    rng = np.random.default_rng(5)
    each = rng.normal(size=200)
    scores, ranking = np.repeat(each, 5), np.repeat(rng.normal(size=200), 5)
    apart = rate(ranking, scores)
    together = rate(ranking, scores, groups=np.repeat(np.arange(200), 5))
    assert together.std_error > 1.6 * apart.std_error


def test_the_difference_of_two_rules_by_hand():
    """Best first gives TOC 3, 1.5, 0, 0; worst first -3, -1.5, -1, 0."""
    scores, best, worst = [6.0, 3.0, 0.0, 3.0], [3, 2, 1, 0], [0, 1, 2, 1]
    np.testing.assert_allclose(targeting_curve(worst, scores), [-3, -1.5, -1, 0])
    found = rank_weighted_difference(best, worst, scores, target="autoc", groups=range(4), seed=0, draws=4)
    assert found.estimate == pytest.approx((3 + 1.5) / 4 - (-3 - 1.5 - 1) / 4)


def test_two_rules_that_rank_alike_differ_by_nothing_with_no_width():
    scores = np.random.default_rng(6).normal(size=500)
    found = rank_weighted_difference(scores, np.exp(scores), scores, target="qini", groups=np.arange(500), seed=0)
    assert (found.estimate, found.std_error) == (0.0, 0.0)


def test_a_paired_difference_is_the_difference_and_narrower_than_two_intervals():
    rng = np.random.default_rng(7)
    effects = rng.normal(size=3000)
    scores = effects + 3 * rng.normal(size=3000)
    good, better = effects + rng.normal(size=3000), effects
    one, two = rate(better, scores), rate(good, scores)
    paired = rank_weighted_difference(better, good, scores, target="autoc", groups=np.arange(3000), seed=0)
    assert paired.estimate == pytest.approx(one.estimate - two.estimate)
    assert paired.low > 0
    assert paired.std_error < 0.75 * np.hypot(one.std_error, two.std_error)


def test_input_errors():
    with pytest.raises(ModelError, match="autoc or qini"):
        rate([1, 2, 3, 4], [1, 2, 3, 4], "auc")
    with pytest.raises(ModelError, match="finite"):
        rate([1, 2, 3, np.nan], [1, 2, 3, 4])
    with pytest.raises(ModelError, match="at least 4 customers"):
        rate([1, 2, 3], [1, 2, 3])
    with pytest.raises(ModelError, match="one ranking and one score"):
        targeting_curve([1, 2], [1, 2, 3])


def test_medians_over_splits():
    found = median_rank_weighted_effect([RankWeightedEffect(e, 0.1 * e, e - 1, e + 1, "qini") for e in (3.0, 1.0, 2.0)])
    assert found == RankWeightedEffect(2.0, 0.2, 1.0, 3.0, "qini")
    with pytest.raises(ModelError, match="at least one split"):
        median_rank_weighted_effect([])
    with pytest.raises(ModelError, match="all of them"):
        median_rank_weighted_effect([found, RankWeightedEffect(1.0, 1.0, 0.0, 2.0, "autoc")])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arm", "evidence", "published"), [("Womens E-Mail", True, 0.018), ("Mens E-Mail", False, 0.008)]
)
def test_hillstrom_heterogeneity(data_dir, arm, evidence, published):
    mails = pd.read_csv(data_dir / "uplift" / "hillstrom.csv")
    mails = mails[mails["segment"].isin([arm, "No E-Mail"])].reset_index(drop=True)
    X = mails[["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"]]
    t, y = (mails["segment"] == arm).astype(int).to_numpy(), mails["visit"].to_numpy(dtype=float)
    half, each = np.full(len(mails), 0.5), np.arange(len(mails))
    scores = cross_fit(X, t, y, groups=each, seed=0, propensity=half).scores(t, y)
    splits = []
    for seed in range(7):
        learn = np.random.default_rng(seed).random(len(mails)) < 0.5
        model = IndividualEffect(seed=seed, repeats=1)
        model.fit(X[learn], t[learn], y[learn], groups=each[learn], propensity=half[learn])
        splits.append(rate(model.predict(X[~learn]), scores[~learn], groups=each[~learn], level=0.975))
    found = median_rank_weighted_effect(splits)
    print(arm, found)
    assert found.estimate == pytest.approx(published, abs=0.006)
    assert found.shown == evidence
