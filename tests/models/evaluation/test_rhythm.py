"""Counts, shares and silences against their own past: levels under no change, and what stands out."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.evaluation.rhythm import count_against_before, share_against_before, silence_chance


@pytest.mark.parametrize("mean", [3, 20, 200])
def test_counts_without_change_are_seldom_surprising(mean):
    rng = np.random.default_rng(mean)
    chances = np.array([count_against_before(rng.poisson(rng.gamma(5, mean / 5, 80))).chance for _ in range(1_000)])
    assert np.mean(chances < 0.05) < 0.06
    assert np.mean(chances < 0.001) <= 0.003


def test_shares_without_change_are_seldom_surprising():
    rng = np.random.default_rng(2)
    n = np.full(34, 400)
    chances = np.array([share_against_before(rng.binomial(400, 0.03, 34), n).chance for _ in range(1_500)])
    assert np.mean(chances < 0.05) < 0.07
    assert np.mean(chances < 0.001) < 0.004


def test_a_figure_stands_beside_its_forecast_and_the_period_before():
    found = count_against_before([100, 110, 90, 100] * 5 + [95, 140])
    assert (found.value, found.before) == (140, 95)
    assert found.expected == pytest.approx(100, rel=0.05)
    assert found.low < found.expected < found.high
    share = share_against_before([10] * 20, [100] * 20)
    assert share.value == 0.1
    assert share.expected == pytest.approx(0.1, abs=0.005)


@pytest.mark.parametrize("factor", [0, 0.5, 2])
def test_half_and_double_are_found(factor):
    rng = np.random.default_rng(4)
    counts = [*rng.poisson(1_000, 79), 1_000 * factor]
    assert count_against_before(counts).chance < 1e-5


def test_a_short_past_judges_nothing():
    found = count_against_before([100] * 10 + [0])
    assert (found.chance, found.periods, found.value) == (1.0, 0, 0)
    assert share_against_before([], []).chance == 1.0
    assert share_against_before([1] * 30, [0] * 30).chance == 1.0


def test_silences_follow_the_gaps():
    rng = np.random.default_rng(6)
    gaps = rng.geometric(0.3, 4_000)
    # By definition: the share of all days that lie at least x days after the last row.
    ages = np.concatenate([np.arange(gap) for gap in gaps])
    for x in (4, 8):
        assert silence_chance(np.minimum(gaps[:2_000], x), x + 1) <= 1
        assert silence_chance(gaps[gaps < x], x) < 1
    longest = int(gaps[:200].max())
    assert silence_chance(gaps[:200], longest) == 1.0
    assert silence_chance(gaps[:200], longest + 5) == pytest.approx(np.mean(ages >= longest + 5), abs=0.003)


def test_few_gaps_judge_no_silence():
    assert silence_chance([1, 2, 1], 400) == 1.0


def test_a_daily_table_that_stops_for_ten_days_stands_out_and_a_monthly_one_does_not():
    assert silence_chance([1] * 300 + [2] * 20, 10) < 1e-6
    assert silence_chance([30, 31] * 10, 40) < 0.001
    assert silence_chance([30, 31] * 10, 31) == 1.0


def test_same_dates_of_the_months_before_foresee_a_debit():
    rng = np.random.default_rng(8)
    debit = np.arange(60) % 4 == 3
    counts = rng.poisson(np.where(debit, 3_000, 100))
    dates = np.stack([np.where(debit, 2_800, 80), np.where(debit, 3_200, 120)], axis=1).astype(float)
    dates[:10] = np.nan
    assert count_against_before(counts, dates).chance == 1.0
    missed = np.where(np.arange(60) == 59, 100, counts)
    assert count_against_before(missed).chance > 0.01, "to the weeks before it is a week like any other"
    assert count_against_before(missed, dates).chance < 1e-4
    assert count_against_before(missed, np.full((60, 2), np.nan)) == count_against_before(missed)
