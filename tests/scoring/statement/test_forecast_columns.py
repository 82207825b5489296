"""Forecasts beside what came: the columns of one effect."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.effects.rectified import Rectification
from servicelift.models.effects.surrogate import SurrogateCheck
from servicelift.scoring.statement.forecast_columns import forecast_columns


def estimate(value, error=1.0):
    return EffectEstimate(
        value, error, value - 1.96 * error, value + 1.96 * error, "treated", 99, 99, 99, 99, 0.0, 0.0, 1.0
    )


def test_columns_tell_the_correction_and_the_verdicts_on_mature_decisions():
    check = SurrogateCheck(estimate(2.0), 99, 99, 2.8, beyond=3.0, seen=estimate(9.0), foreseen=estimate(6.0))
    found = Rectification(estimate(12.0), check, spread=1.0)
    effect = SimpleNamespace(effect=found.effect, uncorrected=found.before, surrogate_check=check, rectification=found)
    columns = forecast_columns(effect, 5.0)
    assert columns["uncorrected_per_treated"] + columns["forecast_correction"] == found.effect.estimate
    assert columns["forecast_error_beyond"] == 3.0
    assert (columns["mature_verdict"], columns["mature_verdict_foreseen"]) == ("pays", "not proven")
    assert forecast_columns(effect, 11.5)["mature_verdict"] == "loses"
    young = SimpleNamespace(effect=found.before, uncorrected=found.before, surrogate_check=None, rectification=None)
    none = forecast_columns(young, 5.0)
    assert none["mature_verdict"] is None
    assert none["n_mature"] == 0
    assert np.isnan(none["forecast_correction"])
