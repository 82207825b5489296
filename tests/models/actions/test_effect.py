"""From decisions and a CLV model to an effect: known truths, and a state that hides what the action left behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.contract_state import ContractState
from servicelift.core.errors import DataError
from servicelift.core.hashing import customer_weights
from servicelift.core.records import ClvInputs, TrialData
from servicelift.models.actions.effect import EffectSettings, average_outcome, estimate_action
from servicelift.models.portfolio import ClvModel

SETTINGS = EffectSettings(folds=3, cross_fits=1, annual_discount_rate=0.0, seed=1)


class Monthly:
    """A CLV model that knows what a state pays a month."""

    def __init__(self, column: str, factor: float = 1.0):
        self.column, self.factor = column, factor

    def predict_horizons(self, inputs, *, months, late_hazard=1.0, shared=None):
        rate = inputs.features[self.column].to_numpy(dtype=float) * self.factor / late_hazard
        return rate[:, None] * np.asarray(months)[None, :]


def clv_model(column="rate"):
    return ClvModel(
        final=Monthly(column),
        bootstrap=tuple(Monthly(column, 1 + 0.02 * np.sin(i)) for i in range(12)),
        evaluation=Monthly(column),
        horizon_months=36,
        seed=5,
    )


def trial(seed, n=3_000, effect=2.0):
    """Treated by a known rule of x; the action adds ``effect`` a month from the decision on."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    treated = (rng.uniform(size=n) < 1 / (1 + np.exp(-x))).astype(int)
    before = 10 + 3 * x + rng.normal(size=n)
    rate = before + effect * treated
    months = 180 / (365.25 / 12)
    noise = rng.normal(size=n)
    state = pd.DataFrame({"rate": rate, "stale": before})
    none = np.zeros(n, dtype=bool)
    contract = ContractState(~none, *[np.ones(n)] * 6, cancel_pending=none, ended_involuntary=none)
    return TrialData(
        action="a",
        design="observational",
        units=pd.DataFrame({"customer_id": np.arange(n), "treated": treated, "propensity": np.nan, "agent_id": None}),
        features=pd.DataFrame({"x": x}),
        realised=pd.DataFrame({"value": rate * months + noise}),
        state=ClvInputs(state, contract, {}),
        later=pd.DataFrame({"a": np.zeros(n)}),
        before=before,
        beyond=rate * months + rng.normal(size=n),
        beyond_days=180,
        follow_up_days=180,
        immature=0,
        ineligible=0,
    )


def test_the_effect_over_the_horizon_is_found_and_the_naive_figure_is_not_it():
    found = estimate_action(trial(0), clv_model(), SETTINGS)
    assert found.effect.low < 72 < found.effect.high  # 36 months x 2
    assert abs(found.effect.estimate - 72) < 8
    assert found.effect.naive > 130
    assert not found.surrogate_check.excludes_zero
    assert found.late_hazard[0] < found.effect.estimate < found.late_hazard[1]


def test_a_state_that_does_not_hold_what_the_action_left_behind_is_caught():
    found = estimate_action(trial(0), clv_model("stale"), SETTINGS)
    assert found.effect.high < 72
    assert found.surrogate_check.excludes_zero
    assert found.surrogate_check.effect.estimate == pytest.approx(2 * 180 / (365.25 / 12), abs=1.5)


def test_without_old_decisions_there_is_no_check():
    young = trial(0)
    young.beyond[:] = np.nan
    assert estimate_action(young, clv_model(), SETTINGS).surrogate_check is None


def test_checks_do_not_change_the_estimate():
    assert (
        average_outcome(trial(1), clv_model(), SETTINGS).effect
        == estimate_action(trial(1), clv_model(), SETTINGS).effect
    )


def test_error_of_the_clv_model_widens_the_interval():
    certain = clv_model()
    certain = ClvModel(certain.final, (certain.final,) * 12, certain.evaluation, 36, 5)
    same = average_outcome(trial(2), certain, SETTINGS).effect
    wide = ClvModel(
        certain.final, tuple(Monthly("rate", 1 + 0.5 * (-1) ** i) for i in range(12)), certain.evaluation, 36, 5
    )
    assert average_outcome(trial(2), wide, SETTINGS).effect.std_error > 2 * same.std_error


def test_weights_belong_to_customers():
    first, again = (customer_weights(pd.Series([3, 1, 2]), 5, 0) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_without_twins_the_estimate_is_the_same_and_the_error_of_the_clv_model_is_left_out():
    model = clv_model()
    whole = estimate_action(trial(0), model, SETTINGS).effect
    alone = estimate_action(trial(0), replace(model, bootstrap=()), SETTINGS).effect
    assert alone.estimate == whole.estimate
    assert alone.std_error < whole.std_error


def test_too_few_decisions_beside_many_on_customers_in_the_other_state_say_so():
    few = trial(1, n=60)
    few = replace(few, elsewhere=497, units=few.units.assign(treated=(np.arange(60) < 5).astype(int)))
    with pytest.raises(DataError, match="got 5; 497 more are on customers who had no running subscription"):
        average_outcome(few, clv_model(), SETTINGS)
