"""Observed beside predicted survival: by hand, laws, errors of the right size, and customers held out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.models.subscriptions.calibration_by_lead import (
    calibration_summary,
    held_out_calibration,
    lead_calibration,
)
from servicelift.models.subscriptions.contract import read_contract
from servicelift.models.subscriptions.hazard import HazardPaths, LandmarkHazard


def contract(term, due, done):
    n = len(term)
    return pd.DataFrame(
        {
            "running": True,
            "term_months": term,
            "price": 1.0,
            "months_to_renewal": due,
            "renewals_done": done,
            "months_since_start": 1.0,
            "months_since_end": np.nan,
            "cancel_pending": False,
            "ended_involuntary": False,
        },
        index=range(n),
    )


def test_by_hand():
    state = read_contract(contract([1.0, 1.0, 12.0], [0.5, 0.5, 1.5], [0, 2, 1]), 3)
    paths = HazardPaths(np.full((3, 3), 0.1), np.full((3, 3), 0.05))
    leads = pd.DataFrame(
        {
            "row": [0, 0, 1, 2, 2],
            "lead": [1, 2, 1, 1, 2],
            "renewal": [True, True, True, False, True],
            "cause": [0, 2, 1, 0, 0],
        }
    )
    table = lead_calibration(paths, state, leads, ["a", "b", "c"], min_at_risk=1)
    monthly = table[(table["term"] == "monthly") & (table["by"] == "lead")]
    assert monthly["step"].tolist() == [1, 2]
    assert monthly["at_risk"].tolist() == [2, 1]
    assert monthly["observed_voluntary"].tolist() == [0.5, 0]
    assert monthly["observed_involuntary"].tolist() == [0, 1]
    assert monthly["observed_survival"].tolist() == [0.5, 0]
    assert monthly["predicted_survival"].tolist() == pytest.approx([0.85, 0.85**2])
    assert monthly["rate_error"].iloc[0] == pytest.approx(np.hypot(0.15, 0.85) / 2)
    assert monthly["losses_error"].iloc[1] == pytest.approx(np.hypot(0.85, 0.15 - 0.85))
    renewals = table[(table["term"] == "monthly") & (table["by"] == "renewal")]
    assert renewals["step"].tolist() == [1, 2, 3]
    assert renewals["observed"].tolist() == [0, 1, 1]
    yearly = table[(table["term"] == "yearly") & (table["by"] == "renewal")]
    assert yearly["step"].tolist() == [2]
    assert yearly["at_risk"].tolist() == [1]


def test_a_curve_ends_before_it_gets_thin_and_landmarks_need_owners():
    state = read_contract(contract([1.0] * 3, [0.5] * 3, [0] * 3), 3)
    paths = HazardPaths(np.full((3, 5), 0.1), np.zeros((3, 5)))
    leads = pd.DataFrame({"row": [0, 1, 2, 0, 1, 0], "lead": [1, 1, 1, 2, 2, 3], "renewal": True, "cause": 0})
    table = lead_calibration(paths, state, leads, [1, 2, 3], min_at_risk=2)
    assert table.loc[table["by"] == "lead", "step"].tolist() == [1, 2]
    assert not len(lead_calibration(paths, state, leads, [1, 2, 3], min_at_risk=9))
    with pytest.raises(DataError, match="3 states and customers"):
        lead_calibration(paths, state, leads, [1, 2])


def true_paths(world, months=18):
    return HazardPaths(world.voluntary[:, :months], world.involuntary[:, :months])


def test_the_truth_is_calibrated_and_its_errors_are_as_stated(subscribers):
    """Landmarks twice over: clustered errors stay right, and losses scatter by one of them."""
    ends = []
    for seed in range(12):
        world = subscribers(1_500, seed=seed)
        twice = pd.concat([world.leads, world.leads.assign(row=world.leads["row"] + 1_500)], ignore_index=True)
        double = HazardPaths(*(np.tile(h, (2, 1)) for h in (world.voluntary[:, :18], world.involuntary[:, :18])))
        state = read_contract(pd.concat([world.contract] * 2, ignore_index=True), 3_000)
        table = lead_calibration(double, state, twice, np.tile(np.arange(1_500), 2))
        summary = calibration_summary(table)
        ends.append(summary.loc[summary["by"] == "lead", "z"].to_numpy())
    z = np.concatenate(ends)
    assert len(z) == 24
    assert abs(z.mean()) < 0.75
    assert 0.6 < z.std() < 1.5


def test_a_model_too_hopeful_is_found_out(subscribers):
    world = subscribers(4_000, seed=3)
    state = read_contract(world.contract, 4_000)
    hopeful = HazardPaths(0.6 * world.voluntary[:, :18], world.involuntary[:, :18])
    for paths, found in ((true_paths(world), False), (hopeful, True)):
        summary = calibration_summary(lead_calibration(paths, state, world.leads, np.arange(4_000)))
        by_lead = summary[summary["by"] == "lead"]
        assert ((by_lead["z"] < -3).all()) == found
        assert ((by_lead["ratio_voluntary"] < 0.8).all()) == found
        assert by_lead["ratio_involuntary"].between(0.7, 1.4).all()


def test_held_out_customers_survive_as_predicted(subscribers):
    """By lead and by renewal number, monthly and yearly terms apart, on customers the model has not seen."""
    world = subscribers(6_000, seed=1)
    hazard = LandmarkHazard(threads=1)
    work = hazard.prepare(world.features, world.contract, world.leads)
    held = np.arange(6_000) % 3 == 0
    table = held_out_calibration(hazard, work, np.arange(6_000), held)
    assert not hasattr(hazard, "voluntary_")
    summary = calibration_summary(table)
    assert set(zip(summary["term"], summary["by"], strict=True)) == {
        (term, by) for term in ("monthly", "yearly") for by in ("lead", "renewal")
    }
    assert (summary["z"].abs() < 3.5).all()
    gap = (table["predicted_survival"] - table["observed_survival"]).abs()
    assert (gap < 4 * table["survival_error"]).all()
    assert (gap[table["by"] == "lead"] < 0.06).all()
    assert summary["ratio"].between(0.8, 1.2).all()


def test_a_customer_on_both_sides_is_refused(subscribers):
    world = subscribers(400, seed=1)
    hazard = LandmarkHazard(threads=1)
    work = hazard.prepare(world.features, world.contract, world.leads)
    with pytest.raises(DataError, match="on both sides"):
        held_out_calibration(hazard, work, np.arange(400) // 2, np.arange(400) < 201)
