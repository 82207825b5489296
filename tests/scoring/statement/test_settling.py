"""What would settle an action: of those without a verdict only, at the period's own pace, and it does settle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.records import RowKind, StudyDesign
from servicelift.models.effects.doubt import Doubt, Evidence
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.refutation.verdict import judge
from servicelift.models.targeting.knowing import ENOUGH
from servicelift.models.targeting.power import WIDER, Terms
from servicelift.scoring.statement.settling import months_between, settling_columns


class Estimated:
    """600 treated, 200 held out and 40 too recent to judge."""

    kind = RowKind.ACTION
    randomised = True

    class trial:
        design = StudyDesign.RANDOMISED
        treated = np.repeat([1, 0], [600, 200])
        immature = 40


def columns(estimate, error, cost, *, months=12.0, evidence=Evidence.RANDOMISED, kind=RowKind.ACTION):
    one = Estimated()
    one.kind = kind
    low, high = estimate - 1.96 * error, estimate + 1.96 * error
    effect = EffectEstimate(estimate, error, low, high, "treated", 600, 200, 600.0, 200.0, 0.0, 0.0, 1.0)
    doubt = Doubt(evidence, estimate, error, spread=30.0)
    return settling_columns(one, judge(effect, cost, failed=()), doubt, cost, months)


def test_an_action_with_its_verdict_and_a_contrast_ask_for_nothing():
    for asked in (columns(20.0, 2.0, 5.0), columns(6.0, 3.0, 5.0, kind=RowKind.CONTRAST)):
        assert (asked["settle"], asked["binding_reason"]) == ("", "")
        assert np.isnan(asked["settle_chance"])


def test_an_open_action_gets_an_experiment_at_its_own_pace():
    asked = columns(9.0, 2.5, 5.0, months=2.0)
    assert (asked["settle"], asked["binding_reason"]) == ("experiment", "includes_cost")
    assert asked["settle_customers"] == pytest.approx(420 * asked["settle_months"])
    assert asked["settle_chance"] >= ENOUGH
    assert asked["settle_forgone"] == pytest.approx(4.0 * asked["settle_held_out"], rel=0.05)
    assert asked["settle_worth"] > 0
    slower = columns(9.0, 2.5, 5.0, months=4.0)
    assert slower["settle_months"] > asked["settle_months"]


def test_the_chance_of_a_verdict_holds_over_draws_of_truth_and_data():
    asked = columns(9.0, 3.0, 5.0, evidence=Evidence.OBSERVATIONAL)
    n, held = asked["settle_customers"], asked["settle_held_out"]
    spread = max(30.0 * WIDER, 3.0 / np.sqrt(1 / 600 + 1 / 200))
    error = Terms(spread, held / n).std_error(n)
    rng = np.random.default_rng(0)
    seen = rng.normal(4.0, 3.0, 100_000) + rng.normal(0, error, 100_000)
    assert np.mean(np.abs(seen) > 1.96 * error) == pytest.approx(asked["settle_chance"], abs=0.01)


def test_where_none_is_large_enough_it_says_so():
    asked = columns(5.1, 0.3, 5.0, evidence=Evidence.OBSERVATIONAL)
    assert asked["settle"] == "none"
    assert asked["settle_months"] == 24
    assert asked["settle_chance"] < ENOUGH


def test_months_are_those_of_the_calendar_on_average():
    assert months_between(pd.Timestamp("2023-01-01"), pd.Timestamp("2024-01-01")) == pytest.approx(12, abs=0.02)
