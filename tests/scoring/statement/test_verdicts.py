"""All checks of a report together: families, negative controls and what they say of other actions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from servicelift.core.records import RowKind
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.refutation.verdict import Check
from servicelift.scoring.statement.estimate import negative_controls
from servicelift.scoring.statement.verdicts import judged


def _judged(estimated, costs, mixed):
    return judged(estimated, costs, negative_controls(estimated, mixed, seed=5))


@pytest.fixture(scope="module")
def clean(fitted_world):
    estimated = fitted_world(0.0)
    return estimated, _judged(estimated, [10.0] * len(estimated), mixed=["offer"])


@pytest.fixture(scope="module")
def hidden(fitted_world):
    estimated = fitted_world(1.0)
    return estimated, _judged(estimated, [10.0] * len(estimated), mixed=["offer"])


def test_where_choice_rests_on_the_tables_every_design_gets_its_verdict(clean):
    estimated, found = clean
    assert [e.trial.design for e in estimated] == ["randomised", "observational", "observational"]
    assert [j.verdict.verdict for j in found] == ["pays"] * 3
    assert np.isnan(found[0].columns["negative_control"])
    assert found[1].columns["negative_control_low"] < 0 < found[1].columns["negative_control_high"]
    assert np.isnan(found[2].columns["negative_control"])


def test_a_hidden_confounder_is_caught_in_every_chosen_design_and_in_no_randomised_one(hidden):
    estimated, found = hidden
    randomised, observed, elsewhere = (j.verdict for j in found)
    assert randomised.verdict == "pays"
    assert estimated[1].effect.effect.low > 3 * 36 + 5  # the estimate alone would have been believed, and is wrong
    assert (observed.verdict, observed.effect_shown) == ("not proven", False)
    assert Check.NEGATIVE_CONTROL in {reason.code for reason in observed.reasons}
    assert estimated[2].effect.effect.low > 10
    assert (elsewhere.verdict, elsewhere.effect_shown) == ("not proven", False)
    assert {reason.code: dict(reason.figures) for reason in elsewhere.reasons} == {
        Check.NEGATIVE_CONTROL_ELSEWHERE: {"actions": ("offer",)}
    }


def test_without_a_choice_the_held_out_tell_nothing_of_it(hidden):
    estimated, _ = hidden
    found = _judged(estimated, [10.0] * 3, mixed=[])
    assert all(np.isnan(j.columns["negative_control"]) for j in found)
    codes = {reason.code for j in found for reason in j.verdict.reasons}
    assert not codes & {Check.NEGATIVE_CONTROL, Check.NEGATIVE_CONTROL_ELSEWHERE}


def test_columns_state_every_check(clean):
    estimated, found = clean
    columns = found[2].columns
    effect = estimated[2].effect
    assert columns["minimum_detectable"] == pytest.approx(2.8 * effect.effect.std_error, rel=0.02)
    assert columns["stability_low"] <= effect.effect.estimate <= columns["stability_high"]
    assert 0 <= columns["random_treatment_found"] <= 0.15
    assert columns["strongest_feature"] == "x"
    assert columns["hidden_times"] == pytest.approx((effect.effect.estimate - 10) / columns["hidden_bias"])
    assert 0 < columns["robustness_value"] < 1
    assert np.isnan(found[0].columns["robustness_value"])
    assert found[0].columns["strongest_feature"] is None


def test_actions_of_a_report_are_judged_together(clean):
    estimated, _ = clean
    again = [e for e in estimated if e.headline]
    crowd = _judged(again * 3, [10.0] * 6, mixed=["offer"])
    assert {j.columns["judged_together"] for j in crowd} == {6}
    one = _judged(again[:1], [10.0], mixed=["offer"])[0]
    assert one.columns["judged_together"] == 1
    assert one.columns["p_adjusted"] < 0.001


def test_a_contrast_counts_both_sides(clean):
    estimated, _ = clean
    # A chance of 1 in 100 above the cost, for the action and for the same estimate as a contrast.
    found = EffectEstimate(10.0, 1.0, 8.0, 12.0, "treated", 99, 99, 99, 99, 0.0, 0.0, 1.0)
    action = replace(estimated[0], effect=replace(estimated[0].effect, effect=found))
    cost = found.estimate - float(stats.norm.isf(0.01))
    alone, contrast = (
        _judged([replace(action, kind=kind)], [cost], mixed=[])[0].columns["p_adjusted"]
        for kind in (RowKind.ACTION, RowKind.CONTRAST)
    )
    assert (alone, contrast) == (pytest.approx(0.01), pytest.approx(0.02))


def test_what_held_out_customers_show_is_taken_off_and_the_chance_says_so(hidden, clean):
    """The truth is 3 a month over 36: choice by liking adds to it, and the corrected interval comes back to it."""
    _, found = hidden
    randomised, observed, elsewhere = (j.columns for j in found)
    assert [c["evidence"] for c in (randomised, observed, elsewhere)] == ["randomised", "refused", "refused"]
    assert randomised["corrected_per_treated"] == hidden[0][0].effect.effect.estimate
    for one, columns in zip(hidden[0][1:], (observed, elsewhere), strict=True):
        assert one.effect.effect.low > 3 * 36
        assert columns["corrected_per_treated"] < one.effect.effect.estimate
        assert columns["corrected_per_treated_low"] <= 3 * 36 <= columns["corrected_per_treated_high"]
        assert columns["chance_pays"] < randomised["chance_pays"]
    assert all(j.columns["chance_pays"] > 0.99 for j in clean[1])


def test_a_contrast_has_no_chance_to_pay(clean):
    contrast = replace(clean[0][1], kind=RowKind.CONTRAST)
    assert np.isnan(_judged([contrast], [0.0], mixed=[])[0].columns["chance_pays"])
