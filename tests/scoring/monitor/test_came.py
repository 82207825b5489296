"""Outcomes: true probabilities are found to be right, wrong ones ring, and nothing later than tonight is seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.monitoring import MonitorConfig
from servicelift.scoring.monitor.came import answers, churn_outcome_measures
from servicelift.scoring.monitor.measures import judged
from servicelift.scoring.monitor.nights import Nights

AT = pd.Timestamp("2024-01-01")


@pytest.fixture(scope="module")
def came(tables, monthly):
    def look(at=AT, **how):
        found = answers(tables, Nights.until(monthly(**how), at, 730))
        return found, judged(churn_outcome_measures(found, 0.05), MonitorConfig(), spacing=30.0).rows

    return look


@pytest.fixture(scope="module")
def right(came):
    return came()


def test_true_probabilities_are_right(right):
    found, rows = right
    assert not rows["alarm"].any()
    nights = pd.DataFrame(found.by_night())
    assert nights["observed"].sum() / nights["foreseen"].sum() == pytest.approx(1.0, abs=0.12)
    covered = (nights["low"] <= 1) & (nights["high"] >= 1)
    assert covered.mean() > 0.7
    assert set(rows["measure"]) == {*("calibration", "calibration_so_far", "calibration_early", "auc", "log_loss")}


def test_what_became_of_a_night_is_what_the_world_did(right, leaving):
    found, _ = right
    for night in found.nights:
        there = leaving[(leaving["came"] < night.as_of) & ~(leaving["left"] < night.as_of)]
        for place in range(night.leads_seen):
            until = night.as_of + pd.Timedelta(days=found.leads[place])
            assert night.fate.churned[:, place].sum() == (there["left"] <= until).sum()


def test_the_shape_is_learnt_before_the_first_night(right):
    found, _ = right
    assert found.leads == (20, 40, 60)
    # Small hazards: a third of the horizon brings about a third of the churn.
    assert found.shape.part[:2] == pytest.approx([1 / 3, 2 / 3], abs=0.12)
    assert found.part(2) == (1.0, 0.0)


def test_probabilities_that_are_too_high_ring(came):
    _, rows = came(off=1.6)
    so_far = rows[rows["measure"] == "calibration_so_far"]
    assert so_far["alarm"].any()
    assert (so_far["value"] < 0.8).all()


def test_nothing_later_than_tonight_is_seen(came, leaving):
    found, rows = came(at=pd.Timestamp("2023-04-20"))
    assert [night.leads_seen for night in found.nights] == [3, 2]
    assert "auc" not in set(rows["measure"]) or rows.set_index("measure").loc["auc", "n"] < len(leaving)
    young, rows = came(at=pd.Timestamp("2023-02-10"))
    assert set(rows["note"]) == {"not_yet"}
    assert young.by_night() == []


def test_with_too_few_churners_before_only_whole_horizons_are_told(came, monkeypatch):
    monkeypatch.setattr("servicelift.scoring.monitor.came._FEWEST", 10**6)
    found, rows = came()
    assert found.shape is None
    assert "calibration_early" not in set(rows["measure"])
    assert rows[rows["measure"] == "calibration"]["note"].tolist() == ["no_shape", "no_shape", ""]
    so_far = rows[rows["measure"] == "calibration_so_far"]
    assert len(so_far) == 3
    assert so_far["value"].between(0.5, 1.6).all()


def test_each_loss_counts_once_in_a_chain(right):
    found, rows = right
    so_far = rows[rows["measure"] == "calibration_early"].set_index("subject")
    for chain in {night.chain for night in found.nights}:
        nights = [night for night in found.nights if night.chain == chain and night.leads_seen]
        lost = sum(int(night.fate.gone[:, night.leads_seen - 1].sum()) for night in nights)
        low, value = so_far.loc[str(chain + 1), ["low", "value"]]
        assert lost == pytest.approx(
            ((value * 1.96) / (value - low)) ** 2, rel=0.01
        )  # its Poisson error tells the count
    assert np.isfinite(so_far["evidence"]).all()
