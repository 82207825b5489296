"""Value: realised against foreseen at the whole horizon, and at a part of it by the model's own share."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.monitoring import MonitorConfig
from servicelift.core.time import months_to_days
from servicelift.features.outcomes.realised_value import realised_value
from servicelift.features.tables.tables import tables_from_frames
from servicelift.scoring.monitor.measures import judged
from servicelift.scoring.monitor.nights import Nights
from servicelift.scoring.monitor.worth import value_measures


@pytest.fixture(scope="module")
def half_year(frames, config):
    value = config.value.model_copy(update={"horizon_months": 6})
    return tables_from_frames(frames, config.model_copy(update={"value": value}))


def foreseen_right(tables, nights, months, off=1.0):
    """Set each night's values to what came, times ``off``."""
    for night in nights:
        until = night.as_of + pd.Timedelta(days=months_to_days(months)).round("us")
        spine = night.frame[["customer_id"]].assign(as_of=night.as_of)
        if until <= tables.data_until:
            night.frame["clv"] = realised_value(tables, spine, until)["value"].to_numpy() * off
    return nights


def judge(tables, nights, clv):
    known = Nights.until(nights, pd.Timestamp("2024-01-01"), 730)
    return judged(value_measures(tables, known, clv), MonitorConfig(), spacing=30.0).rows


def test_values_that_came_are_right_and_others_ring(half_year, monthly):
    rows = judge(half_year, foreseen_right(half_year, monthly(), 6), None)
    assert rows["note"].tolist() == ["no_model", ""]
    assert rows["value"].iloc[1] == pytest.approx(1.0)
    assert not rows["alarm"].any()
    wrong = judge(half_year, foreseen_right(half_year, monthly(), 6, off=1.6), None)
    assert wrong["value"].iloc[1] == pytest.approx(1 / 1.6)
    assert wrong["alarm"].iloc[1]


def test_a_part_of_the_horizon_is_the_models_share(half_year, monthly, monkeypatch):
    class Linear:
        """A model that foresees the same value each month."""

        def predict_horizons(self, inputs, *, months):
            return np.tile(months, (inputs, 1))

    monkeypatch.setattr("servicelift.scoring.monitor.worth.clv_inputs", lambda tables, spine, features: len(spine))
    nights = foreseen_right(half_year, monthly(), 3, off=2.0)
    rows = judge(half_year, nights, SimpleNamespace(final=Linear()))
    assert rows["note"].tolist() == ["ripening", ""]
    assert rows["value"].iloc[0] == pytest.approx(1.0)


def test_young_nights_say_nothing_yet(half_year, night_at):
    assert set(judge(half_year, [night_at("2023-12-15")], None)["note"]) == {"not_yet"}
