"""Prediction intervals hold what comes about as often as they say, on customers drawn from each model."""

import numpy as np
import pytest
from servicelift.core.errors import DataError
from servicelift.models.purchases.coverage import interval_coverage
from servicelift.models.purchases.value import PURCHASE_MODELS


@pytest.mark.parametrize("model", list(PURCHASE_MODELS))
def test_coverage_of_one_seed(model):
    found = interval_coverage(model, customers=1500, seed=4)
    assert 0.95 <= found.inside <= 0.995
    assert 0.94 <= found.active <= 0.995
    assert found.inside + found.below + found.above == pytest.approx(1)


@pytest.mark.slow
@pytest.mark.parametrize("model", list(PURCHASE_MODELS))
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_coverage_and_bias_over_seeds(model, level):
    """Never less than the level; above it by .035 (.95) or .14 (.8) at most: many buy nothing, the shape is wide."""
    runs = [interval_coverage(model, customers=2000, seed=seed, level=level) for seed in range(12)]
    inside, active = (np.mean([getattr(run, name) for run in runs]) for name in ("inside", "active"))
    assert level <= inside <= level + (1 - level) * 0.7
    assert level - 0.01 <= active <= level + (1 - level) * 0.7
    bias = np.array([run.bias for run in runs])
    assert abs(bias.mean()) < 3 * bias.std(ddof=1) / np.sqrt(len(bias)) + 0.01


def test_an_unknown_model_is_named():
    with pytest.raises(DataError, match="expected a purchase model of bgnbd, mbgnbd, paretonbd, got 'nbd'"):
        interval_coverage("nbd", customers=10, seed=0)
