"""Accuracy before labels: what the probabilities promise, beside earlier nights."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.config.monitoring import MonitorConfig
from servicelift.models.evaluation.expected_accuracy import expected_accuracy
from servicelift.scoring.monitor.foreseen import accuracy_measures
from servicelift.scoring.monitor.measures import judged
from servicelift.scoring.monitor.nights import Nights


def rows(nights, at):
    found = accuracy_measures(Nights.until(nights, pd.Timestamp(at), 730), 60)
    return judged(found, MonitorConfig(), spacing=31.0).rows.set_index("measure")


def test_promises_stand_beside_those_of_earlier_nights(monthly):
    nights = monthly(8)
    found = rows(nights, "2023-08-01")
    for place, column in ((-1, "value"), (-2, "reference"), (0, "expected")):
        promised = expected_accuracy(nights[place].frame["churn_probability"])
        assert found.loc["expected_log_loss", column] == pytest.approx(promised.log_loss.value)
    assert not found["alarm"].any()


def test_scores_that_become_too_high_ring(monthly, night_at):
    found = rows([*monthly(7), night_at("2023-08-01", off=2.0)], "2023-08-01")
    assert found["alarm"].to_dict()["expected_rate"]


def test_a_first_night_is_told_and_does_not_ring(night_at):
    found = rows([night_at("2023-08-01")], "2023-08-01")
    assert (found["rule"] == "").all()
    assert rows([], "2023-08-01").empty
