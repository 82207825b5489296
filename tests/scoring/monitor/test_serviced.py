"""Indicators of a night: what was known then, and a month unlike those before it rings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from servicelift.core.config.business import Config
from servicelift.core.locale import Locale
from servicelift.features.tables.tables import tables_from_frames
from servicelift.scoring.monitor.figures import name_of, written
from servicelift.scoring.monitor.measures import judged
from servicelift.scoring.monitor.serviced import chance_of, service_measures

CONFIG = Config.model_validate(
    {
        "tables": {"customers": "-", "subscriptions": "-"},
        "data_until": "2024-01-01",
        "monitor": {"measures": ["indicators"]},
    }
)


def year_of_contacts():
    """Two hundred contacts a month, answered in ten minutes or so; in September in an hour."""
    rng = np.random.default_rng(2)
    opened = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 365 * 24 * 60, 2_400), "min")
    wait = rng.gamma(20.0, 0.5, 2_400) * np.where(opened.month == 9, 6.0, 1.0)
    return pd.DataFrame(
        {
            "contact_id": np.arange(2_400),
            "customer_id": rng.integers(0, 500, 2_400),
            "opened_at": opened,
            "answered_at": opened + pd.to_timedelta((wait * 60).round(), "s"),
            "channel": "phone",
        }
    )


def test_a_month_unlike_those_before_rings_on_the_nights_that_know_it():
    people = pd.DataFrame({"customer_id": np.arange(500), "signed_up_at": pd.Timestamp("2020-01-01")})
    payments = pd.DataFrame(
        {"payment_id": [1], "customer_id": [1], "paid_at": ["2022-12-01"], "amount": [5.0], "method": ["card"]}
    )
    frames = {"customers": people, "payments": payments, "contacts": year_of_contacts()}
    tables = tables_from_frames(frames, CONFIG)
    found = {}
    for night in ("2023-09-30", "2023-10-02"):
        measures = list(service_measures(tables, pd.Timestamp(night)))
        rows = judged(measures, CONFIG.monitor, 1.0).rows
        found[night] = rows[rows["subject"] == "answer_time"].iloc[0]
    calm, late = found["2023-09-30"], found["2023-10-02"]
    assert not calm["alarm"]
    assert calm["value"] < 700
    assert late["alarm"]
    assert late["value"] > 3_000
    assert late["expected"] < 700
    assert name_of(Locale("fr"), late, {}) == "Délai moyen de réponse"
    assert written(Locale("en"), late["measure"], 3600.0) == "60.0 min"


def test_too_short_a_past_tells_nothing():
    assert np.isnan(chance_of(5.0, [1.0, 2.0, 3.0]))
    assert np.isnan(chance_of(5.0, [1.0] * 12))
