"""The effect month by month ends at the effect itself, follows a known course, and pays back when it does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.models.actions.by_month import effect_by_month, payback_month
from servicelift.models.effects.average import AverageEffect


@pytest.fixture(scope="module")
def world():
    """Chosen by x; the action costs 3 in month 1 and brings 1 in every later month."""
    rng = np.random.default_rng(2)
    n, months = 4_000, 24
    x = rng.normal(size=n)
    treated = (rng.uniform(size=n) < 1 / (1 + np.exp(-x))).astype(int)
    monthly = 5 + 2 * x[:, None] + rng.normal(size=(n, months))
    monthly[:, 0] -= 3 * treated
    monthly[:, 1:] += treated[:, None]
    cumulated = np.cumsum(monthly, axis=1)
    frame = pd.DataFrame({"x": x})
    effect = AverageEffect(folds=3, repeats=2, seed=1).fit(frame, treated, cumulated[:, -1], groups=np.arange(n))
    return effect, cumulated


def test_it_begins_at_nothing_ends_at_the_effect_and_follows_the_truth(world):
    effect, cumulated = world
    found = effect_by_month(effect, cumulated)
    assert found[0] == 0
    assert found[-1] == pytest.approx(effect.estimate(), rel=1e-9)
    true = np.concatenate([[0.0], -3 + np.arange(24)])
    assert np.abs(found - true).max() < 1.5
    naive = cumulated[effect.treated_ == 1].mean(axis=0) - cumulated[effect.treated_ == 0].mean(axis=0)
    assert np.abs(naive - true[1:]).max() > 20


@pytest.mark.parametrize(
    ("curve", "cost", "month"),
    [
        ([0, 1, 2, 3, 4], 2.5, 3),
        ([0, 1, 2, 3, 4], 3.0, 3),
        ([0, 1, 2, 3, 4], 5.0, None),
        ([0, 5, 2, 5, 6], 4.0, 3),
        ([0, 5, 6, 3], 4.0, None),
        ([0, 1, 2], 0.0, 0),
        ([0, -1, 2], 0.0, 2),
    ],
)
def test_payback_is_the_month_from_which_the_cost_stays_covered(curve, cost, month):
    assert payback_month(np.asarray(curve, dtype=float), cost) == month
