"""Drift: what is like the months before is calm, also where it ages; what breaks stands out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.monitoring import MonitorConfig
from servicelift.features.tables.tables import tables_from_frames
from servicelift.scoring.monitor.measures import judged
from servicelift.scoring.monitor.moved import drift_measures, unlike_the_past
from servicelift.scoring.monitor.nights import Nights

AT = pd.Timestamp("2023-12-01")


def months(*means):
    rng = np.random.default_rng(2)
    return [pd.Series(rng.normal(mean, 1, 2_000)) for mean in means]


def test_a_break_is_unlike_every_month_and_a_season_that_was_there_is_not():
    broken, worst = unlike_the_past(months(3, 0, 0, 0, 0, 0, 0))
    assert broken.psi > 1 > 0.05 > worst
    seen, _ = unlike_the_past(months(3, 0, 3, 0, 3, 0, 3))
    assert seen.psi < 0.05


def test_what_ages_month_by_month_is_measured_by_its_own_pace():
    now, worst = unlike_the_past(months(6, 5, 4, 3, 2, 1, 0))
    assert now.psi > 0.2
    assert now.psi < 1.5 * worst


def test_a_short_past_says_nothing():
    assert unlike_the_past(months(0, 0, 0, 0)) is None


@pytest.fixture(scope="module")
def rows(frames, config, monthly, night_at):
    def look(last, **changed):
        tables = tables_from_frames({**frames, **changed}, config)
        nights = Nights.until([*monthly(11), night_at("2023-12-01", **last)], AT, 730)
        return judged(drift_measures(tables, nights), MonitorConfig(), spacing=30.0).rows.set_index(
            ["measure", "subject"]
        )

    return look


def test_nothing_rings_where_nothing_changed(rows):
    found = rows({})
    assert not found["alarm"].any()
    assert found.loc[("psi", "churn_probability"), "value"] < 0.1
    assert {"psi", "psi_months", "jensen_shannon"} == set(found.index.get_level_values("measure"))
    calendar = found.loc["psi_months"]
    assert (calendar.loc["days_since_payment", ["note", "rule"]] == ["calendar", ""]).all()


def test_scores_and_features_that_break_ring(rows, frames):
    payments = frames["payments"]
    late = payments["paid_at"] >= AT - pd.Timedelta(days=365)
    cut = payments[~late | (payments["paid_at"] < AT - pd.Timedelta(days=35))]
    found = rows({"off": 2.0}, payments=cut)
    rang = set(found[found["alarm"]].index)
    assert ("psi_months", "churn_probability") in rang
    assert any("payment" in subject or "paid" in subject for _, subject in rang), rang


def test_without_nights_nothing_is_told(tables):
    assert list(drift_measures(tables, Nights.until([], AT, 730))) == []
