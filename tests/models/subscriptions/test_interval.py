"""Intervals of value: they cover what a level says, and a level is a share."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from servicelift.core.contract_state import ContractState
from servicelift.core.errors import ModelError
from servicelift.models.subscriptions.value import ContractualCLV


@pytest.fixture(scope="module")
def fitted(subscribers):
    world = subscribers(1_500, seed=2)
    return ContractualCLV(margin_rate=0.4).fit(world.features, world.contract, world.leads, None, world.money)


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_a_level_is_a_share(fitted, level):
    with pytest.raises(ModelError, match="level: expected a share between 0 and 1"):
        fitted.interval(12, level)


def test_a_higher_level_reaches_further_for_who_ended(subscribers, fitted):
    ended = subscribers(1_500, seed=2).contract.head(50).assign(running=False, months_since_end=1.0)
    state = ContractState.of(ended)
    low, high = fitted.interval(24, 0.5).ended(state)
    wide_low, wide_high = fitted.interval(24, 0.99).ended(state)
    assert (wide_low <= low).all()
    assert (wide_high >= high).all()


def test_half_of_the_drawn_lives_lie_below_the_middle(subscribers, fitted):
    """The ends are quantiles of the mixture: its probability below them is their share."""
    world = subscribers(1_500, seed=2)
    interval = fitted.interval(24, 0.8)
    for _, paths in fitted.running_paths(world.features, world.contract, 24):
        low, high = interval.running(paths)
        outcomes = paths.outcomes(interval.after, interval.spread)
        point = outcomes.deviation <= 1e-12
        for end, share in ((low, 0.1), (high, 0.9)):
            z = (end[:, None] - outcomes.value) / np.where(point, 1.0, outcomes.deviation)
            below = np.where(point, outcomes.value <= end[:, None] + 1e-9, norm.cdf(z))
            np.testing.assert_allclose((outcomes.chance * below).sum(axis=1), share, atol=2e-3)
