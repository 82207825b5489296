"""The columns finance asks for, case by case: paths, customers kept, payback, the bridge in total."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from servicelift.models.actions.bridge import bridge_between
from servicelift.models.actions.decomposition import Decomposition
from servicelift.models.actions.mechanisms import PATHS
from servicelift.models.effects.inference import EffectEstimate
from servicelift.scoring.statement.finance_columns import bridge_columns, finance_columns


def effect(estimate: float, error: float = 1.0) -> EffectEstimate:
    return EffectEstimate(
        estimate, error, estimate - 2 * error, estimate + 2 * error, "treated", 10, 10, 10.0, 10.0, 0.0, 0.0, 0.0
    )


def decomposition(retained: float | None = 0.1, error: float = 0.01) -> Decomposition:
    return Decomposition(
        paths={name: effect(value) for name, value in zip(PATHS, (4.0, 3.0, 2.0, -1.0), strict=True)},
        realised=effect(3.0),
        predicted=effect(5.0),
        full_realised=None,
        n_full=7,
        referral=effect(0.2),
        retained=None if retained is None else effect(retained, error),
        by_month=np.arange(37) * 8 / 36,
    )


def test_columns_are_totals_and_paths_add_up():
    columns = finance_columns(decomposition(), treated=50, cost=100.0, acquisition=30.0)
    assert sum(columns[f"path_{name}"] for name in PATHS) == pytest.approx(8 * 50)
    assert columns["realised_incremental_clv"] + columns["predicted_incremental_clv"] == pytest.approx(8 * 50)
    assert columns["referral"] == pytest.approx(10)
    assert columns["payback_month"] == 9
    assert np.isnan(columns["full_realised_incremental_clv"])
    assert columns["n_full_realised"] == 7


def test_a_customer_kept_costs_what_all_treated_cost():
    columns = finance_columns(decomposition(0.1, 0.02), treated=50, cost=100.0, acquisition=30.0)
    assert columns["customers_retained"] == pytest.approx(5)
    assert columns["cost_per_customer_retained"] == pytest.approx(20)
    assert columns["cost_per_customer_retained_low"] == pytest.approx(100 / 7)
    assert columns["cost_per_customer_retained_high"] == pytest.approx(100 / 3)
    assert columns["cost_per_customer_acquired"] == 30


def test_where_perhaps_nobody_was_kept_the_cost_has_no_upper_end_and_where_nobody_was_it_is_unknown():
    perhaps = finance_columns(decomposition(0.1, 0.1), treated=50, cost=100.0, acquisition=np.nan)
    assert perhaps["cost_per_customer_retained"] == pytest.approx(20)
    assert np.isnan(perhaps["cost_per_customer_retained_high"])
    for retained in (-0.1, None):
        nobody = finance_columns(decomposition(retained), treated=50, cost=100.0, acquisition=np.nan)
        assert np.isnan(nobody["cost_per_customer_retained"])
        assert np.isnan(nobody["cost_per_customer_retained_low"])


def test_without_a_decomposition_the_columns_are_there_and_empty():
    empty = finance_columns(None, treated=50, cost=100.0, acquisition=1.0)
    assert list(empty) == list(finance_columns(decomposition(), treated=50, cost=100.0, acquisition=1.0))
    assert np.isnan(empty["path_spend"])
    assert np.isnan(empty["payback_month"])


def test_the_bridge_is_shown_in_total():
    bridge = bridge_between(naive=10, lasting=7, adjusted=5, effect=4, programme=3, randomised=True)
    steps = bridge_columns(bridge, treated=10)
    assert steps == {
        "bridge_selection": -30,
        "bridge_regression_to_mean": -20,
        "bridge_unseen": -10,
        "bridge_forecast": 0,
        "bridge_double_counting": -10,
    }


def test_customers_won_back_stand_in_columns_of_their_own():
    """Of lapsed customers nobody is kept: what is known of one kind leaves the other empty."""
    lapsed = replace(decomposition(None), won_back=effect(0.1, 0.01))
    columns = finance_columns(lapsed, treated=50, cost=100.0, acquisition=30.0)
    assert columns["customers_won_back"] == pytest.approx(5)
    assert columns["cost_per_customer_won_back"] == pytest.approx(20)
    assert np.isnan(columns["customers_retained"])
    assert np.isnan(columns["cost_per_customer_retained"])
    kept = finance_columns(decomposition(), treated=50, cost=100.0, acquisition=30.0)
    assert np.isnan(kept["customers_won_back"])
