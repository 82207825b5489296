"""The check of an action holds what the correction needs: discount, unseen share, and the effect as it came."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.money import Horizon
from servicelift.models.actions.mature import mature_check
from servicelift.models.effects.average import AverageEffect


class Trial:
    """The fields of a trial that the check reads."""

    def __init__(self, realised, beyond):
        self.realised, self.beyond, self.beyond_days = pd.DataFrame({"value": realised}), beyond, 180


@pytest.fixture(scope="module")
def found():
    """1,200 decisions, two in three mature; 2 a half-year are foreseen, 3 come."""
    rng = np.random.default_rng(0)
    n = 1_200
    t = np.arange(n) % 2
    realised = 10 + 2 * t + rng.normal(size=n)
    window = 10 + 2.0 * t
    came = np.where(np.arange(n) < 800, window + t + rng.normal(size=n), np.nan)
    horizon = Horizon(180, 36, 0.1)
    outcome = realised + horizon.discount_at_follow_up * 4 * window
    fitted = AverageEffect(folds=3, repeats=1, seed=0).fit(
        pd.DataFrame({"x": rng.normal(size=n)}), t, outcome, groups=np.arange(n), propensity=np.full(n, 0.5)
    )
    return mature_check(Trial(realised, came), fitted, horizon, window, bootstrap_models=[], seed=0), horizon


def test_what_the_correction_needs_is_there(found):
    check, horizon = found
    assert check.effect.estimate == pytest.approx(1.0, abs=0.25)
    assert check.discount == horizon.discount_at_follow_up
    assert check.beyond == pytest.approx(3.0)


def test_on_the_same_decisions_the_effect_as_it_came_exceeds_the_one_foreseen(found):
    check, horizon = found
    assert check.seen.n_treated == check.foreseen.n_treated == check.n_treated == 400
    difference = check.seen.estimate - check.foreseen.estimate
    assert difference == pytest.approx(horizon.discount_at_follow_up * check.effect.estimate, abs=0.02)
