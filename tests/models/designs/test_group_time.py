"""One cohort in one period: the difference of two mean changes, and right if either model is."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.designs.group_time import effect_on_treated


def test_without_covariates_it_is_a_difference_of_means_with_neymans_error():
    rng = np.random.default_rng(0)
    change, treated = rng.normal(size=50), np.arange(50) < 20
    effect, moves = effect_on_treated(change, treated, np.zeros((50, 0)), np.arange(50))
    assert effect == pytest.approx(change[:20].mean() - change[20:].mean())
    neyman = change[:20].var(ddof=1) / 20 + change[20:].var(ddof=1) / 30
    assert np.sum(moves**2) == pytest.approx(neyman)


@pytest.mark.parametrize("right", ["line", "propensity"])
def test_either_model_may_be_wrong(right):
    """The outcome bends where only the propensity is logistic, and the propensity bends where only it is a line."""
    rng = np.random.default_rng(1)
    n = 40_000
    x = rng.normal(size=n)
    bent = np.exp(x / 2)
    treated = rng.random(n) < 1 / (1 + np.exp(-(0.8 * (x if right == "propensity" else bent) - 0.8)))
    change = 2 * treated + 3 * (x if right == "line" else bent) + rng.normal(size=n)
    effect, moves = effect_on_treated(change, treated, x[:, None], np.arange(n))
    assert effect == pytest.approx(2, abs=4 * np.sqrt(np.sum(moves**2)))


def test_one_cluster_in_an_arm_tells_nothing():
    assert effect_on_treated(np.arange(5.0), np.arange(5) < 1, np.zeros((5, 0)), np.arange(5)) is None
