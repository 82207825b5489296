"""Adjusted p-values: a case worked by hand, and the error rate that they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from servicelift.core.errors import ModelError
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.refutation.multiplicity import FALSE_DISCOVERIES, adjusted, chance_above, chance_below


def test_by_hand():
    np.testing.assert_allclose(adjusted([0.01, 0.04, 0.03, 0.2]), [0.04, 0.16 / 3, 0.16 / 3, 0.2])
    np.testing.assert_allclose(adjusted([0.02]), [0.02])
    assert adjusted([]).shape == (0,)
    with pytest.raises(ModelError, match="from 0 to 1"):
        adjusted([0.5, float("nan")])


def test_the_definition_of_benjamini_and_hochberg():
    """The least over k >= rank of m p_(k) / k, at most 1, by brute force; ties and extremes among them."""
    p = np.concatenate([np.random.default_rng(2).random(40) ** 3, [0.0, 1.0, 0.2, 0.2, 0.2]])
    rank = np.sort(p)
    m = len(p)
    by_hand = [min(1.0, *(m * rank[k] / (k + 1) for k in range(m) if rank[k] >= value)) for value in p]
    np.testing.assert_allclose(adjusted(p), by_hand, rtol=0, atol=1e-12)


def test_adjusting_never_helps_and_keeps_the_order():
    p = np.random.default_rng(0).random(30)
    found = adjusted(p)
    assert (found >= p).all()
    assert (np.diff(found[np.argsort(p)]) >= 0).all()


def test_of_what_is_called_a_small_share_is_false():
    rng = np.random.default_rng(1)
    shares, alone = [], []
    for _ in range(2000):
        z = rng.normal(size=6) + np.array([0, 0, 0, 0, 3.5, 4.0])
        p = stats.norm.sf(z)
        for called, found in ((adjusted(p) <= FALSE_DISCOVERIES, shares), (p <= FALSE_DISCOVERIES, alone)):
            found.append(called[:4].sum() / max(called.sum(), 1))
    assert np.mean(shares) <= FALSE_DISCOVERIES
    assert np.mean(alone) > 1.1 * FALSE_DISCOVERIES  # each judged by itself


def test_chances_are_the_ends_of_the_interval():
    half = stats.t.ppf(0.975, 40)
    found = EffectEstimate(5.0, 1.0, 5 - half, 5 + half, "treated", 100, 100, 100, 100, 0.0, 1.0, 1.0, dof=40.0)
    assert chance_above(found, found.low) == pytest.approx(0.025)
    assert chance_below(found, found.high) == pytest.approx(0.025)
    assert chance_above(found, 5.0) == pytest.approx(0.5)
    assert chance_above(found, 0.0) + chance_below(found, 0.0) == pytest.approx(1.0)
