"""Q-aggregation: the prior where nothing is proven, the best candidate where it is, centring by hand."""

from __future__ import annotations

import numpy as np
from servicelift.models.effects.aggregation import aggregated, centred

PRIOR = np.array([0.5, 0.3, 0.2])


def candidates(n: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    return np.column_stack([np.zeros(n), x]), rng.normal(size=n)


def test_where_noise_drowns_everything_the_prior_stays():
    shapes, noise = candidates(400)
    found = aggregated(0.0005 * shapes, noise, np.ones(400), PRIOR)
    np.testing.assert_allclose(found, PRIOR, atol=0.01)


def test_the_truth_is_found_as_rows_come_and_noise_is_thrown_out():
    shapes, noise = candidates(4_000)
    found = aggregated(shapes, shapes[:, 1] + noise, np.ones(4_000), PRIOR)
    assert found[1] > 0.95
    few = aggregated(shapes[:20], (0.3 * shapes[:, 1] + 3 * noise)[:20], np.ones(20), PRIOR)
    assert 0.05 < few[1] < 0.9


def test_the_loss_of_the_mix_is_near_that_of_the_best_candidate():
    """Over many draws with three wrong candidates and a weak one, the regret stays under log(k) sigma^2 4 / n."""
    regrets = []
    for seed in range(40):
        shapes, noise = candidates(500, seed)
        truth = 0.3 * shapes[:, 1]
        given = np.column_stack([shapes[:, 0], 0.3 * shapes[:, 1], 0.3 * shapes[:, 2]])
        mix = given @ aggregated(given, truth + 2 * noise, np.ones(500), np.full(3, 1 / 3))
        regrets.append(np.mean((mix - truth) ** 2))
    assert np.mean(regrets) < 4 * np.log(3) * 4 / 500


def test_rows_without_weight_say_nothing():
    shapes, noise = candidates(600)
    target, weight = shapes[:, 1] + noise, np.r_[np.ones(300), np.zeros(300)]
    half = aggregated(shapes[:300], target[:300], np.ones(300), PRIOR)
    np.testing.assert_allclose(aggregated(shapes, target, weight, PRIOR), half, atol=1e-6)


def test_constant_targets_leave_the_prior():
    shapes, _ = candidates(50)
    np.testing.assert_array_equal(aggregated(shapes, np.zeros(50), np.ones(50), PRIOR), PRIOR)


def test_centring_by_hand():
    fold = np.array([0, 0, 1, 1])
    np.testing.assert_allclose(centred(np.array([1.0, 4.0, 5.0, 7.0]), np.array([2.0, 1, 1, 1]), fold), [-1, 2, -1, 1])
    both = centred(np.array([[1.0, 0], [3, 0], [5, 2], [5, 4]]), np.ones(4), fold)
    np.testing.assert_allclose(both, [[-1, 0], [1, 0], [0, -1], [0, 1]])
