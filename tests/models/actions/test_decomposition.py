"""An effect in the terms of finance, on decisions whose truth is known: so much a month from the decision on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.records import ClvInputs, Losses, TrialData
from servicelift.models.actions.effect import EffectSettings, estimate_action
from servicelift.models.portfolio import ClvModel

SETTINGS = EffectSettings(folds=3, cross_fits=1, annual_discount_rate=0.0, seed=1)
MONTH = 365.25 / 12
EFFECT, COST = 2.0, 0.5


class Monthly:
    """A CLV model without contracts that knows what a state pays a month."""

    contractual = None

    def __init__(self, factor: float = 1.0):
        self.factor = factor

    def predict_horizons(self, inputs, *, months, late_hazard=1.0, shared=None):
        rate = inputs.features["rate"].to_numpy(dtype=float) * self.factor / late_hazard
        return rate[:, None] * np.asarray(months)[None, :]


CLV = ClvModel(Monthly(), tuple(Monthly(1 + 0.02 * np.sin(i)) for i in range(12)), Monthly(), 36, 5)


def trial(n: int = 2_000) -> TrialData:
    """Chosen by x; the action adds EFFECT a month, costs COST of service a month of the follow-up, brings friends."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=n)
    treated = (rng.uniform(size=n) < 1 / (1 + np.exp(-x))).astype(int)
    rate = 10 + 3 * x + EFFECT * treated + rng.normal(size=n)
    months = 180 / MONTH
    spent = COST * months * treated
    parts = {"ancillary": rate * months, "contact_cost": spent}
    realised = pd.DataFrame({"value": rate * months - spent, "subscription": 0.0, **parts, "refunds": 0.0})
    realised["action_cost"] = 0.0
    nobody = np.zeros(n, dtype=bool)
    return TrialData(
        action="a",
        design="observational",
        units=pd.DataFrame({"customer_id": np.arange(n), "treated": treated, "propensity": np.nan, "agent_id": None}),
        features=pd.DataFrame({"x": x}),
        realised=realised,
        state=ClvInputs(pd.DataFrame({"rate": rate}), None, {}),
        later=pd.DataFrame({"a": np.zeros(n)}),
        before=rng.normal(size=n),
        beyond=np.full(n, np.nan),
        beyond_days=180,
        follow_up_days=180,
        immature=0,
        ineligible=0,
        losses=Losses(
            np.full(n, np.nan),
            nobody,
            realised,
            None,
            (referrals := (rng.uniform(size=n) < 0.1 + 0.2 * treated) * 1.0),
            {"contacts": 3.0 - referrals, "reviews_raised": np.zeros(n)},
        ),
        monthly=np.outer(rate - COST * treated, np.arange(1, 6)),
        full=np.where(np.arange(n) < 600, (rate - COST / 6 * treated) * 36, np.nan),
    )


def near(found, truth: float) -> bool:
    """Whether an estimate is within three standard errors of the truth."""
    return abs(found.estimate - truth) < 3 * found.std_error


@pytest.fixture(scope="module")
def found():
    return estimate_action(trial(), CLV, SETTINGS)


def test_paths_and_times_add_up_to_the_effect(found):
    decomposition, effect = found.decomposition, found.effect.estimate
    assert sum(path.estimate for path in decomposition.paths.values()) == pytest.approx(effect, rel=1e-9)
    assert decomposition.realised.estimate + decomposition.predicted.estimate == pytest.approx(effect, rel=1e-9)


def test_without_contracts_all_but_costs_is_spend(found):
    paths = found.decomposition.paths
    for path in (paths["retention_voluntary"], paths["retention_involuntary"]):
        assert (path.estimate, path.low, path.high) == (0, 0, 0)  # no loss can take it: not nearly 0
    assert paths["cost_to_serve"].estimate == pytest.approx(-COST * 180 / MONTH, abs=0.1)
    assert near(paths["spend"], EFFECT * 36)
    assert found.decomposition.retained is None
    assert found.late_hazard is None


def test_realised_is_what_came_in_and_predicted_carries_the_error_of_the_model(found):
    decomposition = found.decomposition
    assert near(decomposition.realised, (EFFECT - COST) * 180 / MONTH)
    assert near(decomposition.predicted, EFFECT * (36 - 180 / MONTH))
    assert decomposition.predicted.std_error > decomposition.realised.std_error


def test_full_realised_value_is_that_of_decisions_old_enough(found):
    decomposition = found.decomposition
    assert 0 < decomposition.n_full < 600
    assert near(decomposition.full_realised, (EFFECT - COST / 6) * 36)
    young = replace(trial(), full=np.where(np.arange(2_000) < 60, 1.0, np.nan))
    little = estimate_action(young, CLV, SETTINGS).decomposition
    assert little.full_realised is None
    assert 0 < little.n_full < 60


def test_months_and_referrals(found):
    decomposition = found.decomposition
    assert len(decomposition.by_month) == 37
    assert decomposition.by_month[-1] == pytest.approx(found.effect.estimate, rel=1e-9)
    truth = np.concatenate([(EFFECT - COST) * np.arange(6), EFFECT * np.arange(6, 37) - COST * 180 / MONTH])
    assert np.abs(decomposition.by_month - truth).max() < 5
    assert near(decomposition.referral, 0.2)
    assert near(decomposition.sides["contacts"], -0.2)
    assert set(decomposition.sides) == {"contacts"}, "a count of which no case was seen is no certain zero"


def test_a_trial_without_its_course_has_no_account_and_one_need_not_ask():
    assert estimate_action(replace(trial(), losses=None), CLV, SETTINGS).decomposition is None
    assert estimate_action(trial(), CLV, SETTINGS, decomposition=False).decomposition is None
