"""Intervals of clustered ratios: published numbers, laws, and coverage on simulated customers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from servicelift.models.evaluation.clustered_ratio import (
    Sums,
    inverse_interval,
    nps_interval,
    ratio_interval,
    share_interval,
)


def one(interval):
    return float(interval.value[0]), float(interval.low[0]), float(interval.high[0])


def test_the_net_promoter_score_by_its_closed_form():
    """400 answers, half promoters, a fifth detractors: standard error 3.9, 95% within 7.6."""
    rows = [100.0] * 200 + [-100.0] * 80 + [0.0] * 120
    value, low, high = one(nps_interval(Sums.of(range(400), rows, [1.0] * 400)))
    assert value == pytest.approx(30.0)
    assert (high - value) / norm.ppf(0.975) == pytest.approx(3.9, abs=0.01)
    assert high - value == pytest.approx(7.65, abs=0.01)
    assert value - low == pytest.approx(high - value)


def test_customers_who_answer_twice_alike_count_once():
    once = [100.0] * 50 + [-100.0] * 30 + [0.0] * 20
    single = nps_interval(Sums.of(range(100), once, [1.0] * 100))
    twice = nps_interval(Sums.of(np.tile(range(100), 2), once * 2, [1.0] * 200))
    assert one(twice) == pytest.approx(one(single))


def test_a_share_of_single_rows_is_wilsons():
    y = np.array([1.0] * 30 + [0.0] * 70)
    sums = Sums.of(range(100), y, np.ones(100))
    z, n, p = float(sums.quantile()[0]), 100, 0.3
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert one(share_interval(sums)) == pytest.approx((p, middle - half, middle + half))
    assert sums.design_effect[0] == pytest.approx(1.0)


def test_rows_that_repeat_a_customer_widen_the_interval_to_that_of_customers():
    y = np.array([1.0] * 12 + [0.0] * 28)
    single = share_interval(Sums.of(range(40), y, np.ones(40)))
    repeated = share_interval(Sums.of(np.repeat(range(40), 5), np.repeat(y, 5), np.ones(200)))
    assert one(repeated) == pytest.approx(one(single))


def test_the_linearised_error_of_a_mean_is_the_usual_one():
    x = np.array([3.0, 4.0, 8.0, 1.0])
    sums = Sums.of(range(4), x, np.ones(4))
    assert sums.std_error()[0] == pytest.approx(x.std(ddof=1) / 2)
    value, low, high = one(ratio_interval(sums))
    assert value == pytest.approx(4.0)
    assert low < value < high


def test_all_alike_is_no_point_and_one_customer_says_nothing_of_others():
    value, low, high = one(share_interval(Sums.of(range(20), np.ones(20), np.ones(20))))
    assert value == high == 1.0
    assert 0.7 < low < 0.9
    promoters = one(nps_interval(Sums.of(range(20), [100.0] * 20, np.ones(20))))
    assert promoters[2] == 100.0
    assert 60 < promoters[1] < 80
    lone = one(share_interval(Sums.of([1] * 20, np.ones(20), np.ones(20))))
    assert np.isnan(lone[1:]).all()
    assert np.isnan(one(share_interval(Sums.of([1, 2], [0, 0], [0, 0])))).all()


def test_the_inverse_has_the_reciprocals_interval_and_no_upper_end_near_zero():
    lost = np.array([1.0] * 25 + [0.0] * 975)
    days = np.full(1000, 30.0)
    turned = one(ratio_interval(Sums.of(range(1000), lost, days)))
    value, low, high = one(inverse_interval(Sums.of(range(1000), days, lost)))
    assert (value, low, high) == pytest.approx((1200.0, 1 / turned[2], 1 / turned[1]))
    rare = one(inverse_interval(Sums.of(range(50), days[:50], [1.0] + [0.0] * 49)))
    assert rare[2] == np.inf


def test_the_clustered_interval_covers_where_the_naive_one_does_not():
    """Shares of 60 customers with 1 to 9 contacts each, who differ in how likely theirs are solved."""
    rng, hits, naive = np.random.default_rng(5), 0, 0
    truth, runs = 0.7, 300
    for _ in range(runs):
        who = np.repeat(np.arange(60), rng.integers(1, 10, 60))
        chance = rng.beta(0.7 * 2, 0.3 * 2, 60)
        y = (rng.random(len(who)) < chance[who]).astype(float)
        _, low, high = one(share_interval(Sums.of(who, y, np.ones(len(who)))))
        hits += low <= truth <= high
        _, low, high = one(share_interval(Sums.of(np.arange(len(who)), y, np.ones(len(who)))))
        naive += low <= truth <= high
    assert 0.92 <= hits / runs <= 0.98
    assert naive / runs < 0.85
