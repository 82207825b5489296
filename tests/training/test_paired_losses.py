"""The paired interval: laws, a brute-force twin, and its coverage."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.errors import DataError
from servicelift.training.paired_losses import mean_loss, paired_difference


def losses(seed, customers=200, rows=3, better=0.0):
    """Two models' losses: what a customer is hard on is hard for both."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), rows)
    hard = rng.gamma(1.0, 1.0, customers)[who]
    return hard + rng.normal(-better, 0.1, len(who)), hard + rng.normal(0, 0.1, len(who)), who


def test_the_same_losses_differ_by_nothing():
    first, _, who = losses(1)
    found = paired_difference(first, first, who, seed=0)
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert not found.better


def test_what_both_find_hard_cancels_out():
    first, second, who = losses(2, better=0.05)
    found = paired_difference(first, second, who, seed=0)
    shared = np.repeat(np.random.default_rng(9).gamma(1, 100, 200), 3)
    shifted = paired_difference(first + shared, second + shared, who, seed=0)
    assert found.better
    assert np.isclose(found.low, shifted.low, atol=1e-9)
    assert np.isclose(found.high, shifted.high, atol=1e-9)


def test_swapped_models_give_the_mirrored_interval():
    first, second, who = losses(3, better=0.02)
    a, b = paired_difference(first, second, who, seed=5), paired_difference(second, first, who, seed=5)
    np.testing.assert_allclose([a.difference, a.low, a.high], [-b.difference, -b.high, -b.low], atol=1e-12)


def test_the_same_rows_again_are_no_evidence():
    first, second, who = losses(4, customers=50, rows=1, better=0.02)
    once = paired_difference(first, second, who, seed=1)
    tenfold = paired_difference(np.tile(first, 10), np.tile(second, 10), np.tile(who, 10), seed=1)
    np.testing.assert_allclose([once.low, once.high], [tenfold.low, tenfold.high], rtol=1e-9)
    strangers = paired_difference(np.tile(first, 10), np.tile(second, 10), np.arange(500), seed=1)
    assert strangers.high - strangers.low < 0.5 * (once.high - once.low)


def test_rows_weigh_as_often_as_their_weight_says():
    first, second, who = losses(5, customers=40, rows=2)
    weight = np.random.default_rng(0).integers(1, 4, len(who))
    repeated = np.repeat(np.arange(len(who)), weight)
    a = paired_difference(first, second, who, weight=weight.astype(float), root=True, seed=3)
    b = paired_difference(first[repeated], second[repeated], who[repeated], root=True, seed=3)
    np.testing.assert_allclose([a.difference, a.low, a.high], [b.difference, b.low, b.high], rtol=1e-9)


@pytest.mark.parametrize("root", [False, True])
def test_the_interval_is_that_of_the_plain_loop(root):
    first, second, who = losses(6, customers=30)
    first, second = first**2, second**2
    rng = np.random.default_rng(11)
    drawn = []
    for _ in range(200):
        w = rng.standard_exponential(30)[who]
        means = [np.sum(w * x) / np.sum(w) for x in (first, second)]
        drawn.append(np.sqrt(means[0]) - np.sqrt(means[1]) if root else means[0] - means[1])
    found = paired_difference(first, second, who, root=root, seed=11, draws=200)
    np.testing.assert_allclose([found.low, found.high], np.quantile(drawn, [0.025, 0.975]), rtol=1e-9)
    assert found.difference == pytest.approx(mean_loss(first, root=root) - mean_loss(second, root=root))


def test_the_interval_covers_as_often_as_it_says():
    hits = [
        found.low <= -0.03 <= found.high
        for found in (
            paired_difference(*losses(seed, customers=150, better=0.03), seed=seed, draws=200) for seed in range(200)
        )
    ]
    assert 0.90 <= np.mean(hits) <= 0.985


def test_rows_must_be_the_same():
    with pytest.raises(DataError, match="losses of the same rows, got 2 and 3"):
        paired_difference(np.ones(2), np.ones(3), [1, 2], seed=0)
