"""Totals of initiatives and of all: costs and effects add up, errors by their correlation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.scoring.statement.costs import ITEMS
from servicelift.scoring.statement.totals import combined_error, totals


def rows() -> pd.DataFrame:
    base = {f"cost_{item}": 1.0 for item in ("actions", *ITEMS)}
    lines = [("a", "spring", 100.0, 200.0), ("b", "spring", 50.0, 20.0), ("c", None, 30.0, 90.0)]
    return pd.DataFrame(
        [
            {
                "action": action,
                "evidence": "randomised",
                "initiative": initiative,
                "n_treated": 10,
                "cost": cost,
                "incremental_clv": gain,
                "incremental_clv_low": gain - 19.6,
                "incremental_clv_high": gain + 19.6,
                "programme_incremental_clv": gain / 2,
                "realised_incremental_clv": gain / 4,
                "predicted_incremental_clv": 3 * gain / 4,
                **base,
            }
            for action, initiative, cost, gain in lines
        ]
    )


def test_totals_add_up_for_each_initiative_and_for_all():
    rng = np.random.default_rng(1)
    summed = totals(rows(), [rng.normal(size=400) for _ in range(3)]).set_index("initiative", drop=False)
    assert summed["initiative"].tolist()[0] == "spring"
    assert summed.loc["spring", "incremental_clv"] == 220
    assert summed.loc["spring", "roi_percent"] == pytest.approx(70 / 150 * 100)
    assert summed.loc["all", "cost"] == 180
    assert summed.loc["all", "n_treated"] == 30
    assert summed.loc["all", "programme_roi_percent"] == pytest.approx((155 - 180) / 180 * 100)
    assert summed.loc["all", "actions"] == "a, b, c"
    half = (summed.loc["all", "incremental_clv_high"] - summed.loc["all", "incremental_clv_low"]) / 2
    assert half == pytest.approx(19.6 * np.sqrt(3), rel=0.1)


def test_errors_that_go_together_add_and_opposite_ones_never_cancel():
    draw = np.random.default_rng(2).normal(size=200)
    errors = np.array([3.0, 4.0])
    assert combined_error(errors, [draw, draw]) == pytest.approx(7)
    assert combined_error(errors, [draw, -draw]) == pytest.approx(5)
    assert combined_error(errors, [np.empty(0), np.empty(0)]) == pytest.approx(7)
    assert combined_error(errors[:1], [draw]) == pytest.approx(3)


def test_an_effect_that_failed_a_check_is_left_out_of_the_total_and_said():
    lines = rows()
    lines.loc[1, "evidence"] = "refused"
    summed = totals(lines, [np.arange(5.0)] * 3).set_index("initiative", drop=False)
    assert summed.loc["all", "actions"] == "a, c"
    assert (summed.loc["all", "cost"], summed.loc["all", "incremental_clv"]) == (130, 290)
    left_out = ["left_out_actions", "left_out_n_treated", "left_out_cost", "left_out_incremental_clv"]
    assert summed.loc["all", left_out].tolist() == ["b", 10, 50.0, 20.0]
    assert summed.loc["spring", left_out].tolist() == ["b", 10, 50.0, 20.0]
    nothing = totals(lines.assign(evidence="refused"), [np.arange(5.0)] * 3).iloc[-1]
    assert (nothing["actions"], nothing["cost"], nothing["incremental_clv"]) == ("", 0, 0)
    assert np.isnan(nothing["roi_percent"])
