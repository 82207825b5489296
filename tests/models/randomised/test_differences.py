"""Differences between customers: shown where they are, not where nobody differs, and parts put together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from servicelift.models.randomised.differences import Differences, averaged, combined, differences
from servicelift.models.targeting.rank_weighted import RankWeightedEffect


def area(estimate, error):
    return RankWeightedEffect(estimate, error, 0.0, 0.0, "autoc")


def test_a_ranking_that_knows_is_told_from_one_that_does_not():
    rng = np.random.default_rng(0)
    gain, part = rng.normal(size=1_500), np.arange(1_500) % 5
    scores = gain + rng.normal(size=1_500)
    known = np.where(part < 2, np.nan, gain)
    found = differences(known, scores, part, seed=0)
    assert found.p_value < 1e-6
    assert found.autoc.low < 0.9 < found.autoc.high  # effects N(0, 1) ranked perfectly: .90 (Yadlowsky et al.)
    assert found.qini.low < 0.2821 < found.qini.high
    blind = np.where(part < 2, np.nan, rng.normal(size=1_500))
    assert differences(blind, scores, part, seed=0).p_value > 0.01


def test_a_ranking_that_tells_nobody_apart_is_exactly_no_evidence():
    scores, part = np.random.default_rng(1).normal(size=200), np.arange(200) % 5
    found = differences(np.where(part < 2, np.nan, 1.0), scores, part, seed=0)
    assert (found.autoc.estimate, found.qini.estimate, found.p_value) == (0.0, 0.0, 1.0)


def test_parts_are_put_together_so_that_interval_and_test_agree():
    found = combined([area(2.0, 1.0), area(0.5, 0.5), area(3.0, 2.0)])
    ratio = (2.0 / 1.0 + 0.5 / 0.5 + 3.0 / 2.0) / np.sqrt(3)
    assert found.estimate / found.std_error == pytest.approx(ratio)
    equal = combined([area(1.0, 0.3), area(2.0, 0.3)])
    assert equal.estimate == pytest.approx(1.5)
    assert equal.std_error == pytest.approx(0.3 / np.sqrt(2))
    assert combined([area(1.0, 0.3), area(0.0, 0.0)]).estimate == pytest.approx(1.0)


def test_several_draws_are_averaged_and_never_surer_than_their_mean():
    draws = [Differences(area(2.0, 1.0), area(1.0, 0.5), 0.05), Differences(area(-1.0, 0.5), area(0.0, 0.5), 0.05)]
    found = averaged(draws)
    assert (found.autoc.estimate, found.autoc.std_error) == (0.5, 0.75)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(0.5 / 0.75))
    assert found.better
    assert not averaged(draws[1:]).better
