"""The effect at a cut: the figures of rdrobust, worlds of known truth, what is refused, laws."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.designs.threshold import threshold_effect

CUT = 0.35


def drawn(seed: int, n: int = 3_000, *, effect: float = 2.0, complies: float = 1.0, bend: float = 4.0):
    """Score, treated and outcome whose effect at the cut is known."""
    rng = np.random.default_rng(seed)
    score = np.round(rng.beta(2, 4, n), 6)
    above = score >= CUT
    treated = above if complies == 1 else rng.random(n) < 0.15 + complies * above
    outcome = 1 + 3 * score - bend * score**2 + effect * treated + rng.normal(0, 1, n)
    return score, treated.astype(int), outcome


# rdrobust 2.1.1 for Python, vce="hc3", on the draw of `oracle_world`: row "Robust", and the chosen bandwidths.
WITH_BANDWIDTHS = {"estimate": 2.01936350, "std_error": 0.15556034, "conventional": 2.01996478}
BY_ITSELF = {"estimate": 2.04401746, "std_error": 0.13988974, "bandwidth": 0.1183433}
# The same on the draw with a chance of treatment of .15 below and .75 above (fuzzy).
FUZZY = {"estimate": 1.93086532, "std_error": 0.2687468, "conventional": 2.02916544}


def oracle_world():
    rng = np.random.default_rng(7)
    n = 3_000
    score = np.round(rng.beta(2, 4, n), 6)
    above = (score >= CUT).astype(float)
    trend = 1 + 3 * score - 4 * score**2
    sharp = trend + 2 * above + rng.normal(0, 1, n)
    treated = np.where(rng.random(n) < 0.15 + 0.6 * above, 1.0, 0.0)
    fuzzy = trend + 2 * treated + rng.normal(0, 1, n)
    return score, above, sharp, treated, fuzzy


def test_equals_rdrobust_where_bandwidths_are_given():
    score, above, money, _, _ = oracle_world()
    effect = threshold_effect(score, above, money, CUT, bandwidth=(0.15, 0.15))
    for name, value in WITH_BANDWIDTHS.items():
        assert getattr(effect, name) == pytest.approx(value, rel=1e-3 if name == "std_error" else 2e-6)
    assert (effect.n_left, effect.n_right) == (908, 738)
    unequal = threshold_effect(score, above, money, CUT, bandwidth=(0.11834330, 0.19348285))
    assert unequal.estimate == pytest.approx(BY_ITSELF["estimate"], rel=1e-6)
    assert unequal.std_error == pytest.approx(BY_ITSELF["std_error"], rel=1e-3)


def test_is_near_rdrobust_where_the_data_choose():
    score, above, money, _, _ = oracle_world()
    effect = threshold_effect(score, above, money, CUT)
    assert effect.bandwidth == pytest.approx(BY_ITSELF["bandwidth"], rel=0.15)
    assert effect.estimate == pytest.approx(BY_ITSELF["estimate"], abs=0.3 * BY_ITSELF["std_error"])
    assert effect.std_error == pytest.approx(BY_ITSELF["std_error"], rel=0.1)


def test_is_near_rdrobust_where_few_comply():
    """It takes the bias off the ratio at first order, here it is taken off both jumps."""
    score, _, _, treated, money = oracle_world()
    effect = threshold_effect(score, treated, money, CUT, bandwidth=(0.15, 0.15))
    assert not effect.sharp
    assert effect.conventional == pytest.approx(FUZZY["conventional"], rel=2e-6)
    assert effect.estimate == pytest.approx(FUZZY["estimate"], rel=0.01)
    assert effect.std_error == pytest.approx(FUZZY["std_error"], rel=0.05)


def test_equals_the_library_itself():
    rdrobust = pytest.importorskip("rdrobust", reason="rdrobust is not installed: servicelift[bench]").rdrobust
    score, treated, money = drawn(11)
    found = rdrobust(money, score, c=CUT, h=0.12, b=0.2, vce="hc3")
    effect = threshold_effect(score, treated, money, CUT, bandwidth=(0.12, 0.2))
    assert effect.estimate == pytest.approx(float(found.coef.iloc[2, 0]), rel=1e-6)
    assert effect.std_error == pytest.approx(float(found.se.iloc[2, 0]), rel=1e-3)


@pytest.mark.parametrize(("effect", "complies", "bend"), [(0.0, 1.0, 4.0), (2.0, 1.0, 30.0), (2.0, 0.5, 4.0)])
def test_intervals_hold_the_truth(effect, complies, bend):
    """40 draws, of which a right interval misses more than 6 once in a hundred times."""
    found = [
        threshold_effect(*drawn(seed, 1_500, effect=effect, complies=complies, bend=bend), CUT)
        for seed in range(500, 540)
    ]
    assert sum(e.low <= effect <= e.high for e in found) >= 34
    assert abs(np.mean([e.estimate for e in found]) - effect) < 4 * np.std([e.estimate for e in found]) / np.sqrt(40)


def test_treating_those_below_is_the_same_question():
    score, treated, money = drawn(3)
    above = threshold_effect(score, treated, money, CUT)
    below = threshold_effect(-score, treated, money, -CUT - 1e-9)
    assert below.treated_jump == -1
    assert below.estimate == pytest.approx(above.estimate, rel=1e-6)
    assert (below.low, below.high) == pytest.approx((above.low, above.high), rel=1e-6)


def test_money_in_cents_and_scores_in_percent_are_the_same():
    score, treated, money = drawn(4)
    plain = threshold_effect(score, treated, money, CUT)
    other = threshold_effect(100 * score, treated, 100 * money + 7, 100 * CUT)
    assert other.estimate == pytest.approx(100 * plain.estimate, rel=1e-6)
    assert other.std_error == pytest.approx(100 * plain.std_error, rel=1e-6)
    assert other.bandwidth == pytest.approx(100 * plain.bandwidth, rel=1e-6)


def test_a_customer_who_comes_twice_is_no_news():
    """Every customer in two lists with the same score: once as clusters is as uncertain as half the rows."""
    score, treated, money = drawn(5)
    twice = [np.tile(values, 2) for values in (score, treated, money)]
    width = (0.15, 0.2)
    once = threshold_effect(score, treated, money, CUT, bandwidth=width)
    clustered = threshold_effect(*twice, CUT, groups=np.tile(np.arange(score.size), 2), bandwidth=width)
    blind = threshold_effect(*twice, CUT, bandwidth=width)
    assert clustered.estimate == pytest.approx(once.estimate)
    assert clustered.std_error == pytest.approx(once.std_error, rel=0.02)
    assert blind.std_error < 0.75 * once.std_error


def test_few_who_comply_widen_the_interval_to_the_side_that_is_open():
    effect = threshold_effect(*drawn(6, complies=0.25), CUT, bandwidth=(0.25, 0.3))
    assert effect.low < effect.estimate < effect.high
    assert effect.high - effect.low > 2 * 1.95 * effect.std_error


def test_what_cannot_be_known_is_refused():
    score, treated, money = drawn(8)
    with pytest.raises(ModelError, match="score: expected one finite value"):
        threshold_effect(np.where(score > 0.9, np.nan, score), treated, money, CUT)
    with pytest.raises(ModelError, match="different scores below the cut"):
        threshold_effect(np.round(score, 1), treated, money, CUT)
    with pytest.raises(ModelError, match="different scores above the cut"):
        threshold_effect(score, treated, money, 2.0)
    with pytest.raises(ModelError, match=r"within 0\.001"):
        threshold_effect(score, treated, money, CUT, bandwidth=(0.001, 0.2))
    with pytest.raises(ModelError, match="a cut that changes who is treated") as refused:
        threshold_effect(score, np.random.default_rng(0).integers(0, 2, score.size), money, CUT)
    assert refused.value.code == "no_jump"
    with pytest.raises(ModelError, match="bandwidth: expected two distances above 0"):
        threshold_effect(score, treated, money, CUT, bandwidth=(0.1, -0.1))
    with pytest.raises(ModelError, match="groups: expected 3000 values"):
        threshold_effect(score, treated, money, CUT, groups=[1, 2])
    with pytest.raises(ModelError, match="level: expected a number between 0 and 1"):
        threshold_effect(score, treated, money, CUT, level=95)
