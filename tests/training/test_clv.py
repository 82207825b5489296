"""The CLV job's own looks at the model, on a small built-in world: survival of held-out customers, value by cause."""

from __future__ import annotations

import runpy

import numpy as np
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.outcomes.clv_inputs import clv_inputs
from servicelift.features.tables.tables import tables_from_frames
from servicelift.features.timeline.spine import customer_spine
from servicelift.models.subscriptions.calibration_by_lead import calibration_summary
from servicelift.models.subscriptions.loss_by_cause import value_by_cause
from servicelift.simulation.contract_tables import simulate_frames
from servicelift.simulation.truth import natural_value
from servicelift.training.card.plots import survival_plot
from servicelift.training.clv import fit_contractual, fit_unjudged, held_out_survival
from servicelift.training.clv_fit import DRAW_COARSENESS
from servicelift.training.clv_landmarks import contractual, landmarks


def opened(world, **changes):
    values = {
        "tables": {name: f"{name}.parquet" for name in world.tables},
        "data_until": f"{world.data_until:%Y-%m-%d}",
        "value": {"margin_rate": 0.35, "annual_discount_rate": 0.10},
        "lines": {
            "subscriptions": {"kind": "contractual"},
            "single_copies": {"kind": "noncontractual", "payments.kind": "one_off"},
        },
    }
    return tables_from_frames(world.tables, Config.model_validate(values | changes))


@pytest.fixture(scope="module")
def world():
    return simulate_frames(1_500, 8)


@pytest.fixture(scope="module")
def tables(world):
    return opened(world)


@pytest.fixture(scope="module")
def survival(tables):
    return held_out_survival(tables)


def test_survival_of_held_out_customers_is_the_predicted_one(survival):
    """By lead and by renewal number, monthly and yearly terms apart."""
    summary = calibration_summary(survival).set_index(["term", "by"])
    assert {("monthly", "lead"), ("monthly", "renewal"), ("yearly", "lead"), ("yearly", "renewal")} <= set(
        summary.index
    )
    assert (summary["z"].abs() < 3.5).all()
    assert summary["ratio"].between(0.6, 1.6).all()
    assert (summary.xs("lead", level="by")["worst_gap"] < 0.1).all()
    assert summary["steps"].min() >= 1


def test_the_picture_shows_both_curves_for_each_term(survival):
    figure = survival_plot(survival)
    assert len(figure.axes) == 4
    monthly = survival[(survival["term"] == "monthly") & (survival["by"] == "lead")]
    predicted, observed = figure.axes[0].get_lines()
    np.testing.assert_array_equal(predicted.get_ydata()[1:], monthly["predicted_survival"])
    np.testing.assert_array_equal(observed.get_ydata()[1:], monthly["observed_survival"])


def test_a_picture_of_nothing_is_empty(survival):
    assert survival_plot(survival.head(0)).axes == []


def test_the_hazard_counts_from_decision_and_offer_not_from_acceptance(world):
    """Who accepts chose to; the contrast of offered and held-out customers needs only what others decided."""
    event_ages = contractual(opened(world, incremental={"actions": {"iban_switch": {}}})).hazard.event_ages
    assert {"days_since_iban_switch_decided", "days_since_iban_switch_offered"} <= set(event_ages)
    assert not [name for name in event_ages if name.endswith("_accepted")]


def test_value_by_cause_and_interval_on_the_world(world, tables):
    """Parts add up on real states; nine in ten continuations lie where nine in ten should."""
    model = fit_contractual(tables)
    spine = customer_spine(tables, [tables.data_until])
    inputs = clv_inputs(tables, spine)
    by_cause = value_by_cause(model, inputs.features, inputs.contract, horizon_months=36)
    parts = by_cause["clv"] + by_cause["lost_voluntary"] + by_cause["lost_involuntary"]
    runs = inputs.contract.running
    np.testing.assert_allclose(parts[runs], by_cause["never_lost"][runs])
    assert (by_cause.loc[runs, "lost_voluntary"].mean()) > 2 * by_cause.loc[runs, "lost_involuntary"].mean() > 0
    assert by_cause["clv"].notna().all()
    state = world.history.final
    place = np.flatnonzero(state.running)
    order = spine.reset_index().set_index("customer_id")["index"]
    rows = order.loc[world.tables["customers"]["customer_id"].iloc[place]].to_numpy()
    comes = natural_value(world.history.setting, state.take(place), drawn=True, seed=[5], replicates=4)
    low, high = model.predict_interval(inputs.features, inputs.contract, horizon_months=36, level=0.9)
    covered = (comes >= low[rows, None]) & (comes <= high[rows, None])
    assert 0.84 < covered.mean() < 0.96


def test_without_contracts_there_is_no_survival_to_look_at(world):
    shop = {name: world.tables[name] for name in ("customers", "payments")}
    config = {
        "tables": {name: f"{name}.parquet" for name in shop},
        "data_until": f"{world.data_until:%Y-%m-%d}",
    }
    with pytest.raises(DataError, match="no subscriptions"):
        held_out_survival(tables_from_frames(shop, Config.model_validate(config)))


@pytest.mark.slow
def test_intervals_of_subscribers_cover_what_comes(pytestconfig):
    """Lives continued by the world itself, over seeds: each level holds its share, and no side misses far more.

    One world of 3,000 sets the level of value by some 5% too high or too low, and moves the sides by as many points:
    it takes several to see more than that.
    """
    bench = runpy.run_path(str(pytestconfig.rootpath / "benchmarks" / "interval_coverage.py"))
    rows = bench["coverage"](list(range(61, 70)), 3_000)
    mean = rows.groupby(["level", "term_months"])[["covered", "below", "above"]].mean()
    print(mean.round(3).to_string())
    for (level, _), line in mean.iterrows():
        assert abs(line["covered"] - level) < 0.05
        assert line[["below", "above"]].max() < (1 - level) / 2 + 0.05


def test_bootstrap_models_are_the_same_bytes_on_one_process_and_on_two(world, processes):
    """Trees, curves and values; progress is told as on one."""
    heard, models = [], []
    for threads in (1, 2):
        tables = opened(world, engine={"threads": threads}, incremental={"bootstrap": 10}, models={"max_rows": 2_000})
        training = landmarks(tables)
        heard.append([])
        models.append(fit_unjudged(tables, heard[-1].append, training))
    assert heard[0] == heard[1]
    assert len(models[0].bootstrap) == 10
    hazards = [models[0].final.contractual.hazard_, models[0].bootstrap[0].contractual.hazard_]
    assert hazards[0].trees == DRAW_COARSENESS * hazards[1].trees, "draws are fitted more coarsely"
    assert models[0].parameter_error == models[1].parameter_error > 0
    for one, two in zip(models[0].bootstrap, models[1].bootstrap, strict=True):
        for cause in ("voluntary_", "involuntary_"):
            trees, others = (getattr(m.contractual.hazard_, cause).trees for m in (one, two))
            assert trees is others is None or trees.model_to_string() == others.model_to_string()
        values, others = (m.predict_horizons(training.sample, months=(6, 36)) for m in (one, two))
        assert values.tobytes() == others.tobytes()
