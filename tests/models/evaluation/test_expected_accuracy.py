"""Expected accuracy: against all outcomes enumerated, and against simulated outcomes of known probabilities."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from servicelift.core.errors import DataError
from servicelift.models.evaluation.expected_accuracy import expected_accuracy
from servicelift.models.evaluation.metrics import auc, brier, log_loss

P = np.array([0.05, 0.2, 0.2, 0.5, 0.7, 0.93])


def test_means_and_deviations_over_all_outcomes():
    found = expected_accuracy(P)
    weights, losses, briers, won, pairs = [], [], [], [], []
    for outcome in product((0, 1), repeat=len(P)):
        y = np.array(outcome)
        weights.append(np.prod(np.where(y == 1, P, 1 - P)))
        losses.append(-np.mean(y * np.log(P) + (1 - y) * np.log(1 - P)))
        briers.append(np.mean((y - P) ** 2))
        above = (P[:, None] > P[None, :]) + 0.5 * (P[:, None] == P[None, :])
        won.append(np.sum(above * np.outer(y, 1 - y)))
        pairs.append(y.sum() * (1 - y).sum())
    w = np.array(weights)
    for foreseen, values in ((found.log_loss, losses), (found.brier, briers)):
        mean = w @ np.array(values)
        assert foreseen.value == pytest.approx(mean, abs=1e-12)
        assert foreseen.error == pytest.approx(np.sqrt(w @ (np.array(values) - mean) ** 2), abs=1e-12)
    assert found.auc.value == pytest.approx((w @ np.array(won)) / (w @ np.array(pairs)), abs=1e-12)
    assert found.rate.value == pytest.approx(P.mean())


def test_what_is_realised_scatters_around_what_was_expected():
    rng = np.random.default_rng(8)
    p = np.round(rng.beta(1, 6, 3_000), 3)  # with ties
    found = expected_accuracy(p)
    outcomes = [rng.random(len(p)) < p for _ in range(400)]
    for measure, foreseen in ((log_loss, found.log_loss), (brier, found.brier), (auc, found.auc)):
        realised = np.array([measure(y, p) for y in outcomes])
        z = (realised - foreseen.value) / foreseen.error
        assert z.mean() == pytest.approx(0, abs=0.2)  # four standard errors of 400 draws
        assert z.std() == pytest.approx(1, abs=0.14)
    low, high = found.auc.interval()
    assert low < found.auc.value < high


def test_probabilities_that_say_too_much_promise_more_than_comes():
    rng = np.random.default_rng(3)
    p = rng.beta(1, 6, 20_000)
    y = rng.random(len(p)) < p
    loud = 1 / (1 + np.exp(-2 * (np.log(p) - np.log1p(-p))))
    found = expected_accuracy(loud)
    assert auc(y, loud) < found.auc.value - 5 * found.auc.error


def test_sure_probabilities_have_no_pairs():
    assert np.isnan(expected_accuracy([1.0, 1.0]).auc.value)


@pytest.mark.parametrize("wrong", [[], [0.2, np.nan], [1.2]])
def test_no_probabilities_are_refused(wrong):
    with pytest.raises(DataError, match="probabilities from 0 to 1"):
        expected_accuracy(wrong)
