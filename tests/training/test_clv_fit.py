"""A bootstrap draw is fitted more coarsely than the model itself: fewer trees, nearly the same values."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.subscriptions.draws import draw_landmarks
from servicelift.models.subscriptions.value import ContractualCLV
from servicelift.training.clv_fit import DRAW_COARSENESS


def test_a_coarser_fit_has_fewer_trees_and_the_same_value_on_average():
    world = draw_landmarks(1_500, np.random.default_rng(3))
    work = ContractualCLV().prepare(world.features, world.contract, world.leads, None, world.money)
    full, coarse = ContractualCLV().refit(work), ContractualCLV().refit(work, coarseness=DRAW_COARSENESS)
    trees = [one.hazard_.voluntary_.trees.num_trees() for one in (full, coarse)]
    assert trees[1] <= 60 / DRAW_COARSENESS < trees[0] <= 60
    assert coarse.hazard_.learning_rate == DRAW_COARSENESS * full.hazard_.learning_rate
    values = [one.predict(world.features, world.contract, horizon_months=24) for one in (full, coarse)]
    assert values[1].mean() == pytest.approx(values[0].mean(), rel=0.03)
    assert np.corrcoef(*values)[0, 1] > 0.99
